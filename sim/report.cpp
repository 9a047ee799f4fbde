#include "sim/report.h"

#include <fmt/format.h>

#include "sim/transition_page.h"

namespace conveyor::sim {
namespace {

constexpr std::array kBreakerStates{BreakerState::closed, BreakerState::half_open,
                                    BreakerState::open};

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

std::string summary(const RunResult& result) {
  const auto& sum = result.sum;
  return fmt::format(
      "{} seeds, {} failed\n{} orders: {} acknowledged, {} completed ({:.1f} %), {} undone "
      "({:.1f} %)\n{} steps, {} faults; the slowest history settled in {} steps\n",
      result.seeds, result.failed, sum.orders, sum.acknowledged, sum.completed,
      100 * share(sum.completed, sum.orders), sum.undone, 100 * share(sum.undone, sum.orders),
      sum.steps, sum.faults, sum.steps_to_settle);
}

std::string coverage_tables(const Coverage& coverage) {
  std::string text = "\nFault                      struck\n";
  for (std::size_t i = 0; i < kFaultCount; ++i) {
    const auto fault = static_cast<Fault>(i);
    text += fmt::format("  {:<26} {:>10}\n", to_string(fault), coverage.faults(fault));
  }
  text += "\nClients                      done\n";
  for (std::size_t i = 0; i < kClientActCount; ++i) {
    const auto act = static_cast<ClientAct>(i);
    text += fmt::format("  {:<26} {:>10}\n", to_string(act), coverage.acts(act));
  }
  text += "\nBreakers                    moved\n";
  for (const auto state : kBreakerStates) {
    text += fmt::format("  to {:<23} {:>10}\n", to_string(state), coverage.breakers(state));
  }
  text += "\nTransition                   taken      tried\n";
  const auto& lines = TransitionPage::get().lines();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto& line = lines[i];
    text += fmt::format("  {:>10} {:>10}  {} {}: {}: {} → {}\n", coverage.times_taken(i),
                        coverage.times_tried(i), line.legal ? "+" : "-", line.section, line.input,
                        line.order, line.result);
  }
  return text;
}

std::vector<std::string> shortfalls(const RunResult& result) {
  std::vector<std::string> missing;
  const auto& coverage = result.coverage;
  if (result.seeds >= kSeedsForShares) {
    if (share(result.sum.completed, result.sum.orders) < kLeastCompleted) {
      missing.push_back("too few orders are completed");
    }
    if (share(result.sum.undone, result.sum.orders) < kLeastUndone) {
      missing.push_back("too few orders are undone");
    }
  }
  if (result.seeds < kSeedsOfABigRun) return missing;
  for (std::size_t i = 0; i < kFaultCount; ++i) {
    const auto fault = static_cast<Fault>(i);
    if (coverage.faults(fault) == 0)
      missing.push_back(fmt::format("{} never struck", to_string(fault)));
  }
  for (std::size_t i = 0; i < kClientActCount; ++i) {
    const auto act = static_cast<ClientAct>(i);
    if (coverage.acts(act) == 0) missing.push_back(fmt::format("nobody did {}", to_string(act)));
  }
  for (const auto state : kBreakerStates) {
    if (coverage.breakers(state) == 0) {
      missing.push_back(fmt::format("no breaker moved to {}", to_string(state)));
    }
  }
  const auto& lines = TransitionPage::get().lines();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto& line = lines[i];
    const bool met = coverage.times_taken(i) > 0 || (!line.legal && coverage.times_tried(i) > 0);
    if (met) continue;
    missing.push_back(fmt::format("never {}: {}: {}: {} → {}", line.legal ? "taken" : "tried",
                                  line.section, line.input, line.order, line.result));
  }
  return missing;
}

}  // namespace conveyor::sim
