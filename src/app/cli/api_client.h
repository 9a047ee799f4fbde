// ApiClient: calls to a Conveyor server, with every way to fail turned into an exit code and a text
// for people.
//
// One client, one connection, one thread. Every call is bounded in time. An answer with status 2xx
// is an Answer, any other a Failure made from its problem details (RFC 9457).
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/client.h"
#include "app/cli/exit_code.h"
#include "base/time.h"

namespace conveyor::cli {

inline constexpr std::string_view kDefaultServer = "http://127.0.0.1:8080";

struct Answer {
  int status = 0;
  std::vector<http::Header> headers;
  boost::json::value json;

  const std::string* find_header(std::string_view name) const {
    return http::find_header(headers, name);
  }
};

struct Failure {
  ExitCode exit_code = ExitCode::error;
  std::string text;       // for people; several lines, the first one without "error: "
  int status = 0;         // of the answer; 0: there was none
  std::string code = {};  // of the problem details
  std::string detail = {};
  struct Field {
    std::string pointer;  // RFC 6901, into the request's body
    std::string code;
    std::string detail;
  };
  std::vector<Field> fields = {};
  bool was_sent = false;  // the server may have received the request
  bool may_pass = false;  // the same request may succeed later: no server, busy, no answer in time
  std::optional<Duration> retry_after = {};
};

struct ApiRequest {
  std::string_view method;
  std::string target;
  std::vector<http::Header> headers = {};
  std::string body = {};  // JSON; empty: none
};

class Patience;

// Before the next try of a request that failed `tries` times: back-off with full jitter up to 5 s,
// or Retry-After up to ApiClient::kMaxRetryPause.
Duration retry_pause(const Failure& failure, std::uint32_t tries);

class ApiClient {
 public:
  // Ctrl-C ends a request that waits (app/cli/interrupt.h), as if there were no answer.
  explicit ApiClient(std::string server);

  std::expected<Answer, Failure> get(std::string target);
  std::expected<Answer, Failure> send(const ApiRequest& request);

  // The same again while a Failure may pass, at most kMaxTries times in all, with back-off and
  // Retry-After (up to kMaxRetryPause). Only for requests that cannot do anything twice. A server
  // that was never seen and cannot be connected to is not waited for: its address may be wrong.
  std::expected<Answer, Failure> send_patiently(const ApiRequest& request);

  // The same, for as long as `patience` lasts; a Failure is `unavailable` if it came to its end.
  std::expected<Answer, Failure> send_patiently(const ApiRequest& request, Patience& patience);

  // GET whose answer goes on for ever, handed on as it comes (http::Client::receive).
  std::expected<void, Failure> receive(std::string target, std::vector<http::Header> headers,
                                       const http::BodySink& sink);

  // Whether waiting for the server makes sense: it was seen, or has received the request.
  bool may_come_back(const Failure& failure) const { return server_was_seen_ || failure.was_sent; }

  static constexpr int kMaxTries = 8;
  static constexpr Duration kMaxRetryPause{10'000};

 private:
  std::string server_;
  http::Client client_;
  bool server_was_seen_ = false;
};

// `text` with everything but RFC 3986's unreserved characters percent-encoded: fit for one segment
// of a path and for a value of a query.
std::string encode_component(std::string_view text);

// A key as the value of the Idempotency-Key header; and a new random one.
http::Header idempotency_header(std::string_view key);
std::string make_idempotency_key();

}  // namespace conveyor::cli
