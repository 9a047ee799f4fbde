#include "app/load/answer.h"

#include <charconv>
#include <string>

#include "base/http_header.h"

namespace conveyor::load {
namespace {

constexpr std::string_view kVersion = "HTTP/1.1 ";
constexpr std::size_t kStatusDigits = 3;

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::expected<std::optional<Answer>, NotAnAnswer> parse_answer(std::string_view received) {
  const auto end = received.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (received.size() > kMaxAnswerBytes) return std::unexpected(NotAnAnswer{});
    return std::nullopt;
  }
  auto head = received.substr(0, end + 2);
  if (!head.starts_with(kVersion)) return std::unexpected(NotAnAnswer{});
  const auto status = parse_number<int>(head.substr(kVersion.size(), kStatusDigits));
  if (!status) return std::unexpected(NotAnAnswer{});
  Answer answer{.status = *status};
  std::optional<std::size_t> length;
  head.remove_prefix(head.find("\r\n") + 2);
  while (!head.empty()) {
    const auto line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(line.size() + 2);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return std::unexpected(NotAnAnswer{});
    const auto name = line.substr(0, colon);
    const auto value = trimmed(line.substr(colon + 1));
    const auto is = [&](std::string_view known) { return http::equal_ignoring_case(name, known); };
    if (is("Content-Length")) length = parse_number<std::size_t>(value);
    if (is("Retry-After")) answer.retry_after_s = parse_number<std::uint32_t>(value);
    if (is("Idempotent-Replayed")) answer.is_replayed = value == "true";
    if (is("Connection")) answer.closes = http::equal_ignoring_case(value, "close");
  }
  if (!length || *length > kMaxAnswerBytes) return std::unexpected(NotAnAnswer{});
  const auto rest = received.substr(end + 4);
  if (rest.size() < *length) return std::nullopt;
  if (rest.size() > *length) return std::unexpected(NotAnAnswer{});
  answer.body = rest;
  return answer;
}

std::string_view find_member(std::string_view json, std::string_view name) {
  std::string pattern{"\""};
  pattern.append(name).append("\":\"");
  const auto at = json.find(pattern);
  if (at == std::string_view::npos) return {};
  const auto value = json.substr(at + pattern.size());
  const auto end = value.find_first_of("\"\\");
  if (end == std::string_view::npos || value[end] == '\\') return {};
  return value.substr(0, end);
}

}  // namespace conveyor::load
