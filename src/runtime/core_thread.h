// CoreThread: the one thread that owns the engine and the store's writer. Everything else hands its
// inputs over through a bounded queue; while one batch is made durable, the next one is decided.
//
// Threads: `submit` from any; the rest from the owner. Lifetime: stop() joins; the destructor calls
// it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "ports/clock.h"
#include "runtime/batch_processor.h"

namespace conveyor {

/// Inputs that wait for the core; more are refused at once.
inline constexpr std::size_t kMaxQueuedInputs = 16'384;
/// Inputs taken into one transaction, together with the steps of open orders with which the one
/// before went on: those go first, so that under more load than it can take the core completes what
/// it has begun before it begins more.
inline constexpr std::size_t kMaxBatchInputs = 512;
/// Inputs that are taken however many steps there were.
inline constexpr std::size_t kLeastBatchInputs = 32;

/// A commit has costs that do not grow with what is in it, so when many come a batch begins at the
/// earliest so long after the one before began: by then more have come. It is not waited for when
/// nobody has come for kQuietTime or kEnoughInputs have, nor after a batch of one input, whose
/// client may be alone.
inline constexpr std::chrono::microseconds kBatchInterval{4'000};
inline constexpr std::chrono::microseconds kQuietTime{500};
inline constexpr std::size_t kEnoughInputs = 64;

class CoreThread {
 public:
  /// `on_fatal` is called on the core thread when the store must not be written any more (a failed
  /// fsync); it must end the process.
  CoreThread(BatchProcessor& processor, Clock& clock, std::function<void(const char*)> on_fatal);
  ~CoreThread();
  CoreThread(const CoreThread&) = delete;
  CoreThread& operator=(const CoreThread&) = delete;

  void start();

  /// Hands an input over. If it cannot be taken its answer is called at once, on this thread.
  void submit(CoreInput input);

  /// Answers what is queued, finishes the batch under way and joins. What came in is durable.
  void stop();

  std::size_t queued() const { return queued_.load(std::memory_order_relaxed); }
  std::size_t open_orders() const { return open_orders_.load(std::memory_order_relaxed); }
  std::size_t waiting_orders() const { return waiting_orders_.load(std::memory_order_relaxed); }
  /// Why new orders are refused, as of the last batch; nullopt: they are taken.
  std::optional<Unavailable> intake_closed() const {
    if (queued() >= kMaxQueuedInputs) return Unavailable::queue_full;
    return intake_closed_.load(std::memory_order_relaxed);
  }
  /// How the engine treats each participant, as of the end of the last batch. Any thread; does not
  /// wait for a batch.
  Engine::ParticipantStates participants() const {
    const std::lock_guard lock(participants_mutex_);
    return participants_;
  }
  /// The same of the calls in flight by step.
  Engine::StepCounts calls_in_flight() const {
    const std::lock_guard lock(participants_mutex_);
    return calls_in_flight_;
  }

 private:
  void loop();
  bool has_work() const;
  void publish();
  using SteadyTime = std::chrono::steady_clock::time_point;

  std::vector<CoreInput> next_batch();
  void gather(std::unique_lock<std::mutex>& lock);
  bool gathers() const;

  BatchProcessor& processor_;
  Clock& clock_;
  std::function<void(const char*)> on_fatal_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<CoreInput> queue_;  ///< guarded by mutex_
  bool stopping_ = false;        ///< guarded by mutex_
  bool awaits_input_ = false;    ///< guarded by mutex_; nobody else has to wake the core
  SteadyTime next_begin_{};      ///< of a batch, if it gathers; the core thread's
  std::atomic<std::size_t> queued_{0};
  std::atomic<std::size_t> open_orders_{0};
  std::atomic<std::size_t> waiting_orders_{0};
  std::atomic<std::optional<Unavailable>> intake_closed_{std::nullopt};
  mutable std::mutex participants_mutex_;
  Engine::ParticipantStates participants_;  ///< guarded by participants_mutex_, as the next
  Engine::StepCounts calls_in_flight_{};
  std::thread thread_;
};

}  // namespace conveyor
