#include "sim/shrink.h"

#include <algorithm>
#include <numeric>

namespace conveyor::sim {
namespace {

class Shrinker {
 public:
  Shrinker(const SeedResult& failed, const RunOptions& options)
      : seed_(failed.seed), rule_(failed.failure->rule), options_(options) {
    best_.reduction = options.reduction;
    best_.result = failed;
  }

  Shrunk run() {
    leave_out_orders();
    for (std::size_t i = 0; i < kFaultCount; ++i) {
      auto smaller = best_.reduction;
      smaller.no_faults.set(i);
      attempt(smaller);
    }
    for (std::size_t i = 0; i < kClientActCount; ++i) {
      auto smaller = best_.reduction;
      smaller.no_acts.set(i);
      attempt(smaller);
    }
    leave_out_orders();
    best_.runs = runs_;
    return std::move(best_);
  }

 private:
  /// Keeps `smaller` if it still breaks the rule.
  bool attempt(const Reduction& smaller) {
    if (runs_ >= kMaxShrinkRuns || smaller == best_.reduction) return false;
    ++runs_;
    auto result = run_seed(seed_, options_, smaller, nullptr);
    if (!result.failure || result.failure->rule != rule_) return false;
    best_.reduction = smaller;
    best_.result = std::move(result);
    return true;
  }

  /// Takes away ever smaller parts (A. Zeller, R. Hildebrandt, "Simplifying and Isolating
  /// Failure-Inducing Input", IEEE TSE 28(2), 2002).
  void leave_out_orders() {
    auto orders = best_.reduction.only_orders.value_or(all_orders());
    for (auto part = orders.size() / 2; part >= 1; part /= 2) {
      for (std::size_t from = 0; from < orders.size();) {
        auto fewer = orders;
        const auto begin = fewer.begin() + static_cast<std::ptrdiff_t>(from);
        const auto count = std::min(part, fewer.size() - from);
        fewer.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
        auto smaller = best_.reduction;
        smaller.only_orders = fewer;
        if (!fewer.empty() && attempt(smaller)) {
          orders = std::move(fewer);
        } else {
          from += count;
        }
      }
    }
  }

  std::vector<std::size_t> all_orders() const {
    std::vector<std::size_t> all(draw_options(seed_).orders);
    std::iota(all.begin(), all.end(), std::size_t{1});
    return all;
  }

  std::uint64_t seed_;
  std::string rule_;
  const RunOptions& options_;
  Shrunk best_;
  int runs_ = 0;
};

}  // namespace

Shrunk shrink(const SeedResult& failed, const RunOptions& options) {
  return Shrinker{failed, options}.run();
}

}  // namespace conveyor::sim
