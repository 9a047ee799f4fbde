// Integers in decimal, appended to a text.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <string>

namespace conveyor {

void append_decimal(std::string& out, std::integral auto number) {
  std::array<char, 20> digits;  // as many as 64 bits need, with their sign
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), written.ptr);
}

}  // namespace conveyor
