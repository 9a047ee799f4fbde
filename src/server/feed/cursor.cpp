#include "server/feed/cursor.h"

#include <fmt/format.h>

#include <charconv>

#include "base/base64url.h"

namespace conveyor::feed {
namespace {

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || at != end || fmt::to_string(value) != text) return std::nullopt;
  return value;
}

}  // namespace

std::string encode_cursor(const Cursor& cursor) {
  return base64url_encode(fmt::format("f{}.{}", cursor.position, cursor.entries));
}

std::optional<Cursor> decode_cursor(std::string_view text) {
  const auto plain = base64url_decode(text);
  if (!plain || !plain->starts_with('f')) return std::nullopt;
  const auto rest = std::string_view{*plain}.substr(1);
  const auto dot = rest.find('.');
  if (dot == rest.npos) return std::nullopt;
  const auto position = parse_number<std::int64_t>(rest.substr(0, dot));
  const auto entries = parse_number<std::uint32_t>(rest.substr(dot + 1));
  if (!position || !entries || *position < 0) return std::nullopt;
  return Cursor{*position, *entries};
}

}  // namespace conveyor::feed
