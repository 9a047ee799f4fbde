#include "domain/event_json.h"

#include "base/decimal.h"
#include "base/json_writer.h"
#include "base/sha256.h"

namespace conveyor {
namespace {

// Of most events' data, with room: growing the text by and by costs more than writing it.
constexpr std::size_t kTypicalDataBytes = 512;

// Members are written in RFC 8785 order, which for these names is that of their bytes.

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

/// What every event has, eight times an order and hashed each time: its fixed text is appended in
/// as few pieces as there are, by hand; golden files and properties hold it to RFC 8785.
void append_event(std::string& out, const Event& e, std::string_view data_json, bool with_hash) {
  out += R"({"actor":{"id":)";
  append_json_string(out, e.actor.id);
  out += R"(,"kind":")";
  out += to_string(e.actor.kind);
  out += R"("})";
  if (e.attempt) {
    out += R"(,"attempt":)";
    append_decimal(out, *e.attempt);
  }
  out += R"(,"causation_id":)";
  append_json_string(out, e.causation_id);
  out += R"(,"correlation_id":)";
  append_json_string(out, e.correlation_id);
  out += R"(,"data":)";
  out += data_json;
  if (e.generation) {
    out += R"(,"generation":)";
    append_decimal(out, *e.generation);
  }
  if (with_hash) {
    out += R"(,"hash":")";
    out += to_hex(e.hash);
    out += '"';
  }
  out += R"(,"id":")";
  e.id.append_to(out);
  out += R"(","occurred_at":")";
  append_rfc3339(out, e.occurred_at);
  out += R"(","order_id":")";
  e.order_id.append_to(out);
  out += R"(","run":)";
  append_decimal(out, e.run);
  out += R"(,"schema_version":)";
  append_decimal(out, e.schema_version);
  if (e.step) {
    out += R"(,"step":")";
    out += spec_of(*e.step).name;
    out += '"';
  }
  if (e.traceparent) {
    out += R"(,"traceparent":)";
    append_json_string(out, *e.traceparent);
  }
  out += R"(,"type":")";
  out += to_string(e.type);
  out += R"(","version":)";
  append_decimal(out, e.version);
  out += '}';
}

}  // namespace

std::string event_data_json(const EventDraft& event) {
  std::string out;
  out.reserve(kTypicalDataBytes);
  JsonWriter w{out};
  w.begin_object();
  std::visit([&](const auto& data) { write(w, data); }, event.data);
  w.end_object();
  return out;
}

std::string event_json(const Event& event, std::string_view data_json, bool with_hash) {
  std::string out;
  out.reserve(512 + data_json.size());
  append_event(out, event, data_json, with_hash);
  return out;
}

Digest event_hash(const Digest& previous, const Event& event, std::string_view data_json) {
  thread_local std::string text;
  text.assign(reinterpret_cast<const char*>(previous.data()), previous.size());
  append_event(text, event, data_json, false);
  return sha256(text);
}

}  // namespace conveyor
