// Timers: time as the library knows it. It stands still until whoever drives the library moves it,
// so that tests own it and nothing here reads a clock.
//
//   timers.advance(steady_clock::now());   // before each input, and when next() has come
//
// Threads: one. Functions run within advance(), in the sequence of their times.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace conveyor::socketio {

using Time = std::chrono::steady_clock::time_point;

class Timers {
 public:
  /// Names a function that waits; 0 is none.
  using Id = std::uint64_t;

  explicit Timers(Time now) : now_(now) {}
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  Time now() const { return now_; }
  Id after(std::chrono::milliseconds delay, std::function<void()> function);
  /// Nothing if it has run; sets `id` to 0.
  void cancel(Id& id);

  /// Moves the time, never back, and runs what is due.
  void advance(Time now);
  std::optional<Time> next() const;

 private:
  Time now_;
  Id last_ = 0;
  std::map<std::pair<Time, Id>, std::function<void()>> waiting_;
  std::map<Id, Time> due_;
};

}  // namespace conveyor::socketio
