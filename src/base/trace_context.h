// The traceparent header of W3C Trace Context (level 2, https://www.w3.org/TR/trace-context-2/).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace conveyor {

struct TraceParent {
  static constexpr std::uint8_t kSampled = 0x01;
  static constexpr std::uint8_t kRandom = 0x02;

  std::string trace_id;   // 32 lower-case hexadecimal digits, not all zero
  std::string parent_id;  // 16 likewise
  std::uint8_t flags;

  bool operator==(const TraceParent&) const = default;
};

// A valid header, or nothing: then the caller starts a trace of its own. Of a version above 00 the
// fields of version 00 are read, as section 2.2.3 asks.
std::optional<TraceParent> parse_traceparent(std::string_view header_value);

// In version 00.
std::string format_traceparent(const TraceParent& trace);

// A new trace from 192 random bits, sampled.
TraceParent make_trace(std::uint64_t random_high, std::uint64_t random_low,
                       std::uint64_t random_parent);

// The same trace with the caller as the parent. Flags that this version does not know are dropped.
TraceParent make_child(const TraceParent& parent, std::uint64_t random_parent);

}  // namespace conveyor
