// For tests: random text in valid UTF-8, with what readers and writers get wrong well represented:
// control characters, quotes, separators, characters of two, three and four bytes, the borders of
// the surrogates.
#pragma once

#include <rapidcheck.h>

#include <string>
#include <vector>

namespace conveyor {

inline void append_utf8(std::string& out, char32_t c) {
  const auto put = [&out](char32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

// Unicode scalar values from `lowest` up.
inline rc::Gen<char32_t> code_point(char32_t lowest = 0) {
  const auto in = [](char32_t first, char32_t last) {
    return rc::gen::cast<char32_t>(rc::gen::inRange<std::uint32_t>(first, last + 1));
  };
  return rc::gen::weightedOneOf<char32_t>({
      {6, in(std::max<char32_t>(lowest, 0x20), 0x7E)},
      {2, rc::gen::elementOf(std::vector<char32_t>{'"', '\\', '/', ',', ';', '~', 0x7F, 0xD7FF,
                                                   0xE000, 0xFFFD, 0xFFFF, 0x10000, 0x10FFFF})},
      {2, in(lowest, std::max<char32_t>(lowest, 0x1F))},
      {1, in(0x80, 0x7FF)},
      {1, in(0x800, 0xD7FF)},
      {1, in(0xE000, 0xFFFF)},
      {1, in(0x10000, 0x10FFFF)},
  });
}

inline rc::Gen<std::string> utf8_text(char32_t lowest = 0) {
  return rc::gen::map(rc::gen::container<std::vector<char32_t>>(code_point(lowest)),
                      [](const std::vector<char32_t>& points) {
                        std::string text;
                        for (const char32_t point : points) append_utf8(text, point);
                        return text;
                      });
}

}  // namespace conveyor
