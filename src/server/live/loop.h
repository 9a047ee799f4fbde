// Loop: the thread on which the Socket.IO library, and whatever is built on it, runs. Others post
// to it; tasks run one after the other, with the library's time moved before each, and what they
// sent leaves together behind them.
//
// Its queue is bounded by what may post: a connection has one request, or one piece of bytes, in
// work at a time (http/message.h), and the publisher's listeners have a limit of their own.
//
// Threads: post from any. Lifetime: stop() joins the thread; what is posted later is dropped.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "socketio/timers.h"

namespace conveyor::live {

class Loop {
 public:
  using Task = std::move_only_function<void()>;

  Loop();
  ~Loop();  ///< stop()
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// For what runs on the thread, and before start().
  socketio::Timers& timers() { return timers_; }

  /// `flush` is called on the thread after each burst of tasks and timers.
  void start(std::function<void()> flush);
  void post(Task task);
  /// Runs what was posted, `last`, and ends the thread. Nothing if it does not run.
  void stop(Task last = {});

 private:
  void run();

  socketio::Timers timers_{std::chrono::steady_clock::now()};
  std::function<void()> flush_;
  std::mutex mutex_;
  std::condition_variable posted_;
  std::vector<Task> tasks_;  ///< guarded by mutex_, as the next
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace conveyor::live
