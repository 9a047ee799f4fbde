// Progress: a bar on a terminal's standard error while many things are done, and lines said
// between.
//
//   placing  [#########...............]  3840/10000  38%  1520 orders/s  0:04 left
//
// Nothing is drawn where standard error is no terminal; lines are said there too. Plain characters
// in one line of at most kBarColumns. While one lives nothing else may write to the console's
// `err`. Threads: all functions from any, but begin() and end() from one.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "app/cli/console.h"

namespace conveyor::cli {

inline constexpr std::size_t kBarColumns = 79;

// How fast it went over the last kWindow.
class RateWindow {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kWindow{5};

  void add(Time time, std::size_t done);
  // Things a second, rounded down; 0 if nothing is known.
  std::uint64_t per_second() const;

 private:
  std::deque<std::pair<Time, std::size_t>> samples_;
};

// The bar as text. Time left is unknown at a rate of 0.
std::string progress_line(std::string_view verb, std::size_t done, std::size_t total,
                          std::uint64_t per_second);

class Progress {
 public:
  explicit Progress(Console& console) : console_(console) {}
  ~Progress() { end(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // A bar from 0 to `total`, instead of the one before.
  void begin(std::string_view verb, std::size_t total);
  void end();  // wipes the bar
  void advance();
  void set(std::size_t done);
  bool is_drawn() const { return console_.err_is_terminal; }
  // A line of its own, above the bar.
  void say(std::string_view text);

 private:
  void draw_until(const std::stop_token& stop);
  void draw();  // the lock is held
  void wipe();

  Console& console_;
  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::string verb_;
  std::size_t total_ = 0;
  std::size_t done_ = 0;
  RateWindow rate_;
  std::size_t drawn_ = 0;  // characters on the line
  std::jthread painter_;   // the last member: ends before the others
};

}  // namespace conveyor::cli
