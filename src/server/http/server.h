// Server: HTTP/1.1 over TCP in front of one handler.
//
// Each io thread has its own event loop, its own listening socket on the shared port and the
// connections that it accepted; nothing is shared between them while requests are served. The
// handler is called on an io thread and must not block; it answers through Respond, at once or
// later and from any thread. A connection has one request in the handler at a time: pipelined
// requests wait their turn in its receive buffer, so answers leave in order.
//
// Requests are checked strictly (head_check.h). One that breaks the protocol or a limit is answered
// by `on_protocol_error` and its connection is closed:
//   400 bad_request_line bad_target bad_header bad_host bad_framing bad_line_ending bad_chunk
//   408 request_timeout   413 body_too_large   417 expectation_failed   431 header_too_large
//   503 too_many_connections too_many_streams   505 version_not_supported
// and 500 internal, which keeps the connection: the handler threw, gave no answer, or set a header
// that cannot be sent. A client that sends nothing, or that stops in the middle and hangs up, gets
// no answer.
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

#include "server/http/message.h"
#include "server/http/respond.h"

namespace conveyor::http {

using Handler = std::function<void(Request, Respond)>;

/// Makes the answer to what the server itself refuses, from status, stable code and a sentence.
/// Called on io threads; must not throw.
using ProtocolErrorHandler =
    std::function<Response(int status, std::string_view code, std::string_view detail)>;

/// "code: detail" as plain text.
Response plain_text_error(int status, std::string_view code, std::string_view detail);

/// One answered request, for metrics and the access log. The views hold during the call.
struct RequestInfo {
  std::string_view method;  // empty, like path, if the request was refused before it was parsed
  std::string_view path;
  std::string_view route;  // see Respond::set_route
  std::string_view remote_address;
  int status = 0;
  std::span<const Header> response_headers{};
  /// From the whole request being read to the answer being handed to the kernel; of a stream, its
  /// head.
  std::chrono::steady_clock::duration duration{};
  std::size_t body_bytes_received = 0;
  std::size_t bytes_sent = 0;  // head and body; less than the answer if the client went away
};

struct ServerOptions {
  /// IP address and port, "127.0.0.1:8080" or "[::1]:0"; port 0 takes a free one.
  std::string listen = "127.0.0.1:0";
  std::size_t io_threads = 1;
  /// With more than one thread the port is shared (SO_REUSEPORT), otherwise it is taken alone.
  int listen_backlog = 1'024;

  std::size_t max_connections = 4'096;
  /// Connections beyond that which are told so (503) at the same time; further ones are closed.
  std::size_t max_refusals = 64;
  std::size_t max_header_bytes =
      std::size_t{16} * 1'024;  // request line to empty line; also chunk trailers
  std::size_t max_header_count = 100;
  std::size_t max_body_bytes = std::size_t{256} * 1'024;  // after chunks are joined
  /// Answers that are streams at a time; further ones are refused (503).
  std::size_t max_streams = 1'024;
  std::size_t max_linger_bytes = std::size_t{1'024} * 1'024;

  // Deadlines are checked once per tick, so they fire up to one tick late.
  std::chrono::milliseconds tick{250};
  std::chrono::milliseconds header_timeout{10'000};  // whole head; also the first byte on connect
  std::chrono::milliseconds body_timeout{30'000};    // whole body
  std::chrono::milliseconds idle_timeout{60'000};    // between requests of a kept connection
  std::chrono::milliseconds write_timeout{30'000};   // whole answer; of a stream what waits
  /// After the last answer the server stops sending and reads on for so long (or max_linger_bytes),
  /// because closing over unread bytes would destroy the answer on its way (RFC 9112 section 9.6).
  std::chrono::milliseconds linger_timeout{2'000};
  std::chrono::milliseconds drain_timeout{10'000};  // see stop()

  bool send_date = true;
  ProtocolErrorHandler on_protocol_error = plain_text_error;
  /// Called on an io thread after each answer; must be cheap and must not throw. May be empty.
  std::function<void(const RequestInfo&)> on_complete{};
  /// Told what the handler threw, on the io thread; must not throw. May be empty.
  std::function<void(std::string_view path, std::string_view what)> on_handler_exception{};
};

/// Not for use by several threads at a time, and not from the handler.
class Server {
 public:
  Server(ServerOptions options, Handler handler);
  ~Server();  // stop()

  /// Listens and starts the threads; once. An error says what could not be done and why.
  std::expected<void, std::string> start();

  /// The numeric address and the port that it listens on, after start().
  std::string host() const;
  std::uint16_t port() const;

  std::size_t open_connections() const;

  /// Stops listening, closes idle connections and ends streams. Requests that have begun are still
  /// answered, with Connection: close.
  void stop_accepting();

  /// stop_accepting(), then waits until every request in work is answered, at most drain_timeout,
  /// closes what is left and joins the threads. The handler is not called afterwards.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace conveyor::http
