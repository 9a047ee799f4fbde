// base64url (RFC 4648 section 5) without padding. Decoding is strict: no padding, no white space,
// no other alphabet, no stray bits, so each byte string has exactly one encoding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace conveyor {

std::string base64url_encode(std::string_view bytes);
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace conveyor
