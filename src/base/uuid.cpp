#include "base/uuid.h"

#include <algorithm>

namespace conveyor {
namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";

constexpr std::array<std::int8_t, 256> make_reverse() {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    table[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  }
  return table;
}
constexpr auto kReverse = make_reverse();

}  // namespace

Uuid make_uuid_v7(Timestamp t, std::uint64_t random_a, std::uint64_t random_b) {
  const auto ms = static_cast<std::uint64_t>(
      std::clamp<std::int64_t>(to_unix_ms(t), 0, (std::int64_t{1} << 48) - 1));
  const std::uint64_t high = (ms << 16) | 0x7000U | (random_a & 0x0FFFU);
  const std::uint64_t low = (std::uint64_t{2} << 62) | (random_b & 0x3FFF'FFFF'FFFF'FFFFU);
  Uuid id;
  for (std::size_t i = 0; i < 8; ++i) {
    id.bytes[i] = static_cast<std::uint8_t>(high >> (56 - 8 * i));
    id.bytes[8 + i] = static_cast<std::uint8_t>(low >> (56 - 8 * i));
  }
  return id;
}

Timestamp timestamp_of(const Uuid& id) {
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i) ms = (ms << 8) | id.bytes[i];
  return from_unix_ms(ms);
}

void append_base32(std::string& out, const Uuid& id) {
  // 128 bits in 26 groups of five: the first group holds the two zero bits of the padding.
  unsigned __int128 value = 0;
  for (const auto byte : id.bytes) value = (value << 8) | byte;
  std::array<char, kUuidTextLength> text;
  for (auto at = text.rbegin(); at != text.rend(); ++at, value >>= 5) {
    *at = kAlphabet[static_cast<std::size_t>(value) & 0x1F];
  }
  out.append(text.data(), text.size());
}

std::optional<Uuid> parse_base32(std::string_view text) {
  if (text.size() != kUuidTextLength || text[0] > '7') return std::nullopt;
  unsigned __int128 value = 0;
  for (const char c : text) {
    const auto digit = kReverse[static_cast<unsigned char>(c)];
    if (digit < 0) return std::nullopt;
    value = (value << 5) | static_cast<unsigned>(digit);
  }
  Uuid id;
  for (std::size_t i = 16; i-- > 0; value >>= 8) id.bytes[i] = static_cast<std::uint8_t>(value);
  return id;
}

}  // namespace conveyor
