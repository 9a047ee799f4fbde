#include "adapters/http/client.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <utility>

#include "adapters/http/address.h"

namespace conveyor::http {
namespace asio = boost::asio;
namespace beast_http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Kind = ClientError::Kind;
using Clock = std::chrono::steady_clock;
using Parser = beast_http::response_parser<beast_http::string_body>;

namespace {

constexpr std::size_t kReadBytes = 16'384;
constexpr int kMaxInterimAnswers = 16;

bool is_target(std::string_view text) {
  return text.starts_with('/') &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~' && c != '#'; });
}

bool is_idempotent(std::string_view method, std::span<const Header> headers) {
  constexpr std::array<std::string_view, 6> kMethods{"GET",    "HEAD",    "PUT",
                                                     "DELETE", "OPTIONS", "TRACE"};
  return std::ranges::find(kMethods, method) != kMethods.end() ||
         find_header(headers, "Idempotency-Key") != nullptr;
}

}  // namespace

class Client::Impl {
 public:
  Impl(std::string_view base_url, ClientOptions options)
      : address_(parse_base_url(base_url)), base_url_(base_url), options_(options) {}

  std::expected<ClientResponse, ClientError> receive(std::string_view target,
                                                     std::span<const Header> headers,
                                                     const BodySink& sink) {
    if (auto problem = find_problem("GET", target, headers)) {
      return std::unexpected(ClientError{Kind::kInvalidRequest, false, *std::move(problem)});
    }
    deadline_ = Clock::now() + options_.request_timeout;
    maybe_sent_ = false;
    if (auto problem = connect()) return std::unexpected(*std::move(problem));
    sink_ = &sink;
    auto answer = exchange("GET", make_head("GET", target, headers, {}), {});
    sink_ = nullptr;
    close();
    return answer;
  }

  std::expected<ClientResponse, ClientError> send(std::string_view method, std::string_view target,
                                                  std::span<const Header> headers,
                                                  std::string_view body) {
    if (auto problem = find_problem(method, target, headers)) {
      return std::unexpected(ClientError{Kind::kInvalidRequest, false, *std::move(problem)});
    }
    deadline_ = Clock::now() + options_.request_timeout;
    maybe_sent_ = false;
    const std::string head = make_head(method, target, headers, body);
    const bool kept = is_still_open();
    if (kept) {
      auto answer = exchange(method, head, body);
      const bool nothing_came = !answer && answer.error().kind == Kind::kReset && !received_any_;
      if (!nothing_came || (maybe_sent_ && !is_idempotent(method, headers))) return answer;
    }
    if (auto problem = connect()) return std::unexpected(*std::move(problem));
    return exchange(method, head, body);
  }

 private:
  std::optional<std::string> find_problem(std::string_view method, std::string_view target,
                                          std::span<const Header> headers) const {
    if (!address_) return fmt::format("'{}' is not http://HOST[:PORT]", base_url_);
    if (!is_token(method)) return fmt::format("'{}' is not a method", method);
    if (!is_target(target)) return fmt::format("'{}' is not an encoded path", target);
    for (const Header& header : headers) {
      if (!is_token(header.name) || !is_field_value(header.value)) {
        return fmt::format("header '{}' cannot be sent", header.name);
      }
    }
    return std::nullopt;
  }

  std::string make_head(std::string_view method, std::string_view target,
                        std::span<const Header> headers, std::string_view body) const {
    std::string head =
        fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", method, target, address_->authority);
    for (const Header& header : headers) {
      head.append(header.name).append(": ").append(header.value).append("\r\n");
    }
    const bool has_content = method == "POST" || method == "PUT" || method == "PATCH";
    if (has_content || !body.empty()) {
      fmt::format_to(std::back_inserter(head), "Content-Length: {}\r\n", body.size());
    }
    return head.append("\r\n");
  }

  std::unexpected<ClientError> failed(Kind kind, std::string detail) {
    close();
    return std::unexpected(ClientError{kind, maybe_sent_, std::move(detail)});
  }

  void close() {
    error_code ignored;
    socket_.close(ignored);
    buffer_.clear();
  }

  /// A kept connection that the server has closed, or on which it said something unasked, is not
  /// used again.
  bool is_still_open() {
    if (!socket_.is_open()) return false;
    char byte = 0;
    const auto peeked = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (peeked < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
    close();
    return false;
  }

  /// Runs what has been started to its end; false if it was cut off: at the deadline, or cancelled.
  bool run_until(Clock::time_point deadline) {
    context_.restart();
    if (!options_.is_cancelled) {
      context_.run_until(deadline);
    } else {
      while (!context_.stopped() && Clock::now() < deadline && !options_.is_cancelled()) {
        context_.run_until(std::min(deadline, Clock::now() + kCancelledWithin));
      }
    }
    if (context_.stopped()) return true;
    error_code ignored;
    resolver_.cancel();
    socket_.close(ignored);
    context_.run();
    return false;
  }

  /// False if the deadline came first.
  bool resolve(Clock::time_point deadline, tcp::resolver::results_type& endpoints,
               error_code& error) {
    const auto numeric = asio::ip::make_address(address_->host, error);
    if (!error) {  // the resolver would start a thread for it
      endpoints = tcp::resolver::results_type::create({numeric, address_->port_number},
                                                      address_->host, address_->port);
      return true;
    }
    resolver_.async_resolve(address_->host, address_->port, tcp::resolver::numeric_service,
                            [&](error_code result, tcp::resolver::results_type found) {
                              error = result;
                              endpoints = std::move(found);
                            });
    return run_until(deadline);
  }

  std::optional<ClientError> connect() {
    close();
    const auto failure = [this](std::string_view why) {
      close();
      return ClientError{Kind::kCannotConnect, maybe_sent_,
                         fmt::format("cannot connect to {}: {}", address_->authority, why)};
    };
    const auto deadline = std::min(deadline_, Clock::now() + options_.connect_timeout);
    error_code error;
    tcp::resolver::results_type endpoints;
    if (!resolve(deadline, endpoints, error)) return failure("its name was not resolved in time");
    if (error) return failure(error.message());
    asio::async_connect(socket_, endpoints,
                        [&](error_code result, const tcp::endpoint&) { error = result; });
    if (!run_until(deadline)) return failure("it did not answer in time");
    if (error) return failure(error.message());
    socket_.set_option(tcp::no_delay(true), error);
    return std::nullopt;
  }

  std::expected<ClientResponse, ClientError> exchange(std::string_view method,
                                                      std::string_view head,
                                                      std::string_view body) {
    received_any_ = false;
    error_code error;
    const std::array<asio::const_buffer, 2> request{asio::buffer(head), asio::buffer(body)};
    std::size_t sent = 0;
    asio::async_write(socket_, request, [&](error_code result, std::size_t bytes) {
      error = result;
      sent = bytes;
    });
    const bool in_time = run_until(deadline_);
    maybe_sent_ = maybe_sent_ || sent > 0;
    if (!in_time) return failed(Kind::kTimedOut, "the request could not be sent in time");
    if (sent == 0) return failed(Kind::kReset, error.message());
    // A server may refuse a request before it has read it all: its answer is still wanted.
    const bool sent_all = !error;
    for (int i = 0; i <= kMaxInterimAnswers; ++i) {
      Parser parser;
      stopped_ = false;
      if (auto problem = read_answer(parser, method == "HEAD")) {
        return std::unexpected(*std::move(problem));
      }
      if (stopped_) return take_response(parser);
      const auto& message = parser.get();
      if (message.result_int() / 100 == 1) continue;
      ClientResponse response = take_response(parser);
      if (!sent_all || !parser.keep_alive() || buffer_.size() > 0) close();
      return response;
    }
    return failed(Kind::kMalformed, "there are too many interim answers");
  }

  static ClientResponse take_response(Parser& parser) {
    auto& message = parser.get();
    ClientResponse response;
    response.status = static_cast<int>(message.result_int());
    for (const auto& field : message) {
      const auto name = field.name_string();
      const auto value = field.value();
      response.headers.push_back(
          {std::string(name.data(), name.size()), std::string(value.data(), value.size())});
    }
    response.body = std::move(message.body());
    return response;
  }

  /// Reads one answer, final or interim, into the parser.
  std::optional<ClientError> read_answer(Parser& parser, bool without_body) {
    parser.eager(true);
    parser.skip(without_body);
    parser.header_limit(options_.max_header_bytes);
    if (sink_ == nullptr) {
      parser.body_limit(options_.max_body_bytes);
    } else {
      parser.body_limit(boost::none);  // what is not for the sink is held to it below
    }
    while (!parser.is_done()) {
      error_code error;
      const bool in_chunks = parser.is_header_done() && parser.chunked();
      if (buffer_.size() >= (in_chunks ? kShortestLastChunk : 1)) {
        buffer_.consume(parser.put(buffer_.cdata(), error));
        if (error && error != beast_http::error::need_more) {
          return failed(Kind::kMalformed, error.message()).error();
        }
        if (is_sunk(parser)) {
          if (!sink(parser)) return std::nullopt;
        } else if (parser.get().body().size() > options_.max_body_bytes) {
          return failed(Kind::kMalformed, "the answer has a body that is too large").error();
        }
        if (parser.is_done()) break;
        if (buffer_.size() > options_.max_header_bytes) {
          return failed(Kind::kMalformed, "the answer has a line that is too long").error();
        }
      }
      error = {};
      if (!(is_sunk(parser) ? read_patiently(error) : read_some(error))) {
        return failed(Kind::kTimedOut, "there was no answer in time").error();
      }
      if (stopped_) return std::nullopt;
      if (error == asio::error::eof && parser.got_some() && buffer_.size() == 0) {
        parser.put_eof(error);  // ends an answer that has no length of its own
        if (!error) break;
      }
      if (error) {
        return failed(Kind::kReset, "the connection was closed before the whole answer came")
            .error();
      }
    }
    return std::nullopt;
  }

  /// The body of this answer goes to the sink.
  bool is_sunk(const Parser& parser) const {
    return sink_ != nullptr && parser.is_header_done() && parser.get().result_int() == 200;
  }

  /// Hands on what has come of the body; false: no more is wanted.
  bool sink(Parser& parser) {
    const std::string bytes = std::exchange(parser.get().body(), {});
    stopped_ = !bytes.empty() && !sink_->take(bytes);
    return !stopped_;
  }

  /// False if nothing came for the sink's silence_timeout. Asks it meanwhile whether it is to stop.
  bool read_patiently(error_code& error) {
    const auto silent_at = Clock::now() + sink_->silence_timeout;
    bool is_done = false;
    socket_.async_read_some(buffer_.prepare(kReadBytes), [&](error_code result, std::size_t bytes) {
      error = result;
      buffer_.commit(bytes);
      is_done = true;
    });
    while (!is_done && !stopped_ && Clock::now() < silent_at) {
      context_.restart();
      context_.run_for(sink_->poll);
      if (!is_done) stopped_ = !sink_->take({});
    }
    const bool in_time = is_done || stopped_;
    if (!is_done) {
      error_code ignored;
      socket_.close(ignored);
      context_.restart();
      context_.run();  // what is cancelled refers to this frame
    }
    return in_time;
  }

  /// False if the deadline came first.
  bool read_some(error_code& error) {
    socket_.async_read_some(buffer_.prepare(kReadBytes), [&](error_code result, std::size_t bytes) {
      error = result;
      buffer_.commit(bytes);
      received_any_ = received_any_ || bytes > 0;
    });
    return run_until(deadline_);
  }

  const std::optional<Address> address_;
  const std::string base_url_;
  const ClientOptions options_;
  asio::io_context context_{1};
  tcp::resolver resolver_{context_};
  tcp::socket socket_{context_};
  boost::beast::flat_buffer buffer_;  // received and not yet parsed
  Clock::time_point deadline_;
  bool maybe_sent_ = false;
  bool received_any_ = false;
  const BodySink* sink_ = nullptr;  // of the request in work
  bool stopped_ = false;            // by the sink
};

Client::Client(std::string_view base_url, ClientOptions options)
    : impl_(std::make_unique<Impl>(base_url, options)) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

std::expected<ClientResponse, ClientError> Client::send(std::string_view method,
                                                        std::string_view target,
                                                        std::span<const Header> headers,
                                                        std::string_view body) {
  return impl_->send(method, target, headers, body);
}

std::expected<ClientResponse, ClientError> Client::receive(std::string_view target,
                                                           std::span<const Header> headers,
                                                           const BodySink& sink) {
  return impl_->receive(target, headers, sink);
}

}  // namespace conveyor::http
