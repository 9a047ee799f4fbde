// What a handler is given and what it gives back: requests, responses and the decoding of targets.
//
// Plain values without threads or sockets, so that handlers and their tests compile without the
// server. Decoding follows RFC 3986 (percent-encoding) and, for queries, the form style of the
// WHATWG URL standard ('+' is a space).
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/http_header.h"
#include "server/http/stream.h"

namespace conveyor::http {

struct Request {
  std::string method;
  std::string target;  // origin form as received: path and query
  std::string path;    // before '?', still percent-encoded; its encoding is known to be good
  std::string query;   // after '?', still encoded; empty if there is none
  std::vector<Header> headers;
  std::string body;            // chunks joined; trailer fields are dropped
  std::string remote_address;  // the peer's IP address, without port

  /// The value of the first header of that name in any case, or null.
  const std::string* find_header(std::string_view name) const {
    return http::find_header(headers, name);
  }
};

struct Response {
  int status = 200;
  /// Content-Length, Transfer-Encoding and Date are the server's own and ignored here;
  /// "Connection: close" is honoured.
  std::vector<Header> headers{};
  std::string body{};
  /// Instead of `body`: what is written to it is sent as it comes, in chunks (to a client of
  /// HTTP/1.0 without), and then the connection is closed.
  std::shared_ptr<Stream::Body> stream{};
  /// With status 101 and a stream: from then on the connection carries bytes both ways, in another
  /// protocol. Given what the client sends, on the io thread; after each call nothing is read until
  /// Stream::read_on. "Connection: Upgrade" is the server's own.
  std::function<void(std::string)> on_bytes{};

  void set_header(std::string name, std::string value) {
    headers.push_back({std::move(name), std::move(value)});
  }
};

/// A body of plain text, ended by a line feed.
Response text_response(int status, std::string_view text);

enum class DecodeError {
  kBadPercent,        // '%' without two hexadecimal digits
  kControlCharacter,  // a decoded byte below 0x20, or 0x7f
  kBadUtf8,           // decoded bytes that are not UTF-8
};

/// Decodes one path segment; '+' stays itself.
std::expected<std::string, DecodeError> decode_segment(std::string_view text);

/// The segments of a path that starts with '/', each decoded by itself, so that an encoded slash
/// belongs to its segment. "/" has one empty segment; nothing is normalised.
std::expected<std::vector<std::string>, DecodeError> decode_path(std::string_view path);

/// Query parameters in the sequence received.
class QueryParameters {
 public:
  struct Parameter {
    std::string name;
    std::string value;  // empty for "name" and for "name="
  };

  /// Decodes "a=1&b=x%20y&b=z" in form style: '+' is a space, empty pieces between '&' are skipped,
  /// repeated names are all kept.
  static std::expected<QueryParameters, DecodeError> parse(std::string_view query);

  /// The value of the first parameter of that name (case-sensitive), or null.
  const std::string* find(std::string_view name) const;
  std::vector<std::string_view> all(std::string_view name) const;
  const std::vector<Parameter>& list() const { return parameters_; }

 private:
  std::vector<Parameter> parameters_;
};

}  // namespace conveyor::http
