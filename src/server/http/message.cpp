#include "server/http/message.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"

namespace conveyor::http {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::expected<std::string, DecodeError> decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return std::unexpected(DecodeError::kBadPercent);
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::unexpected(DecodeError::kBadPercent);
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) return std::unexpected(DecodeError::kControlCharacter);
    decoded.push_back(c);
  }
  if (!is_valid_utf8(decoded)) return std::unexpected(DecodeError::kBadUtf8);
  return decoded;
}

/// Calls visit for each piece between separators; stops at and returns the first error.
template <typename Visit>
std::expected<void, DecodeError> split(std::string_view text, char separator, Visit visit) {
  while (true) {
    const std::size_t end = text.find(separator);
    if (auto visited = visit(text.substr(0, end)); !visited) return visited;
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
}

}  // namespace

Response text_response(int status, std::string_view text) {
  Response response{.status = status};
  response.set_header("Content-Type", "text/plain; charset=utf-8");
  response.body.append(text).push_back('\n');
  return response;
}

std::expected<std::string, DecodeError> decode_segment(std::string_view text) {
  return decode(text, false);
}

std::expected<std::vector<std::string>, DecodeError> decode_path(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  std::vector<std::string> segments;
  const auto done =
      split(path, '/', [&](std::string_view piece) -> std::expected<void, DecodeError> {
        auto segment = decode_segment(piece);
        if (!segment) return std::unexpected(segment.error());
        segments.push_back(*std::move(segment));
        return {};
      });
  if (!done) return std::unexpected(done.error());
  return segments;
}

std::expected<QueryParameters, DecodeError> QueryParameters::parse(std::string_view query) {
  QueryParameters result;
  const auto done =
      split(query, '&', [&](std::string_view piece) -> std::expected<void, DecodeError> {
        if (piece.empty()) return {};
        const std::size_t equals = piece.find('=');
        auto name = decode(piece.substr(0, equals), true);
        if (!name) return std::unexpected(name.error());
        auto value =
            decode(equals == piece.npos ? std::string_view{} : piece.substr(equals + 1), true);
        if (!value) return std::unexpected(value.error());
        result.parameters_.push_back({*std::move(name), *std::move(value)});
        return {};
      });
  if (!done) return std::unexpected(done.error());
  return result;
}

const std::string* QueryParameters::find(std::string_view name) const {
  const auto found = std::ranges::find(parameters_, name, &Parameter::name);
  return found == parameters_.end() ? nullptr : &found->value;
}

std::vector<std::string_view> QueryParameters::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const Parameter& parameter : parameters_) {
    if (parameter.name == name) values.push_back(parameter.value);
  }
  return values;
}

}  // namespace conveyor::http
