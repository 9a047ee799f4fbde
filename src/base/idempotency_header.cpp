#include "base/idempotency_header.h"

#include <fmt/format.h>

namespace conveyor {
namespace {

using Result = std::expected<std::string, std::string>;

bool is_token_character(char c) {
  if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) return true;
  return std::string_view{"!#$%&'*+-.^_`|~:/"}.contains(c);
}

// RFC 8941 section 4.2.5, with nothing allowed behind the string.
Result parse_string(std::string_view text) {
  std::string key;
  std::size_t at = 1;
  for (; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') {
      ++at;
      if (at == text.size() || (text[at] != '"' && text[at] != '\\')) {
        return std::unexpected("a backslash may only stand before a quote or a backslash");
      }
    } else if (text[at] < 0x20 || text[at] > 0x7E) {
      return std::unexpected("only printable ASCII characters are allowed");
    }
    key += text[at];
  }
  if (at == text.size()) return std::unexpected("the closing quote is missing");
  if (at + 1 != text.size()) {
    return std::unexpected("nothing may follow the closing quote: no parameters, no second key");
  }
  return key;
}

Result parse_bare(std::string_view text) {
  for (const char c : text) {
    if (!is_token_character(c)) {
      return std::unexpected(
          "a key with other characters than letters, digits and !#$%&'*+-.^_`|~:/ must be quoted");
    }
  }
  return std::string{text};
}

}  // namespace

Result parse_idempotency_key(std::string_view header_value, std::size_t max_bytes) {
  const std::size_t begin = header_value.find_first_not_of(' ');
  if (begin == std::string_view::npos) return std::unexpected("the key is empty");
  const std::size_t end = header_value.find_last_not_of(' ') + 1;
  const std::string_view text = header_value.substr(begin, end - begin);

  Result key = text.front() == '"' ? parse_string(text) : parse_bare(text);
  if (!key) return key;
  if (key->empty()) return std::unexpected("the key is empty");
  if (key->size() > max_bytes) {
    return std::unexpected(fmt::format("the key is longer than {} characters", max_bytes));
  }
  return key;
}

}  // namespace conveyor
