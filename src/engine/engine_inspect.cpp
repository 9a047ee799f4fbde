// What the engine says of an order and of the participants (engine/inspection.h).
#include "engine/engine.h"

namespace conveyor {

OrderInspection Engine::inspect(const OrderId& id) const {
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
  seen.participant_state = participants_.at(static_cast<std::size_t>(seen.participant));
  if (entry.awaited_serial != 0) {
    seen.waits_for = WaitsFor::answer;
    seen.since = entry.call_started;
    seen.until = entry.call_started + options_.call_deadline;
  } else if (entry.ask_again_at) {
    seen.waits_for = WaitsFor::in_progress;
    seen.since = entry.at_it_since;
    seen.until = call_not_before(entry);
    seen.next_call_at = seen.until;
  } else if (order.next_attempt_at) {
    seen.waits_for = WaitsFor::back_off;
    if (order.last_failure) seen.since = order.last_failure->at;
    seen.until = order.next_attempt_at;
    seen.next_call_at = seen.until;
  }
  return seen;
}

}  // namespace conveyor
