// Wall-clock time as the domain knows it: UTC, milliseconds. Pure values; nobody here reads a
// clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace conveyor {

using Duration = std::chrono::milliseconds;
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

constexpr std::int64_t to_unix_ms(Timestamp t) {
  return t.time_since_epoch().count();
}
constexpr Timestamp from_unix_ms(std::int64_t ms) {
  return Timestamp{Duration{ms}};
}

/// RFC 3339, UTC, always three fraction digits: `2026-01-31T23:59:59.123Z`. Years 0001 to 9999.
std::string format_rfc3339(Timestamp t);
void append_rfc3339(std::string& out, Timestamp t);

/// Reads RFC 3339 (`Z` or a numeric offset, zero to nine fraction digits, further digits cut) and a
/// bare date (`2026-01-31`, its midnight in UTC). Anything else, and impossible dates: nullopt.
std::optional<Timestamp> parse_rfc3339(std::string_view text);

}  // namespace conveyor
