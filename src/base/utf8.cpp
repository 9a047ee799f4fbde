#include "base/utf8.h"

#include <simdjson.h>

#include <algorithm>
#include <cstddef>

namespace conveyor {

bool is_valid_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

bool Utf8Checker::feed(std::string_view piece) {
  // All but the last character is checked as a whole, which is many times faster.
  constexpr std::size_t kLongest = 4;
  while (valid_ && missing_ > 0 && !piece.empty()) {
    valid_ = take(static_cast<std::uint8_t>(piece.front()));
    piece.remove_prefix(1);
  }
  if (!valid_) return false;
  std::size_t whole = piece.size();  // up to the last character that has more than one byte
  for (std::size_t back = 1; back <= std::min(kLongest, piece.size()); ++back) {
    const auto byte = static_cast<std::uint8_t>(piece[piece.size() - back]);
    if (byte >= 0xc0) whole = piece.size() - back;
    if ((byte & 0xc0U) != 0x80) break;
  }
  valid_ = is_valid_utf8(piece.substr(0, whole));
  for (const char byte : piece.substr(whole)) {
    valid_ = valid_ && take(static_cast<std::uint8_t>(byte));
  }
  return valid_;
}

/// Table 3-7 of the Unicode standard: only the second byte's range depends on the first.
bool Utf8Checker::take(std::uint8_t byte) {
  if (missing_ > 0) {
    if (byte < low_ || byte > high_) return false;
    --missing_;
    low_ = 0x80;
    high_ = 0xbf;
    return true;
  }
  if (byte < 0x80) return true;
  if (byte < 0xc2 || byte > 0xf4) return false;
  missing_ = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
  if (byte == 0xe0) low_ = 0xa0;
  if (byte == 0xed) high_ = 0x9f;
  if (byte == 0xf0) low_ = 0x90;
  if (byte == 0xf4) high_ = 0x8f;
  return true;
}

}  // namespace conveyor
