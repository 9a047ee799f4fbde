// Tally: what a load run counts, and how that is shown. Plain values.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <ostream>
#include <string>

#include "app/load/latency_histogram.h"

namespace conveyor::load {

using CountByCode = std::map<std::string, std::uint64_t>;  // "409 reference_taken"

struct Tally {
  // Orders.
  std::uint64_t offered = 0;       ///< due by the schedule
  std::uint64_t sent = 0;          ///< of which at least a byte left
  std::uint64_t acknowledged = 0;  ///< answered 201
  std::uint64_t replayed = 0;      ///< of these: the key had been used before
  std::uint64_t refused = 0;       ///< answered for good with anything else
  std::uint64_t unanswered = 0;    ///< not answered for good, given up
  std::uint64_t repeated = 0;      ///< tried more than once
  // Tries.
  std::uint64_t repeats = 0;     ///< beyond each order's first
  std::uint64_t lost = 0;        ///< sent, not answered
  std::uint64_t no_connect = 0;  ///< no connection came about
  CountByCode refusals;          ///< answers 4xx, of every try
  CountByCode server_errors;     ///< answers 5xx, of every try
  /// Of acknowledged orders, from the scheduled time to the answer.
  LatencyHistogram latency;
  /// Of answers 429 and 503, from when the request was sent to the answer.
  LatencyHistogram refusal_latency;

  std::chrono::microseconds elapsed{0};  ///< from the start to the last answer or the end
  std::chrono::microseconds cpu{0};      ///< of this process, user and system

  double accepted_per_second() const;
};

void print_text(std::ostream& out, const Tally& tally);
boost::json::object to_json(const Tally& tally);

}  // namespace conveyor::load
