#include "runtime/reader_pool.h"

#include "base/thread_name.h"
#include "runtime/thread_priority.h"

namespace conveyor {

ReaderPool::ReaderPool(std::vector<std::unique_ptr<Readers>> readers)
    : readers_(std::move(readers)) {
  for (auto& own : readers_) {
    threads_.emplace_back([this, &own] {
      name_this_thread("reader");
      let_this_thread_go_first();
      loop(*own);
    });
  }
}

ReaderPool::~ReaderPool() {
  stop();
}

bool ReaderPool::submit(Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= kMaxQueuedReads) return false;
    queue_.push_back(std::move(work));
  }
  wake_.notify_one();
  return true;
}

void ReaderPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

std::size_t ReaderPool::queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void ReaderPool::loop(Readers& readers) {
  for (;;) {
    Work work;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work(readers);
  }
}

}  // namespace conveyor
