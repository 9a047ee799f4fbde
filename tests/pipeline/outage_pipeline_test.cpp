// Method: a provider that is down for 20 s, with the product's own numbers on virtual time. Every
// call is counted at the provider, every move of the breaker noted; what the rules allow is worked
// out from these two records alone.
#include <set>

#include "support/pipeline.h"

namespace conveyor::test {
namespace {

constexpr std::size_t kOrders = 200;
constexpr Duration kOutage{20'000};

OrderSpec paid_by(std::string method) {
  OrderSpec spec;
  spec.payment_method = std::move(method);
  return spec;
}

/// Attempts at the provider: a look-up and the call behind it are one.
struct Attempt {
  Timestamp at;
  bool is_repeat = false;
  bool worked = false;
};
std::vector<Attempt> attempts_of(const Pipeline& p) {
  std::vector<Attempt> attempts;
  std::set<OperationKey> known;
  const WatchedProvider::Seen* last = nullptr;
  for (const auto& seen : p.provider_calls) {
    const bool same = last != nullptr && last->is_look_up && last->at == seen.at &&
                      last->key == seen.key && !seen.is_look_up;
    if (!same) attempts.push_back({seen.at, !known.insert(seen.key).second, seen.worked});
    if (same) attempts.back().worked = seen.worked;
    last = &seen;
  }
  return attempts;
}

/// In any t seconds: repeats ≤ per_second × (t + 1) + 20 % of the first attempts in them.
void expect_no_burst(const std::vector<Attempt>& attempts, const RetryBudgetOptions& budget) {
  for (std::size_t from = 0; from < attempts.size(); ++from) {
    std::int64_t firsts = 0;
    std::int64_t repeats = 0;
    for (std::size_t to = from; to < attempts.size(); ++to) {
      (attempts[to].is_repeat ? repeats : firsts) += 1;
      const auto span_ms = (attempts[to].at - attempts[from].at).count();
      const auto allowed_thousandths =
          std::int64_t{budget.per_second} * (span_ms + 1'000) + firsts * budget.percent * 10;
      ASSERT_LE(repeats * 1'000, allowed_thousandths)
          << "within " << span_ms << " ms from " << (attempts[from].at - kStart).count();
    }
  }
}

class Outage : public testing::Test {
 protected:
  /// Orders of the outage, five milliseconds apart, so that it ends between 20 and 21 s later.
  void place_all(std::size_t orders = kOrders) {
    began = p.now;
    for (std::size_t i = 0; i < orders; ++i) {
      ids.push_back(p.place(paid_by("pm_outage_20")));
      p.pass(Duration{5});
    }
  }

  std::size_t count(Status status) {
    return static_cast<std::size_t>(std::ranges::count_if(
        ids, [&](const OrderId& id) { return p.order(id).status == status; }));
  }

  Pipeline p;
  Timestamp began;
  std::vector<OrderId> ids;
};

TEST_F(Outage, OnlyWhatTheBreakerAllowsReachesTheProvider) {
  place_all();
  p.pass(kOutage - (p.now - began) - Duration{1});
  const auto& moves = p.probe.breaker_moves;
  ASSERT_FALSE(moves.empty());
  EXPECT_EQ(moves.front().participant, Participant::payment);
  EXPECT_EQ(moves.front().breaker, BreakerState::open);
  EXPECT_EQ(moves.front().window_calls, 20U);
  EXPECT_LE(*moves.front().breaker_since, began + Duration{10'000});

  const auto attempts = attempts_of(p);
  const auto opened = *moves.front().breaker_since;
  const auto before = std::ranges::count_if(attempts, [&](auto& a) { return a.at <= opened; });
  EXPECT_EQ(before, 20) << "so many calls tell that the provider is down";
  for (const auto& move : moves) {
    const auto in = [&](Timestamp from, Timestamp to) {
      return std::ranges::count_if(attempts, [&](auto& a) { return from < a.at && a.at < to; });
    };
    if (move.breaker == BreakerState::open) {
      EXPECT_EQ(in(*move.breaker_since, *move.next_probe_at), 0) << "an open breaker";
    }
  }
  // Each time that it is half-open the first probe fails and opens it again.
  EXPECT_EQ(std::ranges::count(moves, BreakerState::half_open, &ParticipantState::breaker), 3);
  EXPECT_EQ(attempts.size(), 20U + 3U);
  EXPECT_TRUE(std::ranges::none_of(attempts, &Attempt::worked));
}

TEST_F(Outage, HealsByItselfWithoutADeadLetterOrABurst) {
  place_all();
  for (int s = 0; s < 90; ++s) {
    p.pass(Duration{1'000});
    ASSERT_EQ(count(Status::dead_lettered), 0U);
  }
  EXPECT_EQ(count(Status::completed), kOrders);
  const auto attempts = attempts_of(p);
  EXPECT_GE(std::ranges::count_if(attempts, &Attempt::is_repeat), 20);
  expect_no_burst(attempts, RetryBudgetOptions{});
  EXPECT_EQ(p.probe.breaker_moves.back().breaker, BreakerState::closed);
  for (const auto& id : ids) {
    EXPECT_LE(p.attempts(id), 2U) << "waiting costs no attempt";
    for (const auto& record : p.store.sandbox_records(id)) EXPECT_LE(record.effects, 1U);
  }
}

TEST_F(Outage, EachOrderSaysThatPaymentIsNotCalledSinceWhenAndUntilWhen) {
  place_all();
  p.pass(Duration{6'500});
  const auto moves = p.probe.breaker_moves;
  for (const auto& id : ids) {
    const auto seen = p.inspect(id);
    EXPECT_EQ(seen.participant, Participant::payment);
    EXPECT_EQ(seen.health, Health::waiting);
    EXPECT_EQ(seen.waits_for, WaitsFor::breaker);
    EXPECT_TRUE(seen.since.has_value());
    EXPECT_EQ(seen.until, moves.back().next_probe_at);
    ASSERT_TRUE(seen.participant_state.has_value());
    EXPECT_EQ(seen.participant_state->breaker, BreakerState::open);
    EXPECT_EQ(seen.participant_state->troubled_since, moves.front().breaker_since);
    EXPECT_EQ(seen.participant_state->next_probe_at, moves.back().next_probe_at);
  }
  // Who is to be the next probe is told so, and it comes true.
  std::vector<std::pair<OrderId, Timestamp>> announced;
  for (const auto& id : ids) {
    if (const auto at = p.inspect(id).next_call_at) announced.emplace_back(id, *at);
  }
  ASSERT_EQ(announced.size(), 3U);
  const auto before = p.provider_calls.size();
  p.pass(announced.front().second - p.now);
  ASSERT_EQ(p.provider_calls.size(), before + 1);
  EXPECT_EQ(p.provider_calls.back().key.order, announced.front().first);
}

TEST_F(Outage, OrdersAtOtherStepsGoOn) {
  p.set_stock("SBX-COMMIT-FLAKY-3", 10);
  OrderSpec committing;
  committing.lines = {{1, "SBX-COMMIT-FLAKY-3", std::nullopt, 1, 100}};
  const auto at_commit = p.place(committing);
  OrderSpec booking;
  booking.postal_code = "SBX-SLOW";
  p.pass(Duration{1});
  const auto at_booking = p.place(booking);
  ASSERT_EQ(p.order(at_booking).step, 3);
  place_all();
  ASSERT_EQ(p.probe.breaker_moves.back().breaker, BreakerState::open);
  EXPECT_EQ(p.order(ids.back()).step, 2) << "reserved while payment is not called";
  p.pass(Duration{17'000});
  EXPECT_EQ(p.order(at_commit).status, Status::completed);
  EXPECT_EQ(p.order(at_booking).step, 4) << "booked while payment is not called";
  EXPECT_EQ(p.inspect(at_booking).waits_for, WaitsFor::breaker);
  p.pass(Duration{60'000});
  EXPECT_EQ(p.order(at_booking).status, Status::completed);
}

TEST_F(Outage, RetryNowDoesNotPassAnOpenBreakerAndAnUndoWaitsToo) {
  place_all(25);
  ASSERT_EQ(p.probe.breaker_moves.back().breaker, BreakerState::open);
  const auto seen = p.provider_calls.size();
  int skipped = 0;
  for (const auto& id : ids) skipped += p.command(id, CommandKind::retry_now).has_value() ? 1 : 0;
  EXPECT_GT(skipped, 0) << "some waited for their planned time";
  EXPECT_EQ(p.provider_calls.size(), seen);
  ASSERT_TRUE(p.command(ids.front(), CommandKind::cancel).has_value());
  EXPECT_EQ(p.provider_calls.size(), seen);
  const auto undo = p.inspect(ids.front());
  EXPECT_EQ(undo.waits_for, WaitsFor::breaker);
  EXPECT_EQ(undo.action, Action::undo);
  p.pass(Duration{90'000});
  EXPECT_EQ(p.order(ids.front()).status, Status::cancelled);
  EXPECT_EQ(count(Status::completed), ids.size() - 1);
}

TEST_F(Outage, ARestartLearnsAnewAndHealsToo) {
  place_all();
  p.pass(Duration{7'000});
  const auto known = attempts_of(p).size();
  p.restart();
  p.pass(Duration{4'000});
  EXPECT_EQ(p.processor->participants().at(1).breaker, BreakerState::open);
  EXPECT_LE(attempts_of(p).size() - known, 20U + 10U) << "first attempts up to the limit, retries";
  p.pass(Duration{90'000});
  EXPECT_EQ(count(Status::completed), kOrders);
}

TEST_F(Outage, FlakyCardsAndDeclinesDoNotOpenTheBreaker) {
  for (std::size_t i = 0; i < kOrders; ++i) {
    p.place(paid_by(i % 2 == 0 ? "pm_flaky_3" : "pm_declined"));
  }
  p.pass(Duration{60'000});
  EXPECT_TRUE(p.probe.breaker_moves.empty());
}

TEST(Bulkhead, SoManyCallsAreInFlightAndNoMore) {
  CoreOptions options;
  options.engine.gate.max_in_flight = 3;
  Pipeline p(1, options);
  std::vector<OrderId> ids;
  for (int i = 0; i < 10; ++i) ids.push_back(p.place(paid_by("pm_slow")));
  std::size_t most = 0;
  p.after_batch = [&] {
    most = std::max(most, p.processor->participants().at(1).in_flight);
    ASSERT_LE(most, 3U);
  };
  const auto last = p.inspect(ids.back());
  EXPECT_EQ(last.waits_for, WaitsFor::bulkhead);
  EXPECT_EQ(last.health, Health::waiting);
  EXPECT_EQ(last.participant_state->waiting, 7U);
  p.pass(Duration{60'000});
  EXPECT_EQ(most, 3U);
  // In the order of their coming: the authorizations of the first came first.
  std::vector<OrderId> called;
  for (const auto& seen : p.provider_calls) {
    if (seen.key.step == 2) called.push_back(seen.key.order);
  }
  EXPECT_EQ(called, ids);
  for (const auto& id : ids) EXPECT_EQ(p.order(id).status, Status::completed);
}

TEST(CallDeadline, ASlowCallIsUnknownAtItsDeadlineAndItsLateSuccessCounts) {
  CoreOptions options;
  options.engine.call_deadline = Duration{1'000};
  Pipeline p(1, options);
  const auto id = p.place(paid_by("pm_slow"));
  p.pass(Duration{1'000});
  EXPECT_EQ(p.types(id).back(), EventType::StepAttemptFailed);
  const auto deadline_over = p.processor->participants().at(1);
  EXPECT_EQ(deadline_over.window_failures, 1U) << "a time-out is the participant's fault";
  EXPECT_LE(deadline_over.in_flight, 1U);
  ASSERT_TRUE(p.pass_until(id, {Status::completed}));
  EXPECT_EQ(p.attempts(id), 2U) << "one time-out each of authorize and capture";
  EXPECT_EQ(p.processor->participants().at(1).in_flight, 0U);
}

}  // namespace
}  // namespace conveyor::test
