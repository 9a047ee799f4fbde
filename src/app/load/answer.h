// Answer: what a load run reads of an HTTP answer. Cheap (nothing is copied), and no more than this
// needs: one final answer with a Content-Length to a connection without pipelining, which is what
// the server sends to a POST. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

namespace conveyor::load {

/// Of one answer, head and body.
inline constexpr std::size_t kMaxAnswerBytes = std::size_t{1} << 20;

struct Answer {
  int status = 0;
  std::optional<std::uint32_t> retry_after_s = {};
  bool is_replayed = false;    ///< Idempotent-Replayed: true
  bool closes = false;         ///< Connection: close
  std::string_view body = {};  ///< into `received`
};

/// The answer that `received` holds; nullopt if its end has not come yet. Refused is what is no
/// HTTP/1.1, has no Content-Length, is larger than kMaxAnswerBytes, or is followed by more.
struct NotAnAnswer {};
std::expected<std::optional<Answer>, NotAnAnswer> parse_answer(std::string_view received);

/// The string member `name` at its first occurrence, as in `"id":"ord_…"`; empty if there is none
/// or it has an escape. For bodies in which that cannot be within another string.
std::string_view find_member(std::string_view json, std::string_view name);

}  // namespace conveyor::load
