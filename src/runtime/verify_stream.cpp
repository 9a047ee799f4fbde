#include <fmt/format.h>

#include "base/utf8.h"
#include "domain/event_json.h"
#include "domain/evolve.h"
#include "runtime/verify_parts.h"

namespace conveyor::verifying {
namespace {

using Misfit = std::optional<std::string>;

/// Events read at a time.
constexpr std::size_t kEventsPerRead = 256;

constexpr Timestamp kFirstTime = from_unix_ms(-62'135'596'800'000);  // 0001-01-01
constexpr Timestamp kLastTime = from_unix_ms(253'402'300'799'999);   // 9999-12-31

bool is_step(StepNumber step) {
  return step >= 1 && step <= kStepCount;
}

bool is_before_pivot(Status status) {
  return status == Status::pending || status == Status::processing || status == Status::on_hold ||
         status == Status::dead_lettered;
}

Misfit fits(bool allowed) {
  if (allowed) return std::nullopt;
  return "the order's state does not allow it";
}

Misfit lines_fit(const Order& order, const Changes& changes) {
  if (changes.lines && !total_of(*changes.lines, order.adjustments)) {
    return "the changed lines have no total";
  }
  return std::nullopt;
}

bool is_amount(std::optional<std::int64_t> minor) {
  return !minor || (*minor >= 0 && *minor <= kMaxMinor);
}

Misfit is_current(const Order& order, const Event& event, std::optional<EventType> type) {
  if (event.step != order.step) return "it is not about the current step";
  if (type != event.type) return "its type is not one of its step";
  if (event.generation != order.current().generation) return "it has another generation";
  return std::nullopt;
}

Misfit check(const Order& order, const Event& event, const OrderCreated& data) {
  if (order.version != 0) return "the order was created before";
  if (event.run != 1) return "an order begins with run 1";
  if (total_of(data.lines, data.adjustments) != data.total_minor) {
    return "its total is not the sum of its lines and adjustments";
  }
  return std::nullopt;
}

Misfit check(const Order& order, const Event& event, const StepSucceeded& data) {
  if (auto misfit = is_current(order, event, spec_of(order.step).done)) return misfit;
  if (!is_amount(data.evidence.amount_minor)) return "its amount is out of range";
  if (order.step == kStepCount) return fits(order.status == Status::shipped);
  const bool race = spec_of(order.step).pivot &&
                    (is_undoing(order.status) || order.status == Status::needs_attention);
  return fits(is_before_pivot(order.status) || race);
}

Misfit check(const Order& order, const Event& event, const StepRefused&) {
  if (auto misfit = is_current(order, event, spec_of(order.step).refused)) return misfit;
  return fits(is_before_pivot(order.status));
}

Misfit check(const Order& order, const Event& event, const StepUndone& data) {
  if (!is_amount(data.evidence.amount_minor)) return "its amount is out of range";
  if (order.edit && !order.undo) {
    if (auto misfit = is_current(order, event, spec_of(order.step).undone)) return misfit;
    if (auto misfit = lines_fit(order, order.edit->changes)) return misfit;
    return fits(is_before_pivot(order.status));
  }
  if (!order.undo || order.undo->outstanding.empty()) return "no undo is outstanding";
  const auto head = order.undo->outstanding.front();
  if (event.step != head) return "another step's undo is outstanding";
  if (spec_of(head).undone != event.type) return "its type is not one of its step";
  return fits(is_undoing(order.status) || order.status == Status::needs_attention);
}

Misfit check(const Order& order, const Event& event, const StepAttemptFailed&) {
  if (!event.step || !is_step(*event.step)) return "it names no step";
  return fits(!is_final(order.status));
}

Misfit check(const Order& order, const Event&, const OrderDeadLettered& data) {
  const bool of_edit =
      data.reason == DeadLetterReason::edit_refused || data.reason == DeadLetterReason::edit_undo;
  if (of_edit && !order.edit) return "no edit waits";
  return fits(is_before_pivot(order.status) && order.status != Status::dead_lettered);
}

Misfit check(const Order& order, const Event&, const OrderRetried& data) {
  if (!data.new_generation) {
    if (auto misfit = lines_fit(order, data.changes)) return misfit;
  }
  return fits(order.status == Status::dead_lettered ||
              (order.status == Status::needs_attention && order.undo));
}

Misfit check(const Order& order, const Event& event, const OrderRestarted& data) {
  if (event.run != order.run + 1) return "it does not begin the next run";
  if (auto misfit = lines_fit(order, data.changes)) return misfit;
  return fits(order.status == Status::cancelled || order.status == Status::failed);
}

Misfit check(const Order& order, const Event&, const OrderHeld&) {
  return fits(order.status == Status::pending || order.status == Status::processing);
}

Misfit check(const Order& order, const Event&, const OrderReleased&) {
  return fits(order.status == Status::on_hold);
}

Misfit check(const Order& order, const Event&, const CancelRequested& data) {
  if (data.outstanding != undos_for(order)) return "its outstanding undos are not the order's";
  return fits(is_before_pivot(order.status) && !data.outstanding.empty());
}

Misfit check(const Order& order, const Event&, const CancelRejected&) {
  return fits(order.status == Status::cancelling && order.undo);
}

Misfit check(const Order& order, const Event&, const ContactErased&) {
  return fits(is_final(order.status));
}

Misfit check(const Order& order, const Event&, const CompensationStarted& data) {
  if (data.outstanding != undos_for(order)) return "its outstanding undos are not the order's";
  return fits(is_before_pivot(order.status));
}

Misfit check(const Order& order, const Event&, const CompensationFailed&) {
  return fits(is_undoing(order.status) && order.undo && !order.undo->outstanding.empty());
}

Misfit check(const Order& order, const Event&, const CompensationResolved&) {
  return fits(order.status == Status::needs_attention && order.undo);
}

Misfit check_undone(const Order& order, Status undoing) {
  if (order.undo && !order.undo->outstanding.empty()) return "an undo is still outstanding";
  return fits(order.status == undoing && order.undo);
}
Misfit check(const Order& order, const Event&, const OrderCancelled&) {
  return check_undone(order, Status::cancelling);
}
Misfit check(const Order& order, const Event&, const OrderFailed&) {
  return check_undone(order, Status::compensating);
}

Misfit check(const Order& order, const Event&, const OrderCompleted&) {
  return fits(order.status == Status::shipped &&
              order.state_of(kStepCount).kind == StepState::Kind::succeeded);
}

Misfit check(const Order&, const Event&, const EventIgnored&) {
  return std::nullopt;
}

/// The keys that the order has after an event, as the fold then sees them.
void note_keys(OrderFacts& facts) {
  const auto& order = facts.order;
  for (StepNumber s = 1; s <= order.step; ++s) {
    const auto& state = order.state_of(s);
    auto& fact = facts.keys[order.key_of(s)];
    fact.kind = state.kind;
    if (state.evidence.amount_minor) fact.amount_minor = state.evidence.amount_minor;
  }
  if (order.edit || order.undo) facts.keys[order.key_of(order.step)].contested = true;
  if (!order.undo) return;
  for (const auto s : order.undo->outstanding) facts.keys[order.key_of(s)].contested = true;
}

void note_run(RunFact& run, const Order& before, const Event& event) {
  if (event.type == EventType::PaymentCaptured) ++run.captures;
  if (event.type == EventType::PaymentRefunded && run.dispatched)
    run.refunded_after_dispatch = true;
  if (event.type != EventType::ShipmentDispatched) return;
  run.dispatched = true;
  const auto captured = before.run_money.captured_minor - before.run_money.refunded_minor;
  if (captured < before.total_minor) run.dispatched_without_capture = true;
}

void apply(OrderFacts& facts, const Event& event) {
  const auto key_before = facts.order.version == 0 ? OperationKey{} : [&] {
    const auto step = event.step.value_or(facts.order.step);
    return facts.order.key_of(step);
  }();
  if (event.type == EventType::OrderCreated || event.type == EventType::OrderRestarted) {
    facts.runs.emplace_back();
    facts.runs.back().run = event.run;
  }
  note_run(facts.runs.back(), facts.order, event);
  evolve(facts.order, event);
  facts.runs.back().money = facts.order.run_money;
  if (const auto* undone = std::get_if<StepUndone>(&event.data)) {
    auto& fact = facts.keys[key_before];  // an edit has moved on to the next generation
    fact.kind = StepState::Kind::undone;
    fact.by_hand = undone->effect == Effect::by_hand;
  }
  note_keys(facts);
  if (std::holds_alternative<StepAttemptFailed>(event.data)) {
    auto& fact = facts.keys[key_before];
    fact.hearsay = fact.kind == StepState::Kind::undone;
  }
}

/// One event of the stream: its place, its hash, whether it can be applied; then applies it.
/// False: the stream ends here for us.
bool take(OrderFacts& facts, const StoredEvent& stored, const OrderId& id, Findings& findings) {
  const auto& event = stored.event;
  const auto& order = facts.order;
  const auto report = [&](std::string_view what) {
    findings.add(Rule::stream, id,
                 fmt::format("event {} ({}): {}", event.version, to_string(event.type), what));
  };
  if (event.version != order.version + 1) {
    report(fmt::format("the stream has a gap: version {} is missing", order.version + 1));
    return false;
  }
  if (event.order_id != id) report("it belongs to another order");
  if (order.version != 0 && event.correlation_id != order.correlation_id) {
    report("its correlation id is not the order's");
  }
  if (const auto why = unwritable(event)) {
    report(*why);
    return false;
  }
  if (event_hash(order.hash, event, stored.data_json) != event.hash) {
    report("its hash does not match: it or the event before it was changed");
  }
  if (const auto why = misfit(order, event)) {
    report(*why + "; later events are not looked at");
    return false;
  }
  apply(facts, event);
  ++facts.events;
  return true;
}

}  // namespace

std::optional<std::string> misfit(const Order& order, const Event& event) {
  if (event.version != order.version + 1) return "it is not the next event";
  const bool creates = event.type == EventType::OrderCreated;
  if (creates != (order.version == 0)) return "an order is created by its first event alone";
  if (creates != std::holds_alternative<OrderCreated>(event.data))
    return "its data is not its type's";
  if (event.type != EventType::OrderRestarted && event.run != order.run) {
    return "it belongs to another run";
  }
  return std::visit([&](const auto& data) { return check(order, event, data); }, event.data);
}

std::optional<std::string> unwritable(const Event& event) {
  if (event.step && !is_step(*event.step)) return "its step is none of ours";
  const bool texts = is_valid_utf8(event.actor.id) && is_valid_utf8(event.causation_id) &&
                     is_valid_utf8(event.correlation_id) &&
                     (!event.traceparent || is_valid_utf8(*event.traceparent));
  if (!texts) return "a text of it is not UTF-8";
  if (event.version > static_cast<std::uint64_t>(kMaxMinor)) return "its version is out of range";
  if (event.occurred_at < kFirstTime || event.occurred_at > kLastTime) {
    return "its time is out of range";
  }
  return std::nullopt;
}

bool read_on(OrderReader& orders, const OrderId& id, OrderFacts& facts, Findings& findings) {
  bool whole = true;
  const bool read = readable(Rule::stream, id.to_string(), findings, [&] {
    while (whole) {
      const auto page = orders.events(id, facts.order.version, kEventsPerRead);
      for (const auto& stored : page) {
        whole = whole && take(facts, stored, id, findings);
      }
      if (page.size() < kEventsPerRead) return;
    }
  });
  if (read && facts.events == 0 && whole) {
    findings.add(Rule::stream, id, "the order has no events");
    whole = false;
  }
  for (auto& [key, fact] : facts.keys) fact.last_run = key.run == facts.order.run;
  return read && whole;
}

std::optional<OrderFacts> read_stream(OrderReader& orders, const OrderId& id, Findings& findings) {
  OrderFacts facts;
  if (!read_on(orders, id, facts, findings)) return std::nullopt;
  return facts;
}

}  // namespace conveyor::verifying
