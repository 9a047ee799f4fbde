// Method: drives each stock store through its port; after every step on hand, reserved and the
// ledger must agree.
#include "contract/stores_under_test.h"
#include "contract/test_order.h"

namespace conveyor::test {
namespace {

const auto kNow = from_unix_ms(kStartMs);

class StockStoreContract : public StoreContract {
 protected:
  void set(std::string_view sku, std::int64_t on_hand) {
    store->in_transaction(
        [&] { EXPECT_TRUE(stock.set_stock(sku, on_hand, std::nullopt, kNow).has_value()); });
  }
  static Reservation hold(std::uint64_t order, std::vector<StockLine> lines) {
    Reservation out;
    out.key = operation(order);
    out.id = ReservationId{make_uuid_v7(kNow, 5, order)};
    out.request_hash = sha256("request");
    out.lines = std::move(lines);
    out.at = kNow;
    return out;
  }
  std::vector<Shortage> reserve(const Reservation& reservation) {
    std::vector<Shortage> out;
    store->in_transaction([&] { out = stock.reserve(reservation); });
    return out;
  }
  void expect_stock(std::string_view sku, std::int64_t on_hand, std::int64_t reserved) {
    const auto item = stock.stock(sku);
    ASSERT_TRUE(item.has_value()) << sku;
    EXPECT_EQ(item->on_hand, on_hand) << sku;
    EXPECT_EQ(item->reserved, reserved) << sku;
  }
};

TEST_P(StockStoreContract, WhatIsOnItsWayToTheDiskIsSeenByTheNextTransaction) {
  for (std::int64_t i = 1; i <= 3; ++i) {
    unit.wait();
    unit.begin();
    const auto set = stock.set_stock("sku", i * 10, std::nullopt, from_unix_ms(kStartMs));
    ASSERT_TRUE(set.has_value());
    EXPECT_EQ(set->delta, 10);
    EXPECT_EQ(set->id, i);
    unit.hand_over();
  }
  unit.wait();
  EXPECT_EQ(stock.stock("sku")->on_hand, 30);
}

TEST_P(StockStoreContract, SetCreatesAndKeepsTheTitle) {
  EXPECT_EQ(stock.stock("A"), std::nullopt);
  store->in_transaction([&] {
    const auto first = stock.set_stock("A", 10, "Größe 木", kNow);
    ASSERT_TRUE(first.has_value());
    EXPECT_EQ(*first, (StockMovement{1, "A", MovementKind::set, 10, "", {}, 10, 0, kNow}));
    const auto second = stock.set_stock("A", 4, std::nullopt, kNow);
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(*second, (StockMovement{2, "A", MovementKind::set, -6, "", {}, 4, 0, kNow}));
  });
  EXPECT_EQ(stock.stock("A"), (StockItem{"A", "Größe 木", 4, 0}));
  store->in_transaction([&] { EXPECT_TRUE(stock.set_stock("A", 4, "new", kNow).has_value()); });
  EXPECT_EQ(stock.stock("A"), (StockItem{"A", "new", 4, 0}));
}

TEST_P(StockStoreContract, AdjustMovesWithinItsBounds) {
  set("A", 10);
  EXPECT_TRUE(reserve(hold(1, {{"A", 4}})).empty());
  store->in_transaction([&] {
    const auto down = stock.adjust_stock("A", -6, "damaged", kNow);
    ASSERT_TRUE(down.has_value());
    EXPECT_EQ(*down, (StockMovement{2, "A", MovementKind::adjust, -6, "damaged", {}, 4, 4, kNow}));
    EXPECT_EQ(stock.movement(2), *down);
    EXPECT_EQ(stock.adjust_stock("A", -1, "", kNow), std::unexpected(StockRefusal::below_reserved));
    EXPECT_EQ(stock.adjust_stock("A", std::numeric_limits<std::int64_t>::min(), "", kNow),
              std::unexpected(StockRefusal::below_reserved));
    EXPECT_EQ(stock.adjust_stock("A", kMaxStock - 3, "", kNow),
              std::unexpected(StockRefusal::out_of_range));
    EXPECT_EQ(stock.adjust_stock("A", std::numeric_limits<std::int64_t>::max(), "", kNow),
              std::unexpected(StockRefusal::out_of_range));
    EXPECT_EQ(stock.adjust_stock("B", 1, "", kNow), std::unexpected(StockRefusal::unknown_sku));
    EXPECT_TRUE(stock.adjust_stock("A", kMaxStock - 4, "found", kNow).has_value());
  });
  expect_stock("A", kMaxStock, 4);
}

TEST_P(StockStoreContract, SetStaysWithinItsBounds) {
  set("A", 10);
  EXPECT_TRUE(reserve(hold(1, {{"A", 4}})).empty());
  store->in_transaction([&] {
    EXPECT_EQ(stock.set_stock("A", 3, std::nullopt, kNow),
              std::unexpected(StockRefusal::below_reserved));
    EXPECT_EQ(stock.set_stock("A", kMaxStock + 1, std::nullopt, kNow),
              std::unexpected(StockRefusal::out_of_range));
    EXPECT_EQ(stock.set_stock("B", -1, std::nullopt, kNow),
              std::unexpected(StockRefusal::below_reserved));
    EXPECT_TRUE(stock.set_stock("A", 4, std::nullopt, kNow).has_value());
    EXPECT_TRUE(stock.set_stock("C", kMaxStock, std::nullopt, kNow).has_value());
  });
  expect_stock("A", 4, 4);
  expect_stock("C", kMaxStock, 0);
  EXPECT_EQ(stock.stock("B"), std::nullopt) << "a refusal creates nothing";
}

TEST_P(StockStoreContract, ReserveTakesEveryLineOrNone) {
  set("A", 5);
  set("B", 1);
  set("D", 7);
  const auto short_of = reserve(hold(1, {{"A", 2}, {"B", 2}, {"C", 1}, {"D", 8}}));
  EXPECT_EQ(short_of, (std::vector<Shortage>{{"B", 2, 1}, {"C", 1, 0}, {"D", 8, 7}}));
  expect_stock("A", 5, 0);
  expect_stock("B", 1, 0);
  expect_stock("D", 7, 0);
  EXPECT_EQ(stock.reservation(operation(1)), std::nullopt);

  const auto wanted = hold(1, {{"A", 5}, {"B", 1}});
  EXPECT_TRUE(reserve(wanted).empty());
  expect_stock("A", 5, 5);
  expect_stock("B", 1, 1);
  EXPECT_EQ(stock.reservation(wanted.key), wanted);
  EXPECT_EQ(stock.held_reservations(), 1);
  EXPECT_EQ(reserve(hold(2, {{"A", 1}})), (std::vector<Shortage>{{"A", 1, 0}}));
}

TEST_P(StockStoreContract, ReleaseGivesBack) {
  set("A", 5);
  set("B", 5);
  auto held = hold(1, {{"A", 2}, {"B", 3}});
  EXPECT_TRUE(reserve(held).empty());
  const auto later = from_unix_ms(kStartMs + 1);
  store->in_transaction([&] { stock.release(held.key, Effect::by_hand, later); });
  expect_stock("A", 5, 0);
  expect_stock("B", 5, 0);
  held.state = ReservationState::undone;
  held.effect = Effect::by_hand;
  held.at = later;
  EXPECT_EQ(stock.reservation(held.key), held);
  EXPECT_EQ(stock.held_reservations(), 0);
}

TEST_P(StockStoreContract, CommitDeductsWithAMovementPerSku) {
  set("A", 5);
  set("B", kMaxStock);
  auto held = hold(1, {{"A", 2}, {"B", kMaxStock}});
  EXPECT_TRUE(reserve(held).empty());
  const auto later = from_unix_ms(kStartMs + 1);
  store->in_transaction([&] { stock.commit_reservation(held.key, operation(1, 6, 1, 3), later); });
  expect_stock("A", 3, 0);
  expect_stock("B", 0, 0);
  held.state = ReservationState::committed;
  held.committed_by = operation(1, 6, 1, 3);
  held.at = later;
  EXPECT_EQ(stock.reservation(held.key), held);
  EXPECT_EQ(stock.held_reservations(), 0);
  const auto order = held.key.order;
  EXPECT_EQ(stock.movement(3),
            (StockMovement{3, "A", MovementKind::commit, -2, "", order, 3, 0, later}));
  EXPECT_EQ(stock.movement(4),
            (StockMovement{4, "B", MovementKind::commit, -kMaxStock, "", order, 0, 0, later}));
  EXPECT_EQ(stock.movement(5), std::nullopt);
  EXPECT_EQ(stock.movement(0), std::nullopt);
  EXPECT_EQ(stock.movements(2, 10),
            (std::vector{stock.movement(3).value(), stock.movement(4).value()}));
  EXPECT_EQ(stock.movements(0, 1), (std::vector{stock.movement(1).value()}));
  EXPECT_TRUE(stock.movements(4, 10).empty());
  EXPECT_EQ(collect<StockMovementSum>([&](auto visit) { audit.each_movement_sum(visit); }),
            (std::vector<StockMovementSum>{{"A", 5, 2, 2}, {"B", kMaxStock, kMaxStock, 2}}));
}

TEST_P(StockStoreContract, RejectionsAndTombstonesAreKept) {
  Reservation tombstone;
  tombstone.key = operation(1);
  tombstone.state = ReservationState::undone;
  tombstone.at = kNow;
  auto rejection = hold(2, {{"A", 2}});
  rejection.state = ReservationState::rejected;
  rejection.code = "out_of_stock";
  rejection.shortages = {{"A", 2, 0}};
  store->in_transaction([&] {
    stock.record_reservation(tombstone);
    stock.record_reservation(rejection);
  });
  EXPECT_EQ(stock.reservation(tombstone.key), tombstone);
  EXPECT_EQ(stock.reservation(rejection.key), rejection);
  EXPECT_EQ(stock.reservations(rejection.key.order), std::vector{rejection});
  EXPECT_TRUE(stock.reservations(operation(3).order).empty());
  EXPECT_EQ(stock.held_reservations(), 0);
  rejection.state = ReservationState::undone;
  store->in_transaction([&] { stock.record_reservation(rejection); });
  EXPECT_EQ(stock.reservation(rejection.key), rejection);
  EXPECT_EQ(collect<Reservation>([&](auto visit) { audit.each_reservation(visit); }),
            (std::vector{tombstone, rejection}));
}

TEST_P(StockStoreContract, RollbackRestoresStockLedgerAndReservations) {
  set("A", 5);
  const auto first = hold(1, {{"A", 2}});
  EXPECT_TRUE(reserve(first).empty());
  unit.begin();
  EXPECT_TRUE(stock.set_stock("B", 3, "b", kNow).has_value());
  EXPECT_TRUE(stock.adjust_stock("A", 10, "found", kNow).has_value());
  EXPECT_TRUE(stock.reserve(hold(2, {{"A", 1}, {"B", 1}})).empty());
  stock.release(operation(2), Effect::reversed, kNow);
  stock.commit_reservation(first.key, operation(1, 6), kNow);
  expect_stock("A", 13, 0);
  unit.rollback();
  expect_stock("A", 5, 2);
  EXPECT_EQ(stock.stock("B"), std::nullopt);
  EXPECT_EQ(stock.reservation(first.key), first);
  EXPECT_EQ(stock.reservation(operation(2)), std::nullopt);
  EXPECT_EQ(stock.held_reservations(), 1);
  EXPECT_EQ(stock.movement(2), std::nullopt);
}

TEST_P(StockStoreContract, PagesBySku) {
  for (const auto* sku : {"b", "A", "B", "a", "A-1", "A.1"}) set(sku, 1);
  std::vector<std::string> read;
  while (true) {
    const auto page = stock.stock_page(read.empty() ? "" : read.back(), 4);
    for (const auto& item : page) read.push_back(item.sku);
    if (page.size() < 4) break;
  }
  EXPECT_EQ(read, (std::vector<std::string>{"A", "A-1", "A.1", "B", "a", "b"}));
  EXPECT_EQ(collect<StockItem>([&](auto visit) { audit.each_stock_item(visit); }).size(), 6u);
}

TEST_P(StockStoreContract, PagesOfWhatIsHeldByKey) {
  set("A", 50);
  set("B", 50);
  std::vector<Reservation> held;
  for (std::uint64_t n = 1; n <= 6; ++n) {
    held.push_back(hold(n, n % 3 == 0 ? std::vector<StockLine>{{"A", 1}, {"B", 1}}
                                      : std::vector<StockLine>{{"A", 1}}));
    EXPECT_TRUE(reserve(held.back()).empty());
  }
  store->in_transaction([&] {
    stock.release(held[1].key, Effect::reversed, kNow);
    stock.commit_reservation(held[3].key, operation(4, 6), kNow);
  });
  const std::vector wanted{held[0], held[2], held[4], held[5]};
  for (const std::size_t limit : {1u, 3u, 4u, 10u}) {
    std::vector<Reservation> read;
    std::optional<OperationKey> after;
    do {
      const auto page = stock.held_page(after, std::nullopt, limit);
      EXPECT_LE(page.items.size(), limit);
      read.insert(read.end(), page.items.begin(), page.items.end());
      after = page.next_after;
    } while (after);
    EXPECT_EQ(read, wanted);
  }
  EXPECT_EQ(stock.held_page(std::nullopt, "B", 10), (ReservationPage{{held[2], held[5]}, {}}));
  EXPECT_EQ(stock.held_page(std::nullopt, "C", 10), ReservationPage{});
  const auto first = stock.held_page(std::nullopt, "B", 1);
  EXPECT_EQ(first.items, std::vector{held[2]});
  EXPECT_EQ(stock.held_page(first.next_after, "B", 1).items, std::vector{held[5]});
}

INSTANTIATE_FOR_ALL_STORES(StockStoreContract);

}  // namespace
}  // namespace conveyor::test
