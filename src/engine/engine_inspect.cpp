// What the engine says of an order and of the participants (engine/inspection.h).
#include <algorithm>

#include "engine/engine.h"

namespace conveyor {

OrderInspection Engine::inspect(const OrderId& id, Timestamp now) const {
  OrderInspection seen;
  const auto found = entries_.find(id);
  if (found == entries_.end()) return seen;
  const auto& entry = found->second;
  const auto& order = entry.order;
  seen.in_memory = true;
  seen.version = order.version;
  seen.health = health_of(order);
  const auto needed = needed_call(order);
  if (!needed && entry.awaited_serial == 0) return seen;

  // A call that went out before a hold is still awaited.
  const auto& call = needed ? *needed : entry.awaited_call;
  seen.key = call.key;
  seen.action = call.action;
  seen.participant = spec_of(call.key.step).participant;
  const auto& gate = gates_.at(static_cast<std::size_t>(seen.participant));
  seen.participant_state = gate.state(now);
  if (entry.held) {
    const auto reason = gate.reason(entry.held->place, now);
    seen.waits_for = reason.what;
    seen.since = entry.held->since;
    seen.until = reason.until;
    seen.next_call_at = reason.call_at;
    seen.health = Health::waiting;
  } else if (entry.awaited_serial != 0) {
    seen.waits_for = WaitsFor::answer;
    seen.since = entry.call_started;
    seen.until = entry.call_started + options_.call_deadline;
  } else if (const auto not_before = call_not_before(entry)) {
    const bool still_at_it = entry.ask_again_at.has_value();
    seen.waits_for = still_at_it ? WaitsFor::in_progress : WaitsFor::back_off;
    seen.since = still_at_it ? entry.at_it_since : std::nullopt;
    if (!still_at_it && order.last_failure) seen.since = order.last_failure->at;
    seen.until = not_before;
    seen.next_call_at = not_before;
    // The later of two ends is what it waits for.
    const auto& state = *seen.participant_state;
    if (state.next_probe_at && *state.next_probe_at > *not_before) {
      seen.waits_for = WaitsFor::breaker;
      seen.since = std::max(seen.since.value_or(now), state.breaker_since.value_or(now));
      seen.until = state.next_probe_at;
      seen.next_call_at.reset();
      seen.health = Health::waiting;
    }
  }
  return seen;
}

}  // namespace conveyor
