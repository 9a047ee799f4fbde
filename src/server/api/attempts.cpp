#include "server/api/attempts.h"

#include "base/json_writer.h"
#include "domain/decide.h"

namespace conveyor::api {
namespace {

/// Events read at a time.
constexpr std::size_t kReadPage = 256;

void tell(Attempt& out, const StepSucceeded& data) {
  out.outcome = "succeeded";
  out.call = data.call;
}

void tell(Attempt& out, const StepRefused& data) {
  out.outcome = "rejected";
  out.failure_class = FailureClass::rejected;
  out.code = data.code;
  out.call = data.call;
}

void tell(Attempt& out, const StepUndone& data) {
  out.action = Action::undo;
  out.outcome = "undone";
  out.effect = data.effect;
  out.call = data.call;
}

void tell(Attempt& out, const StepAttemptFailed& data) {
  out.action = data.action;
  out.outcome = "failed";
  out.failure_class = data.failure_class;
  out.code = data.code;
  out.message = data.message;
  out.call = data.call;
  out.next_attempt_at = data.next_attempt_at;
}

/// Of an edit's undo the last failure and a refusal are told by the dead letter alone; any other
/// dead letter follows the event of its failed attempt.
void tell(Attempt& out, const OrderDeadLettered& data) {
  const bool refused = data.reason == DeadLetterReason::edit_refused;
  if (!refused && data.reason != DeadLetterReason::edit_undo) return;
  out.action = Action::undo;
  out.outcome = refused ? "refused" : "failed";
  out.failure_class = data.failure_class;
  out.code = data.code;
  if (!refused) out.number = data.attempts;
}

void tell(Attempt& out, const CancelRejected& data) {
  out.action = Action::undo;
  out.outcome = "refused";
  out.code = data.code;
}

void tell(Attempt& out, const CompensationFailed& data) {
  if (data.cause != UndoFailure::refused) return;
  out.action = Action::undo;
  out.outcome = "refused";
  out.code = data.code;
}

void tell(Attempt& out, const EventIgnored& data) {
  out.outcome = "ignored";
  out.key = data.key;
  out.code = to_string(data.original);
  out.message = data.reason;
  const auto& undone = spec_of(data.key.step).undone;
  if (data.original == EventType::CancelRejected || data.original == undone) {
    out.action = Action::undo;
  }
}

template <class Data>
void tell(Attempt&, const Data&) {}

}  // namespace

std::optional<Attempt> attempt_of(const Event& event) {
  Attempt out;
  out.version = event.version;
  out.recorded_at = event.occurred_at;
  out.number = event.attempt;
  if (event.step) {
    out.key = {event.order_id, event.run, *event.step, event.generation.value_or(1)};
  }
  std::visit([&](const auto& data) { tell(out, data); }, event.data);
  if (out.outcome.empty()) return std::nullopt;
  return out;
}

AttemptPage read_attempts(OrderReader& reader, const OrderId& id, std::uint64_t after,
                          std::size_t limit) {
  AttemptPage page;
  while (true) {
    const auto events = reader.events(id, after, kReadPage);
    for (const auto& stored : events) {
      auto attempt = attempt_of(stored.event);
      if (!attempt) continue;
      if (page.attempts.size() == limit) {
        page.next_after = page.attempts.back().version;
        return page;
      }
      page.attempts.push_back(std::move(*attempt));
    }
    if (events.size() < kReadPage) return page;
    after = events.back().event.version;
  }
}

std::optional<Attempt> next_attempt(const Order& order, const OrderInspection& engine) {
  const bool counts = engine.in_memory && engine.version == order.version;
  const auto call = needed_call(order);
  const bool in_flight = counts && engine.waits_for == WaitsFor::answer;
  if (!call && !in_flight) return std::nullopt;
  Attempt out;
  out.key = in_flight ? engine.key.value() : call->key;
  out.action = in_flight ? engine.action : call->action;
  const auto& state = order.state_of(out.key.step);
  out.number = (out.action == Action::perform ? state.perform_attempts : state.undo_attempts) + 1;
  if (in_flight) {
    out.outcome = "in_flight";
    out.started_at = engine.since;
  } else {
    out.outcome = "planned";
    out.planned_at = counts ? engine.next_call_at : order.next_attempt_at;
  }
  return out;
}

std::string attempt_json(const Attempt& attempt) {
  std::string out;
  JsonWriter w(out, JsonWriter::Order::any);
  w.begin_object();
  w.member("run", attempt.key.run);
  w.member("step", spec_of(attempt.key.step).name);
  w.member("generation", attempt.key.generation);
  w.member("participant", to_string(spec_of(attempt.key.step).participant));
  w.member("action", to_string(attempt.action));
  if (attempt.number) w.member("attempt", *attempt.number);
  w.member("key", attempt.key.to_string());
  if (attempt.call) {
    w.member("started_at", format_rfc3339(attempt.call->started_at));
    w.member("duration_ms", attempt.call->duration_ms);
  } else if (attempt.started_at) {
    w.member("started_at", format_rfc3339(*attempt.started_at));
  }
  if (attempt.recorded_at) w.member("recorded_at", format_rfc3339(*attempt.recorded_at));
  w.member("outcome", attempt.outcome);
  if (attempt.failure_class) w.member("class", to_string(*attempt.failure_class));
  if (!attempt.code.empty()) w.member("code", attempt.code);
  if (!attempt.message.empty()) w.member("message", attempt.message);
  if (attempt.effect) w.member("effect", to_string(*attempt.effect));
  if (attempt.next_attempt_at) {
    w.member("next_attempt_at", format_rfc3339(*attempt.next_attempt_at));
  }
  if (attempt.planned_at) w.member("planned_at", format_rfc3339(*attempt.planned_at));
  if (attempt.version > 0) w.member("version", attempt.version);
  w.end_object();
  return out;
}

}  // namespace conveyor::api
