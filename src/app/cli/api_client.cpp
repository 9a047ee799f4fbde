#include "app/cli/api_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>

#include "app/cli/console.h"
#include "app/cli/interrupt.h"
#include "app/cli/json_text.h"
#include "app/cli/patience.h"
#include "base/json.h"
#include "base/uuid.h"
#include "domain/decide.h"

namespace conveyor::cli {
namespace {

constexpr JsonLimits kAnswerLimits{.max_bytes = std::size_t{64} << 20, .max_depth = 64};

constexpr RetryPolicy kClientBackoff{.base_delay = Duration{200}, .cap = Duration{5'000}};

bool status_may_pass(int status) {
  return status == 408 || status == 429 || status == 502 || status == 503 || status == 504;
}

ExitCode exit_code_of(int status, std::string_view code) {
  if (code == "action_not_allowed" || status == 401 || status == 403) return ExitCode::not_allowed;
  if (status_may_pass(status)) return ExitCode::unavailable;
  if (status == 404) return ExitCode::not_found;
  if (status == 409 || status == 412) return ExitCode::conflict;
  if (status >= 400 && status < 500) return ExitCode::invalid;
  return ExitCode::error;
}

// "error: Title: detail", the code, a line per member that is wrong, the request's id.
std::string problem_text(const boost::json::value& problem, const Failure& failure) {
  std::string text = text_member(problem, "title");
  if (!failure.detail.empty()) text += fmt::format(": {}", failure.detail);
  text += fmt::format(" ({} {})", failure.status, failure.code);
  for (const auto& field : failure.fields) {
    text += fmt::format("\n  {}: {}", field.pointer.empty() ? "(body)" : field.pointer,
                        field.detail.empty() ? field.code : field.detail);
  }
  if (const auto id = text_member(problem, "request_id"); !id.empty()) {
    text += fmt::format("\n  request: {}", id);
  }
  return text;
}

std::string printable_lines(std::string_view text) {
  std::string out;
  while (true) {
    const auto end = text.find('\n');
    out += printable(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    out += '\n';
    text.remove_prefix(end + 1);
  }
}

std::optional<Duration> retry_after_of(const http::ClientResponse& response) {
  const auto* text = response.find_header("Retry-After");
  if (text == nullptr) return std::nullopt;
  std::uint16_t seconds = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  return std::chrono::seconds{seconds};
}

Failure failure_of(const http::ClientResponse& response, std::string_view server) {
  Failure failure;
  failure.status = response.status;
  failure.retry_after = retry_after_of(response);
  failure.may_pass = status_may_pass(response.status);
  const auto problem = parse_json(response.body, kAnswerLimits);
  if (!problem || text_member(*problem, "code").empty()) {
    failure.exit_code = exit_code_of(response.status, "");
    failure.text = fmt::format("{} answered {} without saying why; is it a Conveyor server?",
                               server, response.status);
    return failure;
  }
  failure.code = text_member(*problem, "code");
  failure.detail = text_member(*problem, "detail");
  failure.exit_code = exit_code_of(response.status, failure.code);
  failure.may_pass = text_member(*problem, "retryable") == "true";
  for (const auto& field : array_member(*problem, "errors")) {
    failure.fields.push_back(
        {text_member(field, "pointer"), text_member(field, "code"), text_member(field, "detail")});
  }
  failure.text = printable_lines(problem_text(*problem, failure));
  return failure;
}

Failure failure_of(const http::ClientError& error, std::string_view server) {
  Failure failure;
  failure.was_sent = error.maybe_sent;
  switch (error.kind) {
    case http::ClientError::Kind::kInvalidRequest:
      failure.exit_code = ExitCode::usage;
      failure.text = fmt::format("{}: {}", server, error.detail);
      return failure;
    case http::ClientError::Kind::kCannotConnect:
      failure.text = fmt::format(
          "no server at {} ({}); start one with `conveyor serve`, or say where it is with --server "
          "or CONVEYOR_SERVER",
          server, error.detail);
      break;
    case http::ClientError::Kind::kTimedOut:
    case http::ClientError::Kind::kReset:
      failure.text = fmt::format("no answer from {}: {}{}", server, error.detail,
                                 error.maybe_sent ? "; it may have acted on the request" : "");
      break;
    case http::ClientError::Kind::kMalformed:
      failure.exit_code = ExitCode::error;
      failure.text = fmt::format("{} does not speak HTTP as expected: {}", server, error.detail);
      return failure;
  }
  failure.exit_code = ExitCode::unavailable;
  failure.may_pass = true;
  return failure;
}

std::mt19937_64& random_engine() {
  thread_local std::mt19937_64 engine{std::random_device{}()};
  return engine;
}

}  // namespace

Duration retry_pause(const Failure& failure, std::uint32_t tries) {
  std::uniform_real_distribution<double> jitter;
  const auto pause = backoff(kClientBackoff, tries, jitter(random_engine()));
  return std::min(std::max(pause, failure.retry_after.value_or(Duration{0})),
                  Duration{ApiClient::kMaxRetryPause});
}

ApiClient::ApiClient(std::string server)
    : server_(std::move(server)), client_(server_, {.is_cancelled = is_interrupted}) {}

std::expected<Answer, Failure> ApiClient::get(std::string target) {
  return send({.method = "GET", .target = std::move(target)});
}

std::expected<Answer, Failure> ApiClient::send(const ApiRequest& request) {
  auto headers = request.headers;
  headers.push_back({"Accept", "application/json, application/problem+json"});
  if (!request.body.empty()) headers.push_back({"Content-Type", "application/json"});
  auto response = client_.send(request.method, request.target, headers, request.body);
  if (!response) return std::unexpected(failure_of(response.error(), server_));
  server_was_seen_ = true;
  if (response->status < 200 || response->status > 299) {
    return std::unexpected(failure_of(*response, server_));
  }
  auto json = parse_json(response->body, kAnswerLimits);
  if (!json) {
    Failure failure;
    failure.status = response->status;
    failure.text = fmt::format("the answer of {} is not JSON: {}", server_, json.error().detail);
    return std::unexpected(std::move(failure));
  }
  return Answer{response->status, std::move(response->headers), std::move(*json)};
}

std::expected<void, Failure> ApiClient::receive(std::string target,
                                                std::vector<http::Header> headers,
                                                const http::BodySink& sink) {
  headers.push_back({"Accept", "text/event-stream, application/problem+json"});
  const auto response = client_.receive(target, headers, sink);
  if (!response) {
    server_was_seen_ = server_was_seen_ || response.error().maybe_sent;
    return std::unexpected(failure_of(response.error(), server_));
  }
  server_was_seen_ = true;
  if (response->status != 200) return std::unexpected(failure_of(*response, server_));
  return {};
}

std::expected<Answer, Failure> ApiClient::send_patiently(const ApiRequest& request) {
  for (std::uint32_t tries = 1;; ++tries) {
    auto answer = send(request);
    if (answer || !answer.error().may_pass || tries >= kMaxTries) return answer;
    if (!may_come_back(answer.error())) return answer;
    if (!sleep_unless_interrupted(retry_pause(answer.error(), tries))) return answer;
  }
}

std::expected<Answer, Failure> ApiClient::send_patiently(const ApiRequest& request,
                                                         Patience& patience) {
  bool was_sent = false;  // in any of the tries
  for (std::uint32_t tries = 1;; ++tries) {
    auto answer = send(request);
    if (answer || !answer.error().may_pass) {
      if (answer || answer.error().status != 0) patience.answered();
      return answer;
    }
    was_sent = answer.error().was_sent = was_sent || answer.error().was_sent;
    if (is_interrupted()) return answer;
    const auto pause = patience.pause_after(answer.error(), tries);
    if (!pause) {
      if (patience.server_was_seen()) {
        answer.error().exit_code = ExitCode::unavailable;
        answer.error().text +=
            fmt::format("\nthe server has dealt with nothing for {} s",
                        std::chrono::floor<std::chrono::seconds>(patience.limit()).count());
      }
      return answer;
    }
    if (!sleep_unless_interrupted(*pause)) return answer;
  }
}

std::string encode_component(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || std::string_view{"-._~"}.contains(c);
    if (is_plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

http::Header idempotency_header(std::string_view key) {
  std::string value{"\""};
  for (const char c : key) {
    if (c == '"' || c == '\\') value += '\\';
    value += c;
  }
  value += '"';
  return {"Idempotency-Key", std::move(value)};
}

std::string make_idempotency_key() {
  const auto now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  std::string key{"cli_"};
  append_base32(key, make_uuid_v7(now, random_engine()(), random_engine()()));
  return key;
}

}  // namespace conveyor::cli
