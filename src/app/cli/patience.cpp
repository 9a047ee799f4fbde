#include "app/cli/patience.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace conveyor::cli {

Patience::Patience(Duration limit, Say say)
    : limit_(limit), say_(std::move(say)), last_answer_(Clock::now()) {}

void Patience::answered() {
  server_was_seen_ = true;
  const std::scoped_lock lock{mutex_};
  last_answer_ = Clock::now();
  if (std::exchange(has_said_, false)) say_("the server answers again; going on");
}

std::optional<Duration> Patience::pause_after(const Failure& failure, std::uint32_t tries) {
  if (failure.status != 0) server_was_seen_ = true;
  if (!server_was_seen_ && !failure.was_sent) return std::nullopt;
  const std::scoped_lock lock{mutex_};
  const auto since = std::chrono::floor<Duration>(Clock::now() - last_answer_);
  if (since >= limit_) return std::nullopt;
  if (since >= kSayAfter && !std::exchange(has_said_, true)) {
    say_(fmt::format("waiting for the server, at most {} s (Ctrl-C ends): {}",
                     std::chrono::floor<std::chrono::seconds>(limit_ - since).count(),
                     failure.text.substr(0, failure.text.find('\n'))));
  }
  return std::min(retry_pause(failure, tries), limit_ - since);
}

}  // namespace conveyor::cli
