#include "domain/event_json.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/json_writer.h"

namespace conveyor {
namespace {

// --- writing: members in RFC 8785 order, which for these names is that of their bytes
// -------------

void member_unless_empty(JsonWriter& w, std::string_view name, const std::string& text) {
  if (!text.empty()) w.member(name, text);
}

void member_time(JsonWriter& w, std::string_view name, std::optional<Timestamp> time) {
  if (time) w.member(name, format_rfc3339(*time));
}

void write_lines(JsonWriter& w, const std::vector<Line>& lines) {
  w.begin_array();
  for (const auto& line : lines) {
    w.begin_object();
    w.member("line", line.line);
    w.member("quantity", line.quantity);
    w.member("sku", line.sku);
    if (line.title) w.member("title", *line.title);
    w.member("unit_price", line.unit_price_minor);
    w.end_object();
  }
  w.end_array();
}

void write_steps(JsonWriter& w, const std::vector<StepNumber>& steps) {
  w.begin_array();
  for (const auto step : steps) w.value(spec_of(step).name);
  w.end_array();
}

void write_change_parts(JsonWriter& w, std::string_view field, auto&& write_from, auto&& write_to) {
  w.begin_object();
  w.member("field", field);
  w.key("from");
  write_from();
  w.key("to");
  write_to();
  w.end_object();
}

/// Contact fields are named, not shown: their values are versions of the contact row.
void write_changes(JsonWriter& w, const Changes& to, const Changes& from) {
  w.key("changes");
  w.begin_array();
  if (to.lines) {
    write_change_parts(
        w, "lines", [&] { write_lines(w, from.lines.value()); },
        [&] { write_lines(w, *to.lines); });
  }
  if (to.payment_method) {
    write_change_parts(
        w, "payment_method", [&] { w.value(from.payment_method.value()); },
        [&] { w.value(*to.payment_method); });
  }
  if (to.contact_version) {
    write_change_parts(
        w, "ship_to", [&] { w.value(from.contact_version.value()); },
        [&] { w.value(*to.contact_version); });
  }
  w.end_array();
}

/// Evidence and call time share one object with an undo's own members in between.
void write_effect(JsonWriter& w, const Evidence& e, const CallTime& call,
                  const StepUndone* undone) {
  if (e.amount_minor) w.member("amount", *e.amount_minor);
  member_unless_empty(w, "carrier", e.carrier);
  w.member("duration_ms", call.duration_ms);
  if (undone != nullptr) {
    w.member("effect", to_string(undone->effect));
    member_unless_empty(w, "external_reference", undone->external_reference);
  }
  if (e.payment_id) w.member("payment_id", e.payment_id->to_string());
  member_unless_empty(w, "provider_reference", e.provider_reference);
  if (e.reservation_id) w.member("reservation_id", e.reservation_id->to_string());
  if (e.shipment_id) w.member("shipment_id", e.shipment_id->to_string());
  w.member("started_at", format_rfc3339(call.started_at));
  member_unless_empty(w, "tracking", e.tracking);
}

void write(JsonWriter& w, const OrderCreated& d) {
  w.key("adjustments");
  w.begin_array();
  for (const auto& adjustment : d.adjustments) {
    w.begin_object();
    w.member("amount", adjustment.amount_minor);
    w.member("kind", to_string(adjustment.kind));
    if (adjustment.label) w.member("label", *adjustment.label);
    w.end_object();
  }
  w.end_array();
  w.member("contact_version", d.contact_version);
  w.member("currency", d.currency.code());
  w.member("customer_id", d.customer_id);
  w.key("lines");
  write_lines(w, d.lines);
  w.member("payment_method", d.payment_method);
  if (d.reference) w.member("reference", *d.reference);
  w.member("total", d.total_minor);
}

void write(JsonWriter& w, const StepSucceeded& d) {
  write_effect(w, d.evidence, d.call, nullptr);
}

void write(JsonWriter& w, const StepUndone& d) {
  write_effect(w, d.evidence, d.call, &d);
}

void write(JsonWriter& w, const StepRefused& d) {
  w.member("code", d.code);
  w.member("duration_ms", d.call.duration_ms);
  if (!d.shortages.empty()) {
    w.key("shortages");
    w.begin_array();
    for (const auto& shortage : d.shortages) {
      w.begin_object();
      w.member("available", shortage.available);
      w.member("sku", shortage.sku);
      w.member("wanted", shortage.wanted);
      w.end_object();
    }
    w.end_array();
  }
  w.member("started_at", format_rfc3339(d.call.started_at));
}

void write(JsonWriter& w, const StepAttemptFailed& d) {
  w.member("action", to_string(d.action));
  w.member("class", to_string(d.failure_class));
  w.member("code", d.code);
  w.member("duration_ms", d.call.duration_ms);
  w.member("fingerprint", d.fingerprint);
  member_unless_empty(w, "message", d.message);
  member_time(w, "next_attempt_at", d.next_attempt_at);
  w.member("started_at", format_rfc3339(d.call.started_at));
}

void write(JsonWriter& w, const OrderDeadLettered& d) {
  w.member("attempts", d.attempts);
  w.member("class", to_string(d.failure_class));
  w.member("code", d.code);
  w.member("fingerprint", d.fingerprint);
  w.member("reason", to_string(d.reason));
  member_time(w, "undo_at", d.undo_at);
}

void write(JsonWriter& w, const OrderRetried& d) {
  write_changes(w, d.changes, d.previous);
  if (d.new_generation) w.member("new_generation", *d.new_generation);
  member_unless_empty(w, "reason", d.reason);
}

void write(JsonWriter& w, const OrderRestarted& d) {
  write_changes(w, d.changes, d.previous);
  member_unless_empty(w, "reason", d.reason);
  w.member("total", d.total_minor);
}

void write(JsonWriter& w, const OrderHeld& d) {
  member_unless_empty(w, "reason", d.reason);
}
void write(JsonWriter& w, const OrderReleased& d) {
  member_unless_empty(w, "reason", d.reason);
}

void write(JsonWriter& w, const CancelRequested& d) {
  w.key("outstanding");
  write_steps(w, d.outstanding);
  member_unless_empty(w, "reason", d.reason);
  w.member("resume_status", to_string(d.resume_status));
}

void write(JsonWriter& w, const CancelRejected& d) {
  w.member("code", d.code);
}
void write(JsonWriter&, const ContactErased&) {}

void write(JsonWriter& w, const CompensationStarted& d) {
  w.member("cause", to_string(d.cause));
  w.member("code", d.code);
  w.key("outstanding");
  write_steps(w, d.outstanding);
  member_unless_empty(w, "reason", d.reason);
}

void write(JsonWriter& w, const CompensationFailed& d) {
  w.member("cause", to_string(d.cause));
  w.member("code", d.code);
  w.key("outstanding");
  write_steps(w, d.outstanding);
}

void write(JsonWriter& w, const CompensationResolved& d) {
  w.member("external_reference", d.external_reference);
  member_unless_empty(w, "reason", d.reason);
}

void write_closed(JsonWriter& w, const std::string& code, const std::vector<StepNumber>& steps) {
  w.member("code", code);
  w.key("undone_steps");
  write_steps(w, steps);
}
void write(JsonWriter& w, const OrderCancelled& d) {
  write_closed(w, d.code, d.undone_steps);
}
void write(JsonWriter& w, const OrderFailed& d) {
  write_closed(w, d.code, d.undone_steps);
}
void write(JsonWriter&, const OrderCompleted&) {}

void write(JsonWriter& w, const EventIgnored& d) {
  w.member("key", d.key.to_string());
  w.member("original_type", to_string(d.original));
  w.member("reason", d.reason);
}

// --- reading: what does not fit throws Mismatch, caught in parse_event_data
// ------------------------

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

void write_envelope(JsonWriter& w, const Event& e, std::string_view data_json, bool with_hash) {
  w.begin_object();
  w.key("actor");
  w.begin_object();
  w.member("id", e.actor.id);
  w.member("kind", to_string(e.actor.kind));
  w.end_object();
  if (e.attempt) w.member("attempt", *e.attempt);
  w.member("causation_id", e.causation_id);
  w.member("correlation_id", e.correlation_id);
  w.key("data");
  w.raw(data_json);
  if (e.generation) w.member("generation", *e.generation);
  if (with_hash) w.member("hash", to_hex(e.hash));
  w.member("id", e.id.to_string());
  w.member("occurred_at", format_rfc3339(e.occurred_at));
  w.member("order_id", e.order_id.to_string());
  w.member("run", e.run);
  w.member("schema_version", e.schema_version);
  if (e.step) w.member("step", spec_of(*e.step).name);
  if (e.traceparent) w.member("traceparent", *e.traceparent);
  w.member("type", to_string(e.type));
  w.member("version", e.version);
  w.end_object();
}

}  // namespace

std::string event_data_json(const EventDraft& event) {
  std::string out;
  JsonWriter w{out};
  w.begin_object();
  std::visit([&](const auto& data) { write(w, data); }, event.data);
  w.end_object();
  return out;
}

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

std::string event_json(const Event& event, std::string_view data_json, bool with_hash) {
  std::string out;
  out.reserve(512 + data_json.size());
  JsonWriter w{out};
  write_envelope(w, event, data_json, with_hash);
  return out;
}

Digest event_hash(const Digest& previous, const Event& event, std::string_view data_json) {
  Sha256 hash;
  hash.update({reinterpret_cast<const char*>(previous.data()), previous.size()});
  hash.update(event_json(event, data_json, false));
  return hash.finish();
}

}  // namespace conveyor
