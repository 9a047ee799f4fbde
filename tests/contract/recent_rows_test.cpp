// Method: rows are remembered as the store does after each transaction; what is known of an order
// must be what was written of it, and beyond the bounds nothing must be known rather than a part.
// That the store answers the same from here and from the file is for equivalence_test.cpp.
#include <gtest/gtest.h>

#include "adapters/sqlite/recent_rows.h"
#include "contract/test_order.h"

namespace conveyor::test {
namespace {

using sqlite::kMaxRecentOrders;
using sqlite::kMaxRecentStock;
using sqlite::PendingWrites;
using sqlite::RecentRows;

void write(PendingWrites& writes, const TestOrder& order, bool is_new) {
  auto& pending = writes.orders[order.id()];
  pending.is_new = is_new;
  pending.row = row_of(order.order(), std::nullopt);
  pending.last_event_id = order.events().back().id;
  if (is_new) writes.contacts.emplace(order.id(), sqlite::PendingContact{contact_of(order), {}});
}

Payment payment_of(const TestOrder& order, std::uint32_t generation, std::int64_t amount) {
  Payment payment;
  payment.key = {order.id(), 1, 2, generation};
  payment.amount_minor = amount;
  return payment;
}

/// All of the order's payments, as the store hands them over.
void write(PendingWrites& writes, const TestOrder& order, std::vector<Payment> payments) {
  auto& operations = writes.operations[order.id()];
  operations = std::make_shared<sqlite::OrderOperations>();
  operations->payments = std::move(payments);
}

TEST(RecentRows, KnowAllOfAnOpenOrderWithItsLastState) {
  RecentRows recent;
  TestOrder order{{}};
  {
    PendingWrites writes;
    write(writes, order, true);
    write(writes, order, {payment_of(order, 2, 100)});
    recent.remember(writes);
  }
  order.succeed();
  {
    PendingWrites writes;
    write(writes, order, false);
    write(writes, order, {payment_of(order, 1, 300), payment_of(order, 2, 200)});
    recent.remember(writes);
  }
  const auto* known = recent.order(order.id());
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->version, order.order().version);
  EXPECT_EQ(known->last_event_id, order.events().back().id);
  EXPECT_EQ(known->contact, contact_of(order));
  ASSERT_NE(known->operations, nullptr);
  EXPECT_EQ(known->operations->payments,
            (std::vector{payment_of(order, 1, 300), payment_of(order, 2, 200)}));
  recent.forget(order.id());
  EXPECT_EQ(recent.order(order.id()), nullptr);
}

TEST(RecentRows, AFinalOrderIsForgottenAndOneThatWasThereBeforeIsNotKnown) {
  RecentRows recent;
  TestOrder order{{}};
  PendingWrites first;
  write(first, order, true);
  recent.remember(first);
  order.finish();
  PendingWrites last;
  write(last, order, false);
  recent.remember(last);
  EXPECT_EQ(recent.order(order.id()), nullptr);

  const TestOrder other{{.number = 2}};
  PendingWrites writes;
  write(writes, other, false);
  write(writes, other, {payment_of(other, 1, 100)});
  recent.remember(writes);
  EXPECT_EQ(recent.order(other.id()), nullptr);
}

TEST(RecentRows, AreBounded) {
  RecentRows recent;
  PendingWrites writes;
  std::vector<OrderId> ids;
  for (std::uint64_t n = 1; n <= kMaxRecentOrders; ++n) {
    const TestOrder order{{.created_ms = kStartMs + static_cast<std::int64_t>(n), .number = n}};
    write(writes, order, true);
    ids.push_back(order.id());
  }
  for (std::size_t n = 0; n < kMaxRecentStock; ++n) {
    const auto sku = "SKU-" + std::to_string(n);
    writes.stock.emplace(sku, StockItem{.sku = sku, .title = std::nullopt, .on_hand = 1});
  }
  recent.remember(writes);
  EXPECT_NE(recent.order(ids.front()), nullptr);
  EXPECT_NE(recent.stock("SKU-0"), nullptr);

  PendingWrites more;
  const TestOrder newest{{.created_ms = kStartMs + 1'000'000, .number = kMaxRecentOrders + 1}};
  write(more, newest, true);
  more.stock.emplace("SKU-X", StockItem{.sku = "SKU-X", .title = std::nullopt, .on_hand = 1});
  recent.remember(more);
  EXPECT_EQ(recent.order(ids.front()), nullptr) << "the oldest makes room";
  EXPECT_NE(recent.order(ids.at(1)), nullptr);
  EXPECT_NE(recent.order(newest.id()), nullptr);
  EXPECT_EQ(recent.stock("SKU-0"), nullptr);
  EXPECT_NE(recent.stock("SKU-X"), nullptr);
}

}  // namespace
}  // namespace conveyor::test
