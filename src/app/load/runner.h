// Runner: orders over HTTP at a rate that is fixed in advance. Order n is due at start + n / rate
// whatever the server does; its latency counts from then, so a server that stalls cannot slow the
// clock that it is measured by (no coordinated omission).
//
// One thread. Memory is bounded by the connections: an order exists from when a connection takes it
// until it is settled; what is due and has no connection is only a number.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "app/load/ledger.h"
#include "app/load/order_maker.h"
#include "app/load/tally.h"

namespace conveyor::load {

inline constexpr double kMaxRate = 1'000'000;

/// An order is begun at most so much later than it is due while a connection is idle; wakes are not
/// closer together than that.
inline constexpr std::chrono::microseconds kScheduleGrain{200};
/// How often deadlines, pauses and Ctrl-C are looked at.
inline constexpr std::chrono::milliseconds kTick{10};
/// How long an interrupted run still waits for answers.
inline constexpr std::chrono::seconds kInterruptPatience{5};

struct RunSettings {
  boost::asio::ip::tcp::endpoint endpoint;
  std::string authority;       ///< the value of Host
  std::optional<double> rate;  ///< orders a second; nullopt: the next as soon as there is an answer
  std::size_t connections = 64;
  std::chrono::milliseconds duration{10'000};
  std::optional<std::uint64_t> orders;  ///< at most
  std::chrono::milliseconds patience{30'000};
  bool repeat_refused = true;  ///< what is answered 429, 503 or 409 with Retry-After
};

/// Asked every tick; true ends the schedule and cuts the patience to kInterruptPatience.
using Interrupted = std::function<bool()>;

/// Places orders 1, 2, 3 … of the maker; returns when all are settled. `ledger` may be null.
Tally run_load(const RunSettings& settings, const OrderMaker& maker, LedgerWriter* ledger,
               const Interrupted& interrupted);

}  // namespace conveyor::load
