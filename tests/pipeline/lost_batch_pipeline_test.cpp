// Method: a store that throws in the middle of a batch, after some orders of it have been written
// and others only decided. Whatever the batch touched has to go on from what the store has: nothing
// is lost a second time, no call counts as unanswered, no effect happens twice.
#include "support/pipeline.h"

namespace conveyor::test {
namespace {

class FailingStore : public MemoryStore {
 public:
  bool append(const Order& order, std::uint64_t expected_version, std::span<const Event> events,
              std::optional<Timestamp> wake_at) override {
    if (appends_left && (*appends_left)-- == 0) {
      appends_left.reset();
      throw StoreError(StoreError::Kind::unavailable, "append refused by the test");
    }
    return MemoryStore::append(order, expected_version, events, wake_at);
  }

  std::optional<int> appends_left;  ///< until one is refused
};

constexpr int kOrders = 10;

struct Case {
  std::string payment_method;
  std::size_t failed_attempts;  ///< of each order
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << c.payment_method;
}

class LostInTheMiddle : public testing::TestWithParam<std::tuple<Case, int>> {};

TEST_P(LostInTheMiddle, EveryOrderGoesOnFromWhatIsStored) {
  const auto& [row, appends] = GetParam();
  FailingStore store;
  PipelineOver<FailingStore> p(store);
  std::vector<OrderId> ids;
  OrderSpec spec;
  spec.payment_method = row.payment_method;
  for (int i = 0; i < kOrders; ++i) ids.push_back(p.place(spec));
  p.now += Duration{4'000};  // by now every retry, or every slow answer, is due: all in one batch
  store.appends_left = appends;
  p.pass(std::chrono::hours{1});
  EXPECT_FALSE(store.appends_left.has_value()) << "the refusal was met";
  EXPECT_EQ(p.probe.lost.size(), 1U) << "one lost batch does not lead to another";
  for (const auto& id : ids) {
    EXPECT_EQ(p.order(id).status, Status::completed);
    EXPECT_EQ(p.attempts(id), row.failed_attempts);
    for (const auto& record : store.sandbox_records(id)) EXPECT_LE(record.effects, 1U);
  }
}

INSTANTIATE_TEST_SUITE_P(AtAnyAppend, LostInTheMiddle,
                         testing::Combine(testing::Values(Case{"pm_flaky_1", 1},
                                                          Case{"pm_slow", 0}),
                                          testing::Values(0, 1, 3, 8)));

/// A store with one order whose stream cannot be read.
class UnreadableStore : public MemoryStore {
 public:
  std::vector<StoredEvent> events(const OrderId& id, std::uint64_t after_version,
                                  std::size_t limit) override {
    if (id == unreadable) throw StoreError(StoreError::Kind::damaged, "unreadable by the test");
    return MemoryStore::events(id, after_version, limit);
  }

  std::optional<OrderId> unreadable;
};

TEST(UnreadableOrder, IsLeftAloneWhileTheOthersGoOn) {
  UnreadableStore store;
  PipelineOver<UnreadableStore> p(store);
  OrderSpec spec;
  spec.payment_method = "pm_slow";
  const auto damaged = p.place(spec);
  const auto sound = p.place(spec);
  store.unreadable = damaged;
  p.restart();
  EXPECT_EQ(p.probe.unreadable.size(), 1U);
  const auto answer = p.command(damaged, CommandKind::cancel);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(std::get<Unavailable>(answer.error()), Unavailable::unreadable);
  EXPECT_TRUE(p.pass_until(sound, {Status::completed}));
}

TEST(UnreadableOrder, IsNoAnswerToItsKey) {
  UnreadableStore store;
  PipelineOver<UnreadableStore> p(store);
  OrderSpec spec;
  spec.key = "k";
  store.unreadable = p.place(spec);
  const auto answer = p.try_place(spec);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(std::get<Unavailable>(answer.error()), Unavailable::unreadable);
  EXPECT_TRUE(p.probe.lost.empty());
}

/// A store that cannot read what was done for some orders.
class UnreadableOperationsStore : public MemoryStore {
 public:
  std::optional<Payment> payment(const OperationKey& key) override {
    if (unreadable.contains(key.order)) {
      throw StoreError(StoreError::Kind::damaged, "unreadable by the test");
    }
    return MemoryStore::payment(key);
  }

  std::set<OrderId> unreadable;
};

class UnreadableOperations : public testing::Test {
 protected:
  /// Their payments answer late, so that all are on their way.
  OrderId place_slow() {
    OrderSpec spec;
    spec.payment_method = "pm_slow";
    return p.place(spec);
  }
  void is_left_alone(const OrderId& id) {
    EXPECT_FALSE(is_final(p.order(id).status));
    const auto answer = p.command(id, CommandKind::cancel);
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(std::get<Unavailable>(answer.error()), Unavailable::unreadable);
  }

  UnreadableOperationsStore store;
  PipelineOver<UnreadableOperationsStore> p{store};
};

TEST_F(UnreadableOperations, AreLeftAloneWhileTheOthersGoOn) {
  const auto damaged = place_slow();
  const auto sound = place_slow();
  store.unreadable = {damaged};
  EXPECT_TRUE(p.pass_until(sound, {Status::completed}));
  EXPECT_EQ(p.probe.lost.size(), 1U) << "one lost batch does not lead to another";
  EXPECT_EQ(p.probe.unreadable.size(), 1U);
  is_left_alone(damaged);
  EXPECT_TRUE(p.pass_until(p.place(), {Status::completed}));
}

TEST_F(UnreadableOperations, DoNotKeepTheServerFromStarting) {
  const auto first = place_slow();
  const auto sound = place_slow();
  const auto second = place_slow();
  store.unreadable = {first, second};
  p.restart();
  EXPECT_FALSE(p.processor->intake_closed().has_value());
  EXPECT_EQ(p.probe.unreadable.size(), 2U);
  EXPECT_TRUE(p.pass_until(sound, {Status::completed}));
  is_left_alone(first);
  is_left_alone(second);
}

}  // namespace
}  // namespace conveyor::test
