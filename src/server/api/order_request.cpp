#include "server/api/order_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "base/assert.h"
#include "base/json.h"
#include "domain/order.h"
#include "ports/service_stores.h"
#include "server/api/body_reader.h"
#include "server/api/limits.h"

namespace conveyor::api {
namespace {

using Object = BodyReader::Object;

std::expected<boost::json::value, BodyRefusal> parse_document(std::string_view body,
                                                              const RequestLimits& limits) {
  auto document =
      parse_json(body, {.max_bytes = static_cast<std::size_t>(limits.max_body_bytes),
                        .max_depth = static_cast<int>(limits.max_json_depth),
                        .max_members = static_cast<std::size_t>(limits.max_json_members)});
  if (document) return *std::move(document);
  const auto& error = document.error();
  if (error.code == "too_large") {
    return std::unexpected(BodyRefusal{&problem_spec("body_too_large"), error.detail, {}});
  }
  auto detail = fmt::format("{} (at byte {})", error.detail, error.offset);
  return std::unexpected(
      BodyRefusal{&problem_spec("invalid_json"),
                  detail,
                  {{error.pointer, field_problem("syntax"), error.code + ": " + error.detail}}});
}

BodyRefusal refusal_of(BodyReader& reader) {
  const auto count = reader.count();
  auto detail = count == 1 ? std::string{"one value is not valid"}
                           : fmt::format("{} values are not valid", count);
  if (count > kMaxReportedErrors) {
    detail += fmt::format("; the first {} are listed", kMaxReportedErrors);
  }
  return {&problem_spec("validation_failed"), std::move(detail), reader.take_errors()};
}

// `base` is the pointer of `order`: of the body, or of changes within one.

std::vector<Line> read_lines(BodyReader& reader, const Object& order, const std::string& base) {
  std::vector<Line> lines;
  const auto* list = reader.array(order, "lines", base, 1, reader.limits().max_lines, true);
  if (list == nullptr) return lines;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto pointer = fmt::format("{}/lines/{}", base, i);
    const auto* o = reader.object((*list)[i], pointer, {"sku", "title", "quantity", "unit_price"});
    if (o == nullptr) continue;
    Line line;
    line.line = static_cast<std::int32_t>(i + 1);
    line.sku = reader.name(*o, "sku", pointer, true).value_or("");
    line.title = reader.text(*o, "title", pointer, reader.limits().max_title, false);
    line.quantity =
        reader.integer(*o, "quantity", pointer, 1, reader.limits().max_quantity).value_or(1);
    line.unit_price_minor = reader.integer(*o, "unit_price", pointer, 0, kMaxMinor).value_or(0);
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<Adjustment> read_adjustments(BodyReader& reader, const Object& order) {
  std::vector<Adjustment> adjustments;
  const auto* list =
      reader.array(order, "adjustments", "", 0, reader.limits().max_adjustments, false);
  if (list == nullptr) return adjustments;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto pointer = fmt::format("/adjustments/{}", i);
    const auto* o = reader.object((*list)[i], pointer, {"kind", "amount", "label"});
    if (o == nullptr) continue;
    Adjustment adjustment;
    if (const auto kind = reader.string(*o, "kind", pointer, true)) {
      if (const auto known = parse_adjustment_kind(*kind)) {
        adjustment.kind = *known;
      } else {
        reader.add(child(pointer, "kind"), field_problem("unknown_value"),
                   "must be shipping, tax, discount or fee");
      }
    }
    adjustment.amount_minor =
        reader.integer(*o, "amount", pointer, -kMaxMinor, kMaxMinor).value_or(0);
    adjustment.label = reader.text(*o, "label", pointer, reader.limits().max_label, false);
    adjustments.push_back(std::move(adjustment));
  }
  return adjustments;
}

void check_country(BodyReader& reader, const std::string& country, const std::string& ship_to) {
  const bool is_code = country.size() == 2 &&
                       std::ranges::all_of(country, [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!is_code) {
    reader.add(child(ship_to, "country"), field_problem("bad_format"),
               "must be two capital letters (ISO 3166-1 alpha-2)");
  }
}

void check_email(BodyReader& reader, const std::string& email, const std::string& ship_to) {
  const auto at = email.find('@');
  const bool plausible = at != 0 && at != email.npos && at + 1 < email.size() &&
                         email.find('@', at + 1) == email.npos && email.find(' ') == email.npos;
  if (!plausible) {
    reader.add(child(ship_to, "email"), field_problem("bad_format"), "must be an e-mail address");
  }
}

void check_phone(BodyReader& reader, const std::string& phone, const std::string& ship_to) {
  const bool plausible = std::ranges::all_of(phone, [](char c) {
    return (c >= '0' && c <= '9') || std::string_view{"+-() ./x#*"}.contains(c);
  });
  if (!plausible) {
    reader.add(child(ship_to, "phone"), field_problem("bad_format"),
               "must be digits with + - ( ) . / and spaces");
  }
}

ShipTo read_ship_to(BodyReader& reader, const Object& order, const std::string& base) {
  ShipTo to;
  const auto pointer = child(base, "ship_to");
  const auto* value = reader.member(order, "ship_to", base, true);
  if (value == nullptr) return to;
  const auto* o = reader.object(
      *value, pointer,
      {"name", "line1", "line2", "city", "region", "postal_code", "country", "email", "phone"});
  if (o == nullptr) return to;
  to.name = reader.text(*o, "name", pointer, reader.limits().max_ship_to_line, true).value_or("");
  to.line1 = reader.text(*o, "line1", pointer, reader.limits().max_ship_to_line, true).value_or("");
  to.line2 = reader.text(*o, "line2", pointer, reader.limits().max_ship_to_line, false);
  to.city = reader.text(*o, "city", pointer, reader.limits().max_ship_to_city, true).value_or("");
  to.region = reader.text(*o, "region", pointer, reader.limits().max_ship_to_city, false);
  to.postal_code =
      reader.text(*o, "postal_code", pointer, reader.limits().max_postal_code, true).value_or("");
  if (const auto country = reader.string(*o, "country", pointer, true)) {
    to.country = *country;
    check_country(reader, to.country, pointer);
  }
  to.email = reader.text(*o, "email", pointer, reader.limits().max_email, false);
  if (to.email) check_email(reader, *to.email, pointer);
  to.phone = reader.text(*o, "phone", pointer, reader.limits().max_phone, false);
  if (to.phone) check_phone(reader, *to.phone, pointer);
  return to;
}

std::string read_payment_method(BodyReader& reader, const Object& order, const std::string& base) {
  const auto method = reader.name(order, "payment_method", base, true);
  if (method && looks_like_card_number(*method)) {
    reader.add(child(base, "payment_method"), field_problem("card_number"),
               "card numbers are never taken here; give the payment provider's token");
  }
  return method.value_or("");
}

Currency read_currency(BodyReader& reader, const Object& order) {
  const auto code = reader.string(order, "currency", "", true);
  if (!code) return {};
  const auto currency = Currency::from_code(*code);
  if (!currency) {
    reader.add("/currency", field_problem("unknown_value"),
               "must be a current currency of ISO 4217, as in EUR");
  }
  return currency.value_or(Currency{});
}

std::vector<std::pair<std::string, std::string>> read_metadata(BodyReader& reader,
                                                               const Object& order) {
  std::vector<std::pair<std::string, std::string>> metadata;
  const auto* value = reader.member(order, "metadata", "", false);
  if (value == nullptr) return metadata;
  if (!value->is_object()) {
    reader.add("/metadata", field_problem("wrong_type"), "must be an object");
    return metadata;
  }
  const auto& limits = reader.limits();
  if (std::cmp_greater(value->get_object().size(), limits.max_metadata_members)) {
    reader.add("/metadata", field_problem("too_long"),
               fmt::format("must have at most {} members", limits.max_metadata_members));
    return metadata;
  }
  for (const auto& entry : value->get_object()) {
    const std::string name{entry.key().data(), entry.key().size()};
    const auto pointer = child("/metadata", name);
    if (name.empty() || std::cmp_greater(name.size(), limits.max_metadata_name_bytes)) {
      reader.add(pointer, name.empty() ? field_problem("too_short") : field_problem("too_long"),
                 fmt::format("a name must have 1 to {} bytes", limits.max_metadata_name_bytes));
    } else if (!entry.value().is_string()) {
      reader.add(pointer, field_problem("wrong_type"), "must be a string");
    } else if (std::cmp_greater(entry.value().get_string().size(),
                                limits.max_metadata_value_bytes)) {
      reader.add(pointer, field_problem("too_long"),
                 fmt::format("must have at most {} bytes", limits.max_metadata_value_bytes));
    } else {
      const auto& text = entry.value().get_string();
      metadata.emplace_back(name, std::string{text.data(), text.size()});
    }
  }
  return metadata;
}

/// The total of lines and adjustments that are valid by themselves.
std::int64_t read_total(BodyReader& reader, const OrderCreated& order) {
  if (const auto total = total_of(order.lines, order.adjustments)) return *total;
  if (is_total_negative(order.lines, order.adjustments)) {
    reader.add("", field_problem("total_negative"), "lines and adjustments add up to less than 0");
  } else {
    reader.add("", field_problem("total_out_of_range"),
               "lines and adjustments add up to more than 2^53 - 1");
  }
  return 0;
}

void read_changes(BodyReader& reader, const Object& action, ActionBody& parsed) {
  const auto* value = reader.member(action, "changes", "", false);
  if (value == nullptr) return;
  const std::string pointer = "/changes";
  const auto* o = reader.object(*value, pointer, {"lines", "payment_method", "ship_to"});
  if (o == nullptr) return;
  if (o->empty()) reader.add(pointer, field_problem("too_short"), "must name what changes");
  if (o->contains("lines")) parsed.changes.lines = read_lines(reader, *o, pointer);
  if (o->contains("payment_method")) {
    parsed.changes.payment_method = read_payment_method(reader, *o, pointer);
  }
  if (o->contains("ship_to")) parsed.ship_to = read_ship_to(reader, *o, pointer);
}

std::string canonical_form(const boost::json::value& document) {
  auto canonical = canonical_json(document);
  CONVEYOR_ASSERT(canonical.has_value(), "a valid body has a canonical form");
  return *std::move(canonical);
}

}  // namespace

Body<OrderBody> parse_order_body(std::string_view body, const RequestLimits& limits) {
  const auto document = parse_document(body, limits);
  if (!document) return std::unexpected(document.error());
  BodyReader reader(limits);
  const auto* o = reader.object(*document, "",
                                {"reference", "customer_id", "currency", "lines", "adjustments",
                                 "ship_to", "payment_method", "metadata"});
  if (o == nullptr) return std::unexpected(refusal_of(reader));
  OrderBody parsed;
  parsed.order.reference = reader.name(*o, "reference", "", false);
  parsed.order.customer_id = reader.name(*o, "customer_id", "", true).value_or("");
  parsed.order.currency = read_currency(reader, *o);
  parsed.order.lines = read_lines(reader, *o, "");
  parsed.order.adjustments = read_adjustments(reader, *o);
  parsed.ship_to = read_ship_to(reader, *o, "");
  parsed.order.payment_method = read_payment_method(reader, *o, "");
  parsed.metadata = read_metadata(reader, *o);
  if (reader.ok()) parsed.order.total_minor = read_total(reader, parsed.order);
  if (!reader.ok()) return std::unexpected(refusal_of(reader));
  parsed.request_hash = sha256(canonical_form(*document));
  return parsed;
}

Body<ActionBody> parse_action_body(CommandKind kind, std::string_view body,
                                   const RequestLimits& limits) {
  const auto document = parse_document(body.empty() ? "{}" : body, limits);
  if (!document) return std::unexpected(document.error());
  BodyReader reader(limits);
  ActionBody parsed;
  const bool takes_changes = kind == CommandKind::retry || kind == CommandKind::restart;
  const bool resolves = kind == CommandKind::resolve;
  const auto* o = takes_changes ? reader.object(*document, "", {"reason", "changes"})
                  : resolves    ? reader.object(*document, "", {"reason", "external_reference"})
                                : reader.object(*document, "", {"reason"});
  if (o != nullptr) {
    parsed.reason = reader.name(*o, "reason", "", false).value_or("");
    if (takes_changes) read_changes(reader, *o, parsed);
    if (resolves) {
      parsed.external_reference = reader.name(*o, "external_reference", "", true).value_or("");
    }
  }
  if (!reader.ok()) return std::unexpected(refusal_of(reader));
  return parsed;
}

Body<StockBody> parse_stock_body(std::string_view body, const RequestLimits& limits) {
  const auto document = parse_document(body, limits);
  if (!document) return std::unexpected(document.error());
  BodyReader reader(limits);
  StockBody parsed;
  if (const auto* o = reader.object(*document, "", {"on_hand", "title"})) {
    parsed.on_hand = reader.integer(*o, "on_hand", "", 0, kMaxStock).value_or(0);
    parsed.title = reader.text(*o, "title", "", reader.limits().max_title, false);
  }
  if (!reader.ok()) return std::unexpected(refusal_of(reader));
  return parsed;
}

Body<AdjustBody> parse_adjust_body(std::string_view body, const RequestLimits& limits) {
  const auto document = parse_document(body, limits);
  if (!document) return std::unexpected(document.error());
  BodyReader reader(limits);
  AdjustBody parsed;
  if (const auto* o = reader.object(*document, "", {"delta", "reason"})) {
    parsed.delta = reader.integer(*o, "delta", "", -kMaxStock, kMaxStock).value_or(0);
    parsed.reason = reader.name(*o, "reason", "", true).value_or("");
    if (reader.ok() && parsed.delta == 0) {
      reader.add("/delta", field_problem("out_of_range"), "must not be 0");
    }
  }
  if (!reader.ok()) return std::unexpected(refusal_of(reader));
  parsed.canonical = canonical_form(*document);
  return parsed;
}

}  // namespace conveyor::api
