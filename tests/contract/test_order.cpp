#include "contract/test_order.h"

#include "base/assert.h"
#include "domain/event_json.h"
#include "domain/evolve.h"

namespace conveyor::test {

TestOrder::TestOrder(const OrderSpec& spec)
    : next_id_(spec.number << 20), now_ms_(spec.created_ms) {
  OrderCreated data;
  data.customer_id = spec.customer_id;
  data.reference = spec.reference;
  data.currency = Currency::from_code(spec.currency).value();
  data.lines = spec.lines;
  data.adjustments = {{AdjustmentKind::shipping, spec.shipping_minor, std::nullopt}};
  data.total_minor = total_of(data.lines, data.adjustments).value();
  data.payment_method = "pm_ok";
  EventDraft draft;
  draft.type = EventType::OrderCreated;
  draft.data = std::move(data);
  order_.id = OrderId{make_uuid_v7(from_unix_ms(spec.created_ms), 7, spec.number)};
  order_.correlation_id = "req_01h455vb4pex5vsknk084sn02q";
  order_.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  seal({std::move(draft)});
}

std::vector<Event> TestOrder::seal(std::vector<EventDraft> drafts) {
  const auto first = static_cast<std::ptrdiff_t>(events_.size());
  for (auto& draft : drafts) {
    Event event;
    static_cast<EventDraft&>(event) = std::move(draft);
    event.id = EventId{make_uuid_v7(from_unix_ms(now_ms_), 3, next_id_++)};
    event.order_id = order_.id;
    event.version = order_.version + 1;
    event.correlation_id = order_.correlation_id;
    if (events_.empty()) {
      event.causation_id = order_.correlation_id;
      event.traceparent = order_.traceparent;
      event.actor = {ActorKind::client, "shop-1"};
    } else {
      event.causation_id = order_.last_event_id.to_string();
    }
    event.occurred_at = from_unix_ms(now_ms_);
    event.hash = event_hash(order_.hash, event, event_data_json(event));
    evolve(order_, event);
    events_.push_back(std::move(event));
  }
  return {events_.begin() + first, events_.end()};
}

std::vector<Event> TestOrder::apply(const Input& input) {
  now_ms_ += 5;
  static const RetryPolicy policy;
  const auto decision = decide(order_, input, {from_unix_ms(now_ms_), policy, 0.5});
  CONVEYOR_ASSERT(decision.has_value() && !decision->events.empty(), "the test's input counts");
  return seal(decision->events);
}

std::vector<Event> TestOrder::command(CommandKind kind, Changes changes) {
  return apply(Command{kind, "tested", std::move(changes), {}});
}

std::vector<Event> TestOrder::outcome(Outcome outcome) {
  const auto call = needed_call(order_);
  CONVEYOR_ASSERT(call.has_value(), "a call is needed");
  OutcomeInput input;
  input.key = call->key;
  input.action = call->action;
  input.outcome = std::move(outcome);
  input.call = {from_unix_ms(now_ms_), 5};
  return apply(input);
}

std::vector<Event> TestOrder::succeed() {
  const auto call = needed_call(order_);
  CONVEYOR_ASSERT(call.has_value(), "a call is needed");
  Outcome out;
  if (call->action == Action::undo) {
    out.kind = Outcome::Kind::undone;
    out.effect = Effect::reversed;
    return outcome(std::move(out));
  }
  out.kind = Outcome::Kind::succeeded;
  const Uuid uuid = make_uuid_v7(from_unix_ms(now_ms_), 9, call->key.step);
  switch (spec_of(call->key.step).participant) {
    case Participant::inventory:
      out.evidence.reservation_id = ReservationId{uuid};
      break;
    case Participant::payment:
      out.evidence.payment_id = PaymentId{uuid};
      out.evidence.amount_minor = order_.total_minor;
      out.evidence.provider_reference = "sbx_ch_0001";
      break;
    case Participant::shipping:
      out.evidence.shipment_id = ShipmentId{uuid};
      out.evidence.carrier = "sandbox";
      out.evidence.tracking = "SBX0000000001";
      break;
  }
  return outcome(std::move(out));
}

std::vector<Event> TestOrder::reject() {
  Outcome out;
  out.kind = Outcome::Kind::rejected;
  out.code = "out_of_stock";
  out.shortages = {{"SKU-A", 2, 0}};
  return outcome(std::move(out));
}

std::vector<Event> TestOrder::refuse() {
  Outcome out;
  out.kind = Outcome::Kind::refused;
  out.code = "cannot_cancel";
  return outcome(std::move(out));
}

std::vector<Event> TestOrder::expire(Timer timer) {
  const auto due = due_at(order_, timer, RetryPolicy{});
  CONVEYOR_ASSERT(due.has_value(), "the timer runs");
  now_ms_ = to_unix_ms(*due);
  return apply(timer);
}

std::vector<Event> TestOrder::fail(FailureClass failure_class, std::string code) {
  Outcome out;
  out.kind = Outcome::Kind::failed;
  out.failure_class = failure_class;
  out.code = std::move(code);
  out.message = "Grüße: später";
  return outcome(std::move(out));
}

std::vector<Event> TestOrder::note(EventDraft draft) {
  now_ms_ += 5;
  draft.run = order_.run;
  return seal({std::move(draft)});
}

std::vector<Event> TestOrder::finish() {
  const auto first = static_cast<std::ptrdiff_t>(events_.size());
  while (needed_call(order_)) succeed();
  return {events_.begin() + first, events_.end()};
}

Contact contact_of(const TestOrder& order) {
  Contact contact;
  contact.order_id = order.id();
  contact.ship_to = {"Ada Lovelace", "1 Main Street", std::nullopt, "Oslo", std::nullopt, "0150",
                     "NO",           std::nullopt,    std::nullopt};
  return contact;
}

IdempotencyKey key_number(std::uint64_t number) {
  return {sha256("scope " + std::to_string(number)), sha256("request " + std::to_string(number))};
}

OperationKey operation(std::uint64_t order_number, StepNumber step, std::uint32_t run,
                       std::uint32_t generation) {
  return {OrderId{make_uuid_v7(from_unix_ms(kStartMs), 7, order_number)}, run, step, generation};
}

}  // namespace conveyor::test
