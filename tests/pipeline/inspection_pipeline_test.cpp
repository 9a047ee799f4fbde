// Method: one order in each kind of wait, inspected through the core as the API does; what is
// announced is then held against the time at which it really happens.
#include "support/pipeline.h"

namespace conveyor::test {
namespace {

OrderSpec paid_by(std::string method) {
  OrderSpec spec;
  spec.payment_method = std::move(method);
  return spec;
}

TEST(Inspection, AnOrderOutOfMemoryHasNothingVolatile) {
  Pipeline p;
  const auto completed = p.place();
  EXPECT_EQ(p.inspect(completed), OrderInspection{});
  EXPECT_EQ(p.inspect(OrderId{make_uuid_v7(kStart, 1, 2)}), OrderInspection{});
}

TEST(Inspection, ACallInFlightHasItsDeadline) {
  Pipeline p;
  const auto id = p.place(paid_by("pm_slow"));
  const auto placed = p.now;
  p.pass(Duration{1'000});
  const auto seen = p.inspect(id);
  EXPECT_TRUE(seen.in_memory);
  EXPECT_EQ(seen.version, p.order(id).version);
  EXPECT_EQ(seen.key, (OperationKey{id, 1, 2, 1}));
  EXPECT_EQ(seen.action, Action::perform);
  EXPECT_EQ(seen.participant, Participant::payment);
  EXPECT_EQ(seen.waits_for, WaitsFor::answer);
  EXPECT_EQ(seen.since, placed);
  EXPECT_EQ(seen.until, placed + Duration{10'000});
  EXPECT_EQ(seen.next_call_at, std::nullopt);
  ASSERT_TRUE(seen.participant_state.has_value());
  EXPECT_EQ(seen.participant_state->in_flight, 1U);
  EXPECT_EQ(seen.participant_state->breaker, BreakerState::closed);
}

TEST(Inspection, ABackOffEndsWhenItSays) {
  Pipeline p;
  const auto id = p.place(paid_by("pm_flaky_2"));
  const auto seen = p.inspect(id);
  EXPECT_EQ(seen.waits_for, WaitsFor::back_off);
  EXPECT_EQ(seen.health, Health::retrying);
  EXPECT_EQ(seen.since, p.now);
  ASSERT_TRUE(seen.next_call_at.has_value());
  EXPECT_EQ(seen.next_call_at, seen.until);
  p.pass(*seen.next_call_at - p.now - Duration{1});
  EXPECT_EQ(p.attempts(id), 1U);
  p.pass(Duration{1});
  EXPECT_EQ(p.attempts(id), 2U);
}

TEST(Inspection, AHeldOrderWaitsForNothing) {
  Pipeline p;
  const auto id = p.place(paid_by("pm_flaky_2"));
  ASSERT_TRUE(p.command(id, CommandKind::hold).has_value());
  const auto seen = p.inspect(id);
  EXPECT_EQ(seen.waits_for, WaitsFor::nothing);
  EXPECT_EQ(seen.key, std::nullopt);
  EXPECT_EQ(seen.next_call_at, std::nullopt);
}

TEST(Inspection, AnUndoBehindACallInFlightIsAskedForAgain) {
  Pipeline p;
  const auto id = p.place(paid_by("pm_slow"));
  ASSERT_TRUE(p.command(id, CommandKind::cancel).has_value());
  const auto cancelled = p.now;
  p.pass(Duration{1'200});
  const auto seen = p.inspect(id);
  EXPECT_EQ(seen.waits_for, WaitsFor::in_progress);
  EXPECT_EQ(seen.action, Action::undo);
  EXPECT_EQ(seen.since, cancelled);
  EXPECT_EQ(seen.next_call_at, cancelled + Duration{1'500});
}

}  // namespace
}  // namespace conveyor::test
