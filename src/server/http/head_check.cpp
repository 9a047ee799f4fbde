#include "server/http/head_check.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/http_header.h"
#include "server/http/message.h"

namespace conveyor::http {
namespace {

using std::string_view;
using Checked = std::expected<void, ProtocolError>;

std::unexpected<ProtocolError> bad(string_view code, string_view detail) {
  return std::unexpected(ProtocolError{400, code, detail});
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

string_view trim(string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Takes the next line, without its CRLF; the head is known to end with one.
string_view take_line(string_view& rest) {
  const std::size_t end = rest.find('\n');
  const string_view line = rest.substr(0, end - 1);
  rest.remove_prefix(end + 1);
  return line;
}

Checked check_target(string_view target) {
  if (!target.starts_with('/')) {
    return bad("bad_target", "the request target must be a path that starts with '/'");
  }
  for (const char c : target) {
    if (c <= ' ' || c > '~' || c == '#') {
      return bad("bad_target", "the request target contains a character that is not allowed");
    }
  }
  const std::size_t question = target.find('?');
  const auto path = decode_path(target.substr(0, question));
  const auto query =
      QueryParameters::parse(question == target.npos ? "" : target.substr(question + 1));
  if (!path || !query) {
    return bad("bad_target", "the request target must be percent-encoded UTF-8 text");
  }
  return {};
}

/// Sets `minor` to the 0 or 1 of HTTP/1.x.
Checked check_request_line(string_view line, int& minor) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == line.npos || first == last || !is_token(line.substr(0, first))) {
    return bad("bad_request_line", "the request line must be: method target version");
  }
  const string_view version = line.substr(last + 1);
  const bool has_form = version.size() == 8 && version.starts_with("HTTP/") &&
                        is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
  if (!has_form) return bad("bad_request_line", "the request line must end with HTTP/1.1");
  if (version[5] != '1' || version[7] > '1') {
    return std::unexpected(
        ProtocolError{505, "version_not_supported", "only HTTP 1.0 and 1.1 are spoken"});
  }
  minor = version[7] - '0';
  return check_target(line.substr(first + 1, last - first - 1));
}

/// What has been seen of the headers that may come once.
struct Seen {
  int hosts = 0;
  int transfer_encodings = 0;
  HeadFacts facts{};
};

Checked check_host(string_view value, Seen& seen) {
  if (++seen.hosts > 1) return bad("bad_host", "Host must be given once");
  constexpr string_view kMarks = "-._~!$&'()*+,;=%[]:";
  const bool good = !value.empty() && std::ranges::all_of(value, [&](char c) {
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           kMarks.find(c) != kMarks.npos;
  });
  if (!good) return bad("bad_host", "Host must be a name or an address, with an optional port");
  return {};
}

Checked check_content_length(string_view value, Seen& seen) {
  if (seen.facts.content_length) return bad("bad_framing", "Content-Length must be given once");
  if (value.empty() || !std::ranges::all_of(value, is_digit)) {
    return bad("bad_framing", "Content-Length must be a decimal number");
  }
  constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t length = 0;
  for (const char c : value) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    length = length > (kMax - digit) / 10 ? kMax : length * 10 + digit;
  }
  seen.facts.content_length = length;
  return {};
}

Checked check_transfer_encoding(string_view value, int minor, Seen& seen) {
  if (++seen.transfer_encodings > 1 || !equal_ignoring_case(value, "chunked")) {
    return bad("bad_framing", "the only Transfer-Encoding understood is chunked, once");
  }
  if (minor == 0) return bad("bad_framing", "HTTP/1.0 has no Transfer-Encoding");
  return {};
}

Checked check_field(string_view line, int minor, Seen& seen) {
  if (line.front() == ' ' || line.front() == '\t') {
    return bad("bad_header", "a header must not be folded over several lines");
  }
  const std::size_t colon = line.find(':');
  if (colon == line.npos || !is_token(line.substr(0, colon))) {
    return bad("bad_header", "a header must be a name, directly followed by a colon, and a value");
  }
  const string_view name = line.substr(0, colon);
  const string_view value = trim(line.substr(colon + 1));
  if (!is_field_value(value)) {
    return bad("bad_header", "a header value must not contain control characters");
  }
  if (equal_ignoring_case(name, "Host")) return check_host(value, seen);
  if (equal_ignoring_case(name, "Content-Length")) return check_content_length(value, seen);
  if (equal_ignoring_case(name, "Transfer-Encoding")) {
    return check_transfer_encoding(value, minor, seen);
  }
  if (equal_ignoring_case(name, "Expect") && minor == 1) {
    if (!equal_ignoring_case(value, "100-continue")) {
      return std::unexpected(
          ProtocolError{417, "expectation_failed", "the only Expect understood is 100-continue"});
    }
    seen.facts.expects_continue = true;
  }
  return {};
}

}  // namespace

std::expected<std::optional<std::size_t>, ProtocolError> HeadScanner::scan(string_view received) {
  while (true) {
    const std::size_t end = received.find('\n', scanned_);
    if (end == received.npos) {
      scanned_ = received.size();
      return std::nullopt;
    }
    if (end == line_begin_ || received[end - 1] != '\r') {
      return bad("bad_line_ending", "lines must end with a carriage return and a line feed");
    }
    const bool empty_line = end - line_begin_ == 1;
    line_begin_ = scanned_ = end + 1;
    if (empty_line) return line_begin_;
  }
}

std::expected<HeadFacts, ProtocolError> check_head(string_view head, std::size_t max_headers) {
  int minor = 1;
  const string_view request_line = take_line(head);
  if (auto checked = check_request_line(request_line, minor); !checked) {
    return std::unexpected(checked.error());
  }
  Seen seen;
  std::size_t count = 0;
  for (string_view line = take_line(head); !line.empty(); line = take_line(head)) {
    if (++count > max_headers) {
      return std::unexpected(ProtocolError{431, "header_too_large", "there are too many headers"});
    }
    if (auto checked = check_field(line, minor, seen); !checked) {
      return std::unexpected(checked.error());
    }
  }
  if (minor == 1 && seen.hosts == 0) return bad("bad_host", "Host is required");
  if (seen.transfer_encodings > 0 && seen.facts.content_length) {
    return bad("bad_framing", "Content-Length and Transfer-Encoding exclude each other");
  }
  return seen.facts;
}

}  // namespace conveyor::http
