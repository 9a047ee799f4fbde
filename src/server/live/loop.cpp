#include "server/live/loop.h"

#include <utility>

#include "base/thread_name.h"

namespace conveyor::live {

using Clock = std::chrono::steady_clock;

Loop::Loop() = default;

Loop::~Loop() {
  stop();
}

void Loop::start(std::function<void()> flush) {
  flush_ = std::move(flush);
  thread_ = std::thread([this] {
    name_this_thread("live");
    run();
  });
}

void Loop::post(Task task) {
  std::vector<Task> dropped;  // outside the lock
  const std::lock_guard lock(mutex_);
  if (stopped_) {
    dropped.push_back(std::move(task));
    return;
  }
  tasks_.push_back(std::move(task));
  if (tasks_.size() == 1) posted_.notify_one();
}

void Loop::stop(Task last) {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    if (last) tasks_.push_back(std::move(last));
    stopped_ = true;
    posted_.notify_one();
  }
  thread_.join();
}

void Loop::run() {
  std::vector<Task> tasks;
  while (true) {
    bool is_last = false;
    {
      std::unique_lock lock(mutex_);
      const auto ready = [this] { return !tasks_.empty() || stopped_; };
      if (const auto next = timers_.next()) {
        posted_.wait_until(lock, *next, ready);
      } else {
        posted_.wait(lock, ready);
      }
      tasks.swap(tasks_);
      is_last = stopped_;
    }
    timers_.advance(Clock::now());
    for (Task& task : tasks) {
      timers_.advance(Clock::now());
      task();
    }
    tasks.clear();
    flush_();
    if (is_last) return;
  }
}

}  // namespace conveyor::live
