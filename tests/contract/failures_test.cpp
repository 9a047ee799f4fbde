// Method: orders whose calls fail in known ways; the failure that stands, its groups and its counts
// are compared with what the orders themselves say.
#include <deque>

#include "contract/stores_under_test.h"
#include "contract/test_order.h"

namespace conveyor::test {
namespace {

class FailuresContract : public StoreContract {
 protected:
  TestOrder& accept(OrderSpec spec) {
    spec.number = all.size() + 1;
    spec.created_ms += static_cast<std::int64_t>(spec.number) * 1'000;
    all.emplace_back(spec);
    auto& order = all.back();
    orders.accept(key_number(spec.number), 1, contact_of(order), order.order(), order.events(),
                  std::nullopt);
    return order;
  }
  void append(const TestOrder& order, const std::vector<Event>& events) {
    EXPECT_TRUE(
        orders.append(order.order(), order.order().version - events.size(), events, std::nullopt));
  }
  /// Dead-lettered at the first step, by poison.
  TestOrder& dead(const std::string& code, OrderSpec spec = {}) {
    auto& order = accept(std::move(spec));
    append(order, order.fail(FailureClass::poison, code));
    return order;
  }
  std::vector<OrderId> listed(OrderFilter filter, std::size_t limit = 100) {
    std::vector<OrderId> out;
    do {
      const auto page = orders.orders(filter, limit);
      for (const auto& row : page.rows) out.push_back(row.id);
      filter.before = page.next_before;
    } while (filter.before);
    return out;
  }

  std::deque<TestOrder> all;
};

std::string reserve_poison(std::string_view code) {
  return fingerprint_of(1, FailureClass::poison, code);
}

TEST_P(FailuresContract, NothingFailedHasNoGroupAndNoCount) {
  store->in_transaction([&] { accept({}); });
  EXPECT_EQ(orders.dead_letter_groups(10), DeadLetterGroups{});
  EXPECT_EQ(orders.failures(reserve_poison("a"), 10), FailureCount{});
}

TEST_P(FailuresContract, GroupsCountAndAddUpPerCurrency) {
  store->in_transaction([&] {
    dead("b");
    dead("a", {.lines = {{1, "SKU-A", std::nullopt, 1, 100}}, .shipping_minor = 0});
    dead("b", {.lines = {{1, "SKU-A", std::nullopt, 1, 7}}, .currency = "USD"});
    dead("b");
    auto& alive = accept({});
    append(alive, alive.fail(FailureClass::transient, "b"));
  });
  const auto since = [&](std::size_t i) { return all[i].order().dead_letter->since; };
  const auto total = [&](std::size_t i) { return all[i].order().total_minor; };
  const DeadLetterGroup a{reserve_poison("a"), 1, since(1), since(1), {{"EUR", 100}}};
  const DeadLetterGroup b{reserve_poison("b"),
                          3,
                          since(0),
                          since(3),
                          {{"EUR", total(0) + total(3)}, {"USD", total(2)}}};
  EXPECT_EQ(orders.dead_letter_groups(4), (DeadLetterGroups{{a, b}, true}));
  const auto cut = orders.dead_letter_groups(1);
  EXPECT_EQ(cut, (DeadLetterGroups{{a}, false})) << "one more than it may look at";
}

TEST_P(FailuresContract, MoneyBeyondItsRangeIsSaidNotWrapped) {
  const OrderSpec huge{.lines = {{1, "SKU-A", std::nullopt, 1, kMaxMinor}}, .shipping_minor = 0};
  store->in_transaction([&] {
    dead("a", huge);
    dead("a", {.lines = {{1, "SKU-A", std::nullopt, 1, 1}}, .shipping_minor = 0});
    dead("a", huge);
  });
  const auto groups = orders.dead_letter_groups(10).groups;
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].count, 3);
  EXPECT_EQ(groups[0].money, (std::vector<DeadLetterGroup::Money>{{"EUR", std::nullopt}}));
}

TEST_P(FailuresContract, SinceIsWhenItDiedWhateverHappensLater) {
  store->in_transaction([&] { dead("a"); });
  const auto since = all[0].order().dead_letter->since;
  EXPECT_EQ(orders.order_row(all[0].id())->dead_since, since);
  store->in_transaction([&] {
    EventDraft late;
    late.type = EventType::EventIgnored;
    late.data = EventIgnored{EventType::StepAttemptFailed, "late", operation(1)};
    append(all[0], all[0].note(late));
  });
  EXPECT_GT(all[0].order().updated_at, since);
  EXPECT_EQ(orders.dead_letter_groups(10).groups.at(0).first_seen, since);
}

TEST_P(FailuresContract, CountsAndListsFollowTheFailureThatStands) {
  const auto failing = fingerprint_of(1, FailureClass::transient, "a");
  store->in_transaction([&] {
    for (int n = 0; n < 5; ++n) {
      auto& order = accept({});
      append(order, order.fail(FailureClass::transient, "a"));
    }
  });
  EXPECT_EQ(orders.failures(failing, 5), (FailureCount{5, 0, true}));
  EXPECT_EQ(orders.failures(failing, 4), (FailureCount{4, 0, false}));
  store->in_transaction([&] {
    append(all[0], all[0].succeed());                           // worked
    append(all[1], all[1].fail(FailureClass::transient, "b"));  // fails in another way
    append(all[2], all[2].command(CommandKind::hold));          // stands, held
    append(all[3], all[3].command(CommandKind::cancel));        // something else is done
    for (int n = 0; n < 7; ++n) append(all[4], all[4].fail(FailureClass::transient, "a"));
  });
  EXPECT_EQ(all[4].order().status, Status::dead_lettered);
  EXPECT_EQ(orders.failures(failing, 10), (FailureCount{2, 1, true}));
  const std::vector both{all[4].id(), all[2].id()};
  EXPECT_EQ(listed({.fingerprint = failing}), both);
  EXPECT_EQ(listed({.fingerprint = failing}, 1), both);
  EXPECT_EQ(listed({.statuses = {Status::dead_lettered}, .fingerprint = failing}),
            std::vector{all[4].id()});
  EXPECT_EQ(listed({.customer_id = "customer-1", .fingerprint = failing}), both);
  EXPECT_TRUE(listed({.statuses = {Status::failed}, .fingerprint = failing}).empty());
  store->in_transaction([&] { append(all[4], all[4].command(CommandKind::retry)); });
  EXPECT_EQ(orders.failures(failing, 10), (FailureCount{2, 0, true}))
      << "it stands until the retry has worked";
  EXPECT_EQ(orders.order_row(all[4].id())->dead_since, std::nullopt);
}

TEST_P(FailuresContract, UndoThatWasRefusedOrNotAnsweredIsAFailureToo) {
  store->in_transaction([&] {
    for (int n = 0; n < 2; ++n) {
      auto& order = accept({});
      for (int step = 0; step < 3; ++step) append(order, order.succeed());
      append(order, order.reject());
    }
    append(all[0], all[0].fail(FailureClass::transient, "a"));
    append(all[0], all[0].refuse());
    append(all[1], all[1].fail(FailureClass::transient, "a"));
    append(all[1], all[1].expire(Timer::undo_patience));
  });
  for (const auto& order : all) EXPECT_EQ(order.order().status, Status::needs_attention);
  EXPECT_EQ(orders.order_row(all[0].id())->fingerprint,
            fingerprint_of(3, FailureClass::rejected, "cannot_cancel"));
  EXPECT_EQ(orders.order_row(all[1].id())->fingerprint,
            fingerprint_of(3, FailureClass::unknown, "no_answer"));
}

TEST_P(FailuresContract, RollbackTakesBackGroupsAndCounts) {
  store->in_transaction([&] { dead("a"); });
  unit.begin();
  append(all[0], all[0].command(CommandKind::retry));
  dead("a");
  EXPECT_EQ(orders.failures(reserve_poison("a"), 10), (FailureCount{2, 1, true}));
  unit.rollback();
  EXPECT_EQ(orders.failures(reserve_poison("a"), 10), (FailureCount{1, 1, true}));
  EXPECT_EQ(orders.dead_letter_groups(10).groups.at(0).count, 1);
}

INSTANTIATE_FOR_ALL_STORES(FailuresContract);

}  // namespace
}  // namespace conveyor::test
