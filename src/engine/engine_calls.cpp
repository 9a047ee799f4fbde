// How the engine makes calls: through the gate of the participant, now or in the order of waiting,
// and each ended once towards the gate: by its answer, its deadline, or by being forgotten.
#include <utility>

#include "engine/engine.h"

namespace conveyor {
namespace {

/// Failures of the participant, not of the one request: they count for breaker and retry budget.
bool is_participants_fault(FailureClass failure_class) {
  return failure_class == FailureClass::transient || failure_class == FailureClass::unknown ||
         failure_class == FailureClass::denied;
}

}  // namespace

Verdict verdict_of(const Outcome& outcome) {
  if (outcome.kind == Outcome::Kind::in_progress) return Verdict::no_word;
  if (outcome.kind != Outcome::Kind::failed) return Verdict::worked;
  if (outcome.failure_class == FailureClass::denied) return Verdict::denied;
  return is_participants_fault(outcome.failure_class) ? Verdict::failed : Verdict::worked;
}

ParticipantGate& Engine::gate_of(const NeededCall& call) {
  return gates_.at(static_cast<std::size_t>(spec_of(call.key.step).participant));
}

CallKind Engine::kind_of(const Entry& entry, const NeededCall& call) {
  if (entry.at_it_since) return CallKind::other;
  const auto& failure = entry.order.last_failure;
  if (!failure || failure->action != call.action || failure->step != call.key.step) {
    return CallKind::first;
  }
  return is_participants_fault(failure->failure_class) ? CallKind::repeat : CallKind::other;
}

void Engine::request_call(Entry& entry, const NeededCall& call, Timestamp now,
                          std::vector<EngineEffect>& effects) {
  // What a person has undone is only noted: nobody outside is called, so nothing holds it back.
  if (call.by_hand) return start_call(entry, call, std::nullopt, now, effects);
  const auto kind = kind_of(entry, call);
  if (entry.held && entry.held->place.kind == kind) return;
  leave_line(entry);
  auto& gate = gate_of(call);
  gate.pass_time(now);
  if (gate.admits(kind, now)) return start_call(entry, call, kind, now, effects);
  entry.held = {call, gate.join(entry.order.id, kind), now};
}

/// `kind`: nullopt: not a call for the gate.
void Engine::start_call(Entry& entry, const NeededCall& call, std::optional<CallKind> kind,
                        Timestamp now, std::vector<EngineEffect>& effects) {
  leave_call(entry);
  entry.awaited_serial = ++last_serial_;
  entry.awaited_call = call;
  entry.call_started = now;
  entry.pass.reset();
  if (kind) entry.pass = gate_of(call).begin(*kind, now);
  entry.ask_again_at.reset();
  entry.skip_wait = false;
  effects.emplace_back(CallEffect{entry.order.id, call, entry.awaited_serial});
}

void Engine::end_call(Entry& entry, Verdict verdict, Timestamp now) {
  entry.awaited_serial = 0;
  if (entry.pass) gate_of(entry.awaited_call).end(*entry.pass, verdict, now);
}

/// The order goes on without the answer that it awaits; the call stays in flight.
void Engine::leave_call(Entry& entry) {
  const auto serial = std::exchange(entry.awaited_serial, 0);
  if (serial == 0 || !entry.pass) return;
  left_calls_.emplace(serial, LeftCall{entry.order.id, entry.awaited_call, *entry.pass,
                                       entry.call_started + options_.call_deadline});
}

void Engine::leave_line(Entry& entry) {
  if (!entry.held) return;
  gate_of(entry.held->call).leave(entry.held->place);
  entry.held.reset();
}

void Engine::left_call_ended(std::uint64_t serial, Verdict verdict, Timestamp now) {
  const auto found = left_calls_.find(serial);
  if (found == left_calls_.end()) return;
  gate_of(found->second.call).end(found->second.pass, verdict, now);
  left_calls_.erase(found);
}

void Engine::time_out_left_calls(Timestamp now) {
  while (!left_calls_.empty() && left_calls_.begin()->second.deadline <= now) {
    left_call_ended(left_calls_.begin()->first, Verdict::failed, now);
  }
}

bool Engine::release(Timestamp now, std::vector<EngineEffect>& effects) {
  for (auto& gate : gates_) {
    gate.pass_time(now);
    const auto id = gate.next(now);
    if (!id) continue;
    auto& entry = entries_.at(*id);
    touched_.insert(*id);
    const auto held = *entry.held;
    leave_line(entry);
    start_call(entry, held.call, held.place.kind, now, effects);
    return true;
  }
  return false;
}

std::vector<ParticipantState> Engine::take_breaker_moves() {
  std::vector<ParticipantState> moves;
  for (auto& gate : gates_) {
    auto of_one = gate.take_breaker_moves();
    moves.insert(moves.end(), of_one.begin(), of_one.end());
  }
  return moves;
}

}  // namespace conveyor
