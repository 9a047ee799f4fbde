// Patience: how long the requests of one command wait together for a server that is busy or gone.
//
// What counts is when the server last dealt with a request of any of them, and not when each of
// them began: while one gets on, the others keep trying. An answer that says "later" is none. A
// server that has never answered is not waited for: its address may be wrong.
//
// Threads: all functions from any.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>

#include "app/cli/api_client.h"

namespace conveyor::cli {

// How long commands wait that are not told otherwise: longer than a server takes to start again on
// a large file.
inline constexpr std::chrono::seconds kPatience{120};
inline constexpr std::chrono::seconds kMaxPatience{24 * 3'600};

class Patience {
 public:
  // Told when nothing has got on for kSayAfter (why, and for how long it will be tried), and when
  // it goes on; under a lock.
  using Say = std::function<void(std::string_view)>;
  static constexpr Duration kSayAfter{1'000};

  Patience(Duration limit, Say say);

  // The server has dealt with a request, whatever it said.
  void answered();

  // After `tries` failed tries of one request: how long to pause before the next one (back-off with
  // jitter up to 5 s, or Retry-After); nullopt: it is no use, or patience is at its end.
  std::optional<Duration> pause_after(const Failure& failure, std::uint32_t tries);

  Duration limit() const { return limit_; }
  bool server_was_seen() const { return server_was_seen_.load(); }

 private:
  using Clock = std::chrono::steady_clock;

  const Duration limit_;
  const Say say_;
  std::atomic<bool> server_was_seen_{false};
  std::mutex mutex_;
  Clock::time_point last_answer_;
  bool has_said_ = false;
};

}  // namespace conveyor::cli
