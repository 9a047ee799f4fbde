#include "base/loopback.h"

#include <charconv>
#include <cstdint>

namespace conveyor {
namespace {

// One number of a dotted quad.
bool is_octet(std::string_view text) {
  std::uint8_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && at == end && (text.size() == 1 || text.front() != '0');
}

}  // namespace

bool is_loopback_ipv4(std::string_view text) {
  constexpr std::string_view kNetwork = "127.";
  if (!text.starts_with(kNetwork)) return false;
  text.remove_prefix(kNetwork.size());
  for (int octet = 0; octet < 2; ++octet) {
    const auto dot = text.find('.');
    if (dot == text.npos || !is_octet(text.substr(0, dot))) return false;
    text.remove_prefix(dot + 1);
  }
  return is_octet(text);
}

bool is_loopback_address(std::string_view text) {
  return is_loopback_ipv4(text) || text == "[::1]";
}

}  // namespace conveyor
