// UTF-8 validity (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
#pragma once

#include <cstdint>
#include <string_view>

namespace conveyor {

bool is_valid_utf8(std::string_view text);

/// The same of text that comes in pieces, which may end within a character. Plain value.
class Utf8Checker {
 public:
  /// False as soon as no continuation could make it valid; for good.
  bool feed(std::string_view piece);
  /// All of it was valid, and it does not end within a character.
  bool is_complete() const { return valid_ && missing_ == 0; }

 private:
  bool take(std::uint8_t byte);

  bool valid_ = true;
  std::uint8_t missing_ = 0;  // bytes of the character begun
  std::uint8_t low_ = 0x80;   // what the next of them may be
  std::uint8_t high_ = 0xbf;
};

}  // namespace conveyor
