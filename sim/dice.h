// Dice: draws from one stream of chance. Streams of one seed are independent of each other, so that
// taking one kind of fault or one order away leaves the draws of the others as they were.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "base/time.h"
#include "ports/seeded_random.h"

namespace conveyor::sim {

class Dice {
 public:
  Dice(std::uint64_t seed, std::uint64_t stream)
      : random_(seed * 0x9e3779b97f4a7c15U ^ (stream + 1) * 0xd1342543de82ef95U) {}

  bool chance(double probability) { return probability > 0 && random_.fraction() < probability; }
  /// 0 to count − 1; `count` is at least 1.
  std::size_t below(std::size_t count) { return random_.next() % count; }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::size_t>(high - low + 1)));
  }
  /// Every order of magnitude between the two is as likely as another.
  Duration log_uniform(Duration low, Duration high) {
    auto bound = low;
    while (bound < high && chance(0.75)) bound = bound * 2;
    return Duration{between(low.count(), std::min(bound, high).count())};
  }
  /// The index of one of `weights`, whose sum is not zero.
  std::size_t weighted(std::span<const int> weights) {
    std::size_t sum = 0;
    for (const auto weight : weights) sum += static_cast<std::size_t>(weight);
    auto drawn = below(sum);
    for (std::size_t i = 0;; ++i) {
      const auto weight = static_cast<std::size_t>(weights[i]);
      if (drawn < weight) return i;
      drawn -= weight;
    }
  }
  template <class T, std::size_t kCount>
  const T& one_of(const std::array<T, kCount>& values) {
    return values[below(kCount)];
  }

  Random& random() { return random_; }

 private:
  SeededRandom random_;
};

}  // namespace conveyor::sim
