// Committer: a thread that makes one transaction after the other durable, so that the next can be
// written meanwhile. Afterwards, when nobody waits any more, it tidies up (checkpoints).
//
// Threads: the thread of the store; the two works run on the committer's own, one at a time.
// Whatever they share with the store is theirs from `start` until `wait` or `wait_idle` returns.
// Errors: what the works throw comes out of the calls below, until `forget_error`.
#pragma once

#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace conveyor::sqlite {

class Committer {
 public:
  using Work = std::function<void()>;

  Committer(Work make_durable, Work tidy);
  /// Ends the work under way.
  ~Committer();
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  /// Once it is idle: begins with the next.
  void start();
  /// Returns once it is durable, with the time that took.
  std::chrono::nanoseconds wait();
  /// Returns once nothing is under way.
  void wait_idle();
  /// Once nothing is under way.
  void forget_error();

 private:
  enum class State : std::uint8_t { idle, committing, tidying };

  void loop();
  /// With the lock held; gives it back for so long.
  void perform(std::unique_lock<std::mutex>& lock, const Work& work);
  void rethrow() const;

  Work make_durable_;
  Work tidy_;
  std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = State::idle;  ///< guarded by mutex_, as all below
  bool stopping_ = false;
  std::exception_ptr error_;
  std::chrono::nanoseconds took_{0};
  std::thread thread_;
};

}  // namespace conveyor::sqlite
