#include "server/api/cursor.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

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
  time('a', filter.created_after);
  time('b', filter.created_before);
  return to_hex(sha256(text)).substr(0, 8);
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || at != end || fmt::to_string(value) != text) return std::nullopt;
  return value;
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

std::string encode_feed_cursor(const FeedCursor& cursor) {
  return base64url_encode(fmt::format("f{}.{}", cursor.position, cursor.entries));
}

std::optional<FeedCursor> decode_feed_cursor(std::string_view text) {
  const auto rest = decode(text, "f");
  if (!rest) return std::nullopt;
  const auto dot = rest->find('.');
  if (dot == rest->npos) return std::nullopt;
  const auto position = parse_number<std::int64_t>(std::string_view{*rest}.substr(0, dot));
  const auto entries = parse_number<std::uint32_t>(std::string_view{*rest}.substr(dot + 1));
  if (!position || !entries || *position < 0) return std::nullopt;
  return FeedCursor{*position, *entries};
}

}  // namespace conveyor::api
