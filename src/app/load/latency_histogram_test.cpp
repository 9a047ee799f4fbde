// Method: against a sorted list of the same values.
#include "app/load/latency_histogram.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

namespace conveyor::load {
namespace {

using std::chrono::microseconds;

RC_GTEST_PROP(LatencyHistogram, IsNeverBelowTheTruthAndLittleAbove, ()) {
  auto values = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 1LL << 40)));
  const auto share = *rc::gen::element(0.5, 0.9, 0.99, 0.999, 1.0);
  LatencyHistogram histogram;
  for (const auto value : values) histogram.add(microseconds{value});
  std::ranges::sort(values);
  const auto rank = std::max<std::size_t>(
      1, static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size()))));
  const auto truth = values.at(rank - 1);
  const auto found = histogram.percentile(share).count();
  RC_ASSERT(found >= truth);
  RC_ASSERT(found <= truth + truth / 64 + 1);
  RC_ASSERT(histogram.max().count() == values.back());
}

TEST(LatencyHistogram, IsEmptyAtFirst) {
  const LatencyHistogram histogram;
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.percentile(0.5), microseconds{0});
}

TEST(LatencyHistogram, TakesEveryValue) {
  LatencyHistogram histogram;
  histogram.add(microseconds{-5});
  EXPECT_EQ(histogram.max(), microseconds{0});
  histogram.add(microseconds::max());
  EXPECT_EQ(histogram.percentile(1), microseconds::max());
}

}  // namespace
}  // namespace conveyor::load
