#include "domain/decide.h"

#include <fmt/format.h>

#include "base/sabotage.h"
#include "domain/decide_parts.h"

namespace conveyor {
namespace decider {

EventDraft about_order(const Order& order, EventType type, EventData data) {
  EventDraft draft;
  draft.type = type;
  draft.run = order.run;
  draft.data = std::move(data);
  return draft;
}

EventDraft about_step(const Order& order, StepNumber step, EventType type, EventData data) {
  auto draft = about_order(order, type, std::move(data));
  draft.step = step;
  draft.generation = order.state_of(step).generation;
  return draft;
}

EventDraft undo_finished(const Order& order, UndoCause cause, std::string code,
                         std::vector<StepNumber> undone) {
  if (cause == UndoCause::cancel) {
    return about_order(order, EventType::OrderCancelled,
                       OrderCancelled{std::move(code), std::move(undone)});
  }
  return about_order(order, EventType::OrderFailed,
                     OrderFailed{std::move(code), std::move(undone)});
}

void start_compensation(const Order& order, std::vector<StepNumber> outstanding, UndoCause cause,
                        std::string code, std::string reason, std::vector<EventDraft>& events) {
  const bool nothing_to_undo = outstanding.empty();
  events.push_back(
      about_order(order, EventType::CompensationStarted,
                  CompensationStarted{cause, code, std::move(reason), std::move(outstanding)}));
  if (nothing_to_undo) events.push_back(undo_finished(order, cause, std::move(code), {}));
}

}  // namespace decider

namespace {

using decider::about_order;
using decider::about_step;
using Result = std::expected<Decision, Refusal>;

Result one(EventDraft draft) {
  Decision decision;
  decision.events.push_back(std::move(draft));
  return decision;
}

Result nothing() {
  return Decision{};
}

Result not_allowed(const Order& order, CommandKind kind, std::string_view because) {
  return std::unexpected(Refusal{Refusal::Code::action_not_allowed,
                                 fmt::format("{} is not possible while the order is {}: {}",
                                             to_string(kind), to_string(order.status), because)});
}

bool is_before_pivot(Status status) {
  if (CONVEYOR_SABOTAGE(pivot_undone) && status == Status::shipped) return true;
  return status == Status::pending || status == Status::processing || status == Status::on_hold ||
         status == Status::dead_lettered;
}

Result cancel(const Order& order, const Command& command) {
  if (is_undoing(order.status)) return nothing();
  if (order.status == Status::cancelled || order.status == Status::failed) return nothing();
  if (!is_before_pivot(order.status)) {
    return not_allowed(order, command.kind, "only what has not been dispatched can be cancelled");
  }
  const auto resume = order.edit ? Status::dead_lettered : order.status;
  auto outstanding = undos_for(order);
  return one(about_order(order, EventType::CancelRequested,
                         CancelRequested{command.reason, resume, std::move(outstanding)}));
}

Result hold(const Order& order, const Command& command) {
  if (order.status != Status::pending && order.status != Status::processing) {
    return not_allowed(order, command.kind, "only a pending or processing order can be held");
  }
  return one(about_order(order, EventType::OrderHeld, OrderHeld{command.reason}));
}

Result release(const Order& order, const Command& command) {
  if (order.status != Status::on_hold) {
    return not_allowed(order, command.kind, "it is not on hold");
  }
  return one(about_order(order, EventType::OrderReleased, OrderReleased{command.reason}));
}

/// The present values of the fields that `changes` replaces.
Changes previous_values(const Order& order, const Changes& changes) {
  Changes previous;
  if (changes.lines) previous.lines = order.lines;
  if (changes.payment_method) previous.payment_method = order.payment_method;
  if (changes.contact_version) previous.contact_version = order.contact_version;
  return previous;
}

std::optional<Refusal> check_changes(const Order& order, const Changes& changes) {
  if (changes.lines && !total_of(*changes.lines, order.adjustments)) {
    return Refusal{is_total_negative(*changes.lines, order.adjustments)
                       ? Refusal::Code::total_negative
                       : Refusal::Code::total_out_of_range,
                   "the changed lines have no valid total: with the adjustments it must not be "
                   "negative nor above 2^53 - 1 minor units"};
  }
  return std::nullopt;
}

FieldSet fields_of_done_steps(const Order& order) {
  FieldSet used = 0;
  for (StepNumber s = 1; s <= kStepCount; ++s) {
    if (order.state_of(s).kind == StepState::Kind::succeeded) used |= spec_of(s).uses;
  }
  return used;
}

Result retry_with_changes(const Order& order, const Command& command) {
  if (order.edit) {
    return not_allowed(order, command.kind,
                       "an earlier change still waits for the undo of the old request; retry "
                       "without changes, compensate or cancel");
  }
  const auto fields = command.changes.fields();
  if ((fields & fields_of_done_steps(order)) != 0) {
    return not_allowed(order, command.kind,
                       "a completed step has used one of the changed fields; cancel and restart "
                       "instead");
  }
  if (auto refusal = check_changes(order, command.changes)) return std::unexpected(*refusal);
  OrderRetried data{command.reason, command.changes, previous_values(order, command.changes), {}};
  if ((fields & spec_of(order.step).uses) != 0) {
    data.new_generation = order.current().generation + 1;
  }
  return one(about_step(order, order.step, EventType::OrderRetried, std::move(data)));
}

Result retry(const Order& order, const Command& command) {
  if (order.status == Status::dead_lettered) {
    if (!command.changes.empty()) return retry_with_changes(order, command);
    return one(about_step(order, order.step, EventType::OrderRetried,
                          OrderRetried{command.reason, {}, {}, {}}));
  }
  if (order.status != Status::needs_attention) {
    return not_allowed(order, command.kind, "it is neither dead-lettered nor needs attention");
  }
  if (!command.changes.empty()) {
    return not_allowed(order, command.kind, "an undo is repeated as it is, without changes");
  }
  return one(about_step(order, order.undo->outstanding.front(), EventType::OrderRetried,
                        OrderRetried{command.reason, {}, {}, {}}));
}

Result compensate(const Order& order, const Command& command) {
  if (order.status != Status::dead_lettered) {
    return not_allowed(order, command.kind, "it is not dead-lettered");
  }
  Decision decision;
  decider::start_compensation(order, undos_for(order), UndoCause::operator_,
                              "compensated_by_operator", command.reason, decision.events);
  return decision;
}

Result resolve(const Order& order, const Command& command) {
  if (order.status != Status::needs_attention) {
    return not_allowed(order, command.kind, "no undo of it has failed");
  }
  return one(about_step(order, order.undo->outstanding.front(), EventType::CompensationResolved,
                        CompensationResolved{command.reason, command.external_reference}));
}

Result restart(const Order& order, const Command& command) {
  if (order.status != Status::cancelled && order.status != Status::failed) {
    return not_allowed(order, command.kind, "it is not cancelled or failed");
  }
  if (order.contact_erased) {
    return not_allowed(order, command.kind, "its contact was erased, so it cannot be shipped");
  }
  if (auto refusal = check_changes(order, command.changes)) return std::unexpected(*refusal);
  const auto& lines = command.changes.lines ? *command.changes.lines : order.lines;
  const auto total = total_of(lines, order.adjustments).value_or(order.total_minor);
  auto draft = about_order(order, EventType::OrderRestarted,
                           OrderRestarted{command.reason, command.changes,
                                          previous_values(order, command.changes), total});
  draft.run = order.run + 1;
  return one(std::move(draft));
}

Result retry_now(const Order& order, const Command& command, Timestamp now) {
  const bool can_wait = order.status == Status::pending || order.status == Status::processing ||
                        order.status == Status::shipped || is_undoing(order.status);
  if (!can_wait) return not_allowed(order, command.kind, "it makes no call by itself");
  if (!order.next_attempt_at || *order.next_attempt_at <= now) {
    return not_allowed(order, command.kind, "no wait for a next attempt runs");
  }
  return nothing();
}

Result on_command(const Order& order, const Command& command, const DecideContext& context) {
  switch (command.kind) {
    case CommandKind::cancel:
      return cancel(order, command);
    case CommandKind::hold:
      return hold(order, command);
    case CommandKind::release:
      return release(order, command);
    case CommandKind::retry:
      return retry(order, command);
    case CommandKind::compensate:
      return compensate(order, command);
    case CommandKind::resolve:
      return resolve(order, command);
    case CommandKind::restart:
      return restart(order, command);
    case CommandKind::retry_now:
      return retry_now(order, command, context.now);
  }
  return nothing();
}

Decision on_timer(const Order& order, Timer timer, const DecideContext& context) {
  Decision decision;
  const auto due = due_at(order, timer, context.policy);
  if (!due || context.now < *due) return decision;
  switch (timer) {
    case Timer::undo_at:
      decider::start_compensation(order, undos_for(order), UndoCause::timer, "not_retried_in_time",
                                  {}, decision.events);
      break;
    case Timer::patience:
      decider::start_compensation(order, undos_for(order), UndoCause::expired, "expired", {},
                                  decision.events);
      break;
    case Timer::undo_patience:
      decision.events.push_back(about_step(
          order, order.undo->outstanding.front(), EventType::CompensationFailed,
          CompensationFailed{UndoFailure::no_answer, "no_answer", order.undo->outstanding}));
      break;
  }
  return decision;
}

Result on_input(const Order& order, const Input& input, const DecideContext& context) {
  if (const auto* command = std::get_if<Command>(&input)) {
    return on_command(order, *command, context);
  }
  if (const auto* timer = std::get_if<Timer>(&input)) return on_timer(order, *timer, context);
  return decider::on_outcome(order, std::get<OutcomeInput>(input), context);
}

}  // namespace

std::expected<Decision, Refusal> decide(const Order& order, const Input& input,
                                        const DecideContext& context) {
  auto decision = on_input(order, input, context);
#ifdef CONVEYOR_SABOTEURS
  if (decision_observer != nullptr) decision_observer(order, input, context, decision);
#endif
  return decision;
}

std::optional<Timestamp> due_at(const Order& order, Timer timer, const RetryPolicy& policy) {
  switch (timer) {
    case Timer::undo_at:
      if (order.status != Status::dead_lettered || !order.dead_letter) return std::nullopt;
      return order.dead_letter->undo_at;
    case Timer::patience:
      if (CONVEYOR_SABOTAGE(patience_timer_missing)) return std::nullopt;
      if (!is_before_pivot(order.status)) return std::nullopt;
      return order.age_from + policy.patience;
    case Timer::undo_patience:
      if (CONVEYOR_SABOTAGE(undo_waited_for_without_end)) return std::nullopt;
      if (!is_undoing(order.status)) return std::nullopt;
      return order.undo->since + policy.undo_patience;
  }
  return std::nullopt;
}

std::optional<NeededCall> needed_call(const Order& order) {
  const auto current = order.key_of(order.step);
  switch (order.status) {
    case Status::pending:
    case Status::processing:
      return NeededCall{current, order.edit ? Action::undo : Action::perform, false};
    case Status::on_hold:
      // A hold stops performs; the undo of an edit goes on.
      if (order.edit) return NeededCall{current, Action::undo, false};
      if (CONVEYOR_SABOTAGE(hold_ignored)) return NeededCall{current, Action::perform, false};
      return std::nullopt;
    case Status::shipped:
      return NeededCall{current, Action::perform, false};
    case Status::cancelling:
    case Status::compensating:
      // As between the events of one decision, where the first step is refused.
      if (order.undo->outstanding.empty()) return std::nullopt;
      return NeededCall{order.key_of(order.undo->outstanding.front()), Action::undo,
                        order.undo->by_hand};
    case Status::dead_lettered:
    case Status::needs_attention:
    case Status::completed:
    case Status::cancelled:
    case Status::failed:
      return std::nullopt;
  }
  return std::nullopt;
}

Duration backoff(const RetryPolicy& policy, std::uint32_t failures, double jitter) {
  auto ceiling = policy.base_delay;
  for (std::uint32_t i = 1; i < failures && ceiling < policy.cap; ++i) ceiling *= policy.factor;
  ceiling = std::min(ceiling, policy.cap);
  return Duration{static_cast<std::int64_t>(static_cast<double>(ceiling.count()) * jitter)};
}

}  // namespace conveyor
