#include "base/base64.h"

#include "base/base64url.h"

namespace conveyor {
namespace {

// The two alphabets differ in their last two characters only.
void replace(std::string& text, char from, char to) {
  for (char& c : text) {
    if (c == from) c = to;
  }
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string text = base64url_encode(bytes);
  replace(text, '-', '+');
  replace(text, '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0 || text.find_first_of("-_") != text.npos) return std::nullopt;
  if (text.ends_with('=')) text.remove_suffix(text.ends_with("==") ? 2 : 1);
  std::string url{text};
  replace(url, '+', '-');
  replace(url, '/', '_');
  return base64url_decode(url);
}

}  // namespace conveyor
