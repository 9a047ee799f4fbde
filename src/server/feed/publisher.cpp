#include "server/feed/publisher.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "server/feed/row_events.h"

namespace conveyor::feed {

Publisher::Publisher(ReaderPool& pool, std::unique_ptr<Readers> own, PublisherOptions options)
    : pool_(pool), own_(std::move(own)), options_(std::move(options)) {}

Publisher::~Publisher() {
  stop();
}

void Publisher::start() {
  thread_ = std::thread([this] { loop(); });
}

void Publisher::stop() {
  {
    const std::lock_guard lock(wake_mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  subscriptions_.clear();
  count_ = 0;
}

void Publisher::committed() {
  // One who subscribes later reads what this commit made durable: its own turn comes after.
  if (count_.load() == 0) return;
  {
    const std::lock_guard lock(wake_mutex_);
    if (!committed_at_) committed_at_ = Clock::now();
    if (woken_) return;
    woken_ = true;
  }
  wake_.notify_one();
}

void Publisher::wake() {
  {
    const std::lock_guard lock(wake_mutex_);
    woken_ = true;
  }
  wake_.notify_one();
}

void Publisher::subscribe(std::shared_ptr<Listener> listener, Filter filter, Cursor from) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return;
  const auto* key = listener.get();
  auto subscription = std::make_shared<Subscription>(
      Subscription{std::move(listener), std::move(filter), from, State::reading});
  subscriptions_.emplace(key, subscription);
  count_ = subscriptions_.size();
  submit(subscription);
}

void Publisher::progress(const Listener* listener) {
  const std::lock_guard lock(mutex_);
  const auto found = subscriptions_.find(listener);
  if (found == subscriptions_.end()) return;
  const auto subscription = found->second;
  if (subscription->listener->is_over()) {
    if (subscription->state == State::live) --live_;
    subscriptions_.erase(found);
    count_ = subscriptions_.size();
  } else if (subscription->state == State::blocked && subscription->listener->has_room()) {
    submit(subscription);
  }
}

// --- the head
// -------------------------------------------------------------------------------------

void Publisher::loop() {
  auto next_beat = Clock::now() + options_.heartbeat;
  for (;;) {
    auto until = next_beat;
    {
      const std::lock_guard lock(mutex_);
      if (retry_at_) until = std::min(until, *retry_at_);
    }
    const auto since = sleep(until);
    {
      const std::lock_guard lock(wake_mutex_);
      if (stopping_) return;
    }
    const bool published = publish();
    if (published && since && options_.on_delivered) options_.on_delivered(Clock::now() - *since);
    const auto now = Clock::now();
    {
      const std::lock_guard lock(mutex_);
      if (retry_at_ && *retry_at_ <= now) {
        retry_at_.reset();
        for (const auto& [key, subscription] : subscriptions_) {
          if (subscription->state == State::waiting) submit(subscription);
        }
      }
    }
    if (now >= next_beat) {
      beat();
      next_beat = now + options_.heartbeat;
    }
  }
}

/// When the first commit was that there is to look at, if there is one.
std::optional<Publisher::Clock::time_point> Publisher::sleep(Clock::time_point until) {
  std::unique_lock lock(wake_mutex_);
  wake_.wait_until(lock, until, [this] { return woken_ || stopping_; });
  woken_ = false;
  return std::exchange(committed_at_, std::nullopt);
}

/// Reads on from where the head is; true: there was something.
bool Publisher::publish() {
  bool any = false;
  for (;;) {
    std::int64_t from = 0;
    Interest wanted;
    {
      const std::lock_guard lock(mutex_);
      if (live_ == 0) return any;
      from = published_;
      wanted = interest();
    }
    try {
      const auto rows = own_->orders().feed(from, kRowsPerTurnRead);
      if (rows.empty()) return any;
      for (const auto& feed_row : rows) {
        auto row = load(own_->orders(), feed_row, wanted);
        const std::lock_guard lock(mutex_);
        // Meanwhile all may have gone and another may have begun the head elsewhere.
        if (published_ != from) break;
        from = row.position;
        dispatch(std::move(row));
        any = true;
      }
    } catch (const std::exception& error) {
      if (options_.on_failure) options_.on_failure(error.what());
      const std::lock_guard lock(mutex_);
      retry_at_ = Clock::now() + kRetryPause;
      return any;
    }
    const std::lock_guard lock(wake_mutex_);
    if (stopping_) return any;
  }
}

Publisher::Row Publisher::load(OrderReader& reader, const FeedRow& feed_row,
                               const Interest& interest) {
  Row row;
  row.position = feed_row.position;
  row.events.reserve(feed_row.entries.size());
  RowEvents events(reader, feed_row);
  for (std::size_t i = 0; i < feed_row.entries.size(); ++i) {
    const auto& entry = feed_row.entries[i];
    LiveEvent event{entry, {row.position - 1, static_cast<std::uint32_t>(i + 1)}};
    if (i + 1 == feed_row.entries.size()) event.behind = {row.position, 0};
    if (interest.wants(entry)) event.json = events.json(i);
    row.bytes += sizeof(LiveEvent) + (event.json ? event.json->size() : 0);
    row.events.push_back(std::move(event));
  }
  return row;
}

void Publisher::dispatch(Row row) {
  for (const auto& [key, subscription] : subscriptions_) {
    if (subscription->state != State::live) continue;
    const auto offered = offer(*subscription, row);
    if (offered != Offered::whole) fall_behind(subscription, offered);
  }
  published_ = row.position;
  recent_bytes_ += row.bytes;
  recent_.push_back(std::move(row));
  while (recent_bytes_ > kMaxRecentBytes || recent_.size() > kMaxRecentRows) {
    recent_bytes_ -= recent_.front().bytes;
    recent_.pop_front();
  }
}

/// Gives what the listener wants of the row from its cursor on, and moves that.
Publisher::Offered Publisher::offer(Subscription& subscription, const Row& row) {
  if (row.position <= subscription.cursor.position) return Offered::whole;
  for (std::size_t i = subscription.cursor.entries; i < row.events.size(); ++i) {
    const auto& event = row.events[i];
    if (!subscription.filter.wants(event.entry)) continue;
    if (!event.json && !subscription.filter.entries_only) return Offered::not_loaded;
    if (!subscription.listener->has_room()) return Offered::no_room;
    subscription.listener->take(event);
    subscription.cursor = event.behind;
  }
  subscription.cursor = {row.position, 0};
  return Offered::whole;
}

void Publisher::fall_behind(const Shared& subscription, Offered why) {
  --live_;
  subscription->state = State::blocked;
  if (why == Offered::not_loaded) submit(subscription);
}

void Publisher::beat() {
  const std::lock_guard lock(mutex_);
  for (const auto& [key, subscription] : subscriptions_) {
    if (!subscription->listener->has_room()) continue;
    const bool is_live = subscription->state == State::live;
    subscription->listener->heartbeat(is_live ? std::optional{subscription->cursor} : std::nullopt);
  }
}

bool Publisher::Interest::wants(const FeedEntry& entry) const {
  return everything || types.test(static_cast<std::size_t>(entry.type)) ||
         orders.contains(entry.order_id);
}

Publisher::Interest Publisher::interest() const {
  Interest all;
  for (const auto& [key, subscription] : subscriptions_) {
    const auto& filter = subscription->filter;
    if (filter.entries_only || subscription->state != State::live) continue;
    if (filter.order_id) {
      all.orders.insert(*filter.order_id);
    } else if (filter.types.empty()) {
      all.everything = true;
    }
    if (filter.order_id) continue;
    for (const auto type : filter.types) all.types.set(static_cast<std::size_t>(type));
  }
  return all;
}

// --- behind
// -------------------------------------------------------------------------------------

void Publisher::submit(const Shared& subscription) {
  subscription->state = State::reading;
  const bool taken = pool_.submit(
      [this, subscription](Readers& readers) { run_turn(subscription, readers.orders()); });
  if (taken) return;
  subscription->state = State::waiting;
  retry_at_ = Clock::now() + kRetryPause;
  wake();
}

void Publisher::run_turn(const Shared& subscription, OrderReader& reader) {
  try {
    const auto turn = read_turn(*subscription, reader);
    const std::lock_guard lock(mutex_);
    settle(subscription, turn);
  } catch (const std::exception& error) {
    if (options_.on_failure) options_.on_failure(error.what());
    const std::lock_guard lock(mutex_);
    if (stopped_ || subscription->state != State::reading) return;
    subscription->state = State::waiting;
    retry_at_ = Clock::now() + kRetryPause;
    wake();
  }
}

Publisher::Turn Publisher::read_turn(Subscription& subscription, OrderReader& reader) {
  auto& listener = *subscription.listener;
  std::size_t looked_at = 0;
  std::size_t given = 0;
  for (;;) {
    const auto rows = reader.feed(subscription.cursor.position, kRowsPerTurnRead);
    if (rows.empty()) return Turn::caught_up;
    for (const auto& row : rows) {
      RowEvents events(reader, row);
      for (std::size_t i = subscription.cursor.entries; i < row.entries.size(); ++i) {
        const auto& entry = row.entries[i];
        if (!subscription.filter.wants(entry)) continue;
        if (listener.is_over() || given == kMaxEventsPerTurn) return Turn::not_yet;
        if (!listener.has_room()) return Turn::no_room;
        LiveEvent event{entry, {row.position - 1, static_cast<std::uint32_t>(i + 1)}};
        if (i + 1 == row.entries.size()) event.behind = {row.position, 0};
        const bool is_enough = subscription.filter.entries_only;
        if (!is_enough) event.json = events.json(i);
        if (is_enough || event.json) listener.take(event);
        subscription.cursor = event.behind;
        ++given;
      }
      subscription.cursor = {row.position, 0};
      looked_at += row.entries.size();
      if (looked_at >= kMaxEntriesPerTurn) return Turn::not_yet;
    }
  }
}

void Publisher::settle(const Shared& subscription, Turn turn) {
  if (stopped_ || !subscriptions_.contains(subscription->listener.get())) return;
  if (turn == Turn::caught_up && join(subscription)) return;
  // Asked again under the lock: room that came since was not heard of, because this was a turn.
  if (turn == Turn::no_room && !subscription->listener->has_room()) {
    subscription->state = State::blocked;
    return;
  }
  submit(subscription);
}

/// To the head, if that is no further than what is remembered. False: it has to read on.
bool Publisher::join(const Shared& subscription) {
  const auto position = subscription->cursor.position;
  if (live_ == 0) {
    recent_.clear();
    recent_bytes_ = 0;
    published_ = position;
  } else if (position < published_) {
    if (recent_.empty() || recent_.front().position > position + 1) return false;
    for (const auto& row : recent_) {
      const auto offered = offer(*subscription, row);
      if (offered == Offered::not_loaded) return false;
      if (offered == Offered::no_room) {
        subscription->state = State::blocked;
        return true;
      }
    }
  }
  subscription->state = State::live;
  ++live_;
  wake();  // the head may have been quiet for want of listeners
  return true;
}

}  // namespace conveyor::feed
