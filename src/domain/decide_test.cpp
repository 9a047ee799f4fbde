// Method: examples of timers, back-off and what calls an order needs; then properties over orders
// that random inputs have led anywhere: every input has an answer, the same one twice, and the
// stream's fold is the order.
#include "domain/decide.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <map>
#include <tuple>

#include "domain/test_orders.h"

namespace conveyor::test {
namespace {

using std::chrono::hours;

// --- timers -------------------------------------------------------------------------------------

TEST(DecideTimer, UndoAtUndoesADeadLetter) {
  auto order = exhausted(2);
  const auto since = order.now();
  EXPECT_EQ(due_at(order.order(), Timer::undo_at, order.policy()), since + hours{24});
  order.advance(hours{24} - Duration{1});
  EXPECT_EQ(outcome_of(order, Timer::undo_at), "-> dead_lettered");
  order.advance(Duration{1});
  EXPECT_EQ(outcome_of(order, Timer::undo_at), "CompensationStarted -> compensating");
  order.must(Timer::undo_at);
  EXPECT_EQ(order.order().undo->cause, UndoCause::timer);
  EXPECT_EQ(order.order().undo->outstanding, (std::vector<StepNumber>{2, 1}));
}

TEST(DecideTimer, UndoAtMayBeNever) {
  RetryPolicy policy;
  policy.undo_after = std::nullopt;
  TestOrder order{policy};
  order.must(performed(order.order(), failed(FailureClass::poison)));
  EXPECT_EQ(due_at(order.order(), Timer::undo_at, policy), std::nullopt);
  order.advance(hours{24 * 365});
  EXPECT_EQ(outcome_of(order, Timer::undo_at), "-> dead_lettered");
}

TEST(DecideTimer, PatienceEndsEveryOrderBeforeThePivot) {
  for (const auto& made : {at_step(1), at_step(5), held(at_step(4)), exhausted(5), editing(2),
                           held(editing(3)), edit_undo_exhausted(1)}) {
    auto order = made;
    order.must_expire(Timer::patience);
    EXPECT_EQ(order.order().status, Status::compensating);
    EXPECT_EQ(order.now(), order.order().created_at + hours{24 * 7});
    EXPECT_EQ(order.order().undo->cause, UndoCause::expired);
    EXPECT_FALSE(order.order().edit);
  }
  for (const auto& order : {at_step(6), completed(), cancelling(3), compensating(5),
                            attention(cancelling(1)), cancelled(), failed_order()}) {
    EXPECT_EQ(due_at(order.order(), Timer::patience, RetryPolicy{}), std::nullopt);
  }
}

TEST(DecideTimer, PatienceCountsFromTheLastRestart) {
  auto order = cancelled();
  order.advance(hours{24 * 30});
  order.must(command(CommandKind::restart));
  EXPECT_EQ(due_at(order.order(), Timer::patience, order.policy()), order.now() + hours{24 * 7});
}

TEST(DecideTimer, PatienceIsTestedAgainAfterARefusedCancel) {
  auto order = cancelling(4);
  order.advance(hours{24 * 8});
  order.must(undid(order.order(), refused()));
  EXPECT_EQ(order.order().status, Status::processing);
  EXPECT_EQ(outcome_of(order, Timer::patience), "CompensationStarted -> compensating");
}

TEST(DecideTimer, UndoPatienceAsksForAttention) {
  for (const auto& made : {cancelling(1), compensating(5), by_hand(cancelling(5))}) {
    auto order = made;
    const auto since = order.now();
    EXPECT_EQ(due_at(order.order(), Timer::undo_patience, order.policy()), since + hours{24});
    order.must_expire(Timer::undo_patience);
    EXPECT_EQ(order.order().status, Status::needs_attention);
    EXPECT_EQ(std::get<CompensationFailed>(order.events().back().data).cause,
              UndoFailure::no_answer);
    EXPECT_EQ(due_at(order.order(), Timer::undo_patience, order.policy()), std::nullopt);
    order.must(command(CommandKind::retry));
    EXPECT_EQ(due_at(order.order(), Timer::undo_patience, order.policy()), order.now() + hours{24});
  }
}

// --- back-off -----------------------------------------------------------------------------------

TEST(Backoff, GrowsByItsFactorUpToTheCap) {
  const RetryPolicy policy;
  const std::vector<std::int64_t> ceilings_s{1, 2, 4, 8, 16, 32, 60, 60, 60};
  for (std::uint32_t i = 0; i < ceilings_s.size(); ++i) {
    EXPECT_EQ(backoff(policy, i + 1, 1.0), std::chrono::seconds{ceilings_s[i]});
  }
  EXPECT_EQ(backoff(policy, std::numeric_limits<std::uint32_t>::max(), 1.0), policy.cap);
  EXPECT_EQ(backoff(policy, 1, 0.0), Duration{0});
  EXPECT_EQ(backoff(policy, 4, 0.25), Duration{2'000});
}

RC_GTEST_PROP(Backoff, IsTheDrawnShareOfTheCeiling, ()) {
  const RetryPolicy policy;
  const auto failures = *rc::gen::inRange<std::uint32_t>(1, 20);
  const auto thousandths = *rc::gen::inRange(0, 1'000);
  const auto ceiling = backoff(policy, failures, 1.0);
  const auto delay = backoff(policy, failures, thousandths / 1'000.0);
  RC_ASSERT(ceiling <= policy.cap);
  RC_ASSERT(delay >= Duration{0});
  RC_ASSERT(delay < ceiling);
  RC_ASSERT(std::abs(delay.count() - ceiling.count() * thousandths / 1'000) <= 1);
}

TEST(Backoff, JitterDecidesThePlannedTime) {
  const auto planned = [](double jitter) {
    auto order = at_step(2);
    order.set_jitter(jitter);
    order.must(performed(order.order(), failed()));
    return *order.order().next_attempt_at - order.now();
  };
  EXPECT_EQ(planned(0.0), Duration{0});
  EXPECT_EQ(planned(0.5), Duration{500});
  EXPECT_EQ(planned(0.999), Duration{999});
}

TEST(Backoff, RetryAfterIsHonouredUpToItsLimit) {
  const auto planned = [](Duration retry_after) {
    auto order = at_step(2);
    auto outcome = failed();
    outcome.retry_after = retry_after;
    order.must(performed(order.order(), outcome));
    return *order.order().next_attempt_at - order.now();
  };
  EXPECT_EQ(planned(Duration{500}), Duration{1'000});
  EXPECT_EQ(planned(Duration{90'000}), Duration{90'000});
  EXPECT_EQ(planned(kMaxRetryAfter), kMaxRetryAfter);
  EXPECT_EQ(planned(kMaxRetryAfter + Duration{1}), kMaxRetryAfter);
}

TEST(Health, FollowsFromTheFold) {
  EXPECT_EQ(health_of(at_step(1).order()), Health::ok);
  EXPECT_EQ(health_of(completed().order()), Health::ok);
  EXPECT_EQ(health_of(exhausted(2).order()), Health::dead);
  EXPECT_EQ(health_of(attention(cancelling(2)).order()), Health::attention);
  auto order = at_step(6);
  for (std::uint32_t i = 0; i < kStuckAfterAttempts; ++i) {
    EXPECT_EQ(health_of(order.order()), i == 0 ? Health::ok : Health::retrying);
    order.must(performed(order.order(), failed()));
  }
  EXPECT_EQ(health_of(order.order()), Health::stuck);
}

TEST(NeededCall, IsNoneWhereNothingHappensByItself) {
  for (const auto& order : {held(at_step(3)), exhausted(2), edit_undo_exhausted(2),
                            attention(cancelling(2)), completed(), cancelled(), failed_order()}) {
    EXPECT_EQ(needed_call(order.order()), std::nullopt);
  }
}

TEST(NeededCall, IsTheUndoOfAnEditEvenWhileHeld) {
  for (const auto& order : {editing(1), editing(3), held(editing(2))}) {
    EXPECT_EQ(needed_call(order.order()),
              (NeededCall{order.order().key_of(order.order().step), Action::undo, false}));
  }
}

// --- money of the fold --------------------------------------------------------------------------

TEST(OrderMoney, IsVoidedOrRefundedOnceAndNetsToNothing) {
  auto order = cancelling(5);
  while (order.order().undo) order.must(undid(order.order(), undone()));
  EXPECT_EQ(order.order().run_money, (MoneyMoved{2'480, 2'480, 2'480, 0}));
  order = compensating(4);
  while (order.order().undo) order.must(undid(order.order(), undone()));
  EXPECT_EQ(order.order().run_money, (MoneyMoved{2'480, 0, 0, 2'480}));
}

TEST(OrderMoney, CountsAnEffectThatOnlyItsUndoHasShown) {
  auto order = cancelling(4);  // the capture's answer was lost
  order.must(undid(order.order(), undone()));
  auto refunded = undone(Effect::reversed);
  refunded.evidence.amount_minor = 2'480;
  order.must(undid(order.order(), refunded));
  order.must(undid(order.order(), undone(Effect::none)));
  EXPECT_EQ(order.order().run_money, (MoneyMoved{2'480, 2'480, 2'480, 0}));
  auto edited = editing(2);
  edited.must(undid(edited.order(), undone(Effect::reversed)));
  EXPECT_EQ(edited.order().order_money, (MoneyMoved{2'480, 0, 0, 2'480}));
}

TEST(OrderMoney, AnUndoThatFoundNothingMovesNothing) {
  auto order = cancelling(2);
  order.must(undid(order.order(), undone(Effect::none)));
  EXPECT_EQ(order.order().run_money, MoneyMoved{});
}

// --- properties ---------------------------------------------------------------------------------

Outcome any_outcome() {
  Outcome outcome;
  outcome.kind =
      *rc::gen::element(Outcome::Kind::succeeded, Outcome::Kind::rejected, Outcome::Kind::undone,
                        Outcome::Kind::refused, Outcome::Kind::failed, Outcome::Kind::in_progress);
  outcome.failure_class =
      *rc::gen::element(FailureClass::transient, FailureClass::failed, FailureClass::unknown,
                        FailureClass::denied, FailureClass::rejected, FailureClass::poison);
  outcome.code = *rc::gen::element<std::string>("", "no", "already_dispatched");
  outcome.effect = *rc::gen::element(Effect::reversed, Effect::none, Effect::by_hand);
  if (*rc::gen::arbitrary<bool>()) outcome.evidence.amount_minor = 2'480;
  return outcome;
}

OutcomeInput any_answer(const Order& order) {
  auto input =
      *rc::gen::arbitrary<bool>() ? performed(order, any_outcome()) : undid(order, any_outcome());
  if (*rc::gen::inRange(0, 4) == 0) {
    input.key = {order.id, *rc::gen::inRange<std::uint32_t>(1, 3),
                 *rc::gen::inRange<StepNumber>(1, kStepCount + 1),
                 *rc::gen::inRange<std::uint32_t>(1, 3)};
  }
  input.awaited = *rc::gen::inRange(0, 4) != 0;
  return input;
}

Input any_input(TestOrder& order) {
  const auto what = *rc::gen::inRange(0, 10);
  if (what == 0) {
    const auto timer = *rc::gen::elementOf(kAllTimers);
    const auto due = due_at(order.order(), timer, order.policy());
    if (due && *due > order.now()) order.advance(*due - order.now());
    return timer;
  }
  if (what > 3) return any_answer(order.order());
  Changes changes;
  if (*rc::gen::arbitrary<bool>()) changes.lines = changed_lines().lines;
  if (*rc::gen::arbitrary<bool>()) changes.payment_method = "pm_other";
  if (*rc::gen::arbitrary<bool>()) changes.contact_version = 2;
  if (*rc::gen::arbitrary<bool>()) changes = {};
  return command(*rc::gen::elementOf(kAllCommands), changes);
}

/// What holds of any events that follow each other.
void expect_attempts_in_sequence(const std::vector<Event>& events) {
  std::map<std::tuple<std::uint32_t, StepNumber, Action>, std::uint32_t> last;
  for (const auto& event : events) {
    const auto* data = std::get_if<StepAttemptFailed>(&event.data);
    if (data == nullptr) continue;
    auto& attempt = last[{event.run, event.step.value(), data->action}];
    RC_ASSERT(event.attempt.value() > attempt);
    attempt = *event.attempt;
  }
}

RC_GTEST_PROP(DecideProperties, EveryInputHasOneAnswerAndTheFoldIsTheOrder, ()) {
  RetryPolicy policy;
  policy.max_attempts = *rc::gen::inRange<std::uint32_t>(1, 4);
  TestOrder order{policy};
  const auto count = *rc::gen::inRange(1, 80);
  for (int i = 0; i < count; ++i) {
    const auto input = any_input(order);
    const auto before = order.order();
    auto twin = order;
    const auto decision = order.give(input);
    const auto again = twin.give(input);
    RC_ASSERT(decision.has_value() == again.has_value());
    RC_ASSERT(order.events() == twin.events());
    RC_ASSERT(order.order() == twin.order());
    if (!decision) {
      RC_ASSERT(order.order() == before);
      RC_ASSERT(!decision.error().detail.empty());
    }
    RC_ASSERT(order.order().ignored <= kMaxIgnoredEvents);
    RC_ASSERT(order.order().budget_used <= policy.max_attempts ||
              order.order().status == Status::shipped);
  }
  RC_ASSERT(fold(order.events()) == order.order());
  expect_attempts_in_sequence(order.events());
}

}  // namespace
}  // namespace conveyor::test
