#include "app/cli/progress.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>

namespace conveyor::cli {
namespace {

constexpr std::chrono::milliseconds kRepaint{100};
constexpr std::size_t kBarCells = 24;

std::string time_text(std::uint64_t seconds) {
  constexpr std::uint64_t kHour = 3'600;
  if (seconds < kHour) return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
  return fmt::format("{}:{:02}:{:02}", seconds / kHour, seconds % kHour / 60, seconds % 60);
}

}  // namespace

void RateWindow::add(Time time, std::size_t done) {
  samples_.emplace_back(time, done);
  // One sample from before the window stays: it is where the window begins.
  while (samples_.size() > 2 && time - samples_[1].first >= kWindow) samples_.pop_front();
}

std::uint64_t RateWindow::per_second() const {
  if (samples_.size() < 2) return 0;
  const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(samples_.back().first -
                                                                          samples_.front().first)
                        .count();
  if (time <= 0 || samples_.back().second < samples_.front().second) return 0;
  return (samples_.back().second - samples_.front().second) * 1'000 /
         static_cast<std::uint64_t>(time);
}

std::string progress_line(std::string_view verb, std::size_t done, std::size_t total,
                          std::uint64_t per_second) {
  done = std::min(done, total);
  const auto part = total == 0 ? kBarCells : done * kBarCells / total;
  auto line = fmt::format("{}  [{}{}]  {}/{}  {}%  {} orders/s", verb, std::string(part, '#'),
                          std::string(kBarCells - part, '.'), done, total,
                          total == 0 ? 100 : done * 100 / total, per_second);
  if (per_second > 0) {
    line += fmt::format("  {} left", time_text((total - done + per_second - 1) / per_second));
  }
  line.resize(std::min(line.size(), kBarColumns));
  return line;
}

void Progress::end() {
  if (!painter_.joinable()) return;
  painter_.request_stop();
  painter_.join();
  const std::scoped_lock lock{mutex_};
  wipe();
  console_.err.flush();
}

void Progress::begin(std::string_view verb, std::size_t total) {
  const std::scoped_lock lock{mutex_};
  verb_ = verb;
  total_ = total;
  done_ = 0;
  rate_ = {};
  if (!console_.err_is_terminal || total == 0) return;
  draw();
  if (painter_.joinable()) return;
  painter_ = std::jthread{[this](const std::stop_token& stop) { draw_until(stop); }};
}

void Progress::advance() {
  const std::scoped_lock lock{mutex_};
  ++done_;
}

void Progress::set(std::size_t done) {
  const std::scoped_lock lock{mutex_};
  done_ = done;
}

void Progress::say(std::string_view text) {
  const std::scoped_lock lock{mutex_};
  wipe();
  fmt::print(console_.err, "{}\n", text);
  console_.err.flush();
}

void Progress::draw_until(const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  while (!stop.stop_requested()) {
    draw();
    stopped_.wait_for(lock, stop, kRepaint, [] { return false; });
  }
}

void Progress::draw() {
  rate_.add(std::chrono::steady_clock::now(), done_);
  const auto line = progress_line(verb_, done_, total_, rate_.per_second());
  const auto padding = drawn_ > line.size() ? drawn_ - line.size() : 0;
  fmt::print(console_.err, "\r{}{}", line, std::string(padding, ' '));
  console_.err.flush();
  drawn_ = line.size();
}

void Progress::wipe() {
  if (drawn_ > 0) fmt::print(console_.err, "\r{}\r", std::string(drawn_, ' '));
  drawn_ = 0;
}

}  // namespace conveyor::cli
