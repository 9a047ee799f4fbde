#include <fmt/format.h>

#include <boost/json.hpp>
#include <utility>

#include "domain/event_json.h"

namespace conveyor {
namespace {

// What does not fit throws Mismatch, caught in parse_event_data.
struct Mismatch {
  std::string what;
};

using boost::json::object;
using boost::json::value;

const value& required(const object& o, std::string_view name) {
  const auto* found = o.if_contains(name);
  if (found == nullptr) throw Mismatch{fmt::format("member {} is missing", name)};
  return *found;
}

std::string text_of(const value& v) {
  if (!v.is_string()) throw Mismatch{"a string is expected"};
  return std::string{std::string_view{v.get_string()}};
}

std::int64_t integer_of(const value& v) {
  if (!v.is_int64()) throw Mismatch{"an integer is expected"};
  return v.get_int64();
}

const object& object_of(const value& v) {
  if (!v.is_object()) throw Mismatch{"an object is expected"};
  return v.get_object();
}

const boost::json::array& array_of(const value& v) {
  if (!v.is_array()) throw Mismatch{"an array is expected"};
  return v.get_array();
}

std::string text(const object& o, std::string_view name) {
  return text_of(required(o, name));
}
std::int64_t integer(const object& o, std::string_view name) {
  return integer_of(required(o, name));
}

std::string text_or_empty(const object& o, std::string_view name) {
  const auto* found = o.if_contains(name);
  return found == nullptr ? std::string{} : text_of(*found);
}

std::optional<std::string> optional_text(const object& o, std::string_view name) {
  const auto* found = o.if_contains(name);
  if (found == nullptr) return std::nullopt;
  return text_of(*found);
}

template <class T>
T unsigned_of(std::int64_t number) {
  if (!std::in_range<T>(number)) throw Mismatch{"an integer is out of range"};
  return static_cast<T>(number);
}

/// What `parse` makes of the text; nothing is a mismatch.
template <class Parse>
auto word(const std::string& spelled, Parse&& parse) {
  auto parsed = parse(spelled);
  if (!parsed) throw Mismatch{fmt::format("\"{}\" is not a known word here", spelled)};
  return *parsed;
}

Timestamp time_of(const value& v) {
  return word(text_of(v), parse_rfc3339);
}

std::optional<Timestamp> optional_time(const object& o, std::string_view name) {
  const auto* found = o.if_contains(name);
  if (found == nullptr) return std::nullopt;
  return time_of(*found);
}

template <class IdType>
std::optional<IdType> optional_id(const object& o, std::string_view name) {
  const auto* found = o.if_contains(name);
  if (found == nullptr) return std::nullopt;
  return word(text_of(*found), IdType::parse);
}

std::vector<Line> lines_of(const value& v) {
  std::vector<Line> lines;
  for (const auto& item : array_of(v)) {
    const auto& o = object_of(item);
    lines.push_back({unsigned_of<std::int32_t>(integer(o, "line")), text(o, "sku"),
                     optional_text(o, "title"), integer(o, "quantity"), integer(o, "unit_price")});
  }
  return lines;
}

std::vector<StepNumber> steps_of(const value& v) {
  std::vector<StepNumber> steps;
  for (const auto& item : array_of(v)) steps.push_back(word(text_of(item), parse_step));
  return steps;
}

CallTime call_of(const object& o) {
  return {time_of(required(o, "started_at")), integer(o, "duration_ms")};
}

Evidence evidence_of(const object& o) {
  Evidence e;
  e.reservation_id = optional_id<ReservationId>(o, "reservation_id");
  e.payment_id = optional_id<PaymentId>(o, "payment_id");
  e.shipment_id = optional_id<ShipmentId>(o, "shipment_id");
  if (const auto* amount = o.if_contains("amount")) e.amount_minor = integer_of(*amount);
  e.provider_reference = text_or_empty(o, "provider_reference");
  e.carrier = text_or_empty(o, "carrier");
  e.tracking = text_or_empty(o, "tracking");
  return e;
}

void read_changes(const object& o, Changes& to, Changes& from) {
  for (const auto& item : array_of(required(o, "changes"))) {
    const auto& change = object_of(item);
    const auto field = text(change, "field");
    const auto& old_value = required(change, "from");
    const auto& new_value = required(change, "to");
    if (field == "lines") {
      from.lines = lines_of(old_value);
      to.lines = lines_of(new_value);
    } else if (field == "payment_method") {
      from.payment_method = text_of(old_value);
      to.payment_method = text_of(new_value);
    } else if (field == "ship_to") {
      from.contact_version = unsigned_of<std::uint32_t>(integer_of(old_value));
      to.contact_version = unsigned_of<std::uint32_t>(integer_of(new_value));
    } else {
      throw Mismatch{fmt::format("\"{}\" is not a field that can change", field)};
    }
  }
}

EventData read_created(const object& o) {
  OrderCreated d;
  for (const auto& item : array_of(required(o, "adjustments"))) {
    const auto& adjustment = object_of(item);
    d.adjustments.push_back({word(text(adjustment, "kind"), parse_adjustment_kind),
                             integer(adjustment, "amount"), optional_text(adjustment, "label")});
  }
  d.contact_version = unsigned_of<std::uint32_t>(integer(o, "contact_version"));
  d.currency = word(text(o, "currency"), Currency::from_code);
  d.customer_id = text(o, "customer_id");
  d.lines = lines_of(required(o, "lines"));
  d.payment_method = text(o, "payment_method");
  d.reference = optional_text(o, "reference");
  d.total_minor = integer(o, "total");
  return d;
}

EventData read_refused(const object& o) {
  StepRefused d;
  d.code = text(o, "code");
  d.call = call_of(o);
  if (const auto* shortages = o.if_contains("shortages")) {
    for (const auto& item : array_of(*shortages)) {
      const auto& s = object_of(item);
      d.shortages.push_back({text(s, "sku"), integer(s, "wanted"), integer(s, "available")});
    }
  }
  return d;
}

EventData read_undone(const object& o) {
  return StepUndone{word(text(o, "effect"), parse_effect), text_or_empty(o, "external_reference"),
                    evidence_of(o), call_of(o)};
}

EventData read_attempt_failed(const object& o) {
  return StepAttemptFailed{word(text(o, "action"), parse_action),
                           word(text(o, "class"), parse_failure_class),
                           text(o, "code"),
                           text(o, "fingerprint"),
                           text_or_empty(o, "message"),
                           call_of(o),
                           optional_time(o, "next_attempt_at")};
}

EventData read_dead_lettered(const object& o) {
  return OrderDeadLettered{word(text(o, "reason"), parse_dead_letter_reason),
                           word(text(o, "class"), parse_failure_class),
                           text(o, "code"),
                           text(o, "fingerprint"),
                           unsigned_of<std::uint32_t>(integer(o, "attempts")),
                           optional_time(o, "undo_at")};
}

EventData read_retried(const object& o) {
  OrderRetried d;
  d.reason = text_or_empty(o, "reason");
  read_changes(o, d.changes, d.previous);
  if (const auto* generation = o.if_contains("new_generation")) {
    d.new_generation = unsigned_of<std::uint32_t>(integer_of(*generation));
  }
  return d;
}

EventData read_restarted(const object& o) {
  OrderRestarted d;
  d.reason = text_or_empty(o, "reason");
  read_changes(o, d.changes, d.previous);
  d.total_minor = integer(o, "total");
  return d;
}

EventData read_cancel_requested(const object& o) {
  return CancelRequested{text_or_empty(o, "reason"), word(text(o, "resume_status"), parse_status),
                         steps_of(required(o, "outstanding"))};
}

EventData read_compensation_started(const object& o) {
  return CompensationStarted{word(text(o, "cause"), parse_undo_cause), text(o, "code"),
                             text_or_empty(o, "reason"), steps_of(required(o, "outstanding"))};
}

EventData read_compensation_failed(const object& o) {
  return CompensationFailed{word(text(o, "cause"), parse_undo_failure), text(o, "code"),
                            steps_of(required(o, "outstanding"))};
}

EventData read_ignored(const object& o) {
  return EventIgnored{word(text(o, "original_type"), parse_event_type), text(o, "reason"),
                      word(text(o, "key"), OperationKey::parse)};
}

/// Schema version 1 of every type; a later version adds its upcaster here.
EventData read(EventType type, const object& o) {
  switch (type) {
    case EventType::OrderCreated:
      return read_created(o);
    case EventType::InventoryReserved:
    case EventType::PaymentAuthorized:
    case EventType::ShipmentBooked:
    case EventType::PaymentCaptured:
    case EventType::ShipmentDispatched:
    case EventType::InventoryCommitted:
      return StepSucceeded{evidence_of(o), call_of(o)};
    case EventType::InventoryRejected:
    case EventType::PaymentDeclined:
    case EventType::ShipmentRejected:
      return read_refused(o);
    case EventType::InventoryReleased:
    case EventType::PaymentVoided:
    case EventType::PaymentRefunded:
    case EventType::ShipmentCancelled:
      return read_undone(o);
    case EventType::StepAttemptFailed:
      return read_attempt_failed(o);
    case EventType::OrderDeadLettered:
      return read_dead_lettered(o);
    case EventType::OrderRetried:
      return read_retried(o);
    case EventType::OrderRestarted:
      return read_restarted(o);
    case EventType::OrderHeld:
      return OrderHeld{text_or_empty(o, "reason")};
    case EventType::OrderReleased:
      return OrderReleased{text_or_empty(o, "reason")};
    case EventType::CancelRequested:
      return read_cancel_requested(o);
    case EventType::CancelRejected:
      return CancelRejected{text(o, "code")};
    case EventType::ContactErased:
      return ContactErased{};
    case EventType::CompensationStarted:
      return read_compensation_started(o);
    case EventType::CompensationFailed:
      return read_compensation_failed(o);
    case EventType::CompensationResolved:
      return CompensationResolved{text_or_empty(o, "reason"), text(o, "external_reference")};
    case EventType::OrderCancelled:
      return OrderCancelled{text(o, "code"), steps_of(required(o, "undone_steps"))};
    case EventType::OrderFailed:
      return OrderFailed{text(o, "code"), steps_of(required(o, "undone_steps"))};
    case EventType::OrderCompleted:
      return OrderCompleted{};
    case EventType::EventIgnored:
      return read_ignored(o);
  }
  throw Mismatch{"the event type is unknown"};
}

}  // namespace

std::expected<EventData, std::string> parse_event_data(EventType type, std::uint32_t schema_version,
                                                       std::string_view json) {
  if (schema_version != kSchemaVersion) {
    return std::unexpected(fmt::format("{} has schema version {}; this program reads {}",
                                       to_string(type), schema_version, kSchemaVersion));
  }
  boost::json::error_code error;
  const auto parsed = boost::json::parse(json, error);
  if (error) return std::unexpected(fmt::format("data is not JSON: {}", error.message()));
  try {
    return read(type, object_of(parsed));
  } catch (const Mismatch& mismatch) {
    return std::unexpected(fmt::format("data of {}: {}", to_string(type), mismatch.what));
  }
}

}  // namespace conveyor
