// The value of the Idempotency-Key header (draft-ietf-httpapi-idempotency-key-header): an RFC 8941
// string (section 3.3.3) such as "8e03978e-40d5-43dd-bc93-6894a57f9324". Many clients send the key
// bare; that means the same key.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace conveyor {

inline constexpr std::size_t kMaxIdempotencyKeyBytes = 255;

// The key, 1 to `max_bytes` printable ASCII characters, or why there is none. A bare
// key is made of the characters of an RFC 8941 token (section 3.3.4), in any position. Parameters
// and lists are refused.
std::expected<std::string, std::string> parse_idempotency_key(
    std::string_view header_value, std::size_t max_bytes = kMaxIdempotencyKeyBytes);

}  // namespace conveyor
