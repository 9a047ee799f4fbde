// Method: stores a known mix of orders and asks for pages by every filter; each page is compared
// with what a plain filter over the mix gives.
#include <algorithm>

#include "contract/stores_under_test.h"
#include "contract/test_order.h"

namespace conveyor::test {
namespace {

class OrderListsContract : public StoreContract {
 protected:
  /// 40 orders, one a second, of 3 customers: every 4th completed, every 5th on hold, every 7th
  /// dead-lettered, every 11th failed; every 3rd has a reference, every 2nd a line of SKU-B.
  void SetUp() override {
    unit.begin();
    for (std::uint64_t n = 1; n <= 40; ++n) {
      OrderSpec spec;
      spec.number = n;
      spec.created_ms = kStartMs + static_cast<std::int64_t>(n) * 1'000;
      spec.customer_id = "customer-" + std::to_string(n % 3);
      if (n % 3 == 0) spec.reference = "R-" + std::to_string(n / 6);
      if (n % 6 == 0) spec.customer_id = "customer-9";
      if (n % 2 == 0) spec.lines = {{1, "SKU-A", std::nullopt, 1, 100}};
      TestOrder order{spec};
      orders.accept(key_number(n), 1, contact_of(order), order.order(), order.events(), wake_at(n));
      const auto before = order.order().version;
      const auto events = advance(order, n);
      if (!events.empty()) {
        EXPECT_TRUE(orders.append(order.order(), before, events, wake_at(n)));
      }
      all.push_back(order);
    }
    unit.commit();
  }

  static Timestamp wake_at(std::uint64_t n) {
    return from_unix_ms(kStartMs + static_cast<std::int64_t>((n * 7) % 5) * 100);
  }

  static std::vector<Event> advance(TestOrder& order, std::uint64_t n) {
    if (n % 4 == 0) return order.finish();
    if (n % 5 == 0) return order.command(CommandKind::hold);
    if (n % 7 == 0) return order.fail(FailureClass::poison);
    if (n % 11 == 0) {
      auto events = order.reject();
      for (auto& event : order.finish()) events.push_back(event);
      return events;
    }
    if (n % 2 == 1) return order.succeed();
    return {};
  }

  /// Newest first, as the filter says in words.
  std::vector<OrderId> expected(const std::function<bool(const Order&)>& wanted) const {
    std::vector<OrderId> out;
    for (const auto& order : all) {
      if (wanted(order.order())) out.push_back(order.id());
    }
    std::ranges::reverse(out);
    return out;
  }

  /// All pages of a filter, each checked for its size.
  std::vector<OrderId> walk(OrderFilter filter, std::size_t limit) {
    std::vector<OrderId> out;
    for (int pages = 0; pages < 100; ++pages) {
      const auto page = orders.orders(filter, limit);
      EXPECT_LE(page.rows.size(), limit);
      for (const auto& row : page.rows) {
        out.push_back(row.id);
        EXPECT_EQ(orders.order_row(row.id), row);
      }
      if (!page.next_before) return out;
      EXPECT_EQ(page.rows.size(), limit) << "only the last page may be short";
      filter.before = page.next_before;
    }
    ADD_FAILURE() << "paging does not end";
    return out;
  }

  void expect_pages(const OrderFilter& filter, const std::function<bool(const Order&)>& wanted) {
    const auto ids = expected(wanted);
    EXPECT_FALSE(ids.empty()) << "the mix has such orders";
    for (const std::size_t limit : {1u, 3u, 40u, 200u}) EXPECT_EQ(walk(filter, limit), ids);
  }

  std::vector<TestOrder> all;
};

bool has_sku(const Order& order, std::string_view sku) {
  return std::ranges::any_of(order.lines, [&](const Line& line) { return line.sku == sku; });
}

TEST_P(OrderListsContract, All) {
  expect_pages({}, [](const Order&) { return true; });
}

TEST_P(OrderListsContract, ByStatus) {
  expect_pages({.statuses = {Status::completed}},
               [](const Order& o) { return o.status == Status::completed; });
  expect_pages({.statuses = {Status::failed, Status::on_hold, Status::dead_lettered}},
               [](const Order& o) {
                 return o.status == Status::failed || o.status == Status::on_hold ||
                        o.status == Status::dead_lettered;
               });
}

TEST_P(OrderListsContract, ByCustomer) {
  expect_pages({.customer_id = "customer-1"},
               [](const Order& o) { return o.customer_id == "customer-1"; });
  expect_pages({.statuses = {Status::processing}, .customer_id = "customer-1"}, [](const Order& o) {
    return o.customer_id == "customer-1" && o.status == Status::processing;
  });
  EXPECT_TRUE(walk({.customer_id = "customer-7"}, 10).empty());
}

TEST_P(OrderListsContract, ByReference) {
  expect_pages({.reference = "R-2"}, [](const Order& o) { return o.reference == "R-2"; });
  expect_pages({.customer_id = "customer-9", .reference = "R-2"}, [](const Order& o) {
    return o.reference == "R-2" && o.customer_id == "customer-9";
  });
  EXPECT_TRUE(walk({.statuses = {Status::cancelled}, .reference = "R-2"}, 10).empty());
}

TEST_P(OrderListsContract, ByStepAndSkuAmongOpenOrders) {
  expect_pages({.step = StepNumber{2}},
               [](const Order& o) { return !is_final(o.status) && o.step == 2; });
  expect_pages({.sku = "SKU-B"},
               [](const Order& o) { return !is_final(o.status) && has_sku(o, "SKU-B"); });
  expect_pages({.statuses = {Status::on_hold, Status::completed}, .sku = "SKU-A"},
               [](const Order& o) { return o.status == Status::on_hold && has_sku(o, "SKU-A"); });
  expect_pages({.customer_id = "customer-1", .step = StepNumber{2}}, [](const Order& o) {
    return !is_final(o.status) && o.step == 2 && o.customer_id == "customer-1";
  });
  EXPECT_TRUE(walk({.statuses = {Status::completed}, .step = StepNumber{6}}, 10).empty());
  EXPECT_TRUE(walk({.sku = "SKU"}, 10).empty());
}

TEST_P(OrderListsContract, ByTimeOfCreation) {
  const auto after = from_unix_ms(kStartMs + 5'000);
  const auto before = from_unix_ms(kStartMs + 31'000);
  expect_pages({.created_after = after}, [&](const Order& o) { return o.created_at > after; });
  expect_pages({.created_before = before}, [&](const Order& o) { return o.created_at < before; });
  expect_pages({.statuses = {Status::completed, Status::processing},
                .created_after = after,
                .created_before = before},
               [&](const Order& o) {
                 return o.created_at > after && o.created_at < before &&
                        (o.status == Status::completed || o.status == Status::processing);
               });
  EXPECT_TRUE(walk({.created_after = before, .created_before = after}, 10).empty());
}

TEST_P(OrderListsContract, ByFailing) {
  const auto fails = [](const Order& o) { return standing_fingerprint(o).has_value(); };
  expect_pages({.failing = true}, fails);
  expect_pages({.statuses = {Status::dead_lettered, Status::completed}, .failing = true}, fails);
  expect_pages({.failing = false}, [&](const Order& o) { return !fails(o); });
  expect_pages({.customer_id = "customer-1", .failing = true},
               [&](const Order& o) { return fails(o) && o.customer_id == "customer-1"; });
  EXPECT_TRUE(walk({.statuses = {Status::completed}, .failing = true}, 10).empty());

  // What works again is not listed any more; what ends is not either.
  auto healed = std::ranges::find_if(all, [&](const TestOrder& o) { return fails(o.order()); });
  ASSERT_NE(healed, all.end());
  const auto before = healed->order().version;
  auto events = healed->command(CommandKind::compensate);
  for (auto& event : healed->finish()) events.push_back(std::move(event));
  unit.begin();
  EXPECT_TRUE(orders.append(healed->order(), before, events, std::nullopt));
  unit.commit();
  expect_pages({.failing = true}, fails);
}

TEST_P(OrderListsContract, ByTimeOfLastChange) {
  const auto middle = all[19].order().updated_at;
  expect_pages({.updated_after = middle}, [&](const Order& o) { return o.updated_at > middle; });
  expect_pages({.updated_before = middle}, [&](const Order& o) { return o.updated_at < middle; });
  // The oldest order changes last.
  auto& oldest = all[0];
  ASSERT_FALSE(is_final(oldest.order().status));
  const auto before = oldest.order().version;
  const auto events = oldest.expire(Timer::patience);
  unit.begin();
  EXPECT_TRUE(orders.append(oldest.order(), before, events, wake_at(1)));
  unit.commit();
  const auto since = oldest.order().updated_at - Duration{1};
  EXPECT_EQ(walk({.updated_after = since}, 10), std::vector{oldest.id()});
  EXPECT_TRUE(walk({.updated_after = since, .updated_before = since}, 10).empty());
}

TEST_P(OrderListsContract, RowsSayHowTheOrderFares) {
  TestOrder order{{.created_ms = kStartMs + 50'000, .number = 50}};
  unit.begin();
  orders.accept(key_number(50), 1, contact_of(order), order.order(), order.events(), wake_at(50));
  const auto store = [&](const std::vector<Event>& events) {
    EXPECT_TRUE(
        orders.append(order.order(), order.order().version - events.size(), events, wake_at(50)));
    return orders.order_row(order.id()).value();
  };
  const auto came = store(order.succeed()).step_since;
  EXPECT_EQ(came, order.order().updated_at);
  (void)store(order.fail(FailureClass::failed));
  auto row = store(order.fail(FailureClass::failed));
  EXPECT_EQ(row.health, Health::retrying);
  EXPECT_EQ(row.attempts, 2U);
  EXPECT_TRUE(row.next_attempt_at && *row.next_attempt_at == order.order().next_attempt_at);
  EXPECT_EQ(row.step_since, came) << "failing does not begin a step anew";
  row = store(order.fail(FailureClass::poison));
  EXPECT_EQ(row.health, Health::dead);
  EXPECT_EQ(row.next_attempt_at, std::nullopt);
  (void)store(order.command(CommandKind::compensate));
  row = store(order.finish());
  EXPECT_EQ(row.status, Status::failed);
  EXPECT_EQ(row.health, Health::ok);
  EXPECT_EQ(row.attempts, 0U);
  EXPECT_EQ(row.step_since, std::nullopt);
  unit.commit();
  EXPECT_EQ(orders.order_row(order.id()), row);
}

TEST_P(OrderListsContract, DueOrdersByAlarmThenId) {
  std::vector<OrderReader::Due> wanted;
  for (std::uint64_t n = 1; n <= all.size(); ++n) {
    const auto& order = all[n - 1].order();
    if (!is_final(order.status)) wanted.push_back({wake_at(n), order.id});
  }
  std::ranges::sort(wanted);
  const auto until = from_unix_ms(kStartMs + 200);
  std::erase_if(wanted, [&](const auto& due) { return due.wake_at > until; });
  ASSERT_FALSE(wanted.empty());

  std::vector<OrderReader::Due> read;
  std::optional<OrderReader::Due> after;
  while (true) {
    const auto page = orders.due_orders(until, after, 4);
    read.insert(read.end(), page.begin(), page.end());
    if (page.size() < 4) break;
    after = page.back();
  }
  EXPECT_EQ(read, wanted);
  EXPECT_TRUE(orders.due_orders(from_unix_ms(kStartMs - 1), std::nullopt, 10).empty());
}

TEST_P(OrderListsContract, CountsPerStatus) {
  std::vector<std::pair<Status, std::int64_t>> every;
  for (const auto status : kAllStatuses) {
    every.emplace_back(status, std::ranges::count_if(all, [&](const TestOrder& o) {
                         return o.order().status == status;
                       }));
  }
  EXPECT_EQ(audit.order_counts(), every);
  std::erase_if(every, [](const auto& count) { return is_final(count.first); });
  EXPECT_EQ(orders.open_order_counts(), every);
}

TEST_P(OrderListsContract, IdsOfEveryOrderInSequence) {
  std::vector<OrderId> read;
  while (true) {
    const auto page = orders.order_ids(read.empty() ? std::nullopt : std::optional{read.back()}, 7);
    read.insert(read.end(), page.begin(), page.end());
    if (page.size() < 7) break;
  }
  auto wanted = expected([](const Order&) { return true; });
  std::ranges::reverse(wanted);
  EXPECT_EQ(read, wanted);
  EXPECT_TRUE(
      collect<OrderId>([&](auto visit) { audit.each_stream_without_order(visit); }).empty());
}

INSTANTIATE_FOR_ALL_STORES(OrderListsContract);

}  // namespace
}  // namespace conveyor::test
