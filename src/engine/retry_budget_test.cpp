// Method: the two terms and the size of the bucket by hand; the bound over every span of time as a
// property of random demand.
#include "engine/retry_budget.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace conveyor {
namespace {

constexpr Timestamp kStart = from_unix_ms(1'767'225'600'000);

int take_all(RetryBudget& budget, Timestamp now) {
  int taken = 0;
  while (budget.take(now)) ++taken;
  return taken;
}

TEST(RetryBudget, StartsWithOneSecondsWorth) {
  RetryBudget budget{RetryBudgetOptions{}};
  EXPECT_EQ(budget.available(kStart), 10U);
  EXPECT_EQ(take_all(budget, kStart), 10);
}

TEST(RetryBudget, TimeGivesTenASecondAndFillsNoMoreThanOneSecond) {
  RetryBudget budget{RetryBudgetOptions{}};
  take_all(budget, kStart);
  EXPECT_EQ(budget.available(kStart + Duration{99}), 0U);
  EXPECT_EQ(budget.available(kStart + Duration{100}), 1U);
  EXPECT_EQ(budget.available(kStart + Duration{1'000}), 10U);
  EXPECT_EQ(budget.available(kStart + std::chrono::hours{1'000'000}), 10U);
}

TEST(RetryBudget, FiveFirstAttemptsGiveOneRetry) {
  RetryBudget budget{RetryBudgetOptions{}};
  take_all(budget, kStart);
  for (int i = 0; i < 4; ++i) budget.first_attempt(kStart);
  EXPECT_EQ(budget.available(kStart), 0U);
  budget.first_attempt(kStart);
  EXPECT_EQ(budget.available(kStart), 1U);
  for (int i = 0; i < 1'000; ++i) budget.first_attempt(kStart);
  EXPECT_EQ(budget.available(kStart), 10U) << "no hoard for a burst";
}

TEST(RetryBudget, AtItsLeastItStillGivesARetryASecond) {
  RetryBudget budget{RetryBudgetOptions{.percent = 0, .per_second = 1}};
  EXPECT_EQ(take_all(budget, kStart), 1);
  EXPECT_EQ(budget.when(1, kStart), kStart + Duration{1'000});
  EXPECT_EQ(take_all(budget, kStart + Duration{999}), 0);
  EXPECT_EQ(take_all(budget, kStart + Duration{1'000}), 1);
}

TEST(RetryBudget, SaysWhenTheTokenOfAPlaceInLineIsThere) {
  RetryBudget budget{RetryBudgetOptions{}};
  EXPECT_EQ(budget.when(10, kStart), kStart);
  EXPECT_EQ(budget.when(11, kStart), kStart + Duration{100});
  EXPECT_EQ(budget.when(60, kStart), kStart + Duration{5'000});
}

RC_GTEST_PROP(RetryBudget, BoundsTheRetriesOfEverySpan,
              (const std::vector<std::uint16_t>& script)) {
  RetryBudgetOptions options;
  options.percent = *rc::gen::inRange<std::uint32_t>(0, 101);
  options.per_second = *rc::gen::inRange<std::uint32_t>(1, 200);
  RetryBudget budget(options);
  struct Made {
    Timestamp at;
    bool is_retry;
  };
  std::vector<Made> made;
  Timestamp now = kStart;
  for (const auto word : script) {
    if (word % 8 == 0) now += Duration{word % 1'500};
    const bool retry = word % 2 == 1;
    if (!retry) budget.first_attempt(now);
    const bool there = budget.available(now) > 0;
    RC_ASSERT((budget.when(1, now) == now) == there);
    if (retry) RC_ASSERT(budget.take(now) == there);
    if (!retry || there) made.push_back({now, retry});
  }
  for (std::size_t from = 0; from < made.size(); ++from) {
    std::int64_t retries = 0;
    std::int64_t firsts = 0;
    for (std::size_t to = from; to < made.size(); ++to) {
      (made[to].is_retry ? retries : firsts) += 1;
      const auto span_ms = (made[to].at - made[from].at).count();
      RC_ASSERT(retries * 1'000 <= std::int64_t{options.per_second} * (span_ms + 1'000) +
                                       firsts * options.percent * 10);
    }
  }
}

}  // namespace
}  // namespace conveyor
