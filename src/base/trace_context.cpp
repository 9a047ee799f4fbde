#include "base/trace_context.h"

#include <fmt/format.h>

#include <algorithm>

namespace conveyor {
namespace {

constexpr std::size_t kVersion00Size = 55;  // 2 + 32 + 16 + 2 digits and three dashes

bool is_lower_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_id(std::string_view text) {
  return is_lower_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

std::uint8_t hex_byte(std::string_view digits) {
  const auto value = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  return static_cast<std::uint8_t>(value(digits[0]) << 4 | value(digits[1]));
}

// An all-zero id means "invalid", so the one random number that would be it becomes another.
std::string format_id(std::uint64_t random) {
  return fmt::format("{:016x}", random == 0 ? 1 : random);
}

}  // namespace

std::optional<TraceParent> parse_traceparent(std::string_view header_value) {
  if (header_value.size() < kVersion00Size) return std::nullopt;
  const std::string_view version = header_value.substr(0, 2);
  const std::string_view trace_id = header_value.substr(3, 32);
  const std::string_view parent_id = header_value.substr(36, 16);
  const std::string_view flags = header_value.substr(53, 2);
  if (header_value[2] != '-' || header_value[35] != '-' || header_value[52] != '-') {
    return std::nullopt;
  }
  if (!is_lower_hex(version) || version == "ff") return std::nullopt;
  if (!is_id(trace_id) || !is_id(parent_id) || !is_lower_hex(flags)) return std::nullopt;
  if (header_value.size() > kVersion00Size &&
      (version == "00" || header_value[kVersion00Size] != '-')) {
    return std::nullopt;
  }
  return TraceParent{std::string{trace_id}, std::string{parent_id}, hex_byte(flags)};
}

std::string format_traceparent(const TraceParent& trace) {
  return fmt::format("00-{}-{}-{:02x}", trace.trace_id, trace.parent_id, trace.flags);
}

TraceParent make_trace(std::uint64_t random_high, std::uint64_t random_low,
                       std::uint64_t random_parent) {
  return {fmt::format("{:016x}", random_high) + format_id(random_low), format_id(random_parent),
          TraceParent::kSampled | TraceParent::kRandom};
}

TraceParent make_child(const TraceParent& parent, std::uint64_t random_parent) {
  constexpr std::uint8_t kKnown = TraceParent::kSampled | TraceParent::kRandom;
  return {parent.trace_id, format_id(random_parent),
          static_cast<std::uint8_t>(parent.flags & kKnown)};
}

}  // namespace conveyor
