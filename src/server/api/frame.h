// Frame: what surrounds every request and its answer: ids, trace, and who may talk to a server on
// loopback.
//
//   Request-Id       made here, returned
//   X-Correlation-Id taken (1 to max_correlation_id_bytes printable ASCII characters) or the
//   request's id; returned traceparent      taken and continued as a child, or begun (W3C Trace
//   Context); returned tracestate       kept with a traceparent that was taken
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "server/api/limits.h"
#include "server/api/problem.h"
#include "server/http/message.h"

namespace conveyor::api {

struct Frame {
  std::string request_id;
  std::string correlation_id;
  std::string traceparent;
  std::string tracestate;  ///< empty: none
  std::string instance;    ///< the request's path

  /// Adds the headers that every answer has.
  void apply(http::Response& response) const;
  /// Without those headers.
  http::Response problem(const ProblemSpec& spec, std::string_view detail,
                         const std::vector<FieldError>& errors = {}) const;
};

/// Makes ids; any thread.
class FrameMaker {
 public:
  explicit FrameMaker(std::uint64_t seed, const RequestLimits& limits = {})
      : limits_(limits), state_(seed) {}

  /// For a request, or for what was refused before it was one (null).
  Frame make(const http::Request* request, Timestamp now);

 private:
  std::uint64_t random();

  const RequestLimits limits_;
  std::atomic<std::uint64_t> state_;  ///< SplitMix64's; a step is one addition
};

/// Why a request may not come in, if it may not: foreign Host, foreign Origin on a write, an
/// X-Correlation-Id that cannot be kept, or more than one of a header that has one value.
struct Denial {
  const ProblemSpec* problem;
  std::string detail;
};
std::optional<Denial> deny(const http::Request& request, const RequestLimits& limits = {});

/// `Host` names this machine itself: localhost, an address of 127.0.0.0/8 or [::1], with any port
/// or none.
bool is_loopback_host(std::string_view host);

/// `application/json`, with no parameter but charset=utf-8 (RFC 9110 section 8.3.1).
bool is_json_content_type(std::string_view value);

/// A version from `If-Match: "12"`; `*` is no condition, nullopt; an error is a sentence.
std::expected<std::optional<std::uint64_t>, std::string> parse_if_match(std::string_view value);

}  // namespace conveyor::api
