// UUID version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then random bits, so that
// ids sort by the time they were made. Their text form is that of TypeID 0.3: a prefix, `_`, and 26
// characters of Crockford base32 in lower case, which sorts as the bytes do.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace conveyor {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

/// Characters of a UUID in base32.
inline constexpr std::size_t kUuidTextLength = 26;

/// `random_a` gives 12 bits, `random_b` 62 bits; higher bits are ignored. Times outside 48 bits of
/// milliseconds since 1970 are clamped.
Uuid make_uuid_v7(Timestamp t, std::uint64_t random_a, std::uint64_t random_b);

/// The milliseconds in the first 48 bits.
Timestamp timestamp_of(const Uuid& id);

/// Appends the 26 characters.
void append_base32(std::string& out, const Uuid& id);

/// Exactly 26 characters of the lower-case alphabet, the first at most `7`; else nullopt.
std::optional<Uuid> parse_base32(std::string_view text);

}  // namespace conveyor

template <>
struct std::hash<conveyor::Uuid> {
  std::size_t operator()(const conveyor::Uuid& id) const noexcept {
    std::size_t value = 0;
    std::memcpy(&value, id.bytes.data() + 8, sizeof value);  // the random half
    return value;
  }
};
