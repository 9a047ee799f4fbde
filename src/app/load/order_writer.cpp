#include "app/load/order_writer.h"

#include <fmt/format.h>

#include <optional>

#include "base/json_writer.h"

namespace conveyor::load {
namespace {

void member_if(JsonWriter& w, std::string_view name, const std::optional<std::string>& value) {
  if (value) w.member(name, *value);
}

void write_lines(JsonWriter& w, const OrderCreated& order) {
  w.key("lines");
  w.begin_array();
  for (const auto& line : order.lines) {
    w.begin_object();
    w.member("sku", line.sku);
    member_if(w, "title", line.title);
    w.member("quantity", line.quantity);
    w.member("unit_price", line.unit_price_minor);
    w.end_object();
  }
  w.end_array();
}

void write_adjustments(JsonWriter& w, const OrderCreated& order) {
  if (order.adjustments.empty()) return;
  w.key("adjustments");
  w.begin_array();
  for (const auto& adjustment : order.adjustments) {
    w.begin_object();
    w.member("kind", to_string(adjustment.kind));
    w.member("amount", adjustment.amount_minor);
    w.end_object();
  }
  w.end_array();
}

void write_ship_to(JsonWriter& w, const ShipTo& to) {
  w.key("ship_to");
  w.begin_object();
  w.member("name", to.name);
  w.member("line1", to.line1);
  member_if(w, "line2", to.line2);
  w.member("city", to.city);
  member_if(w, "region", to.region);
  w.member("postal_code", to.postal_code);
  w.member("country", to.country);
  member_if(w, "email", to.email);
  member_if(w, "phone", to.phone);
  w.end_object();
}

std::string adjustment_text(const OrderCreated& order, AdjustmentKind kind) {
  for (const auto& adjustment : order.adjustments) {
    if (adjustment.kind == kind) {
      return format_decimal_amount(adjustment.amount_minor, order.currency);
    }
  }
  return {};
}

}  // namespace

void append_request_json(std::string& out, const MadeOrder& made) {
  const auto& order = made.order;
  JsonWriter w(out, JsonWriter::Order::any);
  w.begin_object();
  member_if(w, "reference", order.reference);
  w.member("customer_id", order.customer_id);
  w.member("currency", order.currency.code());
  write_lines(w, order);
  write_adjustments(w, order);
  write_ship_to(w, made.ship_to);
  w.member("payment_method", order.payment_method);
  w.end_object();
}

std::string_view csv_header() {
  return "reference,customer_id,currency,payment_method,sku,title,quantity,unit_price,"
         "ship_to.name,ship_to.line1,ship_to.line2,ship_to.city,ship_to.region,"
         "ship_to.postal_code,ship_to.country,ship_to.email,ship_to.phone,"
         "adjustment.shipping,adjustment.tax,adjustment.discount,adjustment.fee\n";
}

void append_csv_field(std::string& out, std::string_view text) {
  if (text.find_first_of(",;\t\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void append_csv_rows(std::string& out, const MadeOrder& made) {
  const auto& order = made.order;
  const auto& to = made.ship_to;
  const auto field = [&out](std::string_view text) {
    append_csv_field(out, text);
    out += ',';
  };
  const std::string none;
  for (const auto& line : order.lines) {
    field(order.reference.value_or(none));
    field(order.customer_id);
    field(order.currency.code());
    field(order.payment_method);
    field(line.sku);
    field(line.title.value_or(none));
    field(std::to_string(line.quantity));
    field(format_decimal_amount(line.unit_price_minor, order.currency));
    for (const auto& text :
         {to.name, to.line1, to.line2.value_or(none), to.city, to.region.value_or(none),
          to.postal_code, to.country, to.email.value_or(none), to.phone.value_or(none)}) {
      field(text);
    }
    field(adjustment_text(order, AdjustmentKind::shipping));
    field(adjustment_text(order, AdjustmentKind::tax));
    field(adjustment_text(order, AdjustmentKind::discount));
    append_csv_field(out, adjustment_text(order, AdjustmentKind::fee));
    out += '\n';
  }
}

}  // namespace conveyor::load
