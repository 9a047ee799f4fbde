// Method: the engine is driven by hand on virtual time. Participants are scripted: every Call
// effect is answered by the test. Each test states the effects that it expects; determinism and the
// rule that a restart changes nothing are properties over random scripts.
#include "engine/engine.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "domain/evolve.h"
#include "engine/request.h"
#include "ports/seeded_random.h"

namespace conveyor {
namespace {

constexpr Timestamp kStart = from_unix_ms(1'767'225'600'000);

OrderCreated some_order() {
  OrderCreated data;
  data.customer_id = "c1";
  data.currency = *Currency::from_code("EUR");
  data.lines = {{1, "sku-1", std::nullopt, 2, 500}};
  data.total_minor = 1'000;
  data.payment_method = "pm_ok";
  return data;
}

Outcome succeeded() {
  Outcome outcome;
  outcome.kind = Outcome::Kind::succeeded;
  return outcome;
}

Outcome failed(FailureClass failure_class = FailureClass::failed) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::failed;
  outcome.failure_class = failure_class;
  outcome.code = "busy";
  return outcome;
}

Outcome of_kind(Outcome::Kind kind) {
  Outcome outcome;
  outcome.kind = kind;
  return outcome;
}

EngineOptions with_horizon(Duration horizon) {
  EngineOptions options;
  options.horizon = horizon;
  return options;
}

class Driver {
 public:
  explicit Driver(std::uint64_t seed = 1, EngineOptions options = {})
      : random(seed), engine(options, random) {}

  OrderId place() {
    const OrderId id{make_uuid_v7(now, random.next(), random.next())};
    auto fresh = engine.create(id, some_order(), "corr-1", Origin{}, now);
    stream.push_back(fresh.created);
    engine.adopt(fresh.order, now, effects);
    collect();
    return id;
  }

  void answer(const CallEffect& call, const Outcome& outcome) {
    engine.outcome(call.order_id, call.serial, call.call, outcome, now, effects);
    collect();
  }

  std::expected<void, Refusal> command(const OrderId& id, CommandKind kind) {
    auto result = engine.command(id, Command{kind, {}, {}, {}}, Origin{}, now, effects);
    collect();
    return result;
  }

  /// Moves to the engine's next wake-up and lets it act.
  bool wake() {
    engine.settle(now);
    const auto next = engine.next_wake();
    if (!next) return false;
    now = std::max(now, *next);
    engine.tick(now, 100, effects);
    collect();
    while (engine.release(now, effects)) collect();
    return true;
  }

  /// The one call that waits for an answer.
  CallEffect take_call() {
    EXPECT_EQ(calls.size(), 1U);
    auto call = calls.at(0);
    calls.clear();
    return call;
  }

  std::vector<EventType> types() const {
    std::vector<EventType> types;
    for (const auto& event : stream) types.push_back(event.type);
    return types;
  }

  void collect() {
    for (auto& effect : effects) {
      if (auto* append = std::get_if<AppendEffect>(&effect)) {
        EXPECT_EQ(append->expected_version, stream.size());
        stream.insert(stream.end(), append->events.begin(), append->events.end());
      } else {
        calls.push_back(std::get<CallEffect>(effect));
      }
    }
    effects.clear();
  }

  Timestamp now = kStart;
  SeededRandom random;
  Engine engine;
  std::vector<EngineEffect> effects;
  std::vector<Event> stream;  ///< of the one order
  std::vector<CallEffect> calls;
};

TEST(Engine, WalksTheStepsInSequenceAndDropsTheCompletedOrder) {
  Driver d;
  const auto id = d.place();
  for (StepNumber step = 1; step <= kStepCount; ++step) {
    const auto call = d.take_call();
    EXPECT_EQ(call.call, (NeededCall{{id, 1, step, 1}, Action::perform, false}));
    d.answer(call, succeeded());
  }
  EXPECT_TRUE(d.calls.empty());
  EXPECT_EQ(d.stream.back().type, EventType::OrderCompleted);
  d.engine.settle(d.now);
  EXPECT_EQ(d.engine.find(id), nullptr);
  EXPECT_EQ(d.engine.next_wake(), std::nullopt);
}

TEST(Engine, RepeatsAFailedCallWithTheSameKeyAtThePlannedTime) {
  Driver d;
  const auto id = d.place();
  const auto first = d.take_call();
  d.answer(first, failed());
  EXPECT_TRUE(d.calls.empty());
  const auto planned = d.engine.find(id)->next_attempt_at;
  ASSERT_TRUE(planned.has_value());
  EXPECT_LE(*planned, kStart + Duration{1'000});
  ASSERT_TRUE(d.wake());
  EXPECT_EQ(d.now, *planned);
  EXPECT_EQ(d.take_call().call, first.call);
}

TEST(Engine, DeadLettersAfterTheLastAttemptAndARetryGrantsAFreshBudget) {
  Driver d;
  const auto id = d.place();
  for (int attempt = 1; attempt <= 8; ++attempt) {
    d.answer(d.take_call(), failed());
    if (attempt < 8) ASSERT_TRUE(d.wake());
  }
  EXPECT_EQ(d.engine.find(id)->status, Status::dead_lettered);
  EXPECT_TRUE(d.calls.empty());
  ASSERT_TRUE(d.command(id, CommandKind::retry).has_value());
  const auto again = d.take_call();
  EXPECT_EQ(again.call.key.generation, 1U);
  d.answer(again, failed());
  EXPECT_EQ(d.engine.find(id)->status, Status::pending);
  EXPECT_EQ(d.engine.find(id)->current().perform_attempts, 9U);
}

TEST(Engine, ADeadLetterIsUndoneByItselfAtItsTime) {
  Driver d(1, with_horizon(std::chrono::hours{48}));
  const auto id = d.place();
  d.answer(d.take_call(), failed(FailureClass::poison));
  const auto undo_at = d.engine.find(id)->dead_letter->undo_at;
  EXPECT_EQ(undo_at, kStart + std::chrono::hours{24});
  ASSERT_TRUE(d.wake());
  EXPECT_EQ(d.now, *undo_at);
  EXPECT_EQ(d.take_call().call, (NeededCall{{id, 1, 1, 1}, Action::undo, false}));
}

TEST(Engine, WhatIsDueBeyondTheHorizonLeavesMemoryAndSaysWhenItIsDue) {
  Driver d;
  const auto id = d.place();
  d.answer(d.take_call(), failed(FailureClass::poison));
  const auto parked = *d.engine.find(id);
  d.engine.settle(d.now);
  EXPECT_EQ(d.engine.find(id), nullptr);
  EXPECT_EQ(wake_at_of(parked, {}), kStart + std::chrono::hours{24});
}

TEST(Engine, ACallWithoutAnAnswerIsUnknownAfterItsDeadlineAndALateSuccessStillCounts) {
  Driver d;
  const auto id = d.place();
  const auto call = d.take_call();
  ASSERT_TRUE(d.wake());
  EXPECT_EQ(d.now, kStart + Duration{10'000});
  ASSERT_EQ(d.stream.back().type, EventType::StepAttemptFailed);
  const auto& failure = std::get<StepAttemptFailed>(d.stream.back().data);
  EXPECT_EQ(failure.failure_class, FailureClass::unknown);
  EXPECT_EQ(failure.call.duration_ms, 10'000);
  d.answer(call, succeeded());
  EXPECT_EQ(d.stream.back().type, EventType::InventoryReserved);
  EXPECT_EQ(d.engine.find(id)->step, 2);
}

TEST(Engine, ALateFailureOfACallThatIsNoLongerAwaitedIsNothing) {
  Driver d;
  d.place();
  const auto call = d.take_call();
  ASSERT_TRUE(d.wake());
  const auto events = d.stream.size();
  d.answer(call, failed());
  EXPECT_EQ(d.stream.size(), events);
}

TEST(Engine, AsksAgainWhileAParticipantIsStillAtItWithoutCountingAnAttempt) {
  Driver d;
  const auto id = d.place();
  for (int i = 0; i < 20; ++i) {
    d.answer(d.take_call(), of_kind(Outcome::Kind::in_progress));
    ASSERT_TRUE(d.wake());
  }
  EXPECT_EQ(d.now, kStart + 20 * Duration{500});
  EXPECT_EQ(d.engine.find(id)->current().perform_attempts, 0U);
  EXPECT_EQ(d.stream.size(), 1U);
}

TEST(Engine, RetryNowSkipsTheWaitOnceAndIsRefusedWithoutOne) {
  Driver d;
  const auto id = d.place();
  EXPECT_FALSE(d.command(id, CommandKind::retry_now).has_value());
  d.answer(d.take_call(), failed());
  if (*d.engine.find(id)->next_attempt_at == d.now) d.now -= Duration{1};
  ASSERT_TRUE(d.command(id, CommandKind::retry_now).has_value());
  d.answer(d.take_call(), failed());
  EXPECT_TRUE(d.calls.empty()) << "the next wait counts again";
}

TEST(Engine, CancelDuringACallUndoesItsKeyAndTheLateSuccessIsIgnored) {
  Driver d;
  const auto id = d.place();
  const auto perform = d.take_call();
  ASSERT_TRUE(d.command(id, CommandKind::cancel).has_value());
  const auto undo = d.take_call();
  EXPECT_EQ(undo.call, (NeededCall{{id, 1, 1, 1}, Action::undo, false}));
  EXPECT_TRUE(d.engine.outcome(id, perform.serial, perform.call, succeeded(), d.now, d.effects));
  d.collect();
  EXPECT_EQ(d.stream.back().type, EventType::EventIgnored);
  d.answer(undo, of_kind(Outcome::Kind::undone));
  EXPECT_EQ(d.stream.back().type, EventType::OrderCancelled);
}

TEST(Engine, AHoldStopsTheNextCallButTheOneInFlightCounts) {
  Driver d;
  const auto id = d.place();
  const auto call = d.take_call();
  ASSERT_TRUE(d.command(id, CommandKind::hold).has_value());
  d.answer(call, succeeded());
  EXPECT_TRUE(d.calls.empty());
  EXPECT_EQ(d.engine.find(id)->status, Status::on_hold);
  EXPECT_EQ(d.engine.find(id)->step, 2);
  ASSERT_TRUE(d.command(id, CommandKind::release).has_value());
  EXPECT_EQ(d.take_call().call.key.step, 2);
}

TEST(Engine, PatienceUndoesAnOrderThatWasHeldForTooLong) {
  Driver d(1, with_horizon(std::chrono::hours{24 * 30}));
  const auto id = d.place();
  d.answer(d.take_call(), succeeded());
  d.calls.clear();
  ASSERT_TRUE(d.command(id, CommandKind::hold).has_value());
  while (d.engine.find(id)->status == Status::on_hold) ASSERT_TRUE(d.wake());
  EXPECT_EQ(d.now, kStart + std::chrono::hours{24 * 7});
  EXPECT_EQ(std::get<CompensationStarted>(d.stream.back().data).cause, UndoCause::expired);
}

TEST(Engine, AnUndoThatNobodyAnswersNeedsAttentionAfterItsPatience) {
  Driver d(1, with_horizon(std::chrono::hours{48}));
  const auto id = d.place();
  d.calls.clear();
  ASSERT_TRUE(d.command(id, CommandKind::cancel).has_value());
  while (d.engine.find(id)->status == Status::cancelling) {
    for (const auto& call : std::exchange(d.calls, {})) {
      d.answer(call, of_kind(Outcome::Kind::in_progress));
    }
    ASSERT_TRUE(d.wake());
  }
  EXPECT_EQ(d.now, kStart + std::chrono::hours{24});
  EXPECT_EQ(d.engine.find(id)->status, Status::needs_attention);
}

TEST(Engine, RetryAfterIsHonoured) {
  Driver d;
  const auto id = d.place();
  auto outcome = failed(FailureClass::transient);
  outcome.retry_after = Duration{30'000};
  d.answer(d.take_call(), outcome);
  EXPECT_EQ(d.engine.find(id)->next_attempt_at, kStart + Duration{30'000});
}

TEST(Engine, TheDelaysAreJittered) {
  std::set<Timestamp> planned;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Driver d(seed);
    const auto id = d.place();
    d.answer(d.take_call(), failed());
    planned.insert(*d.engine.find(id)->next_attempt_at);
  }
  EXPECT_GE(planned.size(), 15U) << "orders that failed together must not return together";
}

TEST(Engine, RequestsNameTheEarlierStepsKey) {
  Driver d;
  const auto id = d.place();
  std::vector<std::optional<OperationKey>> names;
  for (StepNumber step = 1; step <= kStepCount; ++step) {
    const auto request = request_for(*d.engine.find(id), nullptr);
    EXPECT_EQ(request.key, (OperationKey{id, 1, step, 1}));
    names.push_back(request.names);
    d.answer(d.take_call(), succeeded());
  }
  const OperationKey reserve{id, 1, 1, 1};
  const OperationKey authorize{id, 1, 2, 1};
  const OperationKey book{id, 1, 3, 1};
  EXPECT_EQ(names, (std::vector<std::optional<OperationKey>>{
                       std::nullopt, std::nullopt, std::nullopt, authorize, book, reserve}));
}

/// With a breaker that the first failed call opens.
EngineOptions touchy(Duration horizon = EngineOptions{}.horizon) {
  auto options = with_horizon(horizon);
  options.gate.breaker.min_calls = 1;
  return options;
}

TEST(Engine, WhatAnOpenBreakerHoldsBackCostsNoAttemptAndNoTimer) {
  Driver d(1, touchy());
  const auto id = d.place();
  d.answer(d.take_call(), failed(FailureClass::unknown));
  const auto events = d.stream.size();
  const auto opens = d.now + Duration{5'000};
  ASSERT_TRUE(d.wake());  // the planned time: the breaker is open, so it joins the line
  EXPECT_TRUE(d.calls.empty());
  EXPECT_EQ(d.engine.inspect(id, d.now).waits_for, WaitsFor::breaker);
  d.engine.settle(d.now);
  EXPECT_EQ(d.engine.next_wake(), opens);
  EXPECT_EQ(d.engine.participants().at(0).waiting, 1U);
  ASSERT_TRUE(d.wake());
  EXPECT_EQ(d.now, opens);
  EXPECT_EQ(d.take_call().call.key, (OperationKey{id, 1, 1, 1}));
  EXPECT_EQ(d.stream.size(), events);
}

TEST(Engine, WhoIsHeldBackLeavesTheLineWhenTheCallIsNoLongerNeeded) {
  Driver d(1, touchy(std::chrono::hours{24 * 30}));
  const auto id = d.place();
  d.answer(d.take_call(), failed(FailureClass::denied));
  ASSERT_TRUE(d.wake());
  ASSERT_TRUE(d.command(id, CommandKind::hold).has_value());
  d.engine.settle(d.now);
  EXPECT_EQ(d.engine.participants().at(0).waiting, 0U);
  ASSERT_TRUE(d.command(id, CommandKind::release).has_value());
  EXPECT_TRUE(d.calls.empty()) << "a release does not pass an open breaker";
  d.engine.forget(id);
  d.engine.settle(d.now);
  EXPECT_EQ(d.engine.participants().at(0).waiting, 0U);
}

TEST(Engine, ACallThatIsNoLongerAwaitedIsInFlightUntilItsAnswerOrDeadline) {
  for (const bool answered : {true, false}) {
    Driver d;
    const auto id = d.place();
    const auto perform = d.take_call();
    ASSERT_TRUE(d.command(id, CommandKind::cancel).has_value());
    const auto undo = d.take_call();
    d.engine.settle(d.now);
    EXPECT_EQ(d.engine.participants().at(0).in_flight, 2U);
    d.answer(undo, of_kind(Outcome::Kind::undone));
    d.engine.settle(d.now);
    EXPECT_EQ(d.engine.find(id), nullptr) << "cancelled";
    EXPECT_EQ(d.engine.participants().at(0).in_flight, 1U);
    if (answered) {
      EXPECT_TRUE(
          d.engine.outcome(id, perform.serial, perform.call, succeeded(), d.now, d.effects));
    } else {
      ASSERT_TRUE(d.wake());
      EXPECT_EQ(d.now, kStart + Duration{10'000});
    }
    d.engine.settle(d.now);
    EXPECT_EQ(d.engine.participants().at(0).in_flight, 0U);
    EXPECT_EQ(d.engine.participants().at(0).window_failures, answered ? 0U : 1U);
    EXPECT_EQ(d.engine.next_wake(), std::nullopt);
  }
}

TEST(Engine, AnUndoByHandPassesAnOpenBreaker) {
  Driver d(1, touchy());
  const auto id = d.place();
  d.calls.clear();
  ASSERT_TRUE(d.command(id, CommandKind::cancel).has_value());
  d.answer(d.take_call(), failed(FailureClass::poison));
  const auto parked = *d.engine.find(id);
  ASSERT_EQ(parked.status, Status::needs_attention);
  ASSERT_TRUE(d.wake());  // the deadline of the perform that nobody awaits opens the breaker
  d.engine.settle(d.now);
  ASSERT_EQ(d.engine.participants().at(0).breaker, BreakerState::open);
  ASSERT_EQ(d.engine.find(id), nullptr) << "it waits in the store for a person";
  d.engine.adopt(parked, d.now, d.effects);
  ASSERT_TRUE(d.command(id, CommandKind::resolve).has_value());
  EXPECT_TRUE(d.take_call().call.by_hand);
}

TEST(Engine, WhatCountsAgainstAParticipant) {
  const auto verdict = [](FailureClass failure_class) { return verdict_of(failed(failure_class)); };
  EXPECT_EQ(verdict(FailureClass::transient), Verdict::failed);
  EXPECT_EQ(verdict(FailureClass::unknown), Verdict::failed);
  EXPECT_EQ(verdict(FailureClass::denied), Verdict::denied);
  EXPECT_EQ(verdict(FailureClass::failed), Verdict::worked);
  EXPECT_EQ(verdict(FailureClass::poison), Verdict::worked);
  EXPECT_EQ(verdict(FailureClass::rejected), Verdict::worked);
  EXPECT_EQ(verdict_of(succeeded()), Verdict::worked);
  EXPECT_EQ(verdict_of(of_kind(Outcome::Kind::rejected)), Verdict::worked);
  EXPECT_EQ(verdict_of(of_kind(Outcome::Kind::refused)), Verdict::worked);
  EXPECT_EQ(verdict_of(of_kind(Outcome::Kind::in_progress)), Verdict::no_word);
}

/// One random script: answers and commands drawn from `choices`.
void play(Driver& d, const OrderId& id, const std::vector<std::uint8_t>& choices,
          bool with_restarts) {
  for (const auto choice : choices) {
    if (with_restarts) {
      // A restart knows the fold only; calls in flight are forgotten and made again.
      if (const auto* order = d.engine.find(id)) {
        const auto copy = *order;
        EXPECT_EQ(copy, fold(d.stream));
      }
    }
    const auto* order = d.engine.find(id);
    if (order == nullptr) return;
    if (choice % 8 == 7) {
      (void)d.command(id, kAllCommands.at(choice / 8 % kAllCommands.size()));
    } else if (!d.calls.empty()) {
      const auto call = d.calls.front();
      d.calls.erase(d.calls.begin());
      auto outcome = of_kind(static_cast<Outcome::Kind>(choice % 6));
      outcome.code = "code";
      outcome.failure_class = static_cast<FailureClass>(choice / 8 % 6);
      d.answer(call, outcome);
    } else {
      d.wake();
    }
  }
}

RC_GTEST_PROP(Engine, TheSameInputsGiveTheSameEvents,
              (std::uint64_t seed, const std::vector<std::uint8_t>& choices)) {
  Driver a(seed);
  Driver b(seed);
  play(a, a.place(), choices, false);
  play(b, b.place(), choices, false);
  RC_ASSERT(a.stream == b.stream);
}

RC_GTEST_PROP(Engine, TheOrderInMemoryIsAlwaysTheFoldOfItsStream,
              (std::uint64_t seed, const std::vector<std::uint8_t>& choices)) {
  Driver d(seed);
  play(d, d.place(), choices, true);
}

}  // namespace
}  // namespace conveyor
