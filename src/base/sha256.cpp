#include "base/sha256.h"

#include <openssl/evp.h>

#include "base/assert.h"

namespace conveyor {
namespace {

// Fetched once: looking an algorithm up by name costs more than hashing an event.
const EVP_MD* algorithm() {
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  CONVEYOR_ASSERT(fetched != nullptr, "OpenSSL has SHA-256");
  return fetched;
}

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

}  // namespace

void Sha256::FreeContext::operator()(void* context) const noexcept {
  EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context));
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  CONVEYOR_ASSERT(context_ != nullptr, "OpenSSL has memory");
  const int done =
      EVP_DigestInit_ex2(static_cast<EVP_MD_CTX*>(context_.get()), algorithm(), nullptr);
  CONVEYOR_ASSERT(done == 1, "OpenSSL starts a digest");
}

void Sha256::update(std::string_view bytes) {
  const int done =
      EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_.get()), bytes.data(), bytes.size());
  CONVEYOR_ASSERT(done == 1, "OpenSSL takes bytes");
}

Digest Sha256::finish() {
  auto* const context = static_cast<EVP_MD_CTX*>(context_.get());
  Digest digest;
  unsigned size = 0;
  int done = EVP_DigestFinal_ex(context, digest.data(), &size);
  CONVEYOR_ASSERT(done == 1 && size == digest.size(), "OpenSSL ends a digest");
  // Without an algorithm the context keeps the one it has.
  done = EVP_DigestInit_ex2(context, nullptr, nullptr);
  CONVEYOR_ASSERT(done == 1, "OpenSSL starts a digest");
  return digest;
}

Digest sha256(std::string_view bytes) {
  thread_local Sha256 hasher;
  hasher.update(bytes);
  return hasher.finish();
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex(bytes.size() * 2, '\0');
  char* out = hex.data();
  for (const std::uint8_t byte : bytes) {
    *out++ = kDigits[byte >> 4];
    *out++ = kDigits[byte & 0xF];
  }
  return hex;
}

std::optional<Digest> digest_from_hex(std::string_view hex) {
  Digest digest;
  if (hex.size() != digest.size() * 2) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const int high = hex_value(hex[2 * i]);
    const int low = hex_value(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    digest[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return digest;
}

}  // namespace conveyor
