// base64 (RFC 4648 section 4) with padding. Decoding is strict: padding as it must be, no white
// space, no other alphabet, no stray bits, so each byte string has exactly one encoding. Pure
// functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace conveyor {

std::string base64_encode(std::string_view bytes);
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace conveyor
