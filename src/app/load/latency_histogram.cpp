#include "app/load/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace conveyor::load {

// Values below 2^kSubBits have a bucket each; an octave [2^k, 2^(k+1)) above is cut into
// 2^kSubBits.
std::size_t LatencyHistogram::bucket_of(std::uint64_t value) {
  const auto width = static_cast<unsigned>(std::bit_width(value));
  if (width <= kSubBits) return value;
  const auto shift = width - kSubBits - 1;
  return ((std::size_t{shift} + 1) << kSubBits) + ((value >> shift) - (1U << kSubBits));
}

std::uint64_t LatencyHistogram::last_of(std::size_t bucket) {
  const auto octave = bucket >> kSubBits;
  const auto sub = std::uint64_t{bucket & ((1U << kSubBits) - 1)};
  if (octave == 0) return sub;
  const auto shift = octave - 1;
  return (((sub + (1U << kSubBits)) + 1) << shift) - 1;
}

void LatencyHistogram::add(Microseconds value) {
  value = std::max(value, Microseconds{0});
  ++buckets_.at(bucket_of(static_cast<std::uint64_t>(value.count())));
  ++count_;
  max_ = std::max(max_, value);
}

LatencyHistogram::Microseconds LatencyHistogram::percentile(double share) const {
  const auto wanted = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_.at(i);
    if (seen >= wanted) {
      return std::min(max_, Microseconds{static_cast<std::int64_t>(last_of(i))});
    }
  }
  return max_;
}

}  // namespace conveyor::load
