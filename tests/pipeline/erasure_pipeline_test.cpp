// Method: the batch processor on virtual time erases the contacts of customers with few and with
// very many orders, loses batches and restarts in the middle. What is asserted is what the store
// then has: contacts, events, and what verify says.
#include <gmock/gmock.h>

#include "runtime/verify.h"
#include "support/pipeline.h"

namespace conveyor::test {
namespace {

EraseContacts::Answer erase(Pipeline& p, const std::string& customer_id) {
  std::optional<EraseContacts::Answer> result;
  p.run(EraseContacts{customer_id,
                      {"req_9", "corr-9", std::nullopt, {ActorKind::operator_, "ada"}},
                      [&](EraseContacts::Answer answer) {
                        EXPECT_FALSE(p.unit.open) << "answered before it was durable";
                        result = std::move(answer);
                      }});
  EXPECT_TRUE(result.has_value());
  return result.value();
}

OrderSpec order_of(const std::string& customer_id, const std::string& payment_method = "pm_ok") {
  OrderSpec spec;
  spec.customer_id = customer_id;
  spec.payment_method = payment_method;
  spec.lines = {{1, "sku-1", std::nullopt, 1, 500}};
  return spec;
}

OrderSpec order_with_key(const std::string& request = "request") {
  OrderSpec spec;
  spec.key = "k";
  spec.request = request;
  return spec;
}

std::vector<OrderId> place_many(Pipeline& p, int count, const std::string& customer_id) {
  std::vector<OrderId> ids;
  for (int i = 0; i < count; ++i) {
    ids.push_back(p.place(order_of(customer_id)));
    p.now += Duration{1};  // so that they are walked in the opposite sequence
  }
  return ids;
}

bool is_erased(Pipeline& p, const OrderId& id) {
  const auto order = p.order(id);
  EXPECT_NE(p.store.contact(id, 1).has_value(), order.contact_erased)
      << "contact and event go together";
  return order.contact_erased;
}

int count_erased(Pipeline& p, const std::vector<OrderId>& ids) {
  int erased = 0;
  for (const auto& id : ids) erased += is_erased(p, id) ? 1 : 0;
  return erased;
}

void expect_clean(Pipeline& p) {
  const auto report = verify_store(verify_source_of(p.store));
  EXPECT_TRUE(report.clean()) << (report.violations.empty() ? ""
                                                            : report.violations.front().detail);
}

TEST(Erasure, TakesTheContactsOfAllOrdersOfTheCustomerAndOfNoOther) {
  Pipeline p;
  const auto mine = place_many(p, 3, "c1");
  const auto other = place_many(p, 2, "c2");
  ASSERT_TRUE(erase(p, "c1").has_value());
  p.pass(Duration{1'000});
  EXPECT_EQ(count_erased(p, mine), 3);
  EXPECT_EQ(count_erased(p, other), 0);
  const auto event = p.store.events(mine[0], p.order(mine[0]).version - 1, 1).front().event;
  EXPECT_EQ(event.type, EventType::ContactErased);
  EXPECT_EQ(event.actor, (Actor{ActorKind::operator_, "ada"}));
  EXPECT_EQ(event.causation_id, "req_9");
  EXPECT_EQ(p.unit.scrubs, 1) << "the store is scrubbed once all are walked";
  EXPECT_EQ(p.store.next_erasure(), std::nullopt) << "and then it is done";
  expect_clean(p);
}

TEST(Erasure, IsRefusedWhileAnOrderIsOpenAndForACustomerWithoutOrders) {
  Pipeline p;
  const auto done = p.place();
  const auto open = p.place(order_of("c1", "pm_flaky_3"));
  const auto refused = erase(p, "c1");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(std::get<EraseContacts::OrderOpen>(refused.error()).order_id, open);
  EXPECT_FALSE(is_erased(p, done));
  const auto nobody = erase(p, "nobody");
  EXPECT_TRUE(std::holds_alternative<EraseContacts::NoOrders>(nobody.error()));
  p.pass_until(open, {Status::completed});
  EXPECT_TRUE(erase(p, "c1").has_value());
  p.pass(Duration{1'000});
  EXPECT_TRUE(is_erased(p, done) && is_erased(p, open));
}

TEST(Erasure, OfManyOrdersTakesBoundedBatchesAndGoesOnAfterARestart) {
  Pipeline p;
  constexpr int kOrders = static_cast<int>(2 * kMaxErasedPerBatch) + 50;
  const auto ids = place_many(p, kOrders, "c1");
  ASSERT_TRUE(erase(p, "c1").has_value());
  EXPECT_EQ(count_erased(p, ids), static_cast<int>(kMaxErasedPerBatch));
  p.restart();  // reads what is due, and walks on
  EXPECT_EQ(count_erased(p, ids), static_cast<int>(2 * kMaxErasedPerBatch));
  p.pass(Duration{1});
  EXPECT_EQ(count_erased(p, ids), kOrders);
  EXPECT_EQ(p.store.next_erasure(), std::nullopt);
  expect_clean(p);
}

TEST(Erasure, ALostBatchIsDoneAgain) {
  Pipeline p;
  const auto ids = place_many(p, static_cast<int>(kMaxErasedPerBatch) + 5, "c1");
  ASSERT_TRUE(erase(p, "c1").has_value());
  p.unit.fail_next = StoreError::Kind::unavailable;
  p.pass(Duration{1});
  EXPECT_EQ(count_erased(p, ids), static_cast<int>(kMaxErasedPerBatch));
  p.pass(Duration{1'000});
  EXPECT_EQ(count_erased(p, ids), static_cast<int>(ids.size()));
  EXPECT_EQ(p.store.next_erasure(), std::nullopt);
  expect_clean(p);
}

/// The log that somebody still reads is tried again; a restart meanwhile does not forget it.
TEST(Erasure, EndsOnlyWhenTheStoreIsScrubbed) {
  Pipeline p;
  const auto id = p.place();
  p.unit.scrub_works = false;
  ASSERT_TRUE(erase(p, "c1").has_value());
  p.pass(10 * kScrubInterval);
  EXPECT_TRUE(is_erased(p, id));
  EXPECT_NE(p.store.next_erasure(), std::nullopt);
  EXPECT_GE(p.unit.scrubs, 10);
  EXPECT_LE(p.unit.scrubs, 12) << "once in a while, not without pause";
  p.restart();
  p.unit.scrub_works = true;
  p.pass(kScrubInterval);
  EXPECT_EQ(p.store.next_erasure(), std::nullopt);
}

TEST(Erasure, AgainChangesNothing) {
  Pipeline p;
  const auto id = p.place();
  ASSERT_TRUE(erase(p, "c1").has_value());
  p.pass(Duration{1'000});
  const auto version = p.order(id).version;
  EXPECT_TRUE(erase(p, "c1").has_value());
  p.pass(Duration{1'000});
  EXPECT_EQ(p.order(id).version, version) << "the event comes once";
  EXPECT_EQ(p.store.next_erasure(), std::nullopt);
}

TEST(Erasure, AnOrderIsNotRestartedFromItsAcceptanceOn) {
  Pipeline p;
  const auto declined = p.place(order_of("c1", "pm_declined"));
  const auto other = p.place(order_of("c2", "pm_declined"));
  p.now += Duration{1};
  place_many(p, static_cast<int>(kMaxErasedPerBatch), "c1");
  ASSERT_TRUE(erase(p, "c1").has_value());
  ASSERT_FALSE(is_erased(p, declined)) << "the oldest is walked last";
  const auto refused = p.command(declined, CommandKind::restart);
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(std::get<Refusal>(refused.error()).detail, testing::HasSubstr("being erased"));
  EXPECT_TRUE(p.command(other, CommandKind::restart).has_value()) << "another customer's may";
  p.pass(Duration{1'000});
  EXPECT_TRUE(is_erased(p, declined));
  EXPECT_FALSE(p.command(declined, CommandKind::restart).has_value());
}

/// Its key is answered as before, whatever comes with it: nobody can tell any more.
TEST(Erasure, LeavesTheAnswerOfTheKey) {
  Pipeline p;
  const auto placed = p.try_place(order_with_key());
  ASSERT_TRUE(erase(p, "c1").has_value());
  p.pass(Duration{1'000});
  const auto again = p.try_place(order_with_key());
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->created, placed->created);
  EXPECT_EQ(p.try_place(order_with_key("another"))->created, placed->created);
}

TEST(Erasure, OfAContactThatIsThereAgainIsAViolation) {
  Pipeline p;
  const auto id = p.place();
  const auto contact = p.store.contact(id, 1).value();
  ASSERT_TRUE(erase(p, "c1").has_value());
  p.pass(Duration{1'000});
  expect_clean(p);
  p.store.begin();
  p.store.put_contact(contact);
  p.store.commit();
  const auto report = verify_store(verify_source_of(p.store));
  EXPECT_EQ(report.total(), 1);
  EXPECT_EQ(report.violations.front().rule, Rule::accounted);
}

/// Orders that are placed meanwhile are not meant.
TEST(Erasure, SparesOrdersThatArePlacedAfterIt) {
  Pipeline p;
  p.place();
  ASSERT_TRUE(erase(p, "c1").has_value());
  p.now += Duration{1};
  const auto later = p.place();
  p.pass(Duration{1'000});
  EXPECT_FALSE(is_erased(p, later));
}

}  // namespace
}  // namespace conveyor::test
