// Connection: one kept connection to the server and the one order that it carries, as a small state
// machine: connect if needed, send, wait for the answer; without one, or told to come again, the
// same request after a pause.
//
// One thread, that of the io_context. Owned by the Connections' owner; must live until the context
// has run out of handlers. Nothing here has a timer: on_tick() is called every few milliseconds.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "app/load/answer.h"
#include "app/load/ledger.h"
#include "app/load/tally.h"
#include "base/time.h"
#include "ports/random.h"

namespace conveyor::load {

using Clock = std::chrono::steady_clock;

/// From the last byte sent, or the beginning of connecting, to the whole answer; longer than the
/// server takes before it says 503 itself.
inline constexpr std::chrono::seconds kAnswerWithin{35};
/// A Retry-After beyond that is not believed.
inline constexpr std::chrono::seconds kMaxRetryAfter{10};

/// An order that has been begun.
struct Flight {
  LedgerEntry entry;
  std::string request;  ///< head and body
  Clock::time_point scheduled;
};

class Connection {
 public:
  struct Owner {
    boost::asio::io_context& context;
    boost::asio::ip::tcp::endpoint endpoint;
    Tally& tally;
    Random& random;
    bool repeat_refused;  ///< what is answered 429, 503 or 409 with Retry-After comes again
    /// The order is settled, as its entry says; the connection takes the next one. May call
    /// begin() of any connection.
    std::function<void(Connection&, const Flight&)> settled;
  };

  explicit Connection(Owner& owner);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool is_busy() const { return state_ != State::idle; }

  void begin(Flight flight);
  /// Deadlines and pauses.
  void on_tick(Clock::time_point now);
  /// Settles what it carries as it is: not answered.
  void give_up();
  void close();

 private:
  enum class State : std::uint8_t { idle, connecting, waiting, pausing };
  static constexpr std::size_t kReadBytes = 4'096;

  void attempt();
  void send();
  void read();
  void on_read(std::size_t size);
  void on_answer(const Answer& answer);
  void on_lost();
  void pause(Duration least);
  void settle();

  Owner& owner_;
  boost::asio::ip::tcp::socket socket_;
  State state_ = State::idle;
  /// Of the socket: completions of one that has been closed since are none of ours.
  std::uint64_t epoch_ = 0;
  Clock::time_point deadline_;  ///< of the answer, or the end of the pause
  bool was_sent_ = false;       ///< bytes of this try may have left
  Clock::time_point sent_;      ///< when it was
  Flight flight_;
  std::string received_;
  std::array<char, kReadBytes> buffer_;
};

}  // namespace conveyor::load
