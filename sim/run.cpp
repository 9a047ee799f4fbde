#include "sim/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "base/sabotage.h"
#include "sim/violation.h"

namespace conveyor::sim {
namespace {

constexpr std::uint64_t kSeedsPerProgress = 500;

Options options_of(std::uint64_t seed, Weather weather) {
  auto options = draw_options(seed);
  if (weather == Weather::calm) options.rates.fill(0);
  return options;
}

class Run {
 public:
  explicit Run(const RunOptions& options) : options_(options), next_(options.first) {}

  RunResult all() {
    std::vector<std::thread> threads;
    for (unsigned i = 1; i < options_.jobs; ++i) threads.emplace_back([this] { work(); });
    work();
    for (auto& thread : threads) thread.join();
    std::ranges::sort(result_.failures, {}, &SeedResult::seed);
    if (result_.failures.size() > kMaxFailuresKept) result_.failures.resize(kMaxFailuresKept);
    return std::move(result_);
  }

 private:
  void work() {
    for (;;) {
      const auto seed = next_.fetch_add(1);
      if (seed >= options_.first + options_.seeds || stop_.load()) return;
      take(run_seed(seed, options_, options_.reduction, nullptr));
    }
  }

  void take(SeedResult seed) {
    const std::lock_guard lock(mutex_);
    ++result_.seeds;
    auto& sum = result_.sum;
    sum.orders += seed.history.orders;
    sum.acknowledged += seed.history.acknowledged;
    sum.completed += seed.history.completed;
    sum.undone += seed.history.undone;
    sum.steps += seed.history.steps;
    sum.steps_to_settle = std::max(sum.steps_to_settle, seed.history.steps_to_settle);
    sum.faults += seed.history.faults;
    result_.coverage.add(seed.coverage);
    if (seed.failure) {
      ++result_.failed;
      if (options_.stop_at_failure) stop_.store(true);
      // Which ones are kept must not depend on who was first.
      result_.failures.push_back(std::move(seed));
    }
    if (options_.shows_progress && result_.seeds % kSeedsPerProgress == 0) {
      fmt::print(stderr, "{} seeds, {} orders, {} failed\n", result_.seeds, sum.orders,
                 result_.failed);
    }
  }

  const RunOptions& options_;
  std::atomic<std::uint64_t> next_;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  RunResult result_;
};

}  // namespace

SeedResult run_seed(std::uint64_t seed, const RunOptions& options, const Reduction& reduction,
                    std::FILE* out) {
  SeedResult result;
  result.seed = seed;
  Trace trace{out};
  const auto saboteur = options.saboteur.empty() ? "" : "sabotage:" + options.saboteur;
  sabotage::active = saboteur;
  try {
    History history{options_of(seed, options.weather), reduction, trace, result.coverage};
    try {
      result.history = history.run();
    } catch (...) {
      result.history = history.so_far();
      throw;
    }
  } catch (const RuleBroken& broken) {
    result.failure = Failure{broken.rule(), broken.what()};
  } catch (const AssertionFailed& failed) {
    result.failure = Failure{kRuleAsserts, failed.what()};
  } catch (const StoreError& error) {
    result.failure = Failure{kRuleAsserts, error.what()};
  }
  sabotage::active = {};
  result.trace_hash = trace.hash();
  return result;
}

RunResult run_seeds(const RunOptions& options) {
  return Run{options}.all();
}

}  // namespace conveyor::sim
