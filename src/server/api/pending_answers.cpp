#include "server/api/pending_answers.h"

#include "base/thread_name.h"

namespace conveyor::api {

PendingAnswers::PendingAnswers()
    : thread_([this] {
        name_this_thread("deadlines");
        watch();
      }) {}

PendingAnswers::~PendingAnswers() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

PendingAnswers::Ticket PendingAnswers::add(http::Respond respond, std::chrono::milliseconds wait,
                                           http::MakeResponse late) {
  const auto deadline = Clock::now() + wait;
  bool is_first = false;
  Ticket ticket = 0;
  {
    const std::lock_guard lock(mutex_);
    ticket = ++last_ticket_;
    const auto at = deadlines_.emplace(deadline, ticket);
    is_first = at == deadlines_.begin();
    entries_.emplace(ticket, Entry{std::move(respond), std::move(late), at});
  }
  if (is_first) wake_.notify_one();
  return ticket;
}

std::optional<http::Respond> PendingAnswers::take(Ticket ticket) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(ticket);
  if (found == entries_.end()) return std::nullopt;
  std::optional<http::Respond> respond{std::move(found->second.respond)};
  deadlines_.erase(found->second.deadline);
  entries_.erase(found);
  return respond;
}

void PendingAnswers::watch() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (deadlines_.empty()) {
      wake_.wait(lock);
      continue;
    }
    const auto [deadline, ticket] = *deadlines_.begin();
    if (Clock::now() < deadline) {
      wake_.wait_until(lock, deadline);
      continue;
    }
    const auto found = entries_.find(ticket);
    Entry entry = std::move(found->second);
    deadlines_.erase(entry.deadline);
    entries_.erase(found);
    lock.unlock();
    entry.respond.later(std::move(entry.late));
    lock.lock();
  }
}

}  // namespace conveyor::api
