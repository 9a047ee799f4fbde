// Loopback addresses, for deciding who may listen and who is listened to. Strict: whatever a
// resolver or inet_aton would guess an address from (`127.1`, `0x7f.0.0.1`, `127.0.0.01`) is none.
#pragma once

#include <string_view>

namespace conveyor {

/// `127.x.y.z` of 127.0.0.0/8 (RFC 1122 section 3.2.1.3): four decimal numbers up to 255 without
/// leading zeros.
bool is_loopback_ipv4(std::string_view text);

/// The same, or `[::1]`, the way in which a URL and an ADDRESS:PORT write the IPv6 one.
bool is_loopback_address(std::string_view text);

}  // namespace conveyor
