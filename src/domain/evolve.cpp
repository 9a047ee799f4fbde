#include "domain/evolve.h"

#include "base/assert.h"
#include "base/sabotage.h"

namespace conveyor {
namespace {

/// What a fresh call starts with: no failed attempt, no wait.
void fresh_budget(Order& order) {
  order.budget_used = 0;
  order.next_attempt_at.reset();
}

void apply_changes(Order& order, const Changes& changes) {
  if (changes.lines) {
    order.lines = *changes.lines;
    const auto total = total_of(order.lines, order.adjustments);
    CONVEYOR_ASSERT(total.has_value(), "changed lines have a total");
    order.total_minor = *total;
  }
  if (changes.payment_method) order.payment_method = *changes.payment_method;
  if (changes.contact_version) order.contact_version = *changes.contact_version;
}

void start_undo(Order& order, Undo undo, Status status, Timestamp at) {
  undo.outstanding = undos_for(order);
  undo.since = at;
  order.undo = std::move(undo);
  order.status = status;
  order.edit.reset();
  order.last_failure.reset();
  fresh_budget(order);
}

Status undoing_status(const Order& order) {
  return order.undo->cause == UndoCause::cancel ? Status::cancelling : Status::compensating;
}

/// Back to `perform` of the current step with everything that parked it forgotten.
void clear_parking(Order& order) {
  order.dead_letter.reset();
  order.last_failure.reset();
  fresh_budget(order);
}

/// The step at whose key money moved, as the run's and the order's totals see it.
void count_done(Order& order, EventType type, std::int64_t amount_minor) {
  for (auto* money : {&order.run_money, &order.order_money}) {
    if (type == EventType::PaymentAuthorized) money->authorized_minor += amount_minor;
    if (type == EventType::PaymentCaptured) money->captured_minor += amount_minor;
  }
}

/// An undo that found something, or a person's word for one, proves an effect that no event may
/// have recorded (its answer was lost): then both sides count. A void frees what no capture took.
void count_undone(Order& order, StepNumber step, const StepUndone& data) {
  if (data.effect == Effect::none) return;
  const auto& state = order.state_of(step);
  auto amount_minor = state.evidence.amount_minor.value_or(0);
  if (state.kind != StepState::Kind::succeeded) {
    amount_minor = data.evidence.amount_minor.value_or(order.total_minor);
    count_done(order, spec_of(step).done, amount_minor);
  }
  const auto& run = order.run_money;
  const auto free_minor = run.authorized_minor - run.captured_minor - run.voided_minor;
  for (auto* money : {&order.run_money, &order.order_money}) {
    if (spec_of(step).undone == EventType::PaymentVoided) money->voided_minor += free_minor;
    if (spec_of(step).undone == EventType::PaymentRefunded) money->refunded_minor += amount_minor;
  }
}

void apply(Order& order, const Event& event, const OrderCreated& data) {
  order.id = event.order_id;
  order.customer_id = data.customer_id;
  order.reference = data.reference;
  order.currency = data.currency;
  order.lines = data.lines;
  order.adjustments = data.adjustments;
  order.total_minor = data.total_minor;
  order.payment_method = data.payment_method;
  order.contact_version = data.contact_version;
  order.correlation_id = event.correlation_id;
  order.traceparent = event.traceparent;
  order.created_at = event.occurred_at;
  order.age_from = event.occurred_at;
  order.step_since = event.occurred_at;
}

void apply(Order& order, const Event& event, const StepSucceeded& data) {
  const auto step = event.step.value();
  CONVEYOR_ASSERT(step == order.step, "only the current step succeeds");
  auto& state = order.current();
  state.kind = StepState::Kind::succeeded;
  state.evidence = data.evidence;
  count_done(order, event.type, data.evidence.amount_minor.value_or(0));
  if (spec_of(step).pivot) {
    order.status = Status::shipped;
    order.undo.reset();
    order.edit.reset();
  } else if (order.status != Status::on_hold && order.status != Status::shipped) {
    order.status = Status::processing;
  }
  if (step < kStepCount) {
    order.step = static_cast<StepNumber>(step + 1);
    order.step_since = event.occurred_at;
  }
  clear_parking(order);
}

void apply(Order& order, const Event&, const StepRefused&) {
  order.current().kind = StepState::Kind::rejected;
  fresh_budget(order);
}

void apply_edit_undone(Order& order, const StepUndone& data) {
  count_undone(order, order.step, data);
  auto& state = order.current();
  state.generation = order.edit->new_generation;
  state.kind = StepState::Kind::open;
  state.evidence = {};
  apply_changes(order, order.edit->changes);
  order.edit.reset();
  if (order.status == Status::dead_lettered) order.status = forward_status(order);
  clear_parking(order);
}

void apply(Order& order, const Event& event, const StepUndone& data) {
  if (order.edit && !order.undo) return apply_edit_undone(order, data);
  CONVEYOR_ASSERT(order.undo && !order.undo->outstanding.empty() &&
                      order.undo->outstanding.front() == event.step.value(),
                  "undos are confirmed in their order");
  auto& undo = *order.undo;
  auto& state = order.state_of(undo.outstanding.front());
  count_undone(order, undo.outstanding.front(), data);
  state.kind = StepState::Kind::undone;
  undo.undone.push_back(undo.outstanding.front());
  undo.outstanding.erase(undo.outstanding.begin());
  undo.by_hand = false;
  undo.external_reference.clear();
  order.status = undoing_status(order);
  order.last_failure.reset();
  fresh_budget(order);
}

void apply(Order& order, const Event& event, const StepAttemptFailed& data) {
  auto& state = order.state_of(event.step.value());
  (data.action == Action::perform ? state.perform_attempts : state.undo_attempts) += 1;
  if (!CONVEYOR_SABOTAGE(attempt_counter_reset)) order.budget_used += 1;
  order.next_attempt_at = data.next_attempt_at;
  order.last_failure = LastFailure{data.action,  event.step.value(), data.failure_class, data.code,
                                   data.message, data.fingerprint,   event.occurred_at};
  const bool undone_elsewhere =
      data.action == Action::perform && data.failure_class == FailureClass::rejected;
  if (undone_elsewhere && order.status != Status::shipped) state.kind = StepState::Kind::undone;
}

void apply(Order& order, const Event& event, const OrderDeadLettered& data) {
  order.status = Status::dead_lettered;
  order.dead_letter =
      DeadLetter{data.reason, data.fingerprint, data.code, event.occurred_at, data.undo_at};
  order.next_attempt_at.reset();
  if (data.reason == DeadLetterReason::edit_refused) order.edit.reset();
  if (data.reason == DeadLetterReason::edit_undo) order.current().undo_attempts = data.attempts;
}

void apply(Order& order, const Event& event, const OrderRetried& data) {
  fresh_budget(order);
  if (order.undo) {
    order.status = undoing_status(order);
    order.undo->since = event.occurred_at;
    return;
  }
  order.status = forward_status(order);
  if (data.new_generation && CONVEYOR_SABOTAGE(retry_with_changes_without_undo)) {
    order.current().generation = *data.new_generation;
    apply_changes(order, data.changes);
  } else if (data.new_generation) {
    order.edit = Edit{data.changes, *data.new_generation};
  } else {
    apply_changes(order, data.changes);
  }
  // A cancel while the edit waits returns to this dead letter if it is refused.
  if (!order.edit) order.dead_letter.reset();
}

void apply(Order& order, const Event& event, const OrderRestarted& data) {
  apply_changes(order, data.changes);
  order.run = event.run;
  order.step = 1;
  if (!CONVEYOR_SABOTAGE(restart_keeps_old_steps)) order.steps = {};
  order.status = Status::pending;
  order.undo.reset();
  order.edit.reset();
  order.final_code.clear();
  order.run_money = {};
  order.age_from = event.occurred_at;
  order.step_since = event.occurred_at;
  clear_parking(order);
}

void apply(Order& order, const Event&, const OrderHeld&) {
  order.status = Status::on_hold;
}

void apply(Order& order, const Event&, const OrderReleased&) {
  order.status = forward_status(order);
}

void apply(Order& order, const Event& event, const CancelRequested& data) {
  Undo undo;
  undo.cause = UndoCause::cancel;
  undo.code = data.reason.empty() ? "cancelled" : data.reason;
  undo.resume_status = data.resume_status;
  start_undo(order, std::move(undo), Status::cancelling, event.occurred_at);
}

void apply(Order& order, const Event&, const CancelRejected&) {
  order.status = order.undo->resume_status;
  order.undo.reset();
  order.last_failure.reset();
  fresh_budget(order);
}

void apply(Order& order, const Event&, const ContactErased&) {
  order.contact_erased = true;
}

void apply(Order& order, const Event& event, const CompensationStarted& data) {
  Undo undo;
  undo.cause = data.cause;
  undo.code = data.code;
  start_undo(order, std::move(undo), Status::compensating, event.occurred_at);
  order.dead_letter.reset();
}

void apply(Order& order, const Event& event, const CompensationFailed& data) {
  order.status = Status::needs_attention;
  order.next_attempt_at.reset();
  // Out of attempts and nonsense have their failed attempt right before; these have none.
  const bool refused = data.cause == UndoFailure::refused;
  if (!refused && data.cause != UndoFailure::no_answer) return;
  const auto step = event.step.value();
  const auto failure_class = refused ? FailureClass::rejected : FailureClass::unknown;
  order.last_failure =
      LastFailure{Action::undo,     step, failure_class,
                  data.code,        {},   fingerprint_of(step, failure_class, data.code),
                  event.occurred_at};
}

void apply(Order& order, const Event& event, const CompensationResolved& data) {
  order.status = undoing_status(order);
  order.undo->by_hand = true;
  order.undo->external_reference = data.external_reference;
  order.undo->since = event.occurred_at;
  fresh_budget(order);
}

void close(Order& order, Status status, std::string code) {
  order.status = status;
  order.final_code = std::move(code);
  order.undo.reset();
  clear_parking(order);
}

void apply(Order& order, const Event&, const OrderCancelled& data) {
  close(order, Status::cancelled, data.code);
}
void apply(Order& order, const Event&, const OrderFailed& data) {
  close(order, Status::failed, data.code);
}
void apply(Order& order, const Event&, const OrderCompleted&) {
  close(order, Status::completed, {});
}

void apply(Order& order, const Event&, const EventIgnored&) {
  order.ignored += 1;
}

}  // namespace

void evolve(Order& order, const Event& event) {
  CONVEYOR_ASSERT(event.version == order.version + 1, "events apply in sequence");
  const bool ignored =
      CONVEYOR_SABOTAGE(fold_ignores_one_event) && event.type == EventType::OrderHeld;
  if (!ignored) std::visit([&](const auto& data) { apply(order, event, data); }, event.data);
  order.version = event.version;
  order.hash = event.hash;
  order.last_event_id = event.id;
  order.updated_at = event.occurred_at;
}

Order fold(std::span<const Event> events) {
  CONVEYOR_ASSERT(!events.empty(), "an order has at least one event");
  Order order;
  for (const auto& event : events) evolve(order, event);
  return order;
}

}  // namespace conveyor
