// SHA-256 (FIPS 180-4) over OpenSSL's EVP, and lower-case hexadecimal.
//
// A Sha256 object belongs to one thread at a time; sha256() may be called from any thread (each
// keeps its own context). Hashing cannot fail in normal operation: an error of OpenSSL here means
// a broken installation and stops the process.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace conveyor {

using Digest = std::array<std::uint8_t, 32>;

class Sha256 {
 public:
  Sha256();

  void update(std::string_view bytes);

  // The digest of everything since the last finish(); the object then starts again from nothing.
  Digest finish();

 private:
  struct FreeContext {
    void operator()(void* context) const noexcept;
  };

  std::unique_ptr<void, FreeContext> context_;  // EVP_MD_CTX, so that no header names OpenSSL
};

Digest sha256(std::string_view bytes);

std::string to_hex(std::span<const std::uint8_t> bytes);

// Exactly 64 lower-case hexadecimal digits, which is the only form that to_hex() writes.
std::optional<Digest> digest_from_hex(std::string_view hex);

}  // namespace conveyor
