#include "server/dashboard/site.h"

#include <algorithm>
#include <array>
#include <string>

namespace conveyor::dashboard {
namespace {

/// No script or style of another origin, no script in a page's text, no frame around it. Styles in
/// a page's text: the charts' library sets them.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; "
    "base-uri 'none'; object-src 'none'";

constexpr std::string_view kLacking =
    "This program was built without its dashboard, which takes Node: see dashboard/README.md.\n"
    "The API is at /v1/, its document at /openapi.json.";

/// Where no page of the dashboard is, so that a wrong path there stays the API's 404.
constexpr std::array<std::string_view, 6> kOthers{"/v1/",     "/health",       "/metrics",
                                                  "/version", "/openapi.json", "/socket.io/"};

bool is_others(std::string_view path) {
  return std::ranges::any_of(kOthers, [&](auto prefix) { return path.starts_with(prefix); });
}

bool has_word(const std::string* header, std::string_view word) {
  return header != nullptr && header->find(word) != std::string::npos;
}

/// A gzip that is not refused by ";q=0"; nobody refuses it otherwise.
bool takes_gzip(const http::Request& request) {
  const auto* accepted = request.find_header("Accept-Encoding");
  return has_word(accepted, "gzip") && !has_word(accepted, "gzip;q=0");
}

const File* find(std::span<const File> files, std::string_view path) {
  const auto found = std::ranges::find(files, path, &File::path);
  return found == files.end() ? nullptr : &*found;
}

void set_common_headers(http::Response& response) {
  response.set_header("Content-Security-Policy", std::string{kContentSecurityPolicy});
  response.set_header("Referrer-Policy", "same-origin");
}

http::Response lacking() {
  auto response = http::text_response(404, kLacking);
  response.set_header("Cache-Control", "no-store");
  return response;
}

http::Response give(const http::Request& request, const File& file) {
  http::Response response;
  const bool is_immutable = file.path.starts_with("/assets/");
  response.set_header("Cache-Control",
                      is_immutable ? "public, max-age=31536000, immutable" : "no-cache");
  response.set_header("ETag", std::string{file.etag});
  response.set_header("Vary", "Accept-Encoding");
  set_common_headers(response);
  if (has_word(request.find_header("If-None-Match"), file.etag)) {
    response.status = 304;
    return response;
  }
  response.set_header("Content-Type", std::string{file.content_type});
  if (!file.gzip.empty() && takes_gzip(request)) {
    response.set_header("Content-Encoding", "gzip");
    response.body = file.gzip;
  } else {
    response.body = file.identity;
  }
  return response;
}

}  // namespace

std::optional<http::Response> respond(const http::Request& request, std::span<const File> files) {
  if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
  if (is_others(request.path)) return std::nullopt;
  if (const auto* file = find(files, request.path)) return give(request, *file);
  const bool is_page = request.path == "/" || has_word(request.find_header("Accept"), "text/html");
  if (!is_page) return std::nullopt;
  const auto* index = find(files, "/index.html");
  return index == nullptr ? lacking() : give(request, *index);
}

}  // namespace conveyor::dashboard
