#include <fmt/format.h>

#include <algorithm>

#include "base/sabotage.h"
#include "domain/decide_parts.h"

namespace conveyor::decider {
namespace {

/// The event that an outcome would have been.
EventType event_of(const OutcomeInput& input) {
  const auto& spec = spec_of(input.key.step);
  switch (input.outcome.kind) {
    case Outcome::Kind::succeeded:
      return spec.done;
    case Outcome::Kind::rejected:
      return spec.refused.value_or(EventType::StepAttemptFailed);
    case Outcome::Kind::undone:
      return input.action == Action::undo && spec.undone ? *spec.undone
                                                         : EventType::StepAttemptFailed;
    case Outcome::Kind::refused:
      return EventType::CancelRejected;
    case Outcome::Kind::failed:
    case Outcome::Kind::in_progress:
      return EventType::StepAttemptFailed;
  }
  return EventType::StepAttemptFailed;
}

/// An outcome that does not count. Failed attempts and "still at it" leave no trace.
Decision ignored(const Order& order, const OutcomeInput& input, std::string_view reason) {
  Decision decision;
  if (input.outcome.kind == Outcome::Kind::failed ||
      input.outcome.kind == Outcome::Kind::in_progress) {
    return decision;
  }
  decision.ignored = true;
  if (order.ignored < kMaxIgnoredEvents) {
    decision.events.push_back(
        about_order(order, EventType::EventIgnored,
                    EventIgnored{event_of(input), std::string{reason}, input.key}));
  }
  return decision;
}

/// At most `kMaxFailureMessage` bytes, cut at a character.
std::string cut_message(const std::string& message) {
  if (message.size() <= kMaxFailureMessage) return message;
  auto end = kMaxFailureMessage;
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0U) == 0x80U) --end;
  return message.substr(0, end);
}

std::uint32_t attempt_number(const Order& order, const OutcomeInput& input) {
  const auto& state = order.state_of(input.key.step);
  return (input.action == Action::perform ? state.perform_attempts : state.undo_attempts) + 1;
}

EventDraft done_event(const Order& order, const OutcomeInput& input, Evidence evidence) {
  auto draft = about_step(order, order.step, spec_of(order.step).done,
                          StepSucceeded{std::move(evidence), input.call});
  draft.attempt = order.current().perform_attempts + 1;
  return draft;
}

struct AttemptFailure {
  FailureClass failure_class;
  std::string code;
};

EventDraft attempt_failed(const Order& order, const OutcomeInput& input,
                          const AttemptFailure& failure, std::optional<Timestamp> next) {
  StepAttemptFailed data;
  data.action = input.action;
  data.failure_class = failure.failure_class;
  data.code = failure.code;
  data.fingerprint = fingerprint_of(input.key.step, failure.failure_class, failure.code);
  data.message = cut_message(input.outcome.message);
  data.call = input.call;
  data.next_attempt_at = next;
  auto draft = about_step(order, input.key.step, EventType::StepAttemptFailed, std::move(data));
  draft.attempt = attempt_number(order, input);
  return draft;
}

Timestamp next_attempt(const Order& order, const OutcomeInput& input,
                       const DecideContext& context) {
  auto delay = backoff(context.policy, order.budget_used + 1, context.jitter);
  if (input.outcome.retry_after) {
    delay = std::max(delay, std::min(*input.outcome.retry_after, kMaxRetryAfter));
  }
  return context.now + delay;
}

/// What a failed call is recorded as. An answer of a kind that this call cannot have is poison; so
/// is a failure that calls itself a rejection, which has an outcome of its own.
AttemptFailure failure_of(const OutcomeInput& input) {
  if (input.outcome.kind == Outcome::Kind::failed &&
      input.outcome.failure_class != FailureClass::rejected) {
    return {input.outcome.failure_class, input.outcome.code};
  }
  return {FailureClass::poison, "contradictory_answer"};
}

bool is_last(const Order& order, const AttemptFailure& failure, const DecideContext& context) {
  return failure.failure_class == FailureClass::poison ||
         order.budget_used + 1 >= context.policy.max_attempts;
}

EventDraft dead_lettered(const Order& order, const OutcomeInput& input, DeadLetterReason reason,
                         const AttemptFailure& failure, std::uint32_t attempts,
                         const DecideContext& context) {
  OrderDeadLettered data;
  data.reason = reason;
  data.failure_class = failure.failure_class;
  data.code = failure.code;
  data.fingerprint = fingerprint_of(input.key.step, failure.failure_class, failure.code);
  data.attempts = attempts;
  if (context.policy.undo_after) data.undo_at = context.now + *context.policy.undo_after;
  return about_step(order, input.key.step, EventType::OrderDeadLettered, std::move(data));
}

// --- perform of the current step, no edit waiting, no undo running
// --------------------------------

std::vector<StepNumber> undos_without_current(const Order& order) {
  auto outstanding = undos_for(order);
  std::erase(outstanding, order.step);
  return outstanding;
}

Decision perform_failed(const Order& order, const OutcomeInput& input,
                        const AttemptFailure& failure, const DecideContext& context) {
  Decision decision;
  if (order.status == Status::dead_lettered || !input.awaited) return decision;
  const bool forward_only = order.status == Status::shipped;
  if (forward_only || !is_last(order, failure, context)) {
    decision.events.push_back(
        attempt_failed(order, input, failure, next_attempt(order, input, context)));
    return decision;
  }
  const auto reason = failure.failure_class == FailureClass::poison ? DeadLetterReason::poison
                                                                    : DeadLetterReason::exhausted;
  decision.events.push_back(attempt_failed(order, input, failure, std::nullopt));
  decision.events.push_back(
      dead_lettered(order, input, reason, failure, attempt_number(order, input), context));
  return decision;
}

Decision perform_succeeded(const Order& order, const OutcomeInput& input) {
  Decision decision;
  decision.events.push_back(done_event(order, input, input.outcome.evidence));
  if (order.step == kStepCount) {
    decision.events.push_back(about_order(order, EventType::OrderCompleted, OrderCompleted{}));
  }
  return decision;
}

Decision perform_rejected(const Order& order, const OutcomeInput& input) {
  Decision decision;
  const auto& spec = spec_of(order.step);
  auto draft = about_step(order, order.step, spec.refused.value(),
                          StepRefused{input.outcome.code, input.outcome.shortages, input.call});
  draft.attempt = attempt_number(order, input);
  decision.events.push_back(std::move(draft));
  start_compensation(order, undos_without_current(order), UndoCause::rejected, input.outcome.code,
                     {}, decision.events);
  return decision;
}

Decision perform_undone(const Order& order, const OutcomeInput& input) {
  Decision decision;
  decision.events.push_back(
      attempt_failed(order, input, {FailureClass::rejected, "undone"}, std::nullopt));
  start_compensation(order, undos_without_current(order), UndoCause::rejected, "undone", {},
                     decision.events);
  return decision;
}

Decision on_perform(const Order& order, const OutcomeInput& input, const DecideContext& context) {
  const bool forward_only = order.status == Status::shipped;
  switch (input.outcome.kind) {
    case Outcome::Kind::succeeded:
      return perform_succeeded(order, input);
    case Outcome::Kind::rejected:
      if (forward_only) {
        return perform_failed(order, input, {FailureClass::rejected, input.outcome.code}, context);
      }
      return perform_rejected(order, input);
    case Outcome::Kind::undone:
      if (forward_only) {
        return perform_failed(order, input, {FailureClass::rejected, "undone"}, context);
      }
      return perform_undone(order, input);
    case Outcome::Kind::in_progress:
      return {};
    case Outcome::Kind::refused:
    case Outcome::Kind::failed:
      return perform_failed(order, input, failure_of(input), context);
  }
  return {};
}

/// A perform that is answered while an undo runs counts only if it is the dispatch and the
/// booking's undo is still outstanding: the carrier has settled the race for the dispatch.
Decision on_perform_while_undoing(const Order& order, const OutcomeInput& input) {
  const bool booking_outstanding = std::ranges::any_of(
      order.undo->outstanding, [](StepNumber s) { return spec_of(s).undone_first; });
  if (input.outcome.kind == Outcome::Kind::succeeded && spec_of(order.step).pivot &&
      booking_outstanding) {
    return perform_succeeded(order, input);
  }
  return ignored(order, input, "an undo is running");
}

// --- undo of the old key while an edit waits
// ------------------------------------------------------

EventDraft undone_event(const Order& order, const OutcomeInput& input) {
  StepUndone data;
  data.effect = input.outcome.effect;
  if (data.effect == Effect::by_hand && order.undo) {
    data.external_reference = order.undo->external_reference;
  }
  data.evidence = input.outcome.evidence;
  data.call = input.call;
  auto draft =
      about_step(order, input.key.step, spec_of(input.key.step).undone.value(), std::move(data));
  draft.attempt = attempt_number(order, input);
  return draft;
}

Decision edit_undo_failed(const Order& order, const OutcomeInput& input,
                          const AttemptFailure& failure, const DecideContext& context) {
  Decision decision;
  if (order.status == Status::dead_lettered || !input.awaited) return decision;
  if (is_last(order, failure, context)) {
    decision.events.push_back(dead_lettered(order, input, DeadLetterReason::edit_undo, failure,
                                            attempt_number(order, input), context));
  } else {
    decision.events.push_back(
        attempt_failed(order, input, failure, next_attempt(order, input, context)));
  }
  return decision;
}

Decision on_edit_undo(const Order& order, const OutcomeInput& input, const DecideContext& context) {
  Decision decision;
  switch (input.outcome.kind) {
    case Outcome::Kind::undone:
      decision.events.push_back(undone_event(order, input));
      return decision;
    case Outcome::Kind::in_progress:
      return decision;
    case Outcome::Kind::refused:
      if (!spec_of(input.key.step).undone_first) break;
      if (order.status == Status::dead_lettered) return ignored(order, input, "dead-lettered");
      decision.events.push_back(dead_lettered(order, input, DeadLetterReason::edit_refused,
                                              {FailureClass::rejected, input.outcome.code},
                                              order.current().undo_attempts, context));
      return decision;
    case Outcome::Kind::succeeded:
    case Outcome::Kind::rejected:
    case Outcome::Kind::failed:
      break;
  }
  return edit_undo_failed(order, input, failure_of(input), context);
}

// --- undo of the first outstanding step
// -----------------------------------------------------------

Decision undo_confirmed(const Order& order, const OutcomeInput& input) {
  Decision decision;
  decision.events.push_back(undone_event(order, input));
  const auto& undo = *order.undo;
  if (undo.outstanding.size() == 1) {
    auto undone = undo.undone;
    undone.push_back(input.key.step);
    decision.events.push_back(undo_finished(order, undo.cause, undo.code, std::move(undone)));
  }
  return decision;
}

Decision undo_failed(const Order& order, const OutcomeInput& input, const AttemptFailure& failure,
                     const DecideContext& context) {
  Decision decision;
  if (order.status == Status::needs_attention || !input.awaited) return decision;
  if (!is_last(order, failure, context)) {
    decision.events.push_back(
        attempt_failed(order, input, failure, next_attempt(order, input, context)));
    return decision;
  }
  const auto cause =
      failure.failure_class == FailureClass::poison ? UndoFailure::poison : UndoFailure::exhausted;
  decision.events.push_back(attempt_failed(order, input, failure, std::nullopt));
  decision.events.push_back(
      about_step(order, input.key.step, EventType::CompensationFailed,
                 CompensationFailed{cause, failure.code, order.undo->outstanding}));
  return decision;
}

Decision booking_refused(const Order& order, const OutcomeInput& input) {
  Decision decision;
  const bool believed =
      spec_of(order.step).pivot || CONVEYOR_SABOTAGE(already_dispatched_believed_before_dispatch);
  if (input.outcome.code == "already_dispatched" && believed) {
    decision.events.push_back(done_event(order, input, input.outcome.evidence));
    return decision;
  }
  // By hand the plain undo's late refusal says nothing; nor does it once the undo has been parked.
  if (order.undo->by_hand || order.status == Status::needs_attention) {
    return ignored(order, input, "the undo was refused before");
  }
  if (order.status == Status::cancelling) {
    decision.events.push_back(about_step(order, input.key.step, EventType::CancelRejected,
                                         CancelRejected{input.outcome.code}));
  } else {
    decision.events.push_back(about_step(
        order, input.key.step, EventType::CompensationFailed,
        CompensationFailed{UndoFailure::refused, input.outcome.code, order.undo->outstanding}));
  }
  return decision;
}

Decision on_undo(const Order& order, const OutcomeInput& input, const DecideContext& context) {
  switch (input.outcome.kind) {
    case Outcome::Kind::undone:
      return undo_confirmed(order, input);
    case Outcome::Kind::in_progress:
      return {};
    case Outcome::Kind::refused:
      if (spec_of(input.key.step).undone_first) return booking_refused(order, input);
      return undo_failed(order, input, {FailureClass::poison, input.outcome.code}, context);
    case Outcome::Kind::succeeded:
    case Outcome::Kind::rejected:
    case Outcome::Kind::failed:
      return undo_failed(order, input, failure_of(input), context);
  }
  return {};
}

}  // namespace

Decision on_outcome(const Order& order, const OutcomeInput& input, const DecideContext& context) {
  if (is_final(order.status)) return ignored(order, input, "the order is final");
  const auto current = order.key_of(order.step);
  if (input.action == Action::perform) {
    if (input.key != current) return ignored(order, input, "not the current call");
    const bool late = order.undo.has_value() && !CONVEYOR_SABOTAGE(late_outcome_applied);
    if (late) return on_perform_while_undoing(order, input);
    if (order.edit) return ignored(order, input, "a change of the request waits");
    return on_perform(order, input, context);
  }
  if (order.undo) {
    const auto head = order.key_of(order.undo->outstanding.front());
    if (input.key == head) return on_undo(order, input, context);
  } else if (order.edit && input.key == current) {
    return on_edit_undo(order, input, context);
  }
  return ignored(order, input, "this undo is not outstanding");
}

}  // namespace conveyor::decider
