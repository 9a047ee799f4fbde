#include "server/api/frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/http_header.h"
#include "base/loopback.h"
#include "base/trace_context.h"
#include "base/uuid.h"
#include "server/live/live_path.h"

namespace conveyor::api {
namespace {

bool is_correlation_id(std::string_view text, const RequestLimits& limits) {
  return !text.empty() && std::cmp_less_equal(text.size(), limits.max_correlation_id_bytes) &&
         std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

bool is_write(std::string_view method) {
  return method != "GET" && method != "HEAD" && method != "OPTIONS";
}

bool is_port(std::string_view text) {
  return text.size() >= 2 && text.size() <= 6 && text.front() == ':' &&
         std::ranges::all_of(text.substr(1), [](char c) { return c >= '0' && c <= '9'; });
}

/// Headers of which the API reads one value. Of two it would have to ignore one, and whatever
/// stands in front of the server might have looked at that one.
struct SingleHeader {
  std::string_view name;
  const ProblemSpec* problem;
};
constexpr std::array kSingleHeaders{
    SingleHeader{"Idempotency-Key", &problem_spec("idempotency_key_invalid")},
    SingleHeader{"If-Match", &problem_spec("invalid_header")},
    SingleHeader{"X-Correlation-Id", &problem_spec("invalid_header")},
    SingleHeader{"Conveyor-Actor", &problem_spec("invalid_header")},
    SingleHeader{"Origin", &problem_spec("invalid_header")},
    SingleHeader{"Content-Type", &problem_spec("invalid_header")},
};

std::optional<Denial> deny_repeated_headers(const http::Request& request) {
  for (const auto& single : kSingleHeaders) {
    const auto count = std::ranges::count_if(request.headers, [&](const http::Header& header) {
      return http::equal_ignoring_case(header.name, single.name);
    });
    if (count > 1) {
      return Denial{single.problem,
                    fmt::format("{} must not be given more than once", single.name)};
    }
  }
  return std::nullopt;
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

void Frame::apply(http::Response& response) const {
  response.set_header("Request-Id", request_id);
  response.set_header("X-Correlation-Id", correlation_id);
  response.set_header("traceparent", traceparent);
  if (!tracestate.empty()) response.set_header("tracestate", tracestate);
  response.set_header("X-Content-Type-Options", "nosniff");
}

http::Response Frame::problem(const ProblemSpec& spec, std::string_view detail,
                              const std::vector<FieldError>& errors) const {
  return problem_response(spec, detail, {request_id, correlation_id, instance}, errors);
}

/// SplitMix64 (G. Steele, D. Lea, C. Flood, OOPSLA 2014): a counter that every thread may advance.
std::uint64_t FrameMaker::random() {
  constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15U;
  auto z = state_.fetch_add(kStep, std::memory_order_relaxed) + kStep;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

Frame FrameMaker::make(const http::Request* request, Timestamp now) {
  Frame frame;
  frame.request_id = "req_";
  append_base32(frame.request_id, make_uuid_v7(now, random(), random()));
  frame.correlation_id = frame.request_id;
  std::optional<TraceParent> taken;
  if (request != nullptr) {
    frame.instance = request->path;
    const auto* correlation = request->find_header("X-Correlation-Id");
    if (correlation != nullptr && is_correlation_id(*correlation, limits_)) {
      frame.correlation_id = *correlation;
    }
    if (const auto* trace = request->find_header("traceparent")) taken = parse_traceparent(*trace);
    const auto* state = request->find_header("tracestate");
    if (taken && state != nullptr &&
        std::cmp_less_equal(state->size(), limits_.max_tracestate_bytes)) {
      frame.tracestate = *state;
    }
  }
  frame.traceparent = format_traceparent(taken ? make_child(*taken, random())
                                               : make_trace(random(), random(), random()));
  return frame;
}

bool is_loopback_host(std::string_view host) {
  // Where the name ends: at the colon that follows it; those of an IPv6 address stand in brackets.
  const auto bracket = host.rfind(']');
  const auto colon = host.find(':', bracket == host.npos ? 0 : bracket);
  if (colon != host.npos && !is_port(host.substr(colon))) return false;
  const auto name = host.substr(0, colon);
  return is_loopback_address(name) || http::equal_ignoring_case(name, "localhost");
}

std::optional<Denial> deny(const http::Request& request, const RequestLimits& limits) {
  const auto* host = request.find_header("Host");
  if (host == nullptr || !is_loopback_host(*host)) {
    return Denial{
        &problem_spec("foreign_host"),
        "this server answers only to localhost and to loopback addresses: 127.x.y.z, [::1]"};
  }
  if (auto repeated = deny_repeated_headers(request)) return repeated;
  if (const auto* origin = request.find_header("Origin");
      origin != nullptr && (is_write(request.method) || request.path == live::kPath) &&
      !http::equal_ignoring_case(*origin, "http://" + *host)) {
    return Denial{&problem_spec("foreign_origin"),
                  "a page of another origin may not change anything here"};
  }
  const auto* correlation = request.find_header("X-Correlation-Id");
  if (correlation != nullptr && !is_correlation_id(*correlation, limits)) {
    return Denial{&problem_spec("invalid_header"),
                  fmt::format("X-Correlation-Id must be 1 to {} printable ASCII characters",
                              limits.max_correlation_id_bytes)};
  }
  return std::nullopt;
}

bool is_json_content_type(std::string_view value) {
  const auto semicolon = value.find(';');
  if (!http::equal_ignoring_case(trimmed(value.substr(0, semicolon)), "application/json")) {
    return false;
  }
  if (semicolon == value.npos) return true;
  const auto parameter = trimmed(value.substr(semicolon + 1));
  return parameter.empty() || http::equal_ignoring_case(parameter, "charset=utf-8") ||
         http::equal_ignoring_case(parameter, "charset=\"utf-8\"");
}

std::expected<std::optional<std::uint64_t>, std::string> parse_if_match(std::string_view value) {
  if (value == "*") return std::nullopt;
  constexpr std::string_view kForm = "If-Match must be one ETag of an order, as in \"12\", or *";
  if (value.size() < 3 || !value.starts_with('"') || !value.ends_with('"')) {
    return std::unexpected(std::string{kForm});
  }
  const auto digits = value.substr(1, value.size() - 2);
  std::uint64_t version = 0;
  const auto* const end = digits.data() + digits.size();
  const auto [at, error] = std::from_chars(digits.data(), end, version);
  if (error != std::errc{} || at != end) return std::unexpected(std::string{kForm});
  return version;
}

}  // namespace conveyor::api
