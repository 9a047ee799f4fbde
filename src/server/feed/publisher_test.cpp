// Method: a feed in memory that the test adds to, listeners whose room the test decides, and the
// real threads of publisher and reader pool between them. Every wait is for a state, and ends
// when nothing has come for 20 s.
#include "server/feed/publisher.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "ports/unit_of_work.h"
#include "server/feed/test_feed.h"

namespace conveyor::feed {
namespace {

using std::chrono::milliseconds;

/// Who reads: the publisher for all that are at the head, or the pool for one that is behind.
enum class Whose : std::uint8_t { head, turn };

/// A feed that threads share. Version n of an order is the event "n".
class SharedFeed {
 public:
  void add(const OrderId& order, std::initializer_list<EventType> types) {
    const std::lock_guard lock(mutex_);
    FeedRow row;
    row.position = static_cast<std::int64_t>(rows_.size()) + 1;
    for (const auto type : types) row.entries.push_back({order, ++versions_[order], type});
    rows_.push_back(std::move(row));
  }
  std::vector<FeedRow> rows(Whose whose, std::int64_t after, std::size_t limit) {
    const std::lock_guard lock(mutex_);
    ++reads_;
    if (broken_ == whose) {
      broken_.reset();
      throw StoreError(StoreError::Kind::unavailable, "refused by the test");
    }
    const auto begin = std::min(static_cast<std::size_t>(after), rows_.size());
    const auto end = std::min(begin + limit, rows_.size());
    return {rows_.begin() + static_cast<std::ptrdiff_t>(begin),
            rows_.begin() + static_cast<std::ptrdiff_t>(end)};
  }
  /// The next one of these fails.
  void break_read(Whose whose) {
    const std::lock_guard lock(mutex_);
    broken_ = whose;
  }
  std::size_t reads() {
    const std::lock_guard lock(mutex_);
    return reads_;
  }

 private:
  std::mutex mutex_;
  std::vector<FeedRow> rows_;
  std::map<OrderId, std::uint64_t> versions_;
  std::optional<Whose> broken_;
  std::size_t reads_ = 0;
};

/// An order whose stream cannot be read.
const OrderId kDamaged{make_uuid_v7(from_unix_ms(1'770'000'000'000), 5, 6)};

class SharedReader : public FeedOnly {
 public:
  SharedReader(SharedFeed& feed, Whose whose, std::atomic<int>& event_reads)
      : feed_(feed), whose_(whose), event_reads_(event_reads) {}
  std::vector<FeedRow> feed(std::int64_t after, std::size_t limit) override {
    return feed_.rows(whose_, after, limit);
  }
  std::vector<StoredEvent> events(const OrderId& id, std::uint64_t after,
                                  std::size_t limit) override {
    ++event_reads_;
    if (id == kDamaged) throw StoreError(StoreError::Kind::damaged, "damaged by the test");
    return FeedOnly::events(id, after, limit);
  }

 private:
  SharedFeed& feed_;
  const Whose whose_;
  std::atomic<int>& event_reads_;
};

class SharedReaders : public Readers {
 public:
  SharedReaders(SharedFeed& feed, Whose whose, std::atomic<int>& event_reads)
      : reader_(feed, whose, event_reads) {}
  OrderReader& orders() override { return reader_; }
  StockReader& stock() override { std::abort(); }

 private:
  SharedReader reader_;
};

/// Keeps what it was told; takes as much as the test allows.
class Recorder : public Listener {
 public:
  explicit Recorder(std::size_t room = 1'000'000) : room_(room) {}

  bool has_room() override {
    const std::lock_guard lock(mutex_);
    return room_ > 0;
  }
  bool is_over() override {
    const std::lock_guard lock(mutex_);
    return over_;
  }
  void take(const LiveEvent& event) override {
    const std::lock_guard lock(mutex_);
    EXPECT_GT(room_, 0U) << "an event without room for it";
    EXPECT_TRUE(event.json);
    --room_;
    seen.push_back(event);
    changed_.notify_all();
  }
  void heartbeat(const std::optional<Cursor>& at) override {
    const std::lock_guard lock(mutex_);
    beats.push_back(at);
    changed_.notify_all();
  }

  void give_room(std::size_t room) {
    const std::lock_guard lock(mutex_);
    room_ = std::max(room_, room);
  }
  void end() {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  bool until(const std::function<bool(const Recorder&)>& reached) {
    std::unique_lock lock(mutex_);
    while (!reached(*this)) {
      const auto before = seen.size();
      const auto goes_on = [&] { return seen.size() > before || reached(*this); };
      if (!changed_.wait_for(lock, std::chrono::seconds(20), goes_on)) return false;
    }
    return true;
  }
  bool until_count(std::size_t count) {
    return until([count](const Recorder& r) { return r.seen.size() >= count; });
  }
  std::vector<std::uint64_t> versions() {
    const std::lock_guard lock(mutex_);
    std::vector<std::uint64_t> all;
    for (const auto& event : seen) all.push_back(event.entry.version);
    return all;
  }
  std::vector<LiveEvent> seen;
  std::vector<std::optional<Cursor>> beats;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t room_;
  bool over_ = false;
};

std::vector<std::uint64_t> one_to(std::uint64_t last) {
  std::vector<std::uint64_t> all;
  for (std::uint64_t i = 1; i <= last; ++i) all.push_back(i);
  return all;
}

constexpr auto kCreated = EventType::OrderCreated;
constexpr auto kCompleted = EventType::OrderCompleted;

class PublisherTest : public testing::Test {
 protected:
  void TearDown() override {
    if (publisher) publisher->stop();
    pool.stop();
  }
  void start(milliseconds heartbeat = std::chrono::hours(1)) {
    publisher.emplace(pool, std::make_unique<SharedReaders>(feed, Whose::head, event_reads),
                      PublisherOptions{.heartbeat = heartbeat,
                                       .on_delivered = [this](auto) { ++delivered; },
                                       .on_failure = [this](auto) { ++failures; }});
    publisher->start();
  }
  std::shared_ptr<Recorder> listen(const Cursor& from = {}, Filter filter = {},
                                   std::size_t room = 1'000'000) {
    auto recorder = std::make_shared<Recorder>(room);
    publisher->subscribe(recorder, std::move(filter), from);
    return recorder;
  }
  void commit(const OrderId& order, std::initializer_list<EventType> types) {
    feed.add(order, types);
    publisher->committed();
  }
  /// Commits events until one has reached `listener` at the head, where it stays; how many.
  std::size_t bring_to_head(Recorder& listener) {
    std::size_t commits = 0;
    EXPECT_TRUE(soon([&] {  // the first ones it may still read for itself
      commit(kOrder, {kCreated});
      // One at a time: a loop that outruns its reader never lets it come to the head.
      EXPECT_TRUE(listener.until_count(++commits));
      return delivered > 0;
    }));
    return commits;
  }
  static bool soon(const std::function<bool()>& reached) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!reached() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    return reached();
  }

  SharedFeed feed;
  std::atomic<int> event_reads{0};
  std::atomic<int> delivered{0};
  std::atomic<int> failures{0};
  ReaderPool pool{[this] {
    std::vector<std::unique_ptr<Readers>> readers;
    for (int i = 0; i < 2; ++i) {
      readers.push_back(std::make_unique<SharedReaders>(feed, Whose::turn, event_reads));
    }
    return readers;
  }()};
  std::optional<Publisher> publisher;
};

TEST_F(PublisherTest, TellsOfEachCommitAsItComesWithTheCursorBehindEachEvent) {
  start();
  const auto listener = listen();
  commit(kOrder, {kCreated, EventType::InventoryReserved});
  ASSERT_TRUE(listener->until_count(2));
  commit(kOrder, {kCompleted});
  ASSERT_TRUE(listener->until_count(3));
  EXPECT_EQ(listener->versions(), one_to(3));
  EXPECT_EQ(listener->seen[0].behind, (Cursor{0, 1}));
  EXPECT_EQ(listener->seen[1].behind, (Cursor{1, 0}));
  EXPECT_EQ(listener->seen[2].behind, (Cursor{2, 0}));
  EXPECT_TRUE(listener->seen[0].json->contains(R"("version":1)"));
}

TEST_F(PublisherTest, SaysThatTheHeadHasBeenTold) {
  start();
  const auto listener = listen();
  bring_to_head(*listener);
  EXPECT_GT(delivered, 0);
}

TEST_F(PublisherTest, GoesOnFromEveryCursor) {
  start();
  commit(kOrder, {kCreated, kCreated, kCreated});
  commit(kOrder, {kCreated, kCreated});
  const std::vector<std::pair<Cursor, std::uint64_t>> first_of{
      {{0, 0}, 1}, {{0, 1}, 2}, {{0, 2}, 3}, {{0, 3}, 4}, {{1, 0}, 4}, {{1, 1}, 5}, {{2, 0}, 6}};
  std::vector<std::shared_ptr<Recorder>> listeners;
  for (const auto& [cursor, first] : first_of) listeners.push_back(listen(cursor));
  commit(kOrder, {kCreated});
  for (std::size_t i = 0; i < first_of.size(); ++i) {
    const auto first = first_of[i].second;
    ASSERT_TRUE(listeners[i]->until_count(7 - first)) << i;
    auto expected = one_to(6);
    expected.erase(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(first - 1));
    EXPECT_EQ(listeners[i]->versions(), expected) << i;
  }
}

TEST_F(PublisherTest, ReadsNothingWhileNobodyListens) {
  start();
  for (int i = 0; i < 100; ++i) commit(kOrder, {kCreated});
  const auto listener = listen({100, 0});
  commit(kOrder, {kCompleted});
  ASSERT_TRUE(listener->until_count(1));
  listener->end();
  publisher->progress(listener.get());
  EXPECT_EQ(publisher->listeners(), 0U);
  const auto reads = feed.reads();
  for (int i = 0; i < 100; ++i) commit(kOrder, {kCreated});
  EXPECT_LE(feed.reads(), reads + 2) << "at most its turn's and the head's that were under way";
}

TEST_F(PublisherTest, ReadsEachEventOnceForAllAtTheHeadAndOnlyIfWanted) {
  start();
  std::vector<std::shared_ptr<Recorder>> listeners;
  for (int i = 0; i < 10; ++i) listeners.push_back(listen({}, {.types = {kCompleted}}));
  std::size_t completed = 0;
  EXPECT_TRUE(soon([&] {  // the first ones they may still read for themselves
    const int before = event_reads;
    commit(kOrder, {kCreated});
    commit(kOrder, {kCompleted});
    ++completed;
    for (const auto& listener : listeners) EXPECT_TRUE(listener->until_count(completed));
    return event_reads == before + 1;
  }));
}

TEST_F(PublisherTest, GivesWhatTheFilterWants) {
  const OrderId other{make_uuid_v7(from_unix_ms(1'770'000'000'000), 3, 4)};
  start();
  const auto types = listen({}, {.types = {kCompleted}});
  const auto order = listen({}, {.order_id = other});
  const auto both = listen({}, {.types = {kCompleted}, .order_id = other});
  for (int i = 0; i < 3; ++i) {
    commit(kOrder, {kCreated, kCompleted});
    commit(other, {kCreated, kCompleted});
  }
  ASSERT_TRUE(types->until_count(6));
  ASSERT_TRUE(order->until_count(6));
  ASSERT_TRUE(both->until_count(3));
  EXPECT_EQ(types->versions(), (std::vector<std::uint64_t>{2, 2, 4, 4, 6, 6}));
  EXPECT_EQ(order->versions(), one_to(6));
  EXPECT_EQ(both->versions(), (std::vector<std::uint64_t>{2, 4, 6}));
}

TEST_F(PublisherTest, OneWithoutRoomWaitsAloneAndMissesNothing) {
  start();
  const auto quick = listen();
  const auto slow = listen({}, {}, 2);
  for (int i = 0; i < 50; ++i) commit(kOrder, {kCreated, kCreated});
  ASSERT_TRUE(quick->until_count(100));
  ASSERT_TRUE(slow->until_count(2));
  EXPECT_EQ(slow->versions(), one_to(2));
  for (std::size_t taken = 2; taken < 100; taken += 7) {
    slow->give_room(7);
    publisher->progress(slow.get());
    ASSERT_TRUE(slow->until_count(std::min<std::size_t>(taken + 7, 100)));
  }
  slow->give_room(1'000'000);
  publisher->progress(slow.get());
  commit(kOrder, {kCompleted});
  ASSERT_TRUE(slow->until_count(101));
  ASSERT_TRUE(quick->until_count(101));
  EXPECT_EQ(slow->versions(), one_to(101));
  EXPECT_EQ(quick->versions(), one_to(101));
}

TEST_F(PublisherTest, OneFarBehindTakesManyTurns) {
  start();
  const std::uint64_t events = 3 * kMaxEventsPerTurn + 7;
  for (std::uint64_t i = 0; i < events; ++i) feed.add(kOrder, {kCreated});
  const auto listener = listen();
  ASSERT_TRUE(listener->until_count(events));
  commit(kOrder, {kCompleted});
  ASSERT_TRUE(listener->until_count(events + 1));
  EXPECT_EQ(listener->versions(), one_to(events + 1));
}

TEST_F(PublisherTest, AFailedReadIsTriedAgain) {
  start();
  const auto listener = listen();
  const auto count = bring_to_head(*listener) + 1;
  feed.break_read(Whose::head);
  commit(kOrder, {kCreated});
  ASSERT_TRUE(listener->until_count(count)) << "the head";
  EXPECT_EQ(failures, 1);
  feed.break_read(Whose::turn);
  const auto behind = listen();
  ASSERT_TRUE(behind->until_count(count)) << "one that is behind";
  EXPECT_EQ(behind->versions(), one_to(count));
  EXPECT_EQ(failures, 2);
}

TEST_F(PublisherTest, AnOrderThatCannotBeReadHoldsUpNoOther) {
  start();
  const auto listener = listen();
  for (std::size_t i = 1; i <= 10; ++i) {
    commit(kDamaged, {kCreated, kCompleted});
    commit(kOrder, {kCreated});
    ASSERT_TRUE(listener->until_count(i));
  }
  EXPECT_EQ(listener->versions(), one_to(10));
  EXPECT_EQ(failures, 0);
}

TEST_F(PublisherTest, HeartbeatsSayWhereTheHeadIs) {
  start(milliseconds(2));
  const auto listener = listen({}, {.types = {kCompleted}});
  const auto full = listen({}, {}, 0);
  commit(kOrder, {kCreated});
  EXPECT_TRUE(listener->until([](const Recorder& r) {
    return !r.beats.empty() && r.beats.back() == Cursor{1, 0};
  })) << "although it was given nothing";
  EXPECT_TRUE(full->beats.empty()) << "no room for that either";
}

TEST_F(PublisherTest, OneThatIsOverIsForgottenWhateverItDoes) {
  start();
  const auto live = listen();
  commit(kOrder, {kCreated});
  ASSERT_TRUE(live->until_count(1));
  const auto blocked = listen({}, {}, 0);
  EXPECT_EQ(publisher->listeners(), 2U);
  for (const auto& listener : {live, blocked}) {
    listener->end();
    publisher->progress(listener.get());
    publisher->progress(listener.get());
  }
  EXPECT_EQ(publisher->listeners(), 0U);
  EXPECT_TRUE(soon([&] { return live.use_count() == 1 && blocked.use_count() == 1; }));
}

TEST_F(PublisherTest, AfterItsStopNobodyIsTold) {
  start();
  const auto before = listen();
  publisher->stop();
  const auto after = listen();
  commit(kOrder, {kCreated});
  EXPECT_EQ(publisher->listeners(), 0U);
  EXPECT_TRUE(after->versions().empty());
}

/// Commits without pause while listeners of every kind come, stop taking, go on and leave.
TEST_F(PublisherTest, NothingIsMissingAndNothingComesTwiceUnderWay) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  start(milliseconds(1));
  constexpr std::uint64_t kEvents = 6'000;
  std::atomic<std::uint64_t> committed{0};
  std::thread writer([&] {
    while (committed < kEvents) {
      commit(kOrder, {kCreated, kCreated});
      committed += 2;
    }
  });
  std::vector<std::pair<std::shared_ptr<Recorder>, std::uint64_t>> listeners;
  while (committed < kEvents) {
    const auto position = static_cast<std::int64_t>(random() % (committed / 2 + 1));
    listeners.emplace_back(listen({position, 0}, {}, random() % 200), 2 * position);
    for (auto& [listener, skipped] : listeners) {
      listener->give_room(random() % 500);
      publisher->progress(listener.get());
    }
    if (listeners.size() > 20) {
      auto& [listener, skipped] = listeners[random() % listeners.size()];
      listener->end();
      publisher->progress(listener.get());
      std::swap(listener, listeners.back().first);
      std::swap(skipped, listeners.back().second);
      listeners.pop_back();
    }
  }
  writer.join();
  for (auto& [listener, skipped] : listeners) {
    listener->give_room(1'000'000);
    publisher->progress(listener.get());
  }
  for (auto& [listener, skipped] : listeners) {
    ASSERT_TRUE(listener->until_count(committed - skipped));
    auto expected = one_to(committed);
    expected.erase(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(skipped));
    EXPECT_EQ(listener->versions(), expected);
  }
}

}  // namespace
}  // namespace conveyor::feed
