// Method: none of its own; the events of test_events.h for the tests beside it.
#include "domain/test_events.h"

#include <limits>

#include "base/utf8_generator.h"
#include "domain/event_json.h"

namespace conveyor::test {
namespace {

constexpr Timestamp kStart = from_unix_ms(1'767'225'600'123);

template <class IdType>
IdType id_at(std::uint64_t number) {
  return IdType{make_uuid_v7(kStart, 0, number)};
}

std::vector<Line> two_lines() {
  return {{1, "SKU-1", "Ein \u00dcberzug, \"blau\"", 2, 1'250}, {2, "SKU-2", std::nullopt, 1, -50}};
}

Evidence full_evidence() {
  Evidence evidence;
  evidence.reservation_id = id_at<ReservationId>(11);
  evidence.payment_id = id_at<PaymentId>(12);
  evidence.shipment_id = id_at<ShipmentId>(13);
  evidence.amount_minor = 2'450;
  evidence.provider_reference = "provider-77";
  evidence.carrier = "Postman";
  evidence.tracking = "TRACK-1";
  return evidence;
}

CallTime call_time() {
  return {kStart + Duration{5}, 41};
}

Changes all_changes(const std::string& method, std::uint32_t contact_version) {
  return {two_lines(), method, contact_version};
}

EventData order_created() {
  return OrderCreated{"customer-1",
                      "R-1",
                      Currency::from_code("EUR").value(),
                      two_lines(),
                      {{AdjustmentKind::shipping, 490, "Standard"},
                       {AdjustmentKind::tax, 0, std::nullopt},
                       {AdjustmentKind::discount, -100, std::nullopt},
                       {AdjustmentKind::fee, 1, std::nullopt}},
                      2'841,
                      "pm_ok",
                      1};
}

EventData example_of(EventType type) {
  const std::vector<StepNumber> steps{3, 4, 2, 1};
  switch (type) {
    case EventType::OrderCreated:
      return order_created();
    case EventType::InventoryReserved:
    case EventType::PaymentAuthorized:
    case EventType::ShipmentBooked:
    case EventType::PaymentCaptured:
    case EventType::ShipmentDispatched:
    case EventType::InventoryCommitted:
      return StepSucceeded{full_evidence(), call_time()};
    case EventType::InventoryRejected:
    case EventType::PaymentDeclined:
    case EventType::ShipmentRejected:
      return StepRefused{"out_of_stock", {{"SKU-1", 2, 1}, {"SKU-2", 1, 0}}, call_time()};
    case EventType::InventoryReleased:
    case EventType::PaymentVoided:
    case EventType::ShipmentCancelled:
    case EventType::PaymentRefunded:
      return StepUndone{Effect::by_hand, "ticket-7", full_evidence(), call_time()};
    case EventType::StepAttemptFailed:
      return StepAttemptFailed{Action::perform,
                               FailureClass::transient,
                               "http_503",
                               "payment/authorize_payment/transient/http_503",
                               "service\tunavailable",
                               call_time(),
                               kStart + Duration{1'000}};
    case EventType::OrderDeadLettered:
      return OrderDeadLettered{DeadLetterReason::exhausted,
                               FailureClass::transient,
                               "http_503",
                               "payment/authorize_payment/transient/http_503",
                               8,
                               kStart + std::chrono::hours{24}};
    case EventType::OrderRetried:
      return OrderRetried{"card_changed", all_changes("pm_new", 2), all_changes("pm_old", 1), 2};
    case EventType::OrderRestarted:
      return OrderRestarted{"again", all_changes("pm_new", 2), all_changes("pm_old", 1), 2'841};
    case EventType::OrderHeld:
      return OrderHeld{"fraud_check"};
    case EventType::OrderReleased:
      return OrderReleased{"cleared"};
    case EventType::CancelRequested:
      return CancelRequested{"customer", Status::processing, steps};
    case EventType::CancelRejected:
      return CancelRejected{"already_dispatched"};
    case EventType::ContactErased:
      return ContactErased{};
    case EventType::CompensationStarted:
      return CompensationStarted{UndoCause::operator_, "compensated_by_operator", "asked", steps};
    case EventType::CompensationFailed:
      return CompensationFailed{UndoFailure::no_answer, "no_answer", steps};
    case EventType::CompensationResolved:
      return CompensationResolved{"by_phone", "ticket-7"};
    case EventType::OrderCancelled:
      return OrderCancelled{"customer", steps};
    case EventType::OrderFailed:
      return OrderFailed{"declined", steps};
    case EventType::OrderCompleted:
      return OrderCompleted{};
    case EventType::EventIgnored:
      return EventIgnored{EventType::PaymentCaptured, "the order is final",
                          OperationKey{id_at<OrderId>(1), 1, 4, 2}};
  }
  return OrderCompleted{};
}

// --- generators ---------------------------------------------------------------------------------

std::string any_text() {
  return *utf8_text();
}

/// Any integer that I-JSON can carry, with its limits well represented.
std::int64_t any_integer() {
  return *rc::gen::oneOf(rc::gen::inRange<std::int64_t>(-kMaxMinor, kMaxMinor + 1),
                         rc::gen::element<std::int64_t>(-kMaxMinor, -1, 0, 1, kMaxMinor));
}

std::uint32_t any_counter() {
  return *rc::gen::inRange<std::uint32_t>(1, std::numeric_limits<std::uint32_t>::max());
}

Timestamp any_time() {
  constexpr std::int64_t kEndOf9999 = 253'402'300'799'999;
  return from_unix_ms(*rc::gen::inRange<std::int64_t>(0, kEndOf9999 + 1));
}

template <class T, class Make>
std::optional<T> maybe(Make&& make) {
  if (!*rc::gen::arbitrary<bool>()) return std::nullopt;
  return make();
}

template <class T, class Make>
std::vector<T> some(Make&& make) {
  std::vector<T> out(*rc::gen::inRange<std::size_t>(0, 4));
  for (auto& each : out) each = make();
  return out;
}

std::optional<std::string> maybe_text() {
  return maybe<std::string>(any_text);
}

Uuid any_uuid() {
  return make_uuid_v7(any_time(), *rc::gen::arbitrary<std::uint64_t>(),
                      *rc::gen::arbitrary<std::uint64_t>());
}

Line any_line() {
  return {*rc::gen::inRange(1, 1'000), any_text(), maybe_text(), any_integer(), any_integer()};
}

StepNumber any_step() {
  return *rc::gen::inRange<StepNumber>(1, kStepCount + 1);
}

Evidence any_evidence() {
  Evidence e;
  e.reservation_id = maybe<ReservationId>([] { return ReservationId{any_uuid()}; });
  e.payment_id = maybe<PaymentId>([] { return PaymentId{any_uuid()}; });
  e.shipment_id = maybe<ShipmentId>([] { return ShipmentId{any_uuid()}; });
  e.amount_minor = maybe<std::int64_t>(any_integer);
  e.provider_reference = any_text();
  e.carrier = any_text();
  e.tracking = any_text();
  return e;
}

CallTime any_call() {
  return {any_time(), any_integer()};
}

/// `from` has a value for whatever `to` changes, and nothing else.
void any_changes(Changes& to, Changes& from) {
  to.lines = maybe<std::vector<Line>>([] { return some<Line>(any_line); });
  if (to.lines) from.lines = some<Line>(any_line);
  to.payment_method = maybe_text();
  if (to.payment_method) from.payment_method = any_text();
  to.contact_version = maybe<std::uint32_t>(any_counter);
  if (to.contact_version) from.contact_version = any_counter();
}

EventType any_type() {
  return static_cast<EventType>(*rc::gen::inRange<int>(0, kEventTypeCount));
}

FailureClass any_failure_class() {
  return *rc::gen::element(FailureClass::transient, FailureClass::failed, FailureClass::unknown,
                           FailureClass::denied, FailureClass::rejected, FailureClass::poison);
}

// One overload per kind of data, drawn into the default-constructed value.

void draw(OrderCreated& d) {
  d.customer_id = any_text();
  d.reference = maybe_text();
  d.currency = Currency::from_code(*rc::gen::element("EUR", "JPY", "KWD")).value();
  d.lines = some<Line>(any_line);
  d.adjustments = some<Adjustment>([] {
    return Adjustment{*rc::gen::element(AdjustmentKind::shipping, AdjustmentKind::tax,
                                        AdjustmentKind::discount, AdjustmentKind::fee),
                      any_integer(), maybe_text()};
  });
  d.total_minor = any_integer();
  d.payment_method = any_text();
  d.contact_version = any_counter();
}
void draw(StepSucceeded& d) {
  d = {any_evidence(), any_call()};
}
void draw(StepRefused& d) {
  d = {any_text(),
       some<Shortage>([] { return Shortage{any_text(), any_integer(), any_integer()}; }),
       any_call()};
}
void draw(StepUndone& d) {
  d = {*rc::gen::element(Effect::reversed, Effect::none, Effect::by_hand), any_text(),
       any_evidence(), any_call()};
}
void draw(StepAttemptFailed& d) {
  d = {*rc::gen::element(Action::perform, Action::undo),
       any_failure_class(),
       any_text(),
       any_text(),
       any_text(),
       any_call(),
       maybe<Timestamp>(any_time)};
}
void draw(OrderDeadLettered& d) {
  d = {*rc::gen::element(DeadLetterReason::exhausted, DeadLetterReason::poison,
                         DeadLetterReason::edit_refused, DeadLetterReason::edit_undo),
       any_failure_class(),
       any_text(),
       any_text(),
       any_counter(),
       maybe<Timestamp>(any_time)};
}
void draw(OrderRetried& d) {
  d.reason = any_text();
  any_changes(d.changes, d.previous);
  d.new_generation = maybe<std::uint32_t>(any_counter);
}
void draw(OrderRestarted& d) {
  d.reason = any_text();
  any_changes(d.changes, d.previous);
  d.total_minor = any_integer();
}
void draw(OrderHeld& d) {
  d.reason = any_text();
}
void draw(OrderReleased& d) {
  d.reason = any_text();
}
void draw(CancelRequested& d) {
  d = {any_text(), *rc::gen::elementOf(kAllStatuses), some<StepNumber>(any_step)};
}
void draw(CancelRejected& d) {
  d.code = any_text();
}
void draw(ContactErased&) {}
void draw(CompensationStarted& d) {
  d = {*rc::gen::element(UndoCause::cancel, UndoCause::rejected, UndoCause::operator_,
                         UndoCause::timer, UndoCause::expired),
       any_text(), any_text(), some<StepNumber>(any_step)};
}
void draw(CompensationFailed& d) {
  d = {*rc::gen::element(UndoFailure::no_answer, UndoFailure::refused, UndoFailure::exhausted,
                         UndoFailure::poison),
       any_text(), some<StepNumber>(any_step)};
}
void draw(CompensationResolved& d) {
  d = {any_text(), any_text()};
}
void draw(OrderCancelled& d) {
  d = {any_text(), some<StepNumber>(any_step)};
}
void draw(OrderFailed& d) {
  d = {any_text(), some<StepNumber>(any_step)};
}
void draw(OrderCompleted&) {}
void draw(EventIgnored& d) {
  d = {any_type(), any_text(),
       OperationKey{OrderId{any_uuid()}, any_counter(), any_step(), any_counter()}};
}

}  // namespace

std::vector<Event> one_of_every_type() {
  std::vector<Event> events;
  Digest previous{};
  for (std::uint8_t i = 0; i < kEventTypeCount; ++i) {
    Event event;
    event.type = static_cast<EventType>(i);
    event.step = static_cast<StepNumber>(i % kStepCount + 1);
    event.generation = 2;
    event.attempt = 3;
    event.data = example_of(event.type);
    event.id = id_at<EventId>(100U + i);
    event.order_id = id_at<OrderId>(1);
    event.version = i + 1U;
    event.correlation_id = "correlation-1";
    event.causation_id = "req_1";
    event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    event.actor = {ActorKind::operator_, "local"};
    event.occurred_at = kStart + Duration{i};
    event.hash = previous = event_hash(previous, event, event_data_json(event));
    events.push_back(std::move(event));
  }
  return events;
}

EventData any_data(EventType type) {
  auto data = example_of(type);
  std::visit(
      [](auto& d) {
        d = {};
        draw(d);
      },
      data);
  return data;
}

Event any_event() {
  Event event;
  event.type = any_type();
  event.data = any_data(event.type);
  event.step = maybe<StepNumber>(any_step);
  event.generation = maybe<std::uint32_t>(any_counter);
  event.attempt = maybe<std::uint32_t>(any_counter);
  event.run = any_counter();
  event.id = EventId{any_uuid()};
  event.order_id = OrderId{any_uuid()};
  event.version = any_counter();
  event.correlation_id = any_text();
  event.causation_id = any_text();
  event.traceparent = maybe_text();
  event.actor = {*rc::gen::element(ActorKind::system, ActorKind::client, ActorKind::operator_),
                 any_text()};
  event.occurred_at = any_time();
  return event;
}

}  // namespace conveyor::test
