#include "server/api/diagnosis.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/api/diagnosis_parts.h"

namespace conveyor::api {
namespace {

using parts::call_text;
using parts::list_text;
using Waiting = Diagnosis::Waiting;
using Next = Diagnosis::Next;

std::string at_text(const std::optional<Timestamp>& time) {
  return time ? format_rfc3339(*time) : std::string{"an unknown time"};
}

std::string_view participant_text(const NeededCall& call) {
  return to_string(spec_of(call.key.step).participant);
}

bool engine_knows(const DiagnosisInput& input) {
  return input.engine.in_memory && input.engine.version == input.order.version;
}

/// Only a person can move it: parked, or held with no undo of an edit under way.
bool waits_for_person(const Order& order) {
  return order.status == Status::dead_lettered || order.status == Status::needs_attention ||
         (order.status == Status::on_hold && !order.edit);
}

Waiting waiting_for(const DiagnosisInput& input) {
  const auto& order = input.order;
  if (is_final(order.status)) return {"nothing", std::nullopt, input.history.status_since, {}};
  if (waits_for_person(order)) {
    const bool dead = order.status == Status::dead_lettered && order.dead_letter;
    const auto since = dead ? order.dead_letter->since : input.history.status_since;
    return {"person", std::nullopt, since, std::nullopt};
  }
  const auto call = needed_call(order);
  const auto& engine = input.engine;
  if (engine_knows(input) && engine.waits_for != WaitsFor::nothing) {
    return {to_string(engine.waits_for), call, engine.since, engine.until};
  }
  if (order.next_attempt_at && *order.next_attempt_at > input.now) {
    const auto since = order.last_failure ? order.last_failure->at : input.history.call_since;
    return {to_string(WaitsFor::back_off), call, since, order.next_attempt_at};
  }
  return {"call", call,
          std::max(order.next_attempt_at.value_or(Timestamp{}), input.history.call_since),
          std::nullopt};
}

/// The first timer of the order, whatever else happens.
std::optional<Next> timer_of(const DiagnosisInput& input) {
  std::optional<std::pair<Timestamp, Timer>> first;
  for (const auto timer : kAllTimers) {
    const auto due = due_at(input.order, timer, input.policy);
    if (due && (!first || *due < first->first)) first.emplace(*due, timer);
  }
  if (!first) return std::nullopt;
  const auto at = format_rfc3339(first->first);
  switch (first->second) {
    case Timer::undo_at:
    case Timer::patience:
      return Next{"undo", "automatic", first->first,
                  fmt::format("If nobody acts and nothing heals it before, it is undone by itself "
                              "at {} and ends as failed.",
                              at)};
    case Timer::undo_patience:
      return Next{"needs_attention", "automatic", first->first,
                  fmt::format("If the undo has no end by {}, a person has to look at it.", at)};
  }
  return std::nullopt;
}

Next next_of_person(const DiagnosisInput& input) {
  if (input.order.status == Status::needs_attention) {
    return {"retry_or_resolve", "person", std::nullopt,
            "Nothing happens by itself: a person has to retry the undo, or undo it by hand and "
            "resolve it."};
  }
  if (input.order.status == Status::on_hold) {
    return {"release_or_cancel", "person", std::nullopt,
            "Nothing is called until a person releases or cancels it."};
  }
  // Dead-lettered: its patience ends at some time, if nothing does before.
  return timer_of(input).value_or(
      Next{"retry_or_undo", "person", std::nullopt,
           "Nothing happens by itself: a person has to retry, compensate or cancel it."});
}

Next next_of_call(const DiagnosisInput& input, const Waiting& waiting) {
  const auto& call = *waiting.call;
  const auto what = call_text(call);
  const auto who = participant_text(call);
  const auto next_at = engine_knows(input) ? input.engine.next_call_at : waiting.until;
  if (waiting.what == to_string(WaitsFor::answer)) {
    return {"answer", "automatic", waiting.until,
            fmt::format("The answer of {} to {} goes on with the order; without one by {} the call "
                        "counts as a failed attempt.",
                        who, what, at_text(waiting.until))};
  }
  if (waiting.what == to_string(WaitsFor::in_progress)) {
    return {"ask_again", "automatic", next_at,
            fmt::format("{} is asked again at {}.", who, at_text(next_at))};
  }
  if (waiting.what == "call") {
    return {"call", "automatic", std::nullopt, fmt::format("{} is called now for {}.", who, what)};
  }
  if (!next_at) {
    const auto not_before =
        waiting.until ? fmt::format(", not before {}", format_rfc3339(*waiting.until)) : "";
    return {"call", "automatic", std::nullopt,
            fmt::format("{} is called for {} as soon as that is over{}.", who, what, not_before)};
  }
  return {"call", "automatic", next_at,
          fmt::format("{} is called again for {} at {}.", who, what, format_rfc3339(*next_at))};
}

Next next_of(const DiagnosisInput& input, const Waiting& waiting) {
  if (is_final(input.order.status)) {
    return {"nothing", "nobody", std::nullopt, "Nothing more happens."};
  }
  if (waits_for_person(input.order) || !waiting.call) return next_of_person(input);
  return next_of_call(input, waiting);
}

std::optional<Diagnosis::Breaker> breaker_of(const DiagnosisInput& input) {
  const auto& state = input.engine.participant_state;
  if (!engine_knows(input) || !state || state->breaker == BreakerState::closed) return std::nullopt;
  const auto who = to_string(state->participant);
  const auto since = at_text(state->troubled_since ? state->troubled_since : state->breaker_since);
  if (state->breaker == BreakerState::half_open) {
    return Diagnosis::Breaker{
        *state, fmt::format("{} has been in trouble since {}; a few calls are let through now to "
                            "find out whether it is back.",
                            who, since)};
  }
  return Diagnosis::Breaker{
      *state, fmt::format("{} is not being called since {}, until {} at least.", who, since,
                          at_text(state->next_probe_at))};
}

// --- the summary --------------------------------------------------------------------------------

/// Where the order stands.
std::string standing(const DiagnosisInput& input) {
  const auto& order = input.order;
  const auto since = format_rfc3339(input.history.status_since);
  const auto& step = spec_of(order.step);
  switch (order.status) {
    case Status::pending:
    case Status::processing:
      if (order.edit) {
        return fmt::format("The request of {} was changed; the old one is undone first.",
                           step.name);
      }
      return fmt::format("It is at {}.", step.name);
    case Status::on_hold:
      if (order.edit) {
        return fmt::format(
            "It is on hold since {}. The request of {} was changed, and the undo of "
            "the old one goes on.",
            since, step.name);
      }
      return fmt::format("A person put it on hold at {}, before {}.", since, step.name);
    case Status::dead_lettered:
      return fmt::format(
          "It is a dead letter since {}: {} is not tried any more by itself, and "
          "nothing has been undone.",
          at_text(order.dead_letter ? order.dead_letter->since : input.history.status_since),
          order.edit ? call_text(order.step, Action::undo) : std::string{step.name});
    case Status::shipped:
      return fmt::format("It has shipped; {} is left and is tried until it works{}.", step.name,
                         health_of(order) == Health::stuck ? ". It is stuck" : "");
    case Status::cancelling:
    case Status::compensating: {
      const auto& left = order.undo->outstanding;
      const bool booking_first = left.size() > 1 && spec_of(left.front()).undone_first;
      return fmt::format(
          "It is being undone since {} {}; left to undo: {}.{}", format_rfc3339(order.undo->since),
          parts::undo_reason_text(input), list_text(left),
          booking_first ? " The booking comes first, because only its undo may be refused, and "
                          "nothing else is undone before that answer."
                        : "");
    }
    case Status::needs_attention:
      return fmt::format("Its undo stopped at {}; left to undo: {}.", since,
                         list_text(order.undo->outstanding));
    case Status::completed:
      return fmt::format("It was completed at {}.", since);
    case Status::cancelled:
    case Status::failed:
      return fmt::format("It ended as {} at {} {}; everything is undone.", to_string(order.status),
                         since, parts::undo_reason_text(input));
  }
  return {};
}

/// What the wait is, where neither the cause nor the next step say so.
std::string wait_text(const DiagnosisInput& input, const Waiting& waiting) {
  if (!waiting.call) {
    // A call that left before the hold.
    const bool under_way = engine_knows(input) && input.engine.waits_for == WaitsFor::answer;
    if (input.order.status != Status::on_hold || !under_way) return {};
    return fmt::format("A call to {} made before is still without an answer; a success counts.",
                       to_string(input.engine.participant));
  }
  const auto who = participant_text(*waiting.call);
  const auto since = at_text(waiting.since);
  if (waiting.what == to_string(WaitsFor::answer)) {
    return fmt::format("{} was called for {} at {} and has not answered yet.", who,
                       call_text(*waiting.call), since);
  }
  if (waiting.what == to_string(WaitsFor::in_progress)) {
    return fmt::format("{} is still at {}, since {}.", who, call_text(*waiting.call), since);
  }
  if (waiting.what == to_string(WaitsFor::retry_budget)) {
    return fmt::format("{} gets no more retries at the moment, since {}.", who, since);
  }
  if (waiting.what == to_string(WaitsFor::bulkhead)) {
    return fmt::format("{} has as many calls in flight as it may have, since {}.", who, since);
  }
  return {};
}

std::string summary_of(const DiagnosisInput& input, const Diagnosis& diagnosis) {
  auto out = standing(input);
  const bool is_told =
      is_final(input.order.status) || (is_undoing(input.order.status) && !input.order.last_failure);
  if (diagnosis.cause && !is_told) out += " " + diagnosis.cause->text;
  const auto wait = wait_text(input, diagnosis.waiting_for);
  if (!wait.empty()) out += " " + parts::sentence(wait);
  if (diagnosis.breaker) out += " " + diagnosis.breaker->text;
  out += " " + diagnosis.next.text;
  if (diagnosis.otherwise && diagnosis.next.by == "person") out += " " + diagnosis.otherwise->text;
  return out;
}

std::optional<Diagnosis::Others> others_of(const DiagnosisInput& input) {
  const auto fingerprint = standing_fingerprint(input.order);
  if (!fingerprint) return std::nullopt;
  const auto& sharing = input.sharing;
  const bool is_dead = input.order.status == Status::dead_lettered;
  return Diagnosis::Others{std::max<std::int64_t>(0, sharing.orders - 1),
                           std::max<std::int64_t>(0, sharing.dead_lettered - (is_dead ? 1 : 0)),
                           *fingerprint, sharing.is_complete};
}

}  // namespace

void History::take(const Event& event, const Order& after) {
  const auto call = needed_call(after);
  if (!status_ || call_ != call) call_since = event.occurred_at;
  if (status_ != after.status) status_since = event.occurred_at;
  status_ = after.status;
  call_ = call;
  if (const auto* refused = std::get_if<StepRefused>(&event.data)) {
    rejection = Rejection{event.step.value(), event.run, refused->code, event.occurred_at};
  } else if (const auto* dead = std::get_if<OrderDeadLettered>(&event.data)) {
    dead_letter = *dead;
  } else if (const auto* cancel = std::get_if<CancelRequested>(&event.data)) {
    undo_cause = UndoCause::cancel;
    undo_code = cancel->reason;
  } else if (const auto* started = std::get_if<CompensationStarted>(&event.data)) {
    undo_cause = started->cause;
    undo_code = started->code;
  }
}

Diagnosis diagnose(const DiagnosisInput& input) {
  Diagnosis out;
  out.health = engine_knows(input) ? input.engine.health : health_of(input.order);
  out.waiting_for = waiting_for(input);
  out.cause = parts::cause_of(input);
  out.next = next_of(input, out.waiting_for);
  out.next.text = parts::sentence(std::move(out.next.text));
  const auto timer = timer_of(input);
  if (timer && timer->text != out.next.text) out.otherwise = timer;
  out.breaker = breaker_of(input);
  if (out.breaker) out.breaker->text = parts::sentence(std::move(out.breaker->text));
  out.others = others_of(input);
  parts::add_actions(input, out);
  out.summary = summary_of(input, out);
  return out;
}

}  // namespace conveyor::api
