#include "socketio/websocket_handshake.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "base/base64.h"

namespace conveyor::socketio {
namespace {

constexpr std::size_t kKeyBytes = 16;
constexpr std::string_view kVersion = "13";

/// Whether one of the comma-separated tokens of any header of that name is `token`.
bool has_token(const HttpRequest& request, std::string_view name, std::string_view token) {
  for (const Header& header : request.headers) {
    if (!http::equal_ignoring_case(header.name, name)) continue;
    std::string_view rest = header.value;
    while (true) {
      const auto comma = rest.find(',');
      auto word = rest.substr(0, comma);
      while (word.starts_with(' ') || word.starts_with('\t')) word.remove_prefix(1);
      while (word.ends_with(' ') || word.ends_with('\t')) word.remove_suffix(1);
      if (http::equal_ignoring_case(word, token)) return true;
      if (comma == rest.npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return false;
}

HttpResponse refusal(int status, std::string_view why) {
  return {.status = status,
          .headers = {{"Content-Type", "text/plain; charset=utf-8"}},
          .body = std::string{why}};
}

/// The one value of a header that has to be there once.
const std::string* single(const HttpRequest& request, std::string_view name) {
  const auto count = std::ranges::count_if(request.headers, [name](const Header& header) {
    return http::equal_ignoring_case(header.name, name);
  });
  return count == 1 ? request.find_header(name) : nullptr;
}

}  // namespace

bool is_websocket_request(const HttpRequest& request) {
  return has_token(request, "Upgrade", "websocket");
}

std::expected<std::vector<Header>, HttpResponse> accept_websocket(const HttpRequest& request) {
  if (request.method != "GET" || !is_websocket_request(request) ||
      !has_token(request, "Connection", "Upgrade")) {
    return std::unexpected(refusal(400, "this is not a WebSocket handshake"));
  }
  const auto* version = single(request, "Sec-WebSocket-Version");
  if (version == nullptr || *version != kVersion) {
    auto response = refusal(426, "the WebSocket version must be 13");
    response.headers.push_back({"Sec-WebSocket-Version", std::string{kVersion}});
    return std::unexpected(std::move(response));
  }
  const auto* key = single(request, "Sec-WebSocket-Key");
  const auto bytes = key == nullptr ? std::nullopt : base64_decode(*key);
  if (!bytes || bytes->size() != kKeyBytes) {
    return std::unexpected(refusal(400, "Sec-WebSocket-Key must be the base64 of 16 bytes"));
  }
  return std::vector<Header>{{"Upgrade", "websocket"},
                             {"Connection", "Upgrade"},
                             {"Sec-WebSocket-Accept", websocket_accept(*key)}};
}

std::string websocket_accept(std::string_view key) {
  const auto text = std::string{key}.append("258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the C API takes unsigned bytes
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return base64_encode(std::string{digest.begin(), digest.end()});
}

}  // namespace conveyor::socketio
