#include "app/cli/order_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "base/utf8.h"

namespace conveyor::cli {
namespace {

FlagResult write_line(JsonWriter& json, std::string_view text, Currency currency) {
  const auto parts = split_flag(text, 4);
  if (parts.size() < 3) {
    return std::unexpected(
        fmt::format("--line {}: write SKU:QUANTITY:PRICE, such as MUG-1:2:12.50", text));
  }
  std::int64_t quantity = 0;
  const auto* const end = parts[1].data() + parts[1].size();
  if (const auto read = std::from_chars(parts[1].data(), end, quantity);
      read.ec != std::errc{} || read.ptr != end) {
    return std::unexpected(
        fmt::format("--line {}: the quantity \"{}\" is not an integer", text, parts[1]));
  }
  const auto price = amount_of(parts[2], currency, fmt::format("--line {}", text));
  if (!price) return std::unexpected(price.error());
  json.begin_object();
  json.member("sku", parts[0]);
  if (parts.size() > 3) json.member("title", parts[3]);
  json.member("quantity", quantity);
  json.member("unit_price", *price);
  json.end_object();
  return {};
}

}  // namespace

std::vector<std::string_view> split_flag(std::string_view text, std::size_t parts) {
  std::vector<std::string_view> out;
  while (out.size() + 1 < parts && text.find(':') != std::string_view::npos) {
    const auto end = text.find(':');
    out.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  out.push_back(text);
  return out;
}

std::expected<std::int64_t, std::string> amount_of(std::string_view text, Currency currency,
                                                   std::string_view where) {
  const auto amount = parse_decimal_amount(text, currency);
  if (amount) return *amount;
  return std::unexpected(fmt::format("{}: \"{}\" is not an amount in {}; write it like {}", where,
                                     text, currency.code(),
                                     format_decimal_amount(1'250, currency)));
}

FlagResult write_lines(JsonWriter& json, const std::vector<std::string>& lines, Currency currency) {
  json.key("lines");
  json.begin_array();
  for (const auto& line : lines) {
    if (auto written = write_line(json, line, currency); !written) return written;
  }
  json.end_array();
  return {};
}

ShipToFlags ship_to_flags() {
  return {{"name", {}},        {"line1", {}},   {"line2", {}}, {"city", {}}, {"region", {}},
          {"postal_code", {}}, {"country", {}}, {"email", {}}, {"phone", {}}};
}

std::string ship_to_flag(std::string_view member) {
  auto flag = fmt::format("--ship-{}", member);
  std::ranges::replace(flag, '_', '-');
  return flag;
}

bool is_given(const ShipToFlags& ship_to) {
  return std::ranges::any_of(ship_to, [](const auto& m) { return !m.second.empty(); });
}

std::vector<std::string> missing_flags(const ShipToFlags& ship_to) {
  constexpr std::array<std::string_view, 5> kRequired{"name", "line1", "city", "postal_code",
                                                      "country"};
  std::vector<std::string> missing;
  for (const auto& [member, value] : ship_to) {
    if (value.empty() && std::ranges::count(kRequired, member) > 0) {
      missing.push_back(ship_to_flag(member));
    }
  }
  return missing;
}

void write_ship_to(JsonWriter& json, const ShipToFlags& ship_to) {
  json.key("ship_to");
  json.begin_object();
  for (const auto& [member, value] : ship_to) {
    if (!value.empty()) json.member(member, value);
  }
  json.end_object();
}

bool is_valid_text(const ShipToFlags& ship_to) {
  return std::ranges::all_of(ship_to, [](const auto& m) { return is_valid_utf8(m.second); });
}

bool is_valid_text(const std::vector<std::string>& texts) {
  return std::ranges::all_of(texts, [](const auto& text) { return is_valid_utf8(text); });
}

}  // namespace conveyor::cli
