#include "app/cli/export_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "app/cli/import_mapping.h"
#include "app/cli/json_text.h"
#include "base/csv_writer.h"
#include "base/json_writer.h"
#include "domain/money.h"

namespace conveyor::cli {
namespace {

using boost::json::value;

constexpr std::string_view kShipTo = "ship_to.";
constexpr std::string_view kAdjustment = "adjustment.";
constexpr std::array<std::string_view, 9> kShipToMembers{
    "name", "line1", "line2", "city", "region", "postal_code", "country", "email", "phone"};

std::string reference_of(const value& order) {
  auto reference = text_member(order, "reference");
  return reference.empty() ? text_member(order, "id") : reference;
}

bool is_object_with_members(const value* v) {
  const auto* object = v == nullptr ? nullptr : v->if_object();
  return object != nullptr && !object->empty();
}

// --- NDJSON --------------------------------------------------------------------------------------

void write_member(JsonWriter& json, const value& from, std::string_view name) {
  const auto text = text_member(from, name);
  if (!text.empty()) json.member(name, text);
}

void write_integer(JsonWriter& json, const value& from, std::string_view name) {
  json.member(name, integer_member(from, name).value_or(0));
}

void write_lines(JsonWriter& json, const value& order) {
  json.key("lines");
  json.begin_array();
  for (const auto& line : array_member(order, "lines")) {
    json.begin_object();
    write_member(json, line, "sku");
    write_member(json, line, "title");
    write_integer(json, line, "quantity");
    write_integer(json, line, "unit_price");
    json.end_object();
  }
  json.end_array();
}

void write_adjustments(JsonWriter& json, const value& order) {
  const auto& adjustments = array_member(order, "adjustments");
  if (adjustments.empty()) return;
  json.key("adjustments");
  json.begin_array();
  for (const auto& adjustment : adjustments) {
    json.begin_object();
    write_member(json, adjustment, "kind");
    write_integer(json, adjustment, "amount");
    write_member(json, adjustment, "label");
    json.end_object();
  }
  json.end_array();
}

std::string ndjson_line(const value& order, const value& contact) {
  std::string out;
  JsonWriter json{out, JsonWriter::Order::any};
  json.begin_object();
  json.member("reference", reference_of(order));
  write_member(json, order, "customer_id");
  write_member(json, order, "currency");
  write_lines(json, order);
  write_adjustments(json, order);
  json.key("ship_to");
  json.begin_object();
  if (const auto* to = member(contact, "ship_to")) {
    for (const auto name : kShipToMembers) write_member(json, *to, name);
  }
  json.end_object();
  write_member(json, order, "payment_method");
  if (const auto* metadata = member(contact, "metadata"); is_object_with_members(metadata)) {
    json.key("metadata");
    json.raw(boost::json::serialize(*metadata));
  }
  json.end_object();
  out += '\n';
  return out;
}

// --- CSV -----------------------------------------------------------------------------------------

std::vector<std::string_view> columns() {
  std::vector<std::string_view> all{import_paths().begin(), import_paths().end()};
  all.insert(all.end(), kExportOnlyColumns.begin(), kExportOnlyColumns.end());
  return all;
}

// The adjustments per kind; nullopt if a sum is beyond what money can be.
std::optional<std::map<std::string, std::int64_t>> sums_of(const value& order) {
  std::map<std::string, std::int64_t> sums;
  for (const auto& adjustment : array_member(order, "adjustments")) {
    auto& sum = sums[text_member(adjustment, "kind")];
    const auto next = checked_add(sum, integer_member(adjustment, "amount").value_or(0));
    if (!next) return std::nullopt;
    sum = *next;
  }
  return sums;
}

bool loses_in_csv(const value& order, const value& contact) {
  std::vector<std::string> kinds;
  for (const auto& adjustment : array_member(order, "adjustments")) {
    auto kind = text_member(adjustment, "kind");
    const bool is_repeated = std::ranges::find(kinds, kind) != kinds.end();
    if (is_repeated || !text_member(adjustment, "label").empty()) return true;
    kinds.push_back(std::move(kind));
  }
  return is_object_with_members(member(contact, "metadata"));
}

struct CsvOrder {
  const value& order;
  const value& ship_to;
  std::map<std::string, std::int64_t> adjustments;
  Currency currency;

  std::string cell(std::string_view path, const value& line, bool is_first) const {
    if (path == kOrder) return text_member(order, "id");
    if (path == kReference) return reference_of(order);
    if (path == "unit_price") {
      return format_decimal_amount(integer_member(line, path).value_or(0), currency);
    }
    if (std::ranges::find(kLinePaths, path) != kLinePaths.end()) return text_member(line, path);
    if (path.starts_with(kShipTo)) return text_member(ship_to, path.substr(kShipTo.size()));
    if (path.starts_with(kAdjustment)) {
      const auto sum = adjustments.find(std::string{path.substr(kAdjustment.size())});
      if (!is_first || sum == adjustments.end()) return {};
      return format_decimal_amount(sum->second, currency);
    }
    return text_member(order, path);
  }
};

std::expected<ExportedOrder, std::string> csv_rows(const value& order, const value& contact) {
  static const value kNothing;
  const auto id = text_member(order, "id");
  const auto code = text_member(order, "currency");
  const auto currency = Currency::from_code(code);
  if (!currency) {
    return std::unexpected(fmt::format("order {}: {} is not a known currency", id, code));
  }
  auto sums = sums_of(order);
  if (!sums) {
    return std::unexpected(fmt::format(
        "order {}: its adjustments are too large to be added up by kind; --format ndjson", id));
  }
  const auto* ship_to = member(contact, "ship_to");
  const CsvOrder from{order, ship_to == nullptr ? kNothing : *ship_to, std::move(*sums), *currency};
  ExportedOrder out{{}, loses_in_csv(order, contact)};
  bool is_first = true;
  for (const auto& line : array_member(order, "lines")) {
    std::vector<std::string> fields;
    for (const auto path : columns()) fields.push_back(from.cell(path, line, is_first));
    append_csv_row(out.text, fields);
    is_first = false;
  }
  return out;
}

}  // namespace

std::string export_header(ImportFormat format) {
  std::string out;
  if (format == ImportFormat::ndjson) return out;
  const auto titles = columns();
  append_csv_row(out, std::vector<std::string>{titles.begin(), titles.end()});
  return out;
}

std::expected<ExportedOrder, std::string> export_order(ImportFormat format, const value& order,
                                                       const value& contact) {
  if (format == ImportFormat::csv) return csv_rows(order, contact);
  return ExportedOrder{ndjson_line(order, contact), false};
}

}  // namespace conveyor::cli
