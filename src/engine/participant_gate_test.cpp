// Method: newcomers and those in line against a gate, by hand for the order of leaving; that nobody
// starves and nothing passes its limits are properties over random traffic.
#include "engine/participant_gate.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <deque>

namespace conveyor {
namespace {

using enum CallKind;

constexpr Timestamp kStart = from_unix_ms(1'767'225'600'000);

OrderId order(std::uint64_t number) {
  return OrderId{make_uuid_v7(kStart, 0, number)};
}

ParticipantGate gate_with(GateOptions options = {}) {
  return {Participant::payment, options};
}

/// Opens the breaker.
void deny(ParticipantGate& gate, Timestamp now) {
  gate.end(gate.begin(first, now), Verdict::denied, now);
}

TEST(ParticipantGate, AnEmptyLineAndAClosedBreakerLetEverybodyThrough) {
  auto gate = gate_with();
  for (const auto kind : {first, repeat, other}) EXPECT_TRUE(gate.admits(kind, kStart));
  EXPECT_EQ(gate.next(kStart), std::nullopt);
  EXPECT_EQ(gate.next_at(kStart), std::nullopt);
}

TEST(ParticipantGate, TheBulkheadIsFullAtItsLimitAndHasRoomOnceACallEnds) {
  auto gate = gate_with({.breaker = {}, .retry_budget = {}, .max_in_flight = 2});
  const auto one = gate.begin(first, kStart);
  EXPECT_TRUE(gate.admits(first, kStart));
  (void)gate.begin(first, kStart);
  EXPECT_FALSE(gate.admits(other, kStart));
  const auto place = gate.join(order(1), first);
  EXPECT_EQ(gate.reason(place, kStart).what, WaitsFor::bulkhead);
  EXPECT_EQ(gate.reason(place, kStart).until, std::nullopt);
  EXPECT_EQ(gate.next_at(kStart), std::nullopt) << "no time helps";
  gate.end(one, Verdict::worked, kStart);
  EXPECT_EQ(gate.next(kStart), order(1));
  EXPECT_EQ(gate.next_at(kStart), kStart);
  for (const auto kind : {first, repeat, other}) {
    EXPECT_FALSE(gate.admits(kind, kStart)) << "a newcomer does not pass somebody who may go";
  }
}

TEST(ParticipantGate, ARepeatWithoutATokenDoesNotHoldUpOthers) {
  auto gate = gate_with();
  while (gate.admits(repeat, kStart)) gate.end(gate.begin(repeat, kStart), Verdict::worked, kStart);
  const auto repeat_place = gate.join(order(1), repeat);
  EXPECT_EQ(gate.next(kStart), std::nullopt);
  EXPECT_EQ(gate.next_at(kStart), kStart + Duration{100});
  const auto reason = gate.reason(repeat_place, kStart);
  EXPECT_EQ(reason.what, WaitsFor::retry_budget);
  EXPECT_EQ(reason.call_at, kStart + Duration{100});
  EXPECT_TRUE(gate.admits(first, kStart));
  EXPECT_TRUE(gate.admits(other, kStart));
  EXPECT_FALSE(gate.admits(repeat, kStart + Duration{100})) << "the one in line was there before";
  EXPECT_EQ(gate.next(kStart + Duration{100}), order(1));
}

TEST(ParticipantGate, AnOpenBreakerHoldsEverybodyAndTellsTheProbesWhen) {
  auto gate = gate_with();
  deny(gate, kStart);
  std::vector<ParticipantGate::Place> places;
  for (std::uint64_t i = 0; i < 5; ++i) {
    EXPECT_FALSE(gate.admits(first, kStart));
    places.push_back(gate.join(order(i), i % 2 == 0 ? first : repeat));
  }
  const auto opens = kStart + Duration{5'000};
  EXPECT_EQ(gate.next_at(kStart), opens);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto reason = gate.reason(places[i], kStart);
    EXPECT_EQ(reason.what, WaitsFor::breaker);
    EXPECT_EQ(reason.until, opens);
    EXPECT_EQ(reason.call_at.has_value(), i < 3) << i;
  }
  gate.pass_time(opens);
  for (std::uint64_t i = 0; i < 3; ++i) {
    ASSERT_EQ(gate.next(opens), order(i)) << "in the order of their coming, of both lines";
    gate.leave(places[i]);
    (void)gate.begin(places[i].kind, opens);
  }
  EXPECT_EQ(gate.next(opens), std::nullopt);
  EXPECT_EQ(gate.next_at(opens), std::nullopt) << "the probes decide";
  EXPECT_EQ(gate.state(opens).breaker, BreakerState::half_open);
  EXPECT_EQ(gate.state(opens).in_flight, 3U);
  EXPECT_EQ(gate.state(opens).waiting, 2U);
}

TEST(ParticipantGate, EachMoveOfTheBreakerIsToldOnce) {
  auto gate = gate_with();
  deny(gate, kStart);
  gate.pass_time(kStart + Duration{5'000});
  deny(gate, kStart + Duration{5'000});
  std::vector<BreakerState> moves;
  for (const auto& state : gate.take_breaker_moves()) moves.push_back(state.breaker);
  EXPECT_EQ(moves, (std::vector{BreakerState::open, BreakerState::half_open, BreakerState::open}));
  EXPECT_TRUE(gate.take_breaker_moves().empty());
}

TEST(ParticipantGate, WhoIsFarBackInLineIsToldNoTime) {
  auto gate = gate_with();
  while (gate.admits(repeat, kStart)) gate.end(gate.begin(repeat, kStart), Verdict::worked, kStart);
  std::vector<ParticipantGate::Place> places;
  for (std::uint64_t i = 0; i < 1'002; ++i) places.push_back(gate.join(order(i), repeat));
  EXPECT_EQ(gate.reason(places[1'000], kStart).call_at, kStart + Duration{100'100});
  EXPECT_EQ(gate.reason(places[1'001], kStart).call_at, std::nullopt);
}

/// Traffic of random kinds against a gate; every call ends, some only after a while.
struct Traffic {
  explicit Traffic(GateOptions o) : options(o), gate(gate_with(o)) {}

  void arrive(CallKind kind) {
    const auto id = order(++orders);
    if (gate.admits(kind, now)) return start(kind);
    waiting.emplace(id, gate.join(id, kind));
  }
  void start(CallKind kind) {
    RC_ASSERT(gate.state(now).breaker != BreakerState::open);
    in_flight.push_back(gate.begin(kind, now));
    RC_ASSERT(in_flight.size() <= options.max_in_flight);
  }
  void release() {
    while (const auto id = gate.next(now)) {
      RC_ASSERT(gate.next_at(now) == now);
      const auto place = waiting.at(*id);
      for (const auto& [who, where] : waiting) {
        if (where.kind == place.kind) RC_ASSERT(place.number <= where.number);
      }
      gate.leave(place);
      waiting.erase(*id);
      start(place.kind);
    }
    // Nobody may go now, so the time at which somebody may lies ahead.
    if (const auto at = gate.next_at(now)) RC_ASSERT(*at > now);
  }
  void answer(Verdict verdict) {
    if (in_flight.empty()) return;
    gate.end(in_flight.front(), verdict, now);
    in_flight.pop_front();
  }
  void pass(Duration span) {
    now += span;
    gate.pass_time(now);
  }

  GateOptions options;
  ParticipantGate gate;
  Timestamp now = kStart;
  std::uint64_t orders = 0;
  std::map<OrderId, ParticipantGate::Place> waiting;
  std::deque<Breaker::Epoch> in_flight;
};

RC_GTEST_PROP(ParticipantGate, NobodyStarvesAndNothingPassesTheLimits,
              (const std::vector<std::uint16_t>& script)) {
  GateOptions options;
  options.breaker.min_calls = 5;
  options.max_in_flight = *rc::gen::inRange<std::size_t>(1, 6);
  options.retry_budget.per_second = *rc::gen::inRange<std::uint32_t>(1, 20);
  Traffic t(options);
  for (const auto word : script) {
    if (word % 4 == 0) t.pass(Duration{word % 2'000});
    if (word % 4 == 1) t.answer(static_cast<Verdict>(word / 4 % 4));
    if (word % 4 >= 2) t.arrive(static_cast<CallKind>(word / 4 % 3));
    t.release();
  }
  // From now on the participant is well: everybody is called, by time and answers alone.
  for (int rounds = 0; !t.waiting.empty() || !t.in_flight.empty(); ++rounds) {
    RC_ASSERT(rounds < 10'000);
    if (!t.in_flight.empty()) {
      t.answer(Verdict::worked);
    } else {
      const auto at = t.gate.next_at(t.now);
      RC_ASSERT(at.has_value());
      t.pass(*at - t.now);
    }
    t.release();
  }
}

}  // namespace
}  // namespace conveyor
