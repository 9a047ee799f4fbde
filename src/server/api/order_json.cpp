#include "server/api/order_json.h"

#include <array>

#include "base/assert.h"
#include "base/json_writer.h"

namespace conveyor::api {
namespace {

template <class T>
void member_if(JsonWriter& w, std::string_view name, const std::optional<T>& value) {
  if (value) w.member(name, *value);
}
void member_if(JsonWriter& w, std::string_view name, const std::string& value) {
  if (!value.empty()) w.member(name, value);
}
template <class Tag>
void member_id(JsonWriter& w, std::string_view name, const std::optional<Id<Tag>>& id) {
  if (id) w.member(name, id->to_string());
}
void member_time(JsonWriter& w, std::string_view name, const std::optional<Timestamp>& time) {
  if (time) w.member(name, format_rfc3339(*time));
}

void write_lines(JsonWriter& w, const std::vector<Line>& lines) {
  w.key("lines");
  w.begin_array();
  for (const auto& line : lines) {
    w.begin_object();
    w.member("line", line.line);
    w.member("sku", line.sku);
    member_if(w, "title", line.title);
    w.member("quantity", line.quantity);
    w.member("unit_price", line.unit_price_minor);
    w.end_object();
  }
  w.end_array();
}

void write_adjustments(JsonWriter& w, const std::vector<Adjustment>& adjustments) {
  w.key("adjustments");
  w.begin_array();
  for (const auto& adjustment : adjustments) {
    w.begin_object();
    w.member("kind", to_string(adjustment.kind));
    w.member("amount", adjustment.amount_minor);
    member_if(w, "label", adjustment.label);
    w.end_object();
  }
  w.end_array();
}

void write_money(JsonWriter& w, const MoneyMoved& money) {
  w.key("money");
  w.begin_object();
  w.member("authorized", money.authorized_minor);
  w.member("captured", money.captured_minor);
  w.member("refunded", money.refunded_minor);
  w.member("voided", money.voided_minor);
  w.end_object();
}

void write_steps(JsonWriter& w, std::string_view name, const std::vector<StepNumber>& steps) {
  w.key(name);
  w.begin_array();
  for (const auto step : steps) w.value(spec_of(step).name);
  w.end_array();
}

/// What the participants gave, of steps whose effect stands.
void write_evidence(JsonWriter& w, const Order& order) {
  Evidence all;
  for (const auto& state : order.steps) {
    if (state.kind != StepState::Kind::succeeded) continue;
    const auto& e = state.evidence;
    // The first step that names an id made it: the authorization's payment, not the capture's.
    if (!all.reservation_id) all.reservation_id = e.reservation_id;
    if (!all.payment_id) all.payment_id = e.payment_id;
    if (!all.shipment_id) all.shipment_id = e.shipment_id;
    if (all.carrier.empty()) all.carrier = e.carrier;
    if (all.tracking.empty()) all.tracking = e.tracking;
  }
  member_id(w, "reservation_id", all.reservation_id);
  member_id(w, "payment_id", all.payment_id);
  member_id(w, "shipment_id", all.shipment_id);
  member_if(w, "carrier", all.carrier);
  member_if(w, "tracking", all.tracking);
}

void write_last_failure(JsonWriter& w, const LastFailure& failure) {
  w.key("last_failure");
  w.begin_object();
  w.member("action", to_string(failure.action));
  w.member("step", spec_of(failure.step).name);
  w.member("class", to_string(failure.failure_class));
  w.member("code", failure.code);
  member_if(w, "message", failure.message);
  w.member("fingerprint", failure.fingerprint);
  w.member("at", format_rfc3339(failure.at));
  w.end_object();
}

void write_undo(JsonWriter& w, const Undo& undo) {
  w.key("undo");
  w.begin_object();
  w.member("cause", to_string(undo.cause));
  member_if(w, "code", undo.code);
  write_steps(w, "outstanding", undo.outstanding);
  write_steps(w, "undone", undo.undone);
  w.end_object();
}

void write_retry_with_changes(JsonWriter& w, const Order& order, const DecideContext& context) {
  std::vector<std::string_view> fields;
  std::string because;
  for (const auto& [field, changes] : changes_of_each_field(order)) {
    Command command;
    command.kind = CommandKind::retry;
    command.changes = changes;
    const auto decision = decide(order, command, context);
    if (decision) {
      fields.push_back(field);
    } else {
      because = decision.error().detail;
    }
  }
  w.begin_object();
  w.member("action", kRetryWithChanges);
  w.member("allowed", !fields.empty());
  if (fields.empty()) w.member("because", because);
  if (!fields.empty()) {
    w.key("fields");
    w.begin_array();
    for (const auto field : fields) w.value(field);
    w.end_array();
  }
  w.end_object();
}

void write_allowed_actions(JsonWriter& w, const Order& order, Timestamp now,
                           const RetryPolicy& policy) {
  w.key("allowed_actions");
  w.begin_array();
  for (const auto kind : kAllCommands) {
    Command command;
    command.kind = kind;
    const auto decision = decide(order, command, {now, policy});
    w.begin_object();
    w.member("action", to_string(kind));
    w.member("allowed", decision.has_value());
    if (!decision) w.member("because", decision.error().detail);
    w.end_object();
    if (kind == CommandKind::retry) write_retry_with_changes(w, order, {now, policy});
  }
  w.end_array();
}

void write_order(JsonWriter& w, const Order& order) {
  w.member("id", order.id.to_string());
  member_if(w, "reference", order.reference);
  w.member("customer_id", order.customer_id);
  w.member("currency", order.currency.code());
  w.member("currency_exponent", order.currency.exponent());
  write_lines(w, order.lines);
  write_adjustments(w, order.adjustments);
  w.member("total", order.total_minor);
  w.member("payment_method", order.payment_method);
  w.member("status", to_string(order.status));
  w.member("health", to_string(health_of(order)));
  w.member("step", spec_of(order.step).name);
  w.member("run", order.run);
  w.member("generation", order.current().generation);
  w.member("attempts", attempts_of(order));
  w.member("version", order.version);
  w.member("created_at", format_rfc3339(order.created_at));
  w.member("updated_at", format_rfc3339(order.updated_at));
  member_time(w, "next_attempt_at", order.next_attempt_at);
  if (order.status == Status::dead_lettered && order.dead_letter) {
    member_time(w, "undo_at", order.dead_letter->undo_at);
  }
  if (order.last_failure) write_last_failure(w, *order.last_failure);
  write_evidence(w, order);
  write_money(w, order.order_money);
  if (order.undo) write_undo(w, *order.undo);
  member_if(w, "code", order.final_code);
  w.member("correlation_id", order.correlation_id);
}

}  // namespace

std::array<ChangeOfField, 3> changes_of_each_field(const Order& order) {
  std::array<ChangeOfField, 3> all{{{"lines", {}}, {"payment_method", {}}, {"ship_to", {}}}};
  all[0].changes.lines = order.lines;
  all[1].changes.payment_method = order.payment_method;
  all[2].changes.contact_version = order.contact_version + 1;
  return all;
}

std::string order_json(const Order& order, Timestamp now, const RetryPolicy& policy) {
  std::string out;
  JsonWriter w(out, JsonWriter::Order::any);
  w.begin_object();
  write_order(w, order);
  write_allowed_actions(w, order, now, policy);
  w.end_object();
  return out;
}

std::string past_order_json(const Order& order) {
  std::string out;
  JsonWriter w(out, JsonWriter::Order::any);
  w.begin_object();
  write_order(w, order);
  w.end_object();
  return out;
}

std::string placed_order_json(const Event& created, std::uint32_t answer_version) {
  CONVEYOR_ASSERT(answer_version == 1, "the only version of the answer so far");
  const auto& data = std::get<OrderCreated>(created.data);
  std::string out;
  JsonWriter w(out, JsonWriter::Order::any);
  w.begin_object();
  w.member("id", created.order_id.to_string());
  member_if(w, "reference", data.reference);
  w.member("customer_id", data.customer_id);
  w.member("currency", data.currency.code());
  w.member("currency_exponent", data.currency.exponent());
  write_lines(w, data.lines);
  write_adjustments(w, data.adjustments);
  w.member("total", data.total_minor);
  w.member("payment_method", data.payment_method);
  w.member("status", "pending");
  w.member("health", "ok");
  w.member("step", kSteps.front().name);
  w.member("run", created.run);
  w.member("generation", 1);
  w.member("attempts", 0);
  w.member("version", created.version);
  w.member("created_at", format_rfc3339(created.occurred_at));
  w.member("updated_at", format_rfc3339(created.occurred_at));
  write_money(w, {});
  w.member("correlation_id", created.correlation_id);
  w.end_object();
  return out;
}

std::string order_row_json(const OrderRow& row) {
  const auto currency = Currency::from_code(row.currency);
  std::string out;
  JsonWriter w(out, JsonWriter::Order::any);
  w.begin_object();
  w.member("id", row.id.to_string());
  member_if(w, "reference", row.reference);
  w.member("customer_id", row.customer_id);
  w.member("currency", row.currency);
  w.member("currency_exponent", currency ? currency->exponent() : 0);
  w.member("total", row.total_minor);
  w.member("status", to_string(row.status));
  w.member("health", to_string(row.health));
  w.member("step", spec_of(row.step).name);
  w.member("run", row.run);
  w.member("generation", row.generation);
  w.member("attempts", row.attempts);
  w.member("version", row.version);
  w.member("created_at", format_rfc3339(row.id.created_at()));
  w.member("updated_at", format_rfc3339(row.updated_at));
  member_time(w, "next_attempt_at", row.next_attempt_at);
  member_if(w, "fingerprint", row.fingerprint);
  if (row.status == Status::dead_lettered) {
    member_time(w, "dead_since", row.dead_since);
    member_time(w, "undo_at", row.wake_at);  // all that a dead letter waits for by itself
  }
  w.member("correlation_id", row.correlation_id);
  w.end_object();
  return out;
}

std::string stock_item_json(const StockItem& item) {
  std::string out;
  JsonWriter w(out, JsonWriter::Order::any);
  w.begin_object();
  w.member("sku", item.sku);
  member_if(w, "title", item.title);
  w.member("on_hand", item.on_hand);
  w.member("reserved", item.reserved);
  w.member("available", item.available());
  w.end_object();
  return out;
}

std::string reservation_json(const Reservation& reservation) {
  std::string out;
  JsonWriter w(out, JsonWriter::Order::any);
  w.begin_object();
  w.member("id", reservation.id.to_string());
  w.member("order_id", reservation.key.order.to_string());
  w.member("key", reservation.key.to_string());
  w.member("state", to_string(reservation.state));
  w.key("lines");
  w.begin_array();
  for (const auto& line : reservation.lines) {
    w.begin_object();
    w.member("sku", line.sku);
    w.member("quantity", line.quantity);
    w.end_object();
  }
  w.end_array();
  member_if(w, "code", reservation.code);
  w.member("since", format_rfc3339(reservation.at));
  w.end_object();
  return out;
}

std::string movement_json(const StockMovement& movement) {
  std::string out;
  JsonWriter w(out, JsonWriter::Order::any);
  w.begin_object();
  w.member("movement", movement.id);
  w.member("sku", movement.sku);
  w.member("delta", movement.delta);
  w.member("reason", movement.reason);
  w.member("on_hand", movement.on_hand_after);
  w.member("reserved", movement.reserved_after);
  w.member("available", movement.on_hand_after - movement.reserved_after);
  w.member("at", format_rfc3339(movement.at));
  w.end_object();
  return out;
}

std::string page_json(const std::vector<std::string>& items, std::string_view next_cursor,
                      bool has_more) {
  std::string out;
  JsonWriter w(out, JsonWriter::Order::any);
  w.begin_object();
  w.key("data");
  w.begin_array();
  for (const auto& item : items) w.raw(item);
  w.end_array();
  if (next_cursor.empty()) {
    w.key("next_cursor");
    w.null();
  } else {
    w.member("next_cursor", next_cursor);
  }
  w.member("has_more", has_more);
  w.end_object();
  return out;
}

}  // namespace conveyor::api
