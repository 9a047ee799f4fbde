// Node: the object graph of a running server. One object owns all of it, so that a process, or a
// test, can build it, stop it and build it again.
//
// Threads: built, started and stopped by one thread. Lifetime: stop() is called by the destructor.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "app/config.h"
#include "ports/clock.h"
#include "server/api/api.h"
#include "server/http/server.h"

namespace conveyor {

/// Wall-clock time that never goes back: it advances with the steady clock, so that a wall clock
/// set back neither stops timers nor gives a later event an earlier time. One set forward is
/// followed. Threads: any.
class SystemClock final : public Clock {
 public:
  Timestamp now() override;

 private:
  std::mutex mutex_;
  std::chrono::steady_clock::time_point steady_{};
  std::chrono::sys_time<std::chrono::nanoseconds> last_{};
};

/// What the server and its API take of the configuration.
http::ServerOptions http_options_of(const Config& config);
api::ApiOptions api_options_of(const Config& config);

/// May put something around what the HTTP server calls, before there is a server. So tests record
/// what is asked and answered; the program itself has nothing there.
using AroundHttp = std::function<void(http::ServerOptions&, http::Handler&)>;

class Node {
 public:
  explicit Node(const LoadedConfig& loaded, AroundHttp around = {});
  ~Node();

  /// Opens the store, recovers what is open, and listens. The error is a sentence for people.
  std::expected<void, std::string> start();

  /// `http://127.0.0.1:8080`, once started.
  std::string url() const;

  /// Stops intake, answers what is under way, makes everything durable, joins every thread.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace conveyor
