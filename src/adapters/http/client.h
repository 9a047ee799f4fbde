// Client: blocking HTTP/1.1 requests to one server over one kept connection.
//
// For command-line tools and participants on pools of blocking workers. Not for use by several
// threads at a time: one client per thread. Every wait has a deadline. No redirects, no TLS, no
// retries of its own, with one exception that cannot do anything twice: when a kept connection
// turns out to be closed before any byte of the answer, the request is sent once more on a new
// connection, if nothing of it had been sent or if it is idempotent (its method is, RFC 9110
// section 9.2.2, or it carries an Idempotency-Key).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/http_header.h"

namespace conveyor::http {

struct ClientOptions {
  std::chrono::milliseconds connect_timeout{5'000};
  /// From send() to the last byte of the answer, connecting included.
  std::chrono::milliseconds request_timeout{30'000};
  std::uint32_t max_header_bytes = 64 * 1'024;
  std::size_t max_body_bytes = std::size_t{64} * 1'024 * 1'024;
  /// Asked while a request waits, every kCancelledWithin: true ends the wait as the deadline would.
  std::function<bool()> is_cancelled = {};
};

inline constexpr std::chrono::milliseconds kCancelledWithin{50};

struct ClientResponse {
  int status = 0;
  std::vector<Header> headers;
  std::string body;

  /// The value of the first header of that name in any case, or null.
  const std::string* find_header(std::string_view name) const {
    return http::find_header(headers, name);
  }
};

struct ClientError {
  enum class Kind {
    kInvalidRequest,  // the URL, method, target or a header cannot be sent
    kCannotConnect,   // refused, unknown host, or not within connect_timeout
    kTimedOut,        // no whole answer within request_timeout
    kReset,           // the connection broke before the whole answer
    kMalformed,       // the answer is not HTTP or is larger than allowed
  };
  Kind kind;
  /// The server may have received the request, so it may have acted on it.
  bool maybe_sent;
  std::string detail;  // for people
};

/// How the body of an answer is taken as it comes.
struct BodySink {
  /// Called with each piece, and without one (empty) about every `poll` while nothing comes. False:
  /// no more of it is wanted.
  std::function<bool(std::string_view)> take;
  std::chrono::milliseconds poll{100};
  /// Without a byte for so long the server counts as gone.
  std::chrono::milliseconds silence_timeout{60'000};
};

class Client {
 public:
  /// "http://HOST[:PORT]" with a name, an IPv4 or a bracketed IPv6 address; connects with the first
  /// request. A URL of another form makes every request fail.
  explicit Client(std::string_view base_url, ClientOptions options = {});
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  /// `target` is the encoded path and query. Host and Content-Length are added. An answer of any
  /// status is an answer; interim ones (1xx) are skipped.
  std::expected<ClientResponse, ClientError> send(std::string_view method, std::string_view target,
                                                  std::span<const Header> headers,
                                                  std::string_view body);

  /// GET whose answer, if its status is 200, may go on for ever: its body is handed to `sink` and
  /// not kept, and ends with the answer's end, at the sink's wish, or with an error. Any other
  /// answer is returned as by send(). Always on a new connection, which is closed behind it.
  std::expected<ClientResponse, ClientError> receive(std::string_view target,
                                                     std::span<const Header> headers,
                                                     const BodySink& sink);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace conveyor::http
