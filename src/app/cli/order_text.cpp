#include "app/cli/order_text.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <cstdint>
#include <string_view>

#include "app/cli/json_text.h"

namespace conveyor::cli {
namespace {

void print_field(std::ostream& out, std::string_view name, const std::string& text) {
  if (!text.empty()) fmt::print(out, "{:<12}{}\n", name, printable(text));
}

std::string money_member(const boost::json::value& value, std::string_view name,
                         const std::string& currency) {
  const auto amount = integer_member(value, name);
  return amount ? money_text(*amount, currency) : std::string{};
}

void print_lines(std::ostream& out, const boost::json::value& order, const std::string& currency) {
  const auto& lines = array_member(order, "lines");
  if (lines.empty()) return;
  Table table({{"LINE", Table::Align::right},
               {"SKU"},
               {"QUANTITY", Table::Align::right},
               {"UNIT PRICE", Table::Align::right},
               {"TITLE"}});
  for (const auto& line : lines) {
    table.add({text_member(line, "line"), text_member(line, "sku"), text_member(line, "quantity"),
               money_member(line, "unit_price", currency), text_member(line, "title")});
  }
  out << '\n';
  table.print(out);
  for (const auto& adjustment : array_member(order, "adjustments")) {
    fmt::print(out, "{} {} {}\n", printable(text_member(adjustment, "kind")),
               money_member(adjustment, "amount", currency),
               printable(text_member(adjustment, "label")));
  }
}

void print_actions(std::ostream& out, const boost::json::value& order) {
  std::string allowed;
  for (const auto& action : array_member(order, "allowed_actions")) {
    if (text_member(action, "allowed") != "true") continue;
    if (!allowed.empty()) allowed += ", ";
    allowed += text_member(action, "action");
  }
  print_field(out, "allowed", allowed);
}

std::string list_text(const boost::json::array& items) {
  std::string out;
  for (const auto& item : items) {
    if (!out.empty()) out += ',';
    if (const auto* text = item.if_string()) {
      out += std::string_view{*text};
    } else if (const auto sku = text_member(item, "sku"); !sku.empty()) {
      out += fmt::format("{}({} of {})", sku, text_member(item, "available"),
                         text_member(item, "wanted"));
    } else {
      out += text_member(item, "field");
    }
  }
  return out;
}

bool is_amount(std::string_view name) {
  return name == "amount" || name == "total";
}

std::string currency_of(const boost::json::value& event) {
  const auto* data = member(event, "data");
  return data == nullptr ? std::string{} : text_member(*data, "currency");
}

std::string details_of(const boost::json::value& event, const std::string& currency) {
  std::string out;
  const auto* data = member(event, "data");
  const auto* members = data == nullptr ? nullptr : data->if_object();
  if (members == nullptr) return out;
  for (const auto& [key, value] : *members) {
    const std::string_view name{key};
    if (name == "started_at" || name == "currency" || name == "contact_version") continue;
    std::string text = text_member(*data, name);
    if (is_amount(name)) text = money_member(*data, name, currency);
    if (const auto* items = value.if_array()) {
      text = name == "lines" ? std::to_string(items->size()) : list_text(*items);
    }
    if (text.empty()) continue;
    if (text.find(' ') != std::string::npos && !is_amount(name)) text = fmt::format("\"{}\"", text);
    out += fmt::format("  {}={}", name, text);
  }
  return out;
}

// What follows the version: type, step, attempt and what the data say.
std::string line_of(std::string line, const boost::json::value& event,
                    const std::string& currency) {
  line += fmt::format("  {:<20}", text_member(event, "type"));
  if (const auto step = text_member(event, "step"); !step.empty()) line += "  " + step;
  if (const auto attempt = text_member(event, "attempt"); !attempt.empty()) {
    line += fmt::format("  attempt {}", attempt);
  }
  line = printable(line + details_of(event, currency));
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace

std::string money_text(std::int64_t amount_minor, const std::string& currency) {
  const auto known = Currency::from_code(currency);
  if (!known) return std::to_string(amount_minor);
  return fmt::format("{} {}", format_decimal_amount(amount_minor, *known), currency);
}

Table order_table() {
  return Table({{"ID"},
                {"STATUS"},
                {"STEP"},
                {"CUSTOMER"},
                {"REFERENCE"},
                {"TOTAL", Table::Align::right},
                {"CREATED"}});
}

void add_order_row(Table& table, const boost::json::value& order) {
  table.add({text_member(order, "id"), text_member(order, "status"), text_member(order, "step"),
             text_member(order, "customer_id"), text_member(order, "reference"),
             money_member(order, "total", text_member(order, "currency")),
             text_member(order, "created_at")});
}

void print_order(std::ostream& out, const boost::json::value& order) {
  const auto currency = text_member(order, "currency");
  print_field(out, "order", text_member(order, "id"));
  std::string status = text_member(order, "status");
  if (const auto health = text_member(order, "health"); !health.empty()) {
    status += fmt::format(" ({})", health);
  }
  print_field(out, "status", status);
  print_field(out, "code", text_member(order, "code"));
  print_field(out, "step", text_member(order, "step"));
  print_field(out, "next try", text_member(order, "next_attempt_at"));
  print_field(out, "version", text_member(order, "version"));
  print_field(out, "customer", text_member(order, "customer_id"));
  print_field(out, "reference", text_member(order, "reference"));
  print_field(out, "payment", text_member(order, "payment_method"));
  print_field(out, "total", money_member(order, "total", currency));
  print_field(out, "created", text_member(order, "created_at"));
  print_field(out, "updated", text_member(order, "updated_at"));
  print_actions(out, order);
  print_lines(out, order, currency);
}

void print_feed_event(std::ostream& out, const boost::json::value& event) {
  const auto start = fmt::format("{}  {}  {:>3}", text_member(event, "occurred_at"),
                                 text_member(event, "order_id"), text_member(event, "version"));
  fmt::print(out, "{}\n", line_of(start, event, currency_of(event)));
}

void EventPrinter::print(const boost::json::value& event) {
  if (currency_.empty()) currency_ = currency_of(event);
  const auto start =
      fmt::format("{}  {:>3}", text_member(event, "occurred_at"), text_member(event, "version"));
  fmt::print(out_, "{}\n", line_of(start, event, currency_));
}

}  // namespace conveyor::cli
