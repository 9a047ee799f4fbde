#include "runtime/core_thread.h"

#include <algorithm>

#include "base/thread_name.h"

namespace conveyor {

CoreThread::CoreThread(BatchProcessor& processor, Clock& clock,
                       std::function<void(const char*)> on_fatal)
    : processor_(processor), clock_(clock), on_fatal_(std::move(on_fatal)) {
  publish();
}

CoreThread::~CoreThread() {
  stop();
}

void CoreThread::start() {
  thread_ = std::thread([this] {
    name_this_thread("core");
    loop();
  });
}

void CoreThread::submit(CoreInput input) {
  std::optional<Unavailable> refused;
  bool is_awaited = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      refused = Unavailable::stopping;
    } else if (queue_.size() >= kMaxQueuedInputs) {
      refused = Unavailable::queue_full;
    } else {
      queue_.push_back(std::move(input));
      queued_.store(queue_.size(), std::memory_order_relaxed);
      is_awaited = awaits_input_;
    }
  }
  if (refused) {
    answer_unavailable(input, *refused);
  } else if (is_awaited) {
    wake_.notify_one();
  }
}

void CoreThread::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

/// Lets inputs come until the next batch may begin, if it is worth it.
void CoreThread::gather(std::unique_lock<std::mutex>& lock) {
  while (!stopping_ && queue_.size() < kEnoughInputs &&
         std::chrono::steady_clock::now() < next_begin_) {
    const auto before = queue_.size();
    wake_.wait_for(lock, kQuietTime, [this] { return stopping_; });
    if (queue_.size() == before) return;
  }
}

std::vector<CoreInput> CoreThread::next_batch() {
  std::unique_lock lock(mutex_);
  gather(lock);
  const auto ready = [this] { return stopping_ || !queue_.empty(); };
  awaits_input_ = true;
  if (const auto wake = processor_.next_wake()) {
    const auto wait = *wake - clock_.now();
    if (wait > Duration{0}) wake_.wait_for(lock, wait, ready);
  } else {
    wake_.wait(lock, ready);
  }
  awaits_input_ = false;
  std::vector<CoreInput> batch;
  const auto steps = std::min(processor_.resumed_steps(), kMaxBatchInputs - kLeastBatchInputs);
  const auto most = kMaxBatchInputs - steps;
  while (!queue_.empty() && batch.size() < most) {
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  queued_.store(queue_.size(), std::memory_order_relaxed);
  next_begin_ = batch.size() > 1 ? std::chrono::steady_clock::now() + kBatchInterval : SteadyTime{};
  return batch;
}

/// What other threads may know without waiting for this one.
void CoreThread::publish() {
  open_orders_.store(processor_.open_orders(), std::memory_order_relaxed);
  waiting_orders_.store(processor_.waiting_orders(), std::memory_order_relaxed);
  intake_closed_.store(processor_.intake_closed(), std::memory_order_relaxed);
  const std::lock_guard lock(participants_mutex_);
  participants_ = processor_.participants();
  calls_in_flight_ = processor_.calls_in_flight();
}

/// Whether there is something to decide while a batch is on its way to the disk.
bool CoreThread::has_work() const {
  if (queued() > 0) return true;
  const auto wake = processor_.next_wake();
  return wake && *wake <= clock_.now();
}

/// Whether more inputs should come first; what was committed is let out meanwhile.
bool CoreThread::gathers() const {
  return queued() < kEnoughInputs && std::chrono::steady_clock::now() < next_begin_;
}

void CoreThread::loop() {
  try {
    for (;;) {
      if (processor_.is_committing() && (gathers() || !has_work())) {
        processor_.finish(clock_.now());
        publish();
        continue;
      }
      auto batch = next_batch();
      const bool idle = batch.empty();
      processor_.run(std::move(batch), clock_.now());
      publish();
      const std::lock_guard lock(mutex_);
      if (stopping_ && idle && queue_.empty()) break;
    }
    processor_.finish(clock_.now());
  } catch (const StoreError& error) {
    on_fatal_(error.what());
  }
}

}  // namespace conveyor
