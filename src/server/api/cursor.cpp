#include "server/api/cursor.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/base64url.h"
#include "base/sha256.h"
#include "server/api/body_reader.h"

namespace conveyor::api {
namespace {

/// The first bytes of a digest over everything that the filter says but the keyset.
std::string filter_mark(const OrderFilter& filter) {
  std::string text;
  const auto part = [&](char name, std::string_view value) {
    fmt::format_to(std::back_inserter(text), "{}{}:{};", name, value.size(), value);
  };
  const auto time = [&](char name, const std::optional<Timestamp>& value) {
    if (value) part(name, std::to_string(to_unix_ms(*value)));
  };
  auto statuses = filter.statuses;
  std::ranges::sort(statuses);
  for (const auto status : statuses) part('s', to_string(status));
  if (filter.customer_id) part('c', *filter.customer_id);
  if (filter.reference) part('r', *filter.reference);
  if (filter.step) part('t', spec_of(*filter.step).name);
  if (filter.sku) part('k', *filter.sku);
  if (filter.fingerprint) part('f', *filter.fingerprint);
  if (filter.failing) part('g', *filter.failing ? "1" : "0");
  time('a', filter.created_after);
  time('b', filter.created_before);
  time('u', filter.updated_after);
  time('v', filter.updated_before);
  return to_hex(sha256(text)).substr(0, 8);
}

/// What stands behind the prefix of a decoded cursor.
std::optional<std::string> decode(std::string_view text, std::string_view prefix) {
  auto plain = base64url_decode(text);
  if (!plain || !plain->starts_with(prefix)) return std::nullopt;
  plain->erase(0, prefix.size());
  return plain;
}

}  // namespace

std::string encode_order_cursor(const OrderFilter& filter, const OrderId& before) {
  return base64url_encode("o" + filter_mark(filter) + before.to_string());
}

std::optional<OrderId> decode_order_cursor(std::string_view text, const OrderFilter& filter) {
  const auto rest = decode(text, "o" + filter_mark(filter));
  if (!rest) return std::nullopt;
  return OrderId::parse(*rest);
}

std::string encode_stock_cursor(std::string_view after) {
  return base64url_encode(fmt::format("i{}", after));
}

std::optional<std::string> decode_stock_cursor(std::string_view text) {
  auto sku = decode(text, "i");
  if (!sku || !is_name(*sku)) return std::nullopt;
  return sku;
}

std::string encode_reservation_cursor(const std::optional<std::string>& sku,
                                      const OperationKey& after) {
  return base64url_encode(fmt::format("r{} {}", sku.value_or(""), after.to_string()));
}

std::optional<OperationKey> decode_reservation_cursor(std::string_view text,
                                                      const std::optional<std::string>& sku) {
  const auto rest = decode(text, fmt::format("r{} ", sku.value_or("")));
  if (!rest) return std::nullopt;
  return OperationKey::parse(*rest);
}

}  // namespace conveyor::api
