// The rules for the raw head of a request that the parser behind it forgives.
//
// Everything up to and with the empty line is checked byte by byte before it is parsed, so that no
// two readers on the way can see two different requests (RFC 9112 sections 2.2, 3, 5.1, 5.2, 6 and
// 11.2). Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

namespace conveyor::http {

/// A request that breaks the protocol: the status to answer with, a stable code and a sentence. The
/// connection is closed afterwards, since where the next request starts is not known.
struct ProtocolError {
  int status;
  std::string_view code;
  std::string_view detail;
};

struct HeadFacts {
  /// As declared; a number that does not fit is the largest one.
  std::optional<std::uint64_t> content_length{};
  bool expects_continue = false;
};

/// Finds the end of a head that arrives in pieces. Each call looks only at what is new.
class HeadScanner {
 public:
  /// `received` is everything received of this head so far. The length of the head with its empty
  /// line, or nothing while that has not come, or bad_line_ending for a line feed that does not
  /// follow a carriage return.
  std::expected<std::optional<std::size_t>, ProtocolError> scan(std::string_view received);

  void reset() { *this = {}; }

 private:
  std::size_t line_begin_ = 0;
  std::size_t scanned_ = 0;
};

/// Checks a whole head, the empty line included. `max_headers` is a count; more of them is 431.
std::expected<HeadFacts, ProtocolError> check_head(std::string_view head, std::size_t max_headers);

}  // namespace conveyor::http
