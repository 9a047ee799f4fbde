#include "engine/engine.h"

#include <utility>

#include "base/assert.h"
#include "base/sabotage.h"
#include "domain/event_json.h"
#include "domain/evolve.h"

namespace conveyor {
namespace {

std::optional<Timestamp> earlier(std::optional<Timestamp> a, std::optional<Timestamp> b) {
  if (!a) return b;
  if (!b) return a;
  return std::min(*a, *b);
}

std::optional<Timestamp> next_timer(const Order& order, const RetryPolicy& policy) {
  std::optional<Timestamp> next;
  for (const auto timer : kAllTimers) next = earlier(next, due_at(order, timer, policy));
  return next;
}

/// The append that further events of the order go into: the last effect if it is one of this
/// order's (a timer and a time-out in one tick), so that an append always ends at the order's
/// present fold.
AppendEffect& append_effect(const Order& order, std::vector<EngineEffect>& effects) {
  if (!effects.empty()) {
    auto* last = std::get_if<AppendEffect>(&effects.back());
    if (last != nullptr && last->order_id == order.id) return *last;
  }
  AppendEffect fresh;
  fresh.order_id = order.id;
  fresh.expected_version = order.version;
  fresh.before = glance_at(order);
  fresh.traceparent = order.traceparent;
  effects.emplace_back(std::move(fresh));
  return std::get<AppendEffect>(effects.back());
}

}  // namespace

OrderGlance glance_at(const Order& order) {
  OrderGlance glance{order.version > 0, order.status, order.step, order.contact_version};
  if (order.edit) glance.waiting_contact_version = order.edit->changes.contact_version;
  glance.failing = order.last_failure.has_value();
  glance.step_since = order.step_since;
  glance.currency = order.currency;
  glance.total_minor = order.total_minor;
  return glance;
}

std::optional<Timestamp> wake_at_of(const Order& order, const RetryPolicy& policy) {
  if (is_final(order.status)) return std::nullopt;
  std::optional<Timestamp> call;
  if (needed_call(order)) call = order.next_attempt_at.value_or(order.created_at);
  return earlier(call, next_timer(order, policy));
}

Engine::Engine(EngineOptions options, Random& random)
    : options_(options),
      random_(random),
      gates_{ParticipantGate{Participant::inventory, options.gate},
             ParticipantGate{Participant::payment, options.gate},
             ParticipantGate{Participant::shipping, options.gate}} {
  settle(Timestamp{});
}

DecideContext Engine::context(Timestamp now) {
  return {now, options_.retry, random_.fraction()};
}

Event Engine::seal(const Order& order, EventDraft draft, const Origin& origin, Timestamp now) {
  Event event;
  static_cast<EventDraft&>(event) = std::move(draft);
  event.id = EventId{make_uuid_v7(now, random_.next(), random_.next())};
  event.order_id = order.id;
  event.version = order.version + 1;
  event.correlation_id = order.correlation_id;
  event.causation_id =
      origin.request_id.empty() ? order.last_event_id.to_string() : origin.request_id;
  event.traceparent = origin.traceparent;
  event.actor = origin.actor;
  event.occurred_at = now;
  const auto before = CONVEYOR_SABOTAGE(hash_not_chained) ? Digest{} : order.hash;
  event.data_text.json = event_data_json(event);
  event.hash = event_hash(before, event, event.data_text.json);
  return event;
}

Engine::NewOrder Engine::create(const OrderId& id, OrderCreated data, std::string correlation_id,
                                const Origin& origin, Timestamp now) {
  NewOrder created;
  auto& order = created.order;
  order.id = id;
  order.correlation_id = std::move(correlation_id);
  EventDraft draft;
  draft.type = EventType::OrderCreated;
  draft.data = std::move(data);
  created.created = seal(order, std::move(draft), origin, now);
  evolve(order, created.created);
  return created;
}

void Engine::adopt(Order order, Timestamp now, std::vector<EngineEffect>& effects) {
  const auto id = order.id;
  auto& entry = entries_[id];
  CONVEYOR_ASSERT(!entry.wake && entry.awaited_serial == 0, "an order is adopted once");
  entry.order = std::move(order);
  touched_.insert(id);
  fire_timers(entry, now, effects);
  advance(entry, now, effects);
}

void Engine::append(Entry& entry, std::vector<EventDraft> drafts, const Origin& origin,
                    Timestamp now, std::vector<EngineEffect>& effects) {
  if (drafts.empty()) return;
  auto& append = append_effect(entry.order, effects);
  // The first event was caused by the input, each further one by the event before it.
  Origin cause = origin;
  for (auto& draft : drafts) {
    append.events.push_back(seal(entry.order, std::move(draft), cause, now));
    evolve(entry.order, append.events.back());
    cause.request_id.clear();
  }
  append.after = glance_at(entry.order);
}

std::expected<void, Refusal> Engine::command(const OrderId& id, const Command& command,
                                             const Origin& origin, Timestamp now,
                                             std::vector<EngineEffect>& effects) {
  const auto found = entries_.find(id);
  CONVEYOR_ASSERT(found != entries_.end(), "commands are for orders that are open here");
  auto& entry = found->second;
  touched_.insert(id);
  auto decision = decide(entry.order, command, context(now));
  if (!decision) return std::unexpected(std::move(decision.error()));
  if (command.kind == CommandKind::retry_now) entry.skip_wait = true;
  append(entry, std::move(decision->events), origin, now, effects);
  advance(entry, now, effects);
  return {};
}

void Engine::contact_erased(const OrderId& id, const Origin& origin, Timestamp now,
                            std::vector<EngineEffect>& effects) {
  auto& entry = entries_.at(id);
  CONVEYOR_ASSERT(is_final(entry.order.status) && !entry.order.contact_erased,
                  "the contact of a final order is erased once");
  touched_.insert(id);
  EventDraft erased;
  erased.type = EventType::ContactErased;
  erased.run = entry.order.run;
  erased.data = ContactErased{};
  append(entry, {std::move(erased)}, origin, now, effects);
}

bool Engine::outcome(const OrderId& id, std::uint64_t serial, const NeededCall& call,
                     const Outcome& outcome, Timestamp now, std::vector<EngineEffect>& effects) {
  left_call_ended(serial, verdict_of(outcome), now);
  const auto found = entries_.find(id);
  if (found == entries_.end()) return true;
  touched_.insert(id);
  const bool ignored = apply_outcome(found->second, serial, call, outcome, now, effects);
  advance(found->second, now, effects);
  return ignored;
}

bool Engine::apply_outcome(Entry& entry, std::uint64_t serial, const NeededCall& call,
                           const Outcome& outcome, Timestamp now,
                           std::vector<EngineEffect>& effects) {
  const bool awaited = serial == entry.awaited_serial;
  OutcomeInput input;
  input.key = call.key;
  input.action = call.action;
  input.awaited = awaited;
  input.outcome = outcome;
  const auto started = awaited ? entry.call_started : now;
  input.call = {started, std::max<std::int64_t>(0, (now - started).count())};
  const auto decision = decide(entry.order, input, context(now));
  CONVEYOR_ASSERT(decision.has_value(), "an outcome is never refused");
  if (awaited) {
    end_call(entry, verdict_of(outcome), now);
    // No event: the participant is still at it, or what it said does not count. Ask again.
    if (decision->events.empty()) {
      entry.ask_again_at = now + options_.in_progress_poll;
      if (!entry.at_it_since) entry.at_it_since = now;
    } else {
      entry.at_it_since.reset();
    }
  }
  append(entry, decision->events, Origin{}, now, effects);
  return decision->ignored;
}

std::optional<Timestamp> Engine::call_not_before(const Entry& entry) const {
  std::optional<Timestamp> not_before = entry.ask_again_at;
  if (entry.order.next_attempt_at && !entry.skip_wait) {
    not_before =
        std::max(not_before.value_or(*entry.order.next_attempt_at), *entry.order.next_attempt_at);
  }
  return not_before;
}

void Engine::advance(Entry& entry, Timestamp now, std::vector<EngineEffect>& effects) {
  const auto needed = needed_call(entry.order);
  if (entry.held && needed != entry.held->call) {
    leave_line(entry);
    entry.skip_wait = false;
  }
  if (!needed) return;  // a call in flight stays awaited: its answer still counts
  if (entry.awaited_serial != 0 && entry.awaited_call == *needed) return;
  if (entry.awaited_call != *needed) {
    entry.ask_again_at.reset();
    entry.at_it_since.reset();
  }
  const auto not_before = call_not_before(entry);
  if (not_before && *not_before > now) return leave_line(entry);
  request_call(entry, *needed, now, effects);
}

void Engine::fire_timers(Entry& entry, Timestamp now, std::vector<EngineEffect>& effects) {
  for (const auto timer : kAllTimers) {
    const auto due = due_at(entry.order, timer, options_.retry);
    if (!due || *due > now) continue;
    auto decision = decide(entry.order, timer, context(now));
    CONVEYOR_ASSERT(decision.has_value(), "a timer is never refused");
    append(entry, std::move(decision->events), Origin{}, now, effects);
  }
}

std::size_t Engine::tick(Timestamp now, std::size_t limit, std::vector<EngineEffect>& effects) {
  time_out_left_calls(now);
  std::size_t done = 0;
  for (; done < limit && !wakes_.empty(); ++done) {
    const auto [at, id] = *wakes_.begin();
    if (at > now) break;
    auto& entry = entries_.at(id);
    wakes_.erase(wakes_.begin());
    entry.wake.reset();
    touched_.insert(id);
    fire_timers(entry, now, effects);
    if (entry.awaited_serial != 0 && now >= entry.call_started + options_.call_deadline) {
      Outcome timeout;
      timeout.kind = Outcome::Kind::failed;
      timeout.failure_class = FailureClass::unknown;
      timeout.code = "timeout";
      timeout.message = "no answer within the call's deadline";
      apply_outcome(entry, entry.awaited_serial, entry.awaited_call, timeout, now, effects);
    }
    advance(entry, now, effects);
  }
  return done;
}

std::optional<Timestamp> Engine::wake_of(const Entry& entry) const {
  auto wake = next_timer(entry.order, options_.retry);
  if (entry.awaited_serial != 0) {
    wake = earlier(wake, entry.call_started + options_.call_deadline);
  } else if (!entry.held && needed_call(entry.order)) {
    wake = earlier(wake, call_not_before(entry));
  }
  return wake;
}

void Engine::count_in_flight(Entry& entry, StepNumber step) {
  const auto counted = std::exchange(entry.counted_in_flight, step);
  if (counted != 0) --calls_in_flight_.at(counted - 1U);
  if (step != 0) ++calls_in_flight_.at(step - 1U);
}

void Engine::settle(Timestamp now) {
  for (const auto& id : touched_) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) continue;
    auto& entry = found->second;
    const auto wake = wake_of(entry);
    if (entry.wake != wake) {
      if (entry.wake) wakes_.erase({*entry.wake, id});
      if (wake) wakes_.insert({*wake, id});
      entry.wake = wake;
    }
    const bool waits = entry.order.next_attempt_at.has_value();
    count_in_flight(entry, entry.awaited_serial == 0 ? StepNumber{0} : entry.awaited_call.key.step);
    if (waits && !entry.counted_as_waiting) ++waiting_;
    if (!waits && entry.counted_as_waiting) --waiting_;
    entry.counted_as_waiting = waits;
    const bool parked =
        entry.awaited_serial == 0 && !entry.held && (!wake || *wake > now + options_.horizon);
    if (!is_final(entry.order.status) && !parked) continue;
    leave_call(entry);
    erase(id);
  }
  touched_.clear();
  next_release_.reset();
  for (std::size_t i = 0; i < gates_.size(); ++i) {
    gates_[i].pass_time(now);
    next_release_ = earlier(next_release_, gates_[i].next_at(now));
    participants_[i] = gates_[i].state(now);
  }
}

void Engine::forget(const OrderId& id) {
  std::erase_if(left_calls_, [&](const auto& left) {
    const auto& [serial, call] = left;
    if (call.order_id != id) return false;
    gate_of(call.call).abandon(call.pass);
    return true;
  });
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  auto& entry = found->second;
  if (entry.awaited_serial != 0 && entry.pass) gate_of(entry.awaited_call).abandon(*entry.pass);
  erase(id);
}

void Engine::erase(const OrderId& id) {
  const auto found = entries_.find(id);
  auto& entry = found->second;
  if (entry.wake) wakes_.erase({*entry.wake, id});
  if (entry.counted_as_waiting) --waiting_;
  count_in_flight(entry, 0);
  leave_line(entry);
  entries_.erase(found);
}

const Order* Engine::find(const OrderId& id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second.order;
}

std::optional<Timestamp> Engine::next_wake() const {
  auto next = next_release_;
  if (!wakes_.empty()) next = earlier(next, wakes_.begin()->first);
  if (!left_calls_.empty()) next = earlier(next, left_calls_.begin()->second.deadline);
  return next;
}

}  // namespace conveyor
