#include "socketio/timers.h"

#include <algorithm>

namespace conveyor::socketio {

Timers::Id Timers::after(std::chrono::milliseconds delay, std::function<void()> function) {
  const Id id = ++last_;
  const Time due = now_ + delay;
  waiting_.emplace(std::pair{due, id}, std::move(function));
  due_.emplace(id, due);
  return id;
}

void Timers::cancel(Id& id) {
  if (const auto found = due_.find(id); found != due_.end()) {
    waiting_.erase({found->second, id});
    due_.erase(found);
  }
  id = 0;
}

void Timers::advance(Time now) {
  now = std::max(now, now_);
  // What a function adds is later than what is due, or waits for the next call: an end in any case.
  const Id last = last_;
  for (auto first = waiting_.begin(); first != waiting_.end() && first->first.first <= now;) {
    if (first->first.second > last) {
      ++first;
      continue;
    }
    now_ = std::max(now_, first->first.first);
    const auto function = std::move(first->second);
    due_.erase(first->first.second);
    waiting_.erase(first);
    function();
    first = waiting_.begin();
  }
  now_ = now;
}

std::optional<Time> Timers::next() const {
  if (waiting_.empty()) return std::nullopt;
  return waiting_.begin()->first.first;
}

}  // namespace conveyor::socketio
