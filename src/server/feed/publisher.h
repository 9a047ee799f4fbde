// Publisher: tells listeners what the group commits make durable, as it happens. Server-sent events
// are one kind of listener; any other way to be live is another.
//
// A listener is at the head or behind. For all that are at the head one thread reads each new row
// of the feed once, when the core says that there is one. One that is behind, because it goes on
// from an old cursor or had no room for an event, reads for itself through the reader pool, a
// bounded turn at a time, and joins the head when it has caught up. Every listener begins behind.
// Nothing is queued for a listener here: what it has not taken it reads again, from its cursor.
//
// A listener is given the events that its filter wants, each once, in feed order (so in order per
// order), with the cursor that goes on behind it.
//
// Threads: any; `committed` is for the core thread and does the same little work however many
// listen. Lifetime: stop() joins the thread; the reader pool is to be stopped before the publisher
// goes away, because turns that it has queued look here.
#pragma once

#include <atomic>
#include <bitset>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "ports/order_store.h"
#include "runtime/reader_pool.h"
#include "server/feed/cursor.h"
#include "server/feed/filter.h"
#include "server/feed/limits.h"

namespace conveyor::feed {

struct LiveEvent {
  FeedEntry entry;
  Cursor behind;                      ///< goes on right after this event
  std::optional<std::string> json{};  ///< the whole event; absent: nobody wanted to read it
};

/// has_room, take and the moves of one's cursor come from one thread at a time, but not always the
/// same; the others from any. All must be quick, must not throw and must not call the publisher.
class Listener {
 public:
  virtual ~Listener() = default;

  /// Takes another event at the moment. Publisher::progress says when this has become true.
  virtual bool has_room() = 0;
  virtual bool is_over() = 0;
  /// Only after has_room(). `event.json` is there unless its filter wants entries only.
  virtual void take(const LiveEvent& event) = 0;
  /// Nothing may have happened for a while; `at` goes on from here, absent while it is behind.
  virtual void heartbeat(const std::optional<Cursor>& at) = 0;
};

struct PublisherOptions {
  std::chrono::milliseconds heartbeat{15'000};
  /// Told how long after their commit events had been given to every listener at the head. May be
  /// empty.
  std::function<void(std::chrono::nanoseconds)> on_delivered{};
  /// Told why the feed cannot be read at the moment. May be empty.
  std::function<void(std::string_view why)> on_failure{};
};

class Publisher {
 public:
  /// `own` is for the publisher's thread alone.
  Publisher(ReaderPool& pool, std::unique_ptr<Readers> own, PublisherOptions options);
  ~Publisher();  ///< stop()
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  void start();
  void stop();

  /// A batch has become durable.
  void committed();

  /// From now on `listener` is told what follows `from`, which is not ahead of the store. Dropped
  /// when it is over, and at once if the publisher has stopped.
  void subscribe(std::shared_ptr<Listener> listener, Filter filter, Cursor from);
  /// The listener has room again, or is over. Nothing if it is not subscribed.
  void progress(const Listener* listener);

  std::size_t listeners() const { return count_.load(); }

 private:
  using Clock = std::chrono::steady_clock;
  enum class State : std::uint8_t {
    live,     // at the head: given rows by the publisher's thread
    reading,  // behind: a turn is queued or under way, and owns `cursor`
    blocked,  // behind, without room: progress() goes on
    waiting,  // behind, the pool had no place: the publisher's thread goes on
  };
  struct Subscription {
    std::shared_ptr<Listener> listener;
    Filter filter;
    Cursor cursor;  // all before it has been given or was not wanted
    State state = State::reading;
  };
  using Shared = std::shared_ptr<Subscription>;
  struct Row {
    std::int64_t position = 0;
    std::vector<LiveEvent> events;
    std::size_t bytes = 0;
  };
  /// What the listeners at the head want, all together.
  struct Interest {
    bool everything = false;
    std::bitset<64> types;
    std::set<OrderId> orders;
    bool wants(const FeedEntry& entry) const;
  };
  enum class Offered : std::uint8_t { whole, no_room, not_loaded };
  enum class Turn : std::uint8_t { caught_up, not_yet, no_room };

  // The publisher's thread.
  void loop();
  std::optional<Clock::time_point> sleep(Clock::time_point until);
  bool publish();
  static Row load(OrderReader& reader, const FeedRow& row, const Interest& interest);
  void dispatch(Row row);
  void beat();

  // A turn of one that is behind, on a reader's thread.
  void submit(const Shared& subscription);
  void run_turn(const Shared& subscription, OrderReader& reader);
  static Turn read_turn(Subscription& subscription, OrderReader& reader);
  void settle(const Shared& subscription, Turn turn);
  bool join(const Shared& subscription);

  // With mutex_ held.
  static Offered offer(Subscription& subscription, const Row& row);
  void fall_behind(const Shared& subscription, Offered why);
  Interest interest() const;
  void wake();

  ReaderPool& pool_;
  const std::unique_ptr<Readers> own_;
  const PublisherOptions options_;

  std::mutex mutex_;
  std::map<const Listener*, Shared> subscriptions_;  ///< guarded by mutex_, as all below
  std::size_t live_ = 0;
  std::int64_t published_ = 0;  ///< the row up to which those at the head have been given all
  std::deque<Row> recent_;      ///< the rows up to published_, the last ones
  std::size_t recent_bytes_ = 0;
  std::optional<Clock::time_point> retry_at_;
  bool stopped_ = false;

  std::atomic<std::size_t> count_{0};
  /// Apart from mutex_, so that the core never waits for one who gives to listeners.
  std::mutex wake_mutex_;
  std::condition_variable wake_;
  bool woken_ = false;  ///< guarded by wake_mutex_, as both below
  bool stopping_ = false;
  std::optional<Clock::time_point> committed_at_;  ///< the first commit since the last look
  std::thread thread_;
};

}  // namespace conveyor::feed
