// Where a server is, out of its base URL. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace conveyor::http {

struct Address {
  std::string authority;  ///< the value of Host
  std::string host;       ///< without brackets
  std::string port;
  std::uint16_t port_number;
};

/// "http://HOST[:PORT]", perhaps with a slash behind it; nothing for any other form.
std::optional<Address> parse_base_url(std::string_view url);

}  // namespace conveyor::http
