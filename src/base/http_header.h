// One HTTP header field, shared by the server and the client so that neither includes the other.
//
// Names compare without regard to ASCII case (RFC 9110 section 5.1) and keep the case in which they
// were received or set. Values have no surrounding white space. Plain values, no threads.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace conveyor::http {

struct Header {
  std::string name;
  std::string value;

  bool operator==(const Header&) const = default;
};

/// Compares without regard to ASCII case; other bytes must be equal.
constexpr bool equal_ignoring_case(std::string_view left, std::string_view right) {
  constexpr auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c | 0x20 : c; };
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (lower(left[i]) != lower(right[i])) return false;
  }
  return true;
}

/// The value of the first header of that name, or null.
inline const std::string* find_header(std::span<const Header> headers, std::string_view name) {
  for (const Header& header : headers) {
    if (equal_ignoring_case(header.name, name)) return &header.value;
  }
  return nullptr;
}

/// token of RFC 9110 section 5.6.2: what a method and a header name are made of.
constexpr bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  if (text.empty()) return false;
  for (const char c : text) {
    const bool alphanumeric =
        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!alphanumeric && kMarks.find(c) == std::string_view::npos) return false;
  }
  return true;
}

/// A header value (RFC 9110 section 5.5): no control character but a tab; bytes from 0x80 allowed.
constexpr bool is_field_value(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t') || byte == 0x7f) return false;
  }
  return true;
}

/// The bytes of the shortest last chunk, "0\r\n\r\n": an unfinished chunked body has at least so
/// many to come. Beast 1.81 asserts that it is given them when it looks at a last chunk again, so
/// its parser is not given less, whatever the peer sends.
constexpr std::size_t kShortestLastChunk = 5;

}  // namespace conveyor::http
