#include "app/cli/event_follower.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <chrono>
#include <cstddef>
#include <utility>

#include "app/cli/interrupt.h"
#include "base/json.h"

namespace conveyor::cli {
namespace {

// The largest order is a request of 256 KiB.
constexpr std::size_t kMaxEventBytes = std::size_t{4} << 20;
constexpr JsonLimits kEventLimits{.max_bytes = kMaxEventBytes, .max_depth = 64};

// Twice the longest time that a server can be told to leave between heartbeats.
constexpr std::chrono::milliseconds kSilenceTimeout{60'000};

}  // namespace

EventFollower::EventFollower(Console& console, FollowOptions options)
    : console_(console),
      options_(std::move(options)),
      client_(options_.server),
      last_id_(options_.after) {}

ExitCode EventFollower::follow(const OnEvent& on_event) {
  while (true) {
    const auto received = receive(on_event);
    if (end_) return *end_;
    if (is_interrupted()) return ExitCode::interrupted;
    if (not_understood_) return fail(console_, ExitCode::error, *not_understood_);
    Failure failure;
    failure.may_pass = true;
    failure.text = fmt::format("{} has ended the stream", options_.server);
    if (!received) failure = received.error();
    ++failures_;
    const bool was_seen = options_.server_was_seen || client_.may_come_back(failure);
    const bool is_hopeless =
        !failure.may_pass || !was_seen || (options_.max_tries && failures_ >= *options_.max_tries);
    if (is_hopeless) return fail(console_, failure.exit_code, failure.text);
    if (!wait_before_the_next_try(failure)) return ExitCode::interrupted;
  }
}

bool EventFollower::wait_before_the_next_try(const Failure& failure) {
  const auto pause = retry_pause(failure, static_cast<std::uint32_t>(failures_));
  fmt::print(console_.err, "{}; going on in {:.1f} s\n", failure.text,
             std::chrono::duration<double>(pause).count());
  return sleep_unless_interrupted(pause);
}

std::expected<void, Failure> EventFollower::receive(const OnEvent& on_event) {
  SseParser parser(kMaxEventBytes);
  const http::BodySink sink{
      .take = [&](std::string_view bytes) { return take(parser, bytes, on_event); },
      .silence_timeout = kSilenceTimeout};
  std::vector<http::Header> headers;
  if (!last_id_.empty()) headers.push_back({"Last-Event-ID", last_id_});
  return client_.receive(target(), std::move(headers), sink);
}

bool EventFollower::take(SseParser& parser, std::string_view bytes, const OnEvent& on_event) {
  if (bytes.empty()) return !is_interrupted();
  if (std::exchange(failures_, 0) > 0) fmt::print(console_.err, "connected again\n");
  const auto fed = parser.feed(bytes, [&](const SseEvent& event) {
    if (end_ || not_understood_) return;
    const auto json = parse_json(event.data, kEventLimits);
    if (json) {
      end_ = on_event(*json);
    } else {
      not_understood_ =
          fmt::format("an event of {} is not JSON: {}", options_.server, json.error().detail);
    }
  });
  if (!fed) {
    not_understood_ =
        fmt::format("{} does not send events as expected: {}", options_.server,
                    fed.error() == SseParser::Error::too_large ? "one is too large" : "not UTF-8");
  }
  if (!parser.last_event_id().empty()) last_id_ = parser.last_event_id();
  return !end_ && !not_understood_ && !is_interrupted();
}

std::string EventFollower::target() const {
  std::string query;
  const auto add = [&query](std::string_view name, std::string_view value) {
    query += fmt::format("{}{}={}", query.empty() ? '?' : '&', name, encode_component(value));
  };
  for (const auto& type : options_.types) add("type", type);
  if (!options_.order_id.empty()) add("order_id", options_.order_id);
  return "/v1/events/stream" + query;
}

}  // namespace conveyor::cli
