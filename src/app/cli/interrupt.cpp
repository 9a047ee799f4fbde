#include "app/cli/interrupt.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>

namespace conveyor::cli {
namespace {

// How late a sleeper notices.
constexpr Duration kSlice{20};

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set in a signal handler");

extern "C" void on_signal(int signal) {
  interrupted.store(true);
  std::signal(signal, SIG_DFL);
}

}  // namespace

void stop_on_signal() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
}

void survive_closed_pipes() {
  std::signal(SIGPIPE, SIG_IGN);
}

bool is_interrupted() {
  return interrupted.load();
}

bool sleep_unless_interrupted(Duration duration) {
  const auto until = std::chrono::steady_clock::now() + duration;
  while (!is_interrupted()) {
    const auto left = until - std::chrono::steady_clock::now();
    if (left <= std::chrono::steady_clock::duration::zero()) return true;
    std::this_thread::sleep_for(std::min<std::chrono::steady_clock::duration>(left, kSlice));
  }
  return false;
}

}  // namespace conveyor::cli
