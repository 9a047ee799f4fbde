#include "server/http/connection.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <exception>
#include <iterator>
#include <utility>

namespace conveyor::http {
namespace asio = boost::asio;
namespace beast_http = boost::beast::http;

namespace {

constexpr std::size_t kReadBytes = 8'192;  // room offered to each read
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

constexpr ProtocolError kBodyTooLarge{413, "body_too_large", "the body is too large"};

constexpr asio::use_awaitable_t<Executor> kAwait{};

std::string_view to_std(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

bool has_no_body(int status) {
  return status == 204 || status == 304;
}

/// Headers that the server writes itself.
bool is_own_header(std::string_view name) {
  return equal_ignoring_case(name, "Content-Length") ||
         equal_ignoring_case(name, "Transfer-Encoding") ||
         equal_ignoring_case(name, "Connection") || equal_ignoring_case(name, "Date");
}

bool changes_protocol(const Response& response) {
  return response.status == 101 && response.stream && response.on_bytes;
}

bool can_be_sent(const Response& response) {
  if ((response.status < 200 && !changes_protocol(response)) || response.status > 599) return false;
  return std::ranges::all_of(response.headers, [](const Header& header) {
    return is_token(header.name) && is_field_value(header.value);
  });
}

}  // namespace

void Mailbox::deliver(Item item) {
  if (item.answer && std::this_thread::get_id() == thread_) {
    // Answered within the handler, the usual case of quick handlers: no lock, no wake-up.
    if (const auto connection = item.connection.lock(); connection && connection->is_in_handler()) {
      connection->answered(*std::move(item.answer), std::move(item.route));
      return;
    }
  }
  const std::lock_guard lock(mutex_);
  if (context_ == nullptr) return;
  items_.push_back(std::move(item));
  if (items_.size() == 1) {
    asio::post(*context_, [self = shared_from_this()] { self->drain(); });
  }
}

void Mailbox::close() {
  std::vector<Item> dropped;  // outside the lock: the end of a stream calls its producer
  const std::lock_guard lock(mutex_);
  context_ = nullptr;
  dropped.swap(items_);
}

void Mailbox::drain() {
  std::vector<Item> items;
  {
    const std::lock_guard lock(mutex_);
    items.swap(items_);
  }
  for (Item& item : items) {
    const auto connection = item.connection.lock();
    if (!connection) continue;
    if (item.answer) {
      connection->answered(*std::move(item.answer), std::move(item.route));
    } else {
      connection->stream_woken();
    }
  }
}

/// The parser of one request: used for its fields and its framing of bodies.
struct Connection::Body {
  beast_http::request_parser<beast_http::string_body> parser;
};

Connection::Connection(Loop& loop, Socket socket, std::string remote_address,
                       std::atomic<std::size_t>& open)
    : loop_(loop),
      socket_(std::move(socket)),
      remote_address_(std::move(remote_address)),
      open_(open),
      index_(loop.connections.size()) {
  loop_.connections.push_back(this);
}

Connection::~Connection() {
  Connection* last = loop_.connections.back();
  loop_.connections[index_] = last;
  last->index_ = index_;
  loop_.connections.pop_back();
  boost::system::error_code ignored;
  socket_.close(ignored);
  open_.fetch_sub(1);
  loop_.connection_closed();
}

Task<> Connection::serve(std::shared_ptr<Connection> self) {
  bool again = true;
  while (again) {
    again = co_await self->serve_one();
  }
}

Task<> Connection::refuse(std::shared_ptr<Connection> self) {
  self->started_ = Clock::now();
  const ProtocolError error{503, "too_many_connections", "the server has no room for another one"};
  co_await self->fail(error);
}

/// Reads, handles and answers one request; whether another may follow.
Task<bool> Connection::serve_one() {
  const ServerOptions& options = *loop_.options;
  method_.clear();
  path_.clear();
  route_.clear();
  body_bytes_ = 0;
  minor_version_ = 1;
  keep_alive_ = false;
  enter(Phase::kIdle, served_one_ ? options.idle_timeout : options.header_timeout);

  const auto head_size = co_await read_head();
  started_ = Clock::now();
  if (!head_size) {
    co_await fail(head_size.error());
    co_return false;
  }
  if (closed_) co_return false;

  const std::string_view head = buffered().substr(0, *head_size);
  const auto facts = check_head(head, options.max_header_count);
  if (!facts) {
    co_await fail(facts.error());
    co_return false;
  }
  Body body;
  const bool parsed = parse_head(body, head);
  if (facts->content_length > options.max_body_bytes) {  // before the parser's own opinion of it
    co_await fail(kBodyTooLarge);
    co_return false;
  }
  if (!parsed) {
    const ProtocolError error{400, "bad_header", "a header has a value that it cannot have"};
    co_await fail(error);
    co_return false;
  }
  Request request = take_request(body);  // now, because trailers would be added to the headers
  consume(*head_size);

  const auto refused = co_await read_body(body, *facts);
  started_ = Clock::now();
  if (refused) {
    co_await fail(*refused);
    co_return false;
  }
  if (closed_) co_return false;
  request.body = std::move(body.parser.get().body());
  body_bytes_ = request.body.size();
  keep_alive_ = body.parser.keep_alive();

  enter(Phase::kHandling, Clock::duration::max());
  call_handler(std::move(request));
  co_await wait_for_answer();
  end_watch();
  if (closed_) co_return false;
  Response response = take_answer();
  if (changes_protocol(response) && minor_version_ == 0) {
    response = options.on_protocol_error(400, "bad_request_line", "this needs HTTP/1.1");
  }
  if (response.stream && !can_be_sent(response)) {
    response = internal_error("the answer has a header that is not valid");
  }
  if (response.stream && method_ != "HEAD" && !has_no_body(response.status)) {
    const bool is_counted = response.status != 101;  // others have a limit of their own
    if (!is_counted || take_place(*loop_.streams, options.max_streams)) {
      co_await send_stream(std::move(response));
      if (is_counted) loop_.streams->fetch_sub(1);
      co_return false;
    }
    response = options.on_protocol_error(503, "too_many_streams",
                                         "the server has no room for another stream");
  }
  co_await send(std::move(response));
  served_one_ = true;
  if (!keep_alive_) {
    co_await linger();
    co_return false;
  }
  co_return !closed_;
}

/// The size of a whole head at the front of the buffer; closed_ is set if none will come.
Task<std::expected<std::size_t, ProtocolError>> Connection::read_head() {
  const ServerOptions& options = *loop_.options;
  HeadScanner scanner;
  bool skipped_line = false;
  while (true) {
    if (!buffered().empty() && phase_ == Phase::kIdle) {
      enter(Phase::kReading, options.header_timeout);
    }
    const auto size = scanner.scan(buffered().substr(0, options.max_header_bytes));
    if (!size) co_return std::unexpected(size.error());
    if (*size == 2) {
      // An empty line before the request is ignored once (RFC 9112 section 2.2).
      if (skipped_line) {
        co_return std::unexpected(ProtocolError{400, "bad_request_line", "the request is empty"});
      }
      skipped_line = true;
      consume(2);
      scanner.reset();
      continue;
    }
    if (*size) co_return **size;
    if (buffered().size() >= options.max_header_bytes) {
      co_return std::unexpected(
          ProtocolError{431, "header_too_large", "request line and headers are too large"});
    }
    if (phase_ == Phase::kIdle && loop_.draining) closed_ = true;
    if (closed_) co_return 0;
    const Received received = co_await receive();
    if (received == Received::kTimedOut && phase_ != Phase::kIdle) {
      co_return std::unexpected(
          ProtocolError{408, "request_timeout", "the request line and headers took too long"});
    }
    if (received != Received::kBytes) {
      closed_ = true;
      co_return 0;
    }
  }
}

bool Connection::parse_head(Body& body, std::string_view head) {
  auto& parser = body.parser;
  parser.eager(true);
  parser.header_limit(static_cast<std::uint32_t>(loop_.options->max_header_bytes + 1));
  parser.body_limit(loop_.options->max_body_bytes);
  boost::beast::error_code error;
  const std::size_t used = parser.put(asio::const_buffer(head.data(), head.size()), error);
  const auto& message = parser.get();
  const auto target = to_std(message.target());
  method_ = to_std(message.method_string());
  path_ = target.substr(0, target.find('?'));
  minor_version_ = static_cast<int>(message.version() % 10);
  return !error && used == head.size();
}

Request Connection::take_request(Body& body) const {
  const auto& message = body.parser.get();
  Request request;
  request.method = method_;
  request.target = to_std(message.target());
  request.path = path_;
  if (path_.size() < request.target.size()) request.query = request.target.substr(path_.size() + 1);
  request.headers.reserve(static_cast<std::size_t>(std::distance(message.begin(), message.end())));
  for (const auto& field : message) {
    request.headers.push_back(
        {std::string(to_std(field.name_string())), std::string(to_std(field.value()))});
  }
  request.remote_address = remote_address_;
  return request;
}

/// Reads the body to its end; closed_ is set if it will not come.
Task<std::optional<ProtocolError>> Connection::read_body(Body& body, HeadFacts facts) {
  const ServerOptions& options = *loop_.options;
  auto& parser = body.parser;
  // The parser takes control characters within quoted strings for extensions.
  auto check_extensions = [](std::uint64_t, boost::beast::string_view extensions,
                             boost::beast::error_code& error) {
    if (!is_field_value(to_std(extensions))) error = beast_http::error::bad_chunk_extension;
  };
  if (parser.chunked()) parser.on_chunk_header(check_extensions);
  if (facts.expects_continue && !parser.is_done() && buffered().empty()) {
    co_await send_continue();
  }
  enter(Phase::kReading, options.body_timeout);
  const std::size_t enough = parser.chunked() ? kShortestLastChunk : 1;
  while (!parser.is_done() && !closed_) {
    if (buffered().size() >= enough) {
      boost::beast::error_code error;
      const auto bytes = buffered();
      consume(parser.put(asio::const_buffer(bytes.data(), bytes.size()), error));
      if (error == beast_http::error::body_limit) co_return kBodyTooLarge;
      if (error && error != beast_http::error::need_more) {
        co_return ProtocolError{400, "bad_chunk", "the chunks of the body are malformed"};
      }
      if (parser.is_done()) break;
      // What stays unread is the line of a chunk or the trailers, which the parser needs whole.
      if (buffered().size() > options.max_header_bytes) {
        co_return ProtocolError{431, "header_too_large",
                                "a chunk's line or trailers are too large"};
      }
    }
    const Received received = co_await receive();
    if (received == Received::kTimedOut) {
      co_return ProtocolError{408, "request_timeout", "the body took too long"};
    }
    if (received == Received::kClosed) closed_ = true;
  }
  co_return std::nullopt;
}

Task<Connection::Received> Connection::receive() {
  make_room();
  boost::system::error_code error;
  const auto space = asio::buffer(buffer_.data() + end_, buffer_.size() - end_);
  auto token = asio::redirect_error(kAwait, error);
  const std::size_t bytes = co_await socket_.async_read_some(space, token);
  end_ += bytes;
  if (timed_out_) co_return Received::kTimedOut;
  co_return error ? Received::kClosed : Received::kBytes;
}

void Connection::make_room() {
  if (buffer_.size() - end_ >= kReadBytes) return;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() - end_ < kReadBytes) buffer_.resize(end_ + kReadBytes);
}

void Connection::consume(std::size_t bytes) {
  begin_ += bytes;
  if (begin_ == end_) begin_ = end_ = 0;
}

void Connection::call_handler(Request request) {
  has_answer_ = false;
  answer_ = std::monostate{};
  Respond respond(
      [mailbox = loop_.mailbox, connection = weak_from_this()](Answer answer, std::string route) {
        mailbox->deliver({connection, std::move(answer), std::move(route)});
      });
  in_handler_ = true;
  try {
    (*loop_.handler)(std::move(request), std::move(respond));
  } catch (const std::exception& exception) {
    tell_exception(exception.what());
  } catch (...) {
    tell_exception("an exception of unknown type");
  }
  in_handler_ = false;
}

void Connection::tell_exception(std::string_view what) const {
  if (loop_.options->on_handler_exception) loop_.options->on_handler_exception(path_, what);
}

/// The answer as it was given, or made now.
Response Connection::take_answer() {
  Answer answer = std::exchange(answer_, std::monostate{});
  if (auto* response = std::get_if<Response>(&answer)) return std::move(*response);
  auto* make = std::get_if<MakeResponse>(&answer);
  if (make == nullptr) return internal_error("the request has no answer");
  try {
    return (*make)();
  } catch (const std::exception& exception) {
    tell_exception(exception.what());
  } catch (...) {
    tell_exception("an exception of unknown type");
  }
  return internal_error("the answer could not be made");
}

Task<> Connection::wait_for_answer() {
  if (!has_answer_) co_await wait();
}

/// Until resume().
Task<> Connection::wait() {
  auto keep = [this](auto handler) { waiter_.emplace(std::move(handler)); };
  co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(keep, kAwait);
}

void Connection::resume() {
  if (!waiter_) return;
  auto waiting(std::move(*waiter_));
  waiter_.reset();
  std::move(waiting)();
}

void Connection::answered(Answer answer, std::string route) {
  if (has_answer_ || closed_) return;
  if (auto* watch = std::get_if<Watch>(&answer)) return watch_client(std::move(watch->gone));
  has_answer_ = true;
  answer_ = std::move(answer);
  route_ = std::move(route);
  resume();
}

/// While the handler takes its time, the end of the client's side is noticed.
void Connection::watch_client(std::function<void()> gone) {
  when_gone_ = std::move(gone);
  socket_.async_wait(Socket::wait_read, [self = shared_from_this(),
                                         watch = ++watch_](boost::system::error_code error) {
    self->client_is_readable(error, watch);
  });
}

void Connection::client_is_readable(boost::system::error_code error, std::uint64_t watch) {
  if (watch != watch_ || !when_gone_) return;
  char byte = 0;
  std::size_t bytes = 0;
  if (!error) bytes = socket_.receive(asio::buffer(&byte, 1), Socket::message_peek, error);
  if (error == asio::error::would_block) return watch_client(std::move(when_gone_));
  if (bytes > 0) return;  // the next request: its end can no longer be seen
  closed_ = true;
  tell_gone();
  resume();
}

void Connection::end_watch() {
  if (!when_gone_) return;
  when_gone_ = nullptr;
  ++watch_;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void Connection::tell_gone() {
  if (const auto gone = std::exchange(when_gone_, nullptr)) gone();
}

Response Connection::internal_error(std::string_view detail) const {
  return loop_.options->on_protocol_error(500, "internal", detail);
}

Task<> Connection::send_continue() {
  enter(Phase::kWriting, loop_.options->write_timeout);
  co_await write(kContinue, {});
}

Task<> Connection::send(Response response) {
  if (!can_be_sent(response))
    response = internal_error("the answer has a header that is not valid");
  const std::string* connection = find_header(response.headers, "Connection");
  if (connection != nullptr && equal_ignoring_case(*connection, "close")) keep_alive_ = false;
  if (loop_.draining) keep_alive_ = false;
  const std::string head = serialise_head(response);
  const bool without_body = method_ == "HEAD" || has_no_body(response.status);
  const std::string_view body = without_body ? std::string_view{} : response.body;
  enter(Phase::kWriting, loop_.options->write_timeout);
  bytes_sent_ = 0;
  co_await write(head, body);
  report(response);
}

std::string Connection::serialise_head(const Response& response) const {
  const auto reason = beast_http::obsolete_reason(
      beast_http::int_to_status(static_cast<unsigned>(response.status)));
  std::string head;
  head.reserve(256);
  const auto out = std::back_inserter(head);
  fmt::format_to(out, "HTTP/1.1 {} {}\r\n", response.status, to_std(reason));
  for (const Header& header : response.headers) {
    if (is_own_header(header.name)) continue;
    head.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  if (!loop_.date.empty()) head.append("Date: ").append(loop_.date).append("\r\n");
  if (response.status == 101) {
    return head.append("Connection: Upgrade\r\n\r\n");
  }
  if (response.stream) {
    if (minor_version_ > 0) head.append("Transfer-Encoding: chunked\r\n");
  } else if (!has_no_body(response.status)) {
    fmt::format_to(out, "Content-Length: {}\r\n", response.body.size());
  }
  if (!keep_alive_) {
    head.append("Connection: close\r\n");
  } else if (minor_version_ == 0) {
    head.append("Connection: keep-alive\r\n");
  }
  return head.append("\r\n");
}

void Connection::report(const Response& response) const {
  if (!loop_.options->on_complete) return;
  loop_.options->on_complete({.method = method_,
                              .path = path_,
                              .route = route_,
                              .remote_address = remote_address_,
                              .status = response.status,
                              .response_headers = response.headers,
                              .duration = Clock::now() - started_,
                              .body_bytes_received = body_bytes_,
                              .bytes_sent = bytes_sent_});
}

/// Writes both; sets closed_ if they could not be written in time.
Task<> Connection::write(std::string_view head, std::string_view body) {
  std::array<asio::const_buffer, 2> rest{asio::buffer(head), asio::buffer(body)};
  boost::system::error_code error;
  // Nearly every answer fits the socket's buffer: one system call, no trip through the event loop.
  std::size_t bytes = socket_.write_some(rest, error);
  bytes_sent_ += bytes;
  if (error == asio::error::would_block) error = {};
  if (!error && bytes < head.size() + body.size()) {
    for (asio::const_buffer& buffer : rest) {
      const std::size_t done = std::min(bytes, buffer.size());
      buffer += done;
      bytes -= done;
    }
    auto token = asio::redirect_error(kAwait, error);
    const std::size_t more = co_await asio::async_write(socket_, rest, token);
    bytes_sent_ += more;
  }
  if (error) closed_ = true;
}

Task<> Connection::fail(ProtocolError error) {
  keep_alive_ = false;
  Response response = loop_.options->on_protocol_error(error.status, error.code, error.detail);
  co_await send(std::move(response));
  co_await linger();
}

Task<> Connection::linger() {
  if (closed_) co_return;
  boost::system::error_code error;
  socket_.shutdown(Socket::shutdown_send, error);
  enter(Phase::kLingering, loop_.options->linger_timeout);
  std::size_t discarded = 0;
  Received received = error ? Received::kClosed : Received::kBytes;
  while (received == Received::kBytes && !closed_) {
    discarded += buffered().size();
    consume(buffered().size());
    if (discarded > loop_.options->max_linger_bytes) break;
    received = co_await receive();
  }
}

void Connection::enter(Phase phase, Clock::duration timeout) {
  phase_ = phase;
  timed_out_ = false;
  deadline_ = timeout == Clock::duration::max() ? Clock::time_point::max() : Clock::now() + timeout;
}

void Connection::check_deadline(Clock::time_point now) {
  if (now < deadline_) return;
  timed_out_ = true;
  deadline_ = Clock::time_point::max();
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void Connection::drain() {
  boost::system::error_code ignored;
  if (phase_ == Phase::kIdle) socket_.cancel(ignored);
  if (!streaming_) return;
  if (phase_ == Phase::kStreaming) resume();
  if (phase_ == Phase::kWriting) deadline_ = std::min(deadline_, Clock::now() + kStreamGrace);
}

void Connection::abort() {
  closed_ = true;
  boost::system::error_code ignored;
  socket_.close(ignored);
  tell_gone();
  resume();
}

}  // namespace conveyor::http
