// RoomFeed: what the publisher tells a room, until its next batch.
//
// Threads: as feed::Listener; take_all and close from the loop. Bounded: with a full batch it has
// no room, and the publisher goes on from its cursor once it has.
#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "server/feed/publisher.h"
#include "server/live/limits.h"

namespace conveyor::live {

class RoomFeed final : public feed::Listener {
 public:
  struct Taken {
    std::vector<feed::LiveEvent> events;
    std::optional<feed::Cursor> at;  ///< where the room is now; absent: where it was
    bool was_full = false;           ///< the publisher waits to hear of room
  };

  bool has_room() override {
    const std::lock_guard lock(mutex_);
    const bool has_room = events_.size() < kMaxBatchEvents && bytes_ < kMaxBatchBytes;
    if (!has_room) was_full_ = true;
    return has_room;
  }
  bool is_over() override {
    const std::lock_guard lock(mutex_);
    return is_over_;
  }
  void take(const feed::LiveEvent& event) override {
    const std::lock_guard lock(mutex_);
    if (is_over_) return;
    bytes_ += sizeof event + (event.json ? event.json->size() : 0);
    at_ = event.behind;
    events_.push_back(event);
  }
  void heartbeat(const std::optional<feed::Cursor>& at) override {
    const std::lock_guard lock(mutex_);
    if (at) at_ = *at;
  }

  Taken take_all() {
    const std::lock_guard lock(mutex_);
    bytes_ = 0;
    return {std::exchange(events_, {}), std::exchange(at_, std::nullopt),
            std::exchange(was_full_, false)};
  }
  void close() {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
    events_ = {};
  }

 private:
  std::mutex mutex_;
  std::vector<feed::LiveEvent> events_;  ///< guarded by mutex_, as all below
  std::size_t bytes_ = 0;
  std::optional<feed::Cursor> at_;
  bool was_full_ = false;
  bool is_over_ = false;
};

}  // namespace conveyor::live
