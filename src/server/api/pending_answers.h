// PendingAnswers: requests that wait for somebody else's answer, each with a deadline of its own.
// Whoever takes one first answers it: the core, a reader, or the deadline.
//
// Threads: any. Lifetime: the destructor stops the one thread that watches the deadlines; what then
// still waits is dropped (the server answers 500 or is gone).
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>

#include "server/http/respond.h"

namespace conveyor::api {

class PendingAnswers {
 public:
  using Ticket = std::uint64_t;

  PendingAnswers();
  ~PendingAnswers();
  PendingAnswers(const PendingAnswers&) = delete;
  PendingAnswers& operator=(const PendingAnswers&) = delete;

  /// Unless taken before, it is answered by `late` once `wait` is over.
  Ticket add(http::Respond respond, std::chrono::milliseconds wait, http::MakeResponse late);

  /// The right to answer; nullopt: somebody had it already.
  std::optional<http::Respond> take(Ticket ticket);

 private:
  using Clock = std::chrono::steady_clock;
  struct Entry {
    http::Respond respond;
    http::MakeResponse late;
    std::multimap<Clock::time_point, Ticket>::iterator deadline;
  };

  void watch();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::unordered_map<Ticket, Entry> entries_;  ///< guarded by mutex_, as all below
  std::multimap<Clock::time_point, Ticket> deadlines_;
  Ticket last_ticket_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace conveyor::api
