// ExchangeRecorder: what a server is asked and answers, for tests/openapi/, which holds each
// exchange against the OpenAPI document: one line of JSON per exchange, in a file of the server's
// own below the folder that RECORD_EXCHANGES_TO names. Without the variable nothing is recorded.
// (The program refuses variables of its own prefix that it does not know.)
//
// It stands around the handler, so everything is there whoever asked, and how: clients of the
// tests, commands, bytes on a socket. What is refused before it is a request is there with neither
// method nor target. Of a stream only the head is; of what is no text (bodies that are no UTF-8)
// nothing.
//
// Any thread. A line is written with one call, so a server that is killed leaves at most the last
// one broken off.
#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/http_header.h"
#include "base/utf8.h"
#include "server/http/server.h"

namespace conveyor::test {

inline bool records_exchanges() {
  return std::getenv("RECORD_EXCHANGES_TO") != nullptr;
}

class ExchangeRecorder {
 public:
  /// `name`, that of the test, stands in the file's.
  explicit ExchangeRecorder(std::string name) {
    static std::atomic<int> number{0};
    std::ranges::replace(name, '/', '_');
    const std::filesystem::path folder{std::getenv("RECORD_EXCHANGES_TO")};
    std::filesystem::create_directories(folder);
    const auto path = folder / fmt::format("{}-{}-{}.jsonl", name, ::getpid(), ++number);
    fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (fd_ < 0) throw std::runtime_error("cannot record to " + path.string());
  }
  ~ExchangeRecorder() { ::close(fd_); }
  ExchangeRecorder(const ExchangeRecorder&) = delete;
  ExchangeRecorder& operator=(const ExchangeRecorder&) = delete;

  void record(const http::Request& request, const http::Response& response) const {
    const boost::json::object exchange{{"method", request.method},
                                       {"target", text_json(request.target)},
                                       {"request_headers", headers_json(request.headers)},
                                       {"request_body", text_json(request.body)},
                                       {"status", response.status},
                                       {"headers", headers_json(response.headers)},
                                       {"body", text_json(response.body)}};
    const auto line = boost::json::serialize(exchange) + '\n';
    if (::write(fd_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
      throw std::runtime_error("an exchange cannot be recorded");
    }
  }

 private:
  /// Names in lower case, the values of a repeated one joined (RFC 9110 section 5.3).
  static boost::json::object headers_json(std::span<const http::Header> headers) {
    boost::json::object out;
    for (const auto& [name, value] : headers) {
      if (!is_valid_utf8(value)) continue;
      std::string lower = name;
      std::ranges::transform(lower, lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      });
      auto& known = out[lower];
      known = known.is_null() ? value : std::string{known.as_string()} + ", " + value;
    }
    return out;
  }
  static boost::json::value text_json(std::string_view text) {
    if (!is_valid_utf8(text)) return nullptr;
    return boost::json::value(text);
  }

  int fd_ = -1;
};

inline http::Handler recorded(std::shared_ptr<ExchangeRecorder> to, http::Handler handler) {
  return [to = std::move(to), handler = std::move(handler)](http::Request request,
                                                            http::Respond respond) {
    const auto asked = std::make_shared<http::Request>(request);
    handler(std::move(request), http::Respond([to, asked, respond = std::move(respond)](
                                                  http::Answer answer, std::string route) mutable {
              respond.set_route(std::move(route));
              if (auto* response = std::get_if<http::Response>(&answer)) {
                to->record(*asked, *response);
                respond(std::move(*response));
              } else if (auto* watch = std::get_if<http::Watch>(&answer)) {
                respond.when_gone(std::move(watch->gone));
              } else if (auto* make = std::get_if<http::MakeResponse>(&answer)) {
                respond.later([to, asked, make = std::move(*make)]() mutable {
                  auto response = make();
                  to->record(*asked, response);
                  return response;
                });
              }
            }));
  };
}

inline http::ProtocolErrorHandler recorded(std::shared_ptr<ExchangeRecorder> to,
                                           http::ProtocolErrorHandler on_error) {
  return [to = std::move(to), on_error = std::move(on_error)](int status, std::string_view code,
                                                              std::string_view detail) {
    auto response = on_error(status, code, detail);
    to->record(http::Request{}, response);
    return response;
  };
}

/// Records everything that a server with these is asked, if exchanges are recorded.
inline void record_exchanges(const std::string& name, http::ServerOptions& options,
                             http::Handler& handler) {
  if (!records_exchanges()) return;
  const auto to = std::make_shared<ExchangeRecorder>(name);
  options.on_protocol_error = recorded(to, std::move(options.on_protocol_error));
  handler = recorded(to, std::move(handler));
}

}  // namespace conveyor::test
