// Method: examples at the edges of totals, and of what an undo owes at every step.
#include "domain/order.h"

#include <gtest/gtest.h>

#include <limits>

#include "domain/test_orders.h"

namespace conveyor::test {
namespace {

std::optional<std::int64_t> total(std::vector<std::pair<std::int64_t, std::int64_t>> lines,
                                  std::vector<std::int64_t> amounts = {}) {
  std::vector<Line> all;
  for (const auto& [quantity, unit_price_minor] : lines) {
    all.push_back({1, "SKU-1", std::nullopt, quantity, unit_price_minor});
  }
  std::vector<Adjustment> adjustments;
  for (const auto amount_minor : amounts) {
    adjustments.push_back({AdjustmentKind::fee, amount_minor, std::nullopt});
  }
  return total_of(all, adjustments);
}

TEST(TotalOf, AddsLinesAndAdjustments) {
  EXPECT_EQ(total({}), 0);
  EXPECT_EQ(total({{2, 1'000}, {3, 5}}, {480, -15}), 2'480);
}

TEST(TotalOf, IsNeverNegative) {
  EXPECT_EQ(total({{1, 100}}, {-100}), 0);
  EXPECT_EQ(total({{1, 100}}, {-101}), std::nullopt);
  EXPECT_EQ(total({{1, -1}}), std::nullopt);
}

TEST(TotalOf, ReachesTheGreatestAmountAndNoFurther) {
  EXPECT_EQ(total({{1, kMaxMinor}}), kMaxMinor);
  EXPECT_EQ(total({{1, kMaxMinor}}, {1}), std::nullopt);
  EXPECT_EQ(total({{1, kMaxMinor}, {1, 1}}), std::nullopt);
  EXPECT_EQ(total({{1, kMaxMinor - 1}}, {1}), kMaxMinor);
  EXPECT_EQ(total({{1, kMaxMinor + 1}}), std::nullopt);
  EXPECT_EQ(total({{2, kMaxMinor}}), std::nullopt);
  EXPECT_EQ(total({{1, 0}}, {kMaxMinor + 1}), std::nullopt);
}

TEST(TotalOf, StaysInRangeOnTheWay) {
  // The sum would be in range; a part of it is not.
  EXPECT_EQ(total({{1, kMaxMinor}, {1, 1}, {1, -1}}), std::nullopt);
  EXPECT_EQ(total({{1, 1}}, {-kMaxMinor, kMaxMinor}), 1);
}

TEST(TotalOf, DoesNotOverflow) {
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(total({{kMax, kMax}}), std::nullopt);
  EXPECT_EQ(total({{kMin, -1}}), std::nullopt);
  EXPECT_EQ(total({{kMax, 2}}), std::nullopt);
  EXPECT_EQ(total({{1, 1}}, {kMax}), std::nullopt);
  EXPECT_EQ(total({{1, 1}}, {kMin}), std::nullopt);
}

TEST(UndosFor, OweTheBookingFirstAndThenTheNewest) {
  const std::vector<std::vector<StepNumber>> at_each_step{
      {1}, {2, 1}, {3, 2, 1}, {3, 4, 2, 1}, {3, 4, 2, 1}};
  for (StepNumber s = 1; s <= 5; ++s) {
    EXPECT_EQ(undos_for(at_step(s).order()), at_each_step[s - 1U]) << int{s};
    EXPECT_EQ(undos_for(exhausted(s).order()), at_each_step[s - 1U]) << int{s};
  }
}

TEST(UndosFor, OweTheOldKeyOfAnEditThatWaits) {
  EXPECT_EQ(undos_for(editing(1).order()), (std::vector<StepNumber>{1}));
  EXPECT_EQ(undos_for(editing(3).order()), (std::vector<StepNumber>{3, 2, 1}));
}

TEST(ForwardStatus, IsPendingUntilAStepHasSucceeded) {
  EXPECT_EQ(forward_status(exhausted(1).order()), Status::pending);
  EXPECT_EQ(forward_status(exhausted(2).order()), Status::processing);
  auto order = cancelled();
  order.must(command(CommandKind::restart));
  EXPECT_EQ(forward_status(order.order()), Status::pending);
}

TEST(Changes, NameTheirFields) {
  EXPECT_EQ(Changes{}.fields(), 0);
  EXPECT_TRUE(Changes{}.empty());
  EXPECT_EQ(changed_lines().fields(), kFieldLines);
  EXPECT_EQ(changed_payment_method().fields(), kFieldPaymentMethod);
  EXPECT_EQ(changed_ship_to().fields(), kFieldShipTo);
  EXPECT_FALSE(changed_ship_to().empty());
}

}  // namespace
}  // namespace conveyor::test
