// Method: offer rows by hand, newest first, as a store would, and read the page.
#include "ports/order_page.h"

#include <gtest/gtest.h>

namespace conveyor {
namespace {

OrderId id_at(std::int64_t ms) {
  return OrderId{make_uuid_v7(from_unix_ms(ms), 1, 1)};
}

OrderRow row_at(std::int64_t ms, Status status = Status::pending) {
  OrderRow row;
  row.id = id_at(ms);
  row.status = status;
  row.customer_id = "c1";
  return row;
}

TEST(OrderPage, FullPageWithMoreToComeSaysWhereTheNextStarts) {
  const OrderFilter filter;
  OrderPageBuilder page{filter, 2};
  EXPECT_TRUE(page.offer(row_at(30), " A "));
  EXPECT_TRUE(page.offer(row_at(20), " A "));
  EXPECT_FALSE(page.offer(row_at(10), " A "));
  const auto done = page.take();
  ASSERT_EQ(done.rows.size(), 2u);
  EXPECT_EQ(done.next_before, id_at(20));
}

TEST(OrderPage, LastPageHasNoNext) {
  const OrderFilter filter;
  OrderPageBuilder page{filter, 2};
  EXPECT_TRUE(page.offer(row_at(30), " A "));
  EXPECT_TRUE(page.offer(row_at(20), " A "));
  EXPECT_EQ(page.take().next_before, std::nullopt);
}

TEST(OrderPage, ScanStopsAtItsBoundAndGoesOnFromThere) {
  OrderFilter filter;
  filter.sku = "B";
  OrderPageBuilder page{filter, 2};
  const auto bound = static_cast<std::int64_t>(kMaxRowsScannedPerPage);
  for (std::int64_t i = 0; i < bound; ++i) {
    ASSERT_TRUE(page.offer(row_at(100'000 - i), " A "));
  }
  EXPECT_FALSE(page.offer(row_at(100'000 - bound), " B "));
  const auto done = page.take();
  EXPECT_TRUE(done.rows.empty());
  EXPECT_EQ(done.next_before, id_at(100'000 - bound + 1));
}

TEST(OrderPage, ChangesAreBoundedOnBothSidesExclusively) {
  OrderFilter filter;
  filter.updated_after = from_unix_ms(100);
  filter.updated_before = from_unix_ms(200);
  const auto is_shown = [&](std::int64_t updated_ms) {
    OrderPageBuilder page{filter, 5};
    auto row = row_at(10);
    row.updated_at = from_unix_ms(updated_ms);
    page.offer(row, "");
    return page.take().rows.size() == 1;
  };
  EXPECT_FALSE(is_shown(100));
  EXPECT_TRUE(is_shown(101));
  EXPECT_TRUE(is_shown(199));
  EXPECT_FALSE(is_shown(200));
}

TEST(OrderPage, NothingChangesBeforeItIsCreated) {
  OrderFilter filter;
  filter.updated_after = from_unix_ms(100);
  EXPECT_EQ(id_range_of(filter).first, OrderId{}) << "an old order may have changed";
  filter.updated_before = from_unix_ms(200);
  ASSERT_TRUE(id_range_of(filter).end);
  EXPECT_LE(*id_range_of(filter).end, id_at(200));
  EXPECT_GT(*id_range_of(filter).end, id_at(199));
  filter.created_before = from_unix_ms(150);
  EXPECT_LE(*id_range_of(filter).end, id_at(150)) << "the narrower of both";
}

TEST(OrderPage, FailingOrdersAreThoseWithAFingerprint) {
  const auto shown = [](std::optional<bool> failing) {
    OrderFilter filter;
    filter.failing = failing;
    OrderPageBuilder page{filter, 5};
    auto row = row_at(3, Status::processing);
    row.fingerprint = "payment/authorize_payment/failed/issuer_unavailable";
    page.offer(row, "");
    page.offer(row_at(2), "");
    page.offer(row_at(1, Status::completed), "");
    return page.take().rows.size();
  };
  EXPECT_EQ(shown(true), 1U);
  EXPECT_EQ(shown(false), 2U) << "final ones too";
  EXPECT_EQ(shown(std::nullopt), 3U);
}

TEST(OrderPage, SkuMatchesWholeNamesOnly) {
  OrderFilter filter;
  filter.sku = "A";
  OrderPageBuilder page{filter, 5};
  page.offer(row_at(3), " AA BA ");
  page.offer(row_at(2), " B A ");
  page.offer(row_at(1), "");
  const auto done = page.take();
  ASSERT_EQ(done.rows.size(), 1u);
  EXPECT_EQ(done.rows[0].id, id_at(2));
}

TEST(OrderPage, StepAndSkuLookAtOpenOrdersOnly) {
  OrderFilter filter;
  filter.statuses = {Status::failed, Status::pending};
  EXPECT_EQ(statuses_of(filter), (std::vector{Status::pending, Status::failed}));
  filter.step = 1;
  EXPECT_EQ(statuses_of(filter), std::vector{Status::pending});
}

TEST(OrderPage, TimesBecomeExclusiveRangesOfIds) {
  OrderFilter filter;
  filter.created_after = from_unix_ms(100);
  filter.created_before = from_unix_ms(103);
  const auto range = id_range_of(filter);
  ASSERT_FALSE(range.empty);
  for (const std::int64_t ms : {99, 100, 101, 102, 103}) {
    const bool inside = id_at(ms) >= range.first && id_at(ms) < *range.end;
    EXPECT_EQ(inside, ms == 101 || ms == 102) << ms;
  }
  filter.created_before = from_unix_ms(101);
  EXPECT_TRUE(id_range_of(filter).empty);
}

TEST(OrderPage, TimesOutsideOfIdsBoundNothingOrEverything) {
  OrderFilter filter;
  filter.created_after = from_unix_ms(-5);
  filter.created_before = from_unix_ms(std::int64_t{1} << 50);
  EXPECT_EQ(id_range_of(filter).first, OrderId{});
  EXPECT_EQ(id_range_of(filter).end, std::nullopt);
  EXPECT_FALSE(id_range_of(filter).empty);
  filter.created_after = from_unix_ms(std::int64_t{1} << 50);
  EXPECT_TRUE(id_range_of(filter).empty);
  filter.created_after.reset();
  filter.created_before = from_unix_ms(0);
  EXPECT_TRUE(id_range_of(filter).empty);
}

}  // namespace
}  // namespace conveyor
