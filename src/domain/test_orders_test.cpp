// Method: the fixtures of test_orders.h, and a check that each is in the status it is named after.
#include "domain/test_orders.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/assert.h"
#include "domain/event_json.h"

namespace conveyor::test {
namespace {

constexpr Timestamp kStart = from_unix_ms(1'767'225'600'000);  // 2026-01-01T00:00:00Z
constexpr std::int64_t kTotalMinor = 2'480;

}  // namespace

OrderId order_id() {
  return OrderId{make_uuid_v7(kStart, 0, 1)};
}

EventDraft created() {
  OrderCreated data;
  data.customer_id = "customer-1";
  data.reference = "R-1";
  data.currency = Currency::from_code("EUR").value();
  data.lines = {{1, "SKU-1", "A thing", 2, 1'000}};
  data.adjustments = {{AdjustmentKind::shipping, 480, std::nullopt}};
  data.total_minor = kTotalMinor;
  data.payment_method = "pm_ok";
  EventDraft draft;
  draft.data = std::move(data);
  return draft;
}

Event seal(const EventDraft& draft, const Order& order, Timestamp now) {
  Event event;
  static_cast<EventDraft&>(event) = draft;
  event.version = order.version + 1;
  event.id = EventId{make_uuid_v7(now, 0, event.version)};
  event.order_id = order_id();
  event.correlation_id = "correlation-1";
  event.causation_id = "req_1";
  event.occurred_at = now;
  event.hash = event_hash(order.hash, event, event_data_json(event));
  return event;
}

TestOrder::TestOrder(RetryPolicy policy) : policy_(policy), now_(kStart) {
  append(created());
}

void TestOrder::append(const EventDraft& draft) {
  events_.push_back(seal(draft, order_, now_));
  evolve(order_, events_.back());
}

std::expected<Decision, Refusal> TestOrder::give(const Input& input) {
  auto decision = decide(order_, input, {now_, policy_, jitter_});
  if (decision) {
    for (const auto& draft : decision->events) append(draft);
  }
  return decision;
}

TestOrder& TestOrder::must(const Input& input) {
  const auto decision = give(input);
  CONVEYOR_ASSERT(decision && !decision->events.empty() && !decision->ignored,
                  "the input leads to events");
  return *this;
}

TestOrder& TestOrder::must_expire(Timer timer) {
  now_ = due_at(order_, timer, policy_).value();
  return must(timer);
}

Command command(CommandKind kind, Changes changes) {
  Command out;
  out.kind = kind;
  out.reason = "asked";
  out.changes = std::move(changes);
  if (kind == CommandKind::resolve) out.external_reference = "ticket-7";
  return out;
}

Changes changed_lines() {
  Changes changes;
  changes.lines = {{1, "SKU-2", std::nullopt, 1, 1'500}};
  return changes;
}

Changes changed_payment_method() {
  Changes changes;
  changes.payment_method = "pm_other";
  return changes;
}

Changes changed_ship_to() {
  Changes changes;
  changes.contact_version = 2;
  return changes;
}

Outcome succeeded(std::int64_t amount_minor) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::succeeded;
  outcome.evidence.amount_minor = amount_minor;
  return outcome;
}

Outcome rejected() {
  Outcome outcome;
  outcome.kind = Outcome::Kind::rejected;
  outcome.code = "no";
  return outcome;
}

Outcome undone(Effect effect) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::undone;
  outcome.effect = effect;
  return outcome;
}

Outcome refused(std::string code) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::refused;
  outcome.code = std::move(code);
  return outcome;
}

Outcome failed(FailureClass failure_class) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::failed;
  outcome.failure_class = failure_class;
  outcome.code = "http_503";
  outcome.message = "service unavailable";
  return outcome;
}

Outcome in_progress() {
  return {};
}

OutcomeInput performed(const Order& order, Outcome outcome) {
  OutcomeInput input;
  input.key = order.key_of(order.step);
  input.outcome = std::move(outcome);
  return input;
}

OutcomeInput undid(const Order& order, Outcome outcome) {
  OutcomeInput input;
  input.key = order.key_of(order.undo ? order.undo->outstanding.front() : order.step);
  input.action = Action::undo;
  input.outcome = std::move(outcome);
  return input;
}

std::string outcome_of(TestOrder order, const Input& input) {
  const auto decision = order.give(input);
  if (!decision) return "409";
  std::string text;
  for (const auto& draft : decision->events) text += fmt::format("{} ", to_string(draft.type));
  return text + fmt::format("-> {}", to_string(order.order().status));
}

TestOrder at_step(StepNumber step) {
  TestOrder order;
  while (order.order().step < step) {
    order.must(performed(order.order(), succeeded(order.order().total_minor)));
  }
  return order;
}

TestOrder completed() {
  auto order = at_step(kStepCount);
  order.must(performed(order.order(), succeeded(0)));
  return order;
}

TestOrder held(TestOrder from) {
  from.must(command(CommandKind::hold));
  return from;
}

TestOrder exhausted(StepNumber step) {
  auto order = at_step(step);
  while (order.order().status != Status::dead_lettered) {
    order.must(performed(order.order(), failed()));
  }
  return order;
}

TestOrder poisoned(StepNumber step) {
  auto order = at_step(step);
  order.must(performed(order.order(), failed(FailureClass::poison)));
  return order;
}

TestOrder editing(StepNumber step) {
  const std::array<Changes, 3> changes{changed_lines(), changed_payment_method(),
                                       changed_ship_to()};
  auto order = exhausted(step);
  order.must(command(CommandKind::retry, changes.at(step - 1U)));
  return order;
}

TestOrder edit_undo_exhausted(StepNumber step) {
  auto order = editing(step);
  while (order.order().status != Status::dead_lettered) {
    order.must(undid(order.order(), failed()));
  }
  return order;
}

TestOrder edit_undo_poisoned(StepNumber step) {
  auto order = editing(step);
  order.must(undid(order.order(), failed(FailureClass::poison)));
  return order;
}

TestOrder edit_refused() {
  auto order = editing(3);
  order.must(undid(order.order(), refused()));
  return order;
}

TestOrder cancelling(StepNumber at) {
  return cancelling(at_step(at));
}

TestOrder cancelling(TestOrder from) {
  from.must(command(CommandKind::cancel));
  return from;
}

TestOrder compensating(StepNumber at) {
  auto order = at_step(at);
  order.must(performed(order.order(), rejected()));
  return order;
}

TestOrder compensating_open(StepNumber at) {
  auto order = exhausted(at);
  order.must(command(CommandKind::compensate));
  return order;
}

TestOrder attention(TestOrder from) {
  from.must(undid(from.order(), failed(FailureClass::poison)));
  return from;
}

TestOrder by_hand(TestOrder from) {
  auto order = attention(std::move(from));
  order.must(command(CommandKind::resolve));
  return order;
}

TestOrder cancelled() {
  auto order = cancelling(2);
  while (order.order().status == Status::cancelling) {
    order.must(undid(order.order(), undone()));
  }
  return order;
}

TestOrder failed_order() {
  auto order = compensating(2);
  order.must(undid(order.order(), undone()));
  return order;
}

TEST(TestOrders, AreInTheStatusTheyAreNamedAfter) {
  EXPECT_EQ(at_step(1).order().status, Status::pending);
  EXPECT_EQ(at_step(5).order().status, Status::processing);
  EXPECT_EQ(at_step(6).order().status, Status::shipped);
  EXPECT_EQ(completed().order().status, Status::completed);
  EXPECT_EQ(held(at_step(2)).order().status, Status::on_hold);
  EXPECT_EQ(exhausted(2).order().dead_letter->reason, DeadLetterReason::exhausted);
  EXPECT_EQ(poisoned(2).order().dead_letter->reason, DeadLetterReason::poison);
  EXPECT_EQ(edit_undo_exhausted(1).order().dead_letter->reason, DeadLetterReason::edit_undo);
  EXPECT_EQ(edit_undo_poisoned(2).order().dead_letter->reason, DeadLetterReason::edit_undo);
  EXPECT_EQ(edit_refused().order().dead_letter->reason, DeadLetterReason::edit_refused);
  for (StepNumber step = 1; step <= 3; ++step) EXPECT_TRUE(editing(step).order().edit);
  EXPECT_EQ(cancelling(1).order().status, Status::cancelling);
  EXPECT_EQ(compensating(2).order().status, Status::compensating);
  EXPECT_EQ(attention(cancelling(3)).order().status, Status::needs_attention);
  EXPECT_TRUE(by_hand(compensating(5)).order().undo->by_hand);
  EXPECT_EQ(cancelled().order().status, Status::cancelled);
  EXPECT_EQ(failed_order().order().status, Status::failed);
}

}  // namespace conveyor::test
