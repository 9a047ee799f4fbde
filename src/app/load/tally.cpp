#include "app/load/tally.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <array>
#include <utility>

namespace conveyor::load {
namespace {

using Microseconds = std::chrono::microseconds;

constexpr std::array<std::pair<const char*, double>, 4> kPercentiles{
    {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}}};

double milliseconds(Microseconds value) {
  return static_cast<double>(value.count()) / 1'000;
}
double seconds(Microseconds value) {
  return static_cast<double>(value.count()) / 1'000'000;
}

void print_codes(std::ostream& out, const CountByCode& counts) {
  for (const auto& [code, count] : counts) fmt::print(out, "  {:<30}{}\n", code, count);
}

boost::json::object json_of(const CountByCode& counts) {
  boost::json::object object;
  for (const auto& [code, count] : counts) object[code] = count;
  return object;
}

void print_latency(std::ostream& out, std::string_view name, const LatencyHistogram& latency) {
  fmt::print(out, "{:<20}", name);
  for (const auto& [label, share] : kPercentiles) {
    fmt::print(out, "{} {:.2f}  ", label, milliseconds(latency.percentile(share)));
  }
  fmt::print(out, "max {:.2f}\n", milliseconds(latency.max()));
}

boost::json::object json_of(const LatencyHistogram& latency) {
  boost::json::object object;
  for (const auto& [label, share] : kPercentiles) {
    object[label] = milliseconds(latency.percentile(share));
  }
  object["max"] = milliseconds(latency.max());
  return object;
}

std::uint64_t sum_of(const CountByCode& counts) {
  std::uint64_t sum = 0;
  for (const auto& [code, count] : counts) sum += count;
  return sum;
}

}  // namespace

double Tally::accepted_per_second() const {
  const auto whole = std::max(elapsed, Microseconds{1});
  return static_cast<double>(acknowledged) / seconds(whole);
}

void print_text(std::ostream& out, const Tally& tally) {
  const auto line = [&out](std::string_view name, std::uint64_t count) {
    fmt::print(out, "{:<20}{}\n", name, count);
  };
  line("offered", tally.offered);
  line("sent", tally.sent);
  line("acknowledged", tally.acknowledged);
  line("  replayed", tally.replayed);
  line("refused", tally.refused);
  line("unanswered", tally.unanswered);
  line("repeats", tally.repeats);
  line("  after no answer", tally.lost);
  line("  not connected", tally.no_connect);
  line("answers 4xx", sum_of(tally.refusals));
  print_codes(out, tally.refusals);
  line("answers 5xx", sum_of(tally.server_errors));
  print_codes(out, tally.server_errors);
  fmt::print(out, "{:<20}{:.1f} orders/s in {:.2f} s\n", "accepted", tally.accepted_per_second(),
             seconds(tally.elapsed));
  print_latency(out, "POST, ms", tally.latency);
  if (tally.refusal_latency.count() > 0) {
    print_latency(out, "429 and 503, ms", tally.refusal_latency);
  }
  fmt::print(out, "{:<20}{:.2f} s of this process\n", "CPU", seconds(tally.cpu));
}

boost::json::object to_json(const Tally& tally) {
  return {{"offered", tally.offered},
          {"sent", tally.sent},
          {"acknowledged", tally.acknowledged},
          {"replayed", tally.replayed},
          {"refused", tally.refused},
          {"unanswered", tally.unanswered},
          {"repeated", tally.repeated},
          {"repeats", tally.repeats},
          {"lost", tally.lost},
          {"not_connected", tally.no_connect},
          {"refusals", json_of(tally.refusals)},
          {"server_errors", json_of(tally.server_errors)},
          {"server_error_answers", sum_of(tally.server_errors)},
          {"accepted_per_second", tally.accepted_per_second()},
          {"elapsed_s", seconds(tally.elapsed)},
          {"post_ms", json_of(tally.latency)},
          {"refusal_ms", json_of(tally.refusal_latency)},
          {"cpu_s", seconds(tally.cpu)}};
}

}  // namespace conveyor::load
