// LatencyHistogram: how long things took, in bounded memory whatever their number.
//
// Log-linear buckets (as G. Tene's HdrHistogram): exact below 64 µs, then 64 to an octave, so a
// percentile is at most 1.6 % above the truth. Plain value, one thread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace conveyor::load {

class LatencyHistogram {
 public:
  using Microseconds = std::chrono::microseconds;

  void add(Microseconds value);

  std::uint64_t count() const { return count_; }
  Microseconds max() const { return max_; }
  /// The smallest value that `share` (0 to 1) of all do not exceed, rounded up to its bucket's end
  /// but not beyond max(); 0 if there are none.
  Microseconds percentile(double share) const;

 private:
  static constexpr unsigned kSubBits = 6;
  static constexpr std::size_t kBuckets = (64 - kSubBits + 1) << kSubBits;

  static std::size_t bucket_of(std::uint64_t value);
  static std::uint64_t last_of(std::size_t bucket);

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  Microseconds max_{0};
};

}  // namespace conveyor::load
