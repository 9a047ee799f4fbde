// ReaderPool: threads that read committed data on connections of their own, so that no read waits
// for the writer and none blocks an io thread.
//
// Threads: `submit` from any; start and stop by the owner. Work that is queued at stop is run.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "ports/order_store.h"
#include "ports/service_stores.h"

namespace conveyor {

/// What one reading thread has to itself. Subclassed by whoever owns the connection behind it.
class Readers {
 public:
  virtual ~Readers() = default;
  virtual OrderReader& orders() = 0;
  virtual StockReader& stock() = 0;
};

/// Reads that wait; more are refused at once.
inline constexpr std::size_t kMaxQueuedReads = 4'096;

class ReaderPool {
 public:
  using Work = std::move_only_function<void(Readers&)>;

  /// One thread per element.
  explicit ReaderPool(std::vector<std::unique_ptr<Readers>> readers);
  ~ReaderPool();
  ReaderPool(const ReaderPool&) = delete;
  ReaderPool& operator=(const ReaderPool&) = delete;

  /// False: too much waits already, or the pool has stopped. `work` must not throw.
  [[nodiscard]] bool submit(Work work);
  void stop();
  std::size_t queued() const;

 private:
  void loop(Readers& readers);

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Work> queue_;  ///< guarded by mutex_
  bool stopping_ = false;   ///< guarded by mutex_
  std::vector<std::unique_ptr<Readers>> readers_;
  std::vector<std::thread> threads_;
};

}  // namespace conveyor
