#include "server/api/diagnosis_parts.h"

#include <fmt/format.h>

#include "server/api/order_json.h"

namespace conveyor::api::parts {
namespace {

using Cause = Diagnosis::Cause;

// --- the cause ----------------------------------------------------------------------------------

std::string failure_text(StepNumber step, Action action, FailureClass failure_class,
                         std::string_view code) {
  const auto who = to_string(spec_of(step).participant);
  const auto what = call_text(step, action);
  switch (failure_class) {
    case FailureClass::transient:
      return fmt::format("{} is in trouble: {} failed with {}", who, what, code);
    case FailureClass::failed:
      return fmt::format("{} could not do {}: {}", who, what, code);
    case FailureClass::unknown:
      return fmt::format(
          "{} gave no answer to {} ({}), so nobody knows whether it was done; a repeat under the "
          "same key is safe",
          who, what, code);
    case FailureClass::denied:
      return fmt::format("{} does not accept our credentials: {} failed with {}", who, what, code);
    case FailureClass::rejected:
      return fmt::format("{} refused {}: {}", who, what, code);
    case FailureClass::poison:
      return fmt::format("{} answered {} with something that makes no sense: {}", who, what, code);
  }
  return {};
}

std::string attempts_text(const Cause& cause) {
  if (!cause.attempts || *cause.attempts == 0) return {};
  if (!cause.max_attempts) return fmt::format(", attempt {}", *cause.attempts);
  return fmt::format(", attempt {} of {}", *cause.attempts, *cause.max_attempts);
}

/// The sentence, from the members.
void tell(Cause& cause) {
  cause.text =
      sentence(failure_text(*cause.step, *cause.action, *cause.failure_class, cause.code)) +
      attempts_text(cause);
  if (cause.at) cause.text += fmt::format(", at {}", format_rfc3339(*cause.at));
  cause.text += ".";
  if (!cause.message.empty()) {
    cause.text += fmt::format(" It said: \"{}\".", cause.message);
  }
}

Cause cause_of_failure(const Order& order, const LastFailure& failure, const RetryPolicy& policy) {
  Cause cause;
  cause.step = failure.step;
  cause.action = failure.action;
  cause.failure_class = failure.failure_class;
  cause.code = failure.code;
  cause.message = failure.message;
  cause.fingerprint = failure.fingerprint;
  cause.at = failure.at;
  const auto& state = order.state_of(failure.step);
  cause.attempts = failure.action == Action::perform ? state.perform_attempts : state.undo_attempts;
  // Behind the pivot nothing is given up; what is parked has been given up.
  const bool is_counted =
      order.status != Status::shipped && order.status != Status::needs_attention;
  if (is_counted) cause.max_attempts = *cause.attempts - order.budget_used + policy.max_attempts;
  tell(cause);
  return cause;
}

Cause cause_of_dead_letter(const Order& order, const OrderDeadLettered& dead) {
  Cause cause;
  const auto parts = parse_fingerprint(dead.fingerprint);
  const bool is_undo =
      dead.reason == DeadLetterReason::edit_refused || dead.reason == DeadLetterReason::edit_undo;
  cause.step = parts ? parts->step : order.step;
  cause.action = is_undo ? Action::undo : Action::perform;
  cause.failure_class = dead.failure_class;
  cause.code = dead.code;
  cause.fingerprint = dead.fingerprint;
  cause.at = order.dead_letter->since;
  cause.attempts = dead.attempts;
  if (dead.reason == DeadLetterReason::exhausted) cause.max_attempts = dead.attempts;
  const auto& last = order.last_failure;
  if (last && last->fingerprint == dead.fingerprint) cause.message = last->message;
  tell(cause);
  return cause;
}

std::optional<History::Rejection> rejection_of_run(const DiagnosisInput& input) {
  const auto& rejection = input.history.rejection;
  if (!rejection || rejection->run != input.order.run) return std::nullopt;
  return rejection;
}

/// Of an undo that goes well and of an end: why it is undone.
Cause cause_of_undo(const DiagnosisInput& input) {
  Cause cause;
  cause.code = input.order.undo ? input.order.undo->code : input.order.final_code;
  const auto rejection = rejection_of_run(input);
  if (rejection && input.history.undo_cause == UndoCause::rejected) {
    cause.step = rejection->step;
    cause.action = Action::perform;
    cause.failure_class = FailureClass::rejected;
    cause.code = rejection->code;
    cause.at = rejection->at;
    tell(cause);
    return cause;
  }
  cause.text = fmt::format("It is undone {}.", undo_reason_text(input));
  return cause;
}

// --- the actions --------------------------------------------------------------------------------

std::string undo_effect(const Order& order, std::string_view end, std::string_view if_refused) {
  const auto undos = undos_for(order);
  if (undos.empty()) return fmt::format("ends the order as {}; there is nothing to undo", end);
  auto effect = fmt::format("undoes {} and ends the order as {} once all of it is confirmed",
                            list_text(undos), end);
  if (spec_of(undos.front()).undone_first) {
    effect += fmt::format("; if the carrier does not take the booking back, {}", if_refused);
  }
  return effect;
}

std::string cancel_effect(const DiagnosisInput& input) {
  const auto& order = input.order;
  if (is_undoing(order.status)) return "changes nothing: it is being undone already";
  if (is_final(order.status)) return "changes nothing: it is undone already";
  return undo_effect(order, "cancelled", "the order returns to where it was");
}

std::string retry_effect(const DiagnosisInput& input) {
  const auto& order = input.order;
  const auto more = input.policy.max_attempts;
  if (order.undo) {
    return fmt::format("tries {} again at once, with {} more attempts",
                       call_text(order.undo->outstanding.front(), Action::undo), more);
  }
  if (order.edit) {
    return fmt::format(
        "tries {} again at once, with {} more attempts, so that the changed request "
        "can be made",
        call_text(order.step, Action::undo), more);
  }
  return fmt::format("tries {} again at once under the same key, with {} more attempts",
                     spec_of(order.step).name, more);
}

std::string effect_of(const DiagnosisInput& input, CommandKind kind) {
  const auto& order = input.order;
  switch (kind) {
    case CommandKind::cancel:
      return cancel_effect(input);
    case CommandKind::hold:
      return fmt::format(
          "stops it before the next call; an answer that is under way still counts. Unless it is "
          "released or cancelled it is undone at {}",
          format_rfc3339(order.age_from + input.policy.patience));
    case CommandKind::release:
      return fmt::format("goes on with {}", spec_of(order.step).name);
    case CommandKind::retry:
      return retry_effect(input);
    case CommandKind::compensate:
      return undo_effect(order, "failed", "a person has to look at it");
    case CommandKind::resolve: {
      const auto& left = order.undo->outstanding;
      const auto rest = std::vector(left.begin() + 1, left.end());
      return fmt::format("records, with your external reference, that {} was undone by hand{}",
                         spec_of(left.front()).name,
                         rest.empty() ? std::string{"; nothing is left to undo then"}
                                      : fmt::format("; then {} is undone", list_text(rest)));
    }
    case CommandKind::restart:
      return fmt::format("begins run {} at {}, with changes if you like", order.run + 1,
                         kSteps.front().name);
    case CommandKind::retry_now: {
      const auto call = needed_call(order);
      return fmt::format(
          "tries {} at once instead of at {}, unless its participant is not being "
          "called",
          call ? call_text(*call) : std::string{"it"},
          order.next_attempt_at ? format_rfc3339(*order.next_attempt_at)
                                : std::string{"a later time"});
    }
  }
  return {};
}

void add_retry_with_changes(const DiagnosisInput& input, Diagnosis& out) {
  const auto& order = input.order;
  Diagnosis::Possible possible{kRetryWithChanges, {}, {}};
  std::string because;
  std::string now;
  std::string later;
  for (const auto& [name, changes] : changes_of_each_field(order)) {
    Command command;
    command.kind = CommandKind::retry;
    command.changes = changes;
    const auto decision = decide(order, command, {input.now, input.policy});
    if (decision) {
      possible.fields.push_back(name);
      auto& list = (changes.fields() & spec_of(order.step).uses) != 0 ? now : later;
      list += fmt::format("{}{}", list.empty() ? "" : ", ", name);
    } else {
      because = decision.error().detail;
    }
  }
  if (possible.fields.empty()) {
    if (order.status == Status::dead_lettered) {
      out.not_allowed.push_back({kRetryWithChanges, because});
    }
    return;
  }
  const auto step = spec_of(order.step).name;
  if (!now.empty()) {
    possible.effect = fmt::format(
        "with changed {}: undoes the old request of {} first, then makes the changed one under a "
        "new key",
        now, step);
  }
  if (!later.empty()) {
    possible.effect += fmt::format(
        "{}with changed {}: tries {} again under the same key; later steps use the change",
        now.empty() ? "" : "; ", later, step);
  }
  out.actions.push_back(std::move(possible));
}

/// What people ask for most: said also when it is not possible.
bool is_wanted(CommandKind kind) {
  return kind == CommandKind::cancel || kind == CommandKind::retry || kind == CommandKind::restart;
}

}  // namespace

std::string sentence(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 32);
  return text;
}

std::string call_text(StepNumber step, Action action) {
  return fmt::format("{}{}", action == Action::undo ? "the undo of " : "", spec_of(step).name);
}

std::string call_text(const NeededCall& call) {
  return call_text(call.key.step, call.action);
}

std::string list_text(const std::vector<StepNumber>& steps) {
  std::string out;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (i > 0) out += i + 1 == steps.size() ? " and " : ", ";
    out += spec_of(steps[i]).name;
  }
  return out;
}

std::string undo_reason_text(const DiagnosisInput& input) {
  const auto cause =
      input.order.undo ? std::optional{input.order.undo->cause} : input.history.undo_cause;
  if (!cause) return {};
  switch (*cause) {
    case UndoCause::cancel: {
      const auto& reason = input.history.undo_code;
      return reason.empty() ? std::string{"because a person cancelled it"}
                            : fmt::format("because a person cancelled it ({})", reason);
    }
    case UndoCause::rejected: {
      const auto rejection = rejection_of_run(input);
      if (!rejection) {
        return fmt::format("because a step was refused ({})", input.history.undo_code);
      }
      const auto& spec = spec_of(rejection->step);
      return fmt::format("because {} refused {} ({})", to_string(spec.participant), spec.name,
                         rejection->code);
    }
    case UndoCause::operator_:
      return "because a person chose to undo the dead letter";
    case UndoCause::timer:
      return "because nobody retried the dead letter in time";
    case UndoCause::expired:
      return "because it had not shipped within its patience";
  }
  return {};
}

std::optional<Cause> cause_of(const DiagnosisInput& input) {
  const auto& order = input.order;
  if (order.status == Status::dead_lettered && order.dead_letter && input.history.dead_letter) {
    return cause_of_dead_letter(order, *input.history.dead_letter);
  }
  if (!is_final(order.status) && order.last_failure) {
    return cause_of_failure(order, *order.last_failure, input.policy);
  }
  const bool undone = order.status == Status::cancelled || order.status == Status::failed;
  if (is_undoing(order.status) || undone) return cause_of_undo(input);
  return std::nullopt;
}

void add_actions(const DiagnosisInput& input, Diagnosis& diagnosis) {
  for (const auto kind : kAllCommands) {
    Command command;
    command.kind = kind;
    const auto decision = decide(input.order, command, {input.now, input.policy});
    if (decision) {
      diagnosis.actions.push_back({to_string(kind), effect_of(input, kind), {}});
    } else if (is_wanted(kind)) {
      diagnosis.not_allowed.push_back({to_string(kind), decision.error().detail});
    }
    if (kind == CommandKind::retry) add_retry_with_changes(input, diagnosis);
  }
}

}  // namespace conveyor::api::parts
