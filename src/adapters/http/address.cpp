#include "adapters/http/address.h"

#include <charconv>

namespace conveyor::http {

std::optional<Address> parse_base_url(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return std::nullopt;
  url.remove_prefix(kScheme.size());
  if (url.ends_with('/')) url.remove_suffix(1);
  if (url.empty() || url.find_first_of("/?#@ \t\r\n") != url.npos) return std::nullopt;
  Address address{.authority = std::string(url), .host = {}, .port = "80", .port_number = 80};
  const std::size_t bracket = url.rfind(']');
  const std::size_t colon = url.rfind(':');
  const bool has_port = colon != url.npos && (bracket == url.npos || colon > bracket);
  if (has_port) {
    address.port = url.substr(colon + 1);
    const char* end = address.port.data() + address.port.size();
    const auto parsed = std::from_chars(address.port.data(), end, address.port_number);
    if (parsed.ec != std::errc{} || parsed.ptr != end || address.port_number == 0) {
      return std::nullopt;
    }
    url = url.substr(0, colon);
  }
  if (url.starts_with('[') && url.ends_with(']')) url = url.substr(1, url.size() - 2);
  if (url.empty()) return std::nullopt;
  address.host = url;
  return address;
}

}  // namespace conveyor::http
