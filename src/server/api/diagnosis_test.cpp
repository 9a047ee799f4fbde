// Method: a table of orders in every status and every wait, made by the domain's own moves; what
// the diagnosis says of each is compared member by member, and its sentences for what they must
// name.
#include "server/api/diagnosis.h"

#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <functional>

#include "domain/test_orders.h"

namespace conveyor::api {
namespace {

using test::TestOrder;
using testing::HasSubstr;

/// What the engine says; by default nothing, as directly after a restart with the order unread.
struct Engine {
  WaitsFor waits_for = WaitsFor::nothing;
  Duration since{-1'000};  ///< from now
  std::optional<Duration> until = std::nullopt;
  std::optional<Duration> next_call = std::nullopt;
  BreakerState breaker = BreakerState::closed;
};

struct Situation {
  TestOrder order;
  History history;

  explicit Situation(TestOrder o) : order(std::move(o)) {
    Order fold;
    for (const auto& event : order.events()) {
      evolve(fold, event);
      history.take(event, fold);
    }
  }

  OrderInspection inspection(const Engine& engine) const {
    OrderInspection seen;
    if (engine.waits_for == WaitsFor::nothing) return seen;
    const auto now = order.now();
    seen.in_memory = true;
    seen.version = order.order().version;
    seen.health = health_of(order.order());
    const auto call = needed_call(order.order());
    if (call) {
      seen.key = call->key;
      seen.action = call->action;
      seen.participant = spec_of(call->key.step).participant;
    }
    seen.waits_for = engine.waits_for;
    seen.since = now + engine.since;
    if (engine.until) seen.until = now + *engine.until;
    if (engine.next_call) seen.next_call_at = now + *engine.next_call;
    ParticipantState state;
    state.participant = seen.participant;
    state.breaker = engine.breaker;
    if (engine.breaker != BreakerState::closed) {
      state.troubled_since = now + engine.since;
      state.next_probe_at = seen.until;
    }
    seen.participant_state = state;
    return seen;
  }

  Diagnosis diagnosis(const Engine& engine = {}, FailureCount sharing = {}) {
    const auto seen = inspection(engine);
    return diagnose({order.order(), history, seen, sharing, order.now(), order.policy()});
  }
};

std::set<std::string_view> actions_of(const Diagnosis& diagnosis) {
  std::set<std::string_view> out;
  for (const auto& action : diagnosis.actions) {
    EXPECT_FALSE(action.effect.empty()) << action.action;
    out.insert(action.action);
  }
  return out;
}

TestOrder failing(StepNumber step, FailureClass failure_class = FailureClass::failed) {
  auto order = test::at_step(step);
  order.must(test::performed(order.order(), test::failed(failure_class)));
  return order;
}

struct Row {
  std::string_view name;
  std::function<TestOrder()> order;
  Engine engine = {};
  std::string_view waits_for = {};
  std::string_view next = {};
  std::string_view by = {};
  std::string_view otherwise = {};
  std::set<std::string_view> actions = {};
  std::vector<std::string_view> summary_names = {};
};

using Actions = std::set<std::string_view>;
const Actions kOpen{"cancel", "hold"};
const Actions kWaitingOpen{"cancel", "hold", "retry-now"};
const Actions kUndoing{"cancel"};
const Actions kUndoingWaits{"cancel", "retry-now"};

TestOrder undo_failing() {
  auto order = test::cancelling(StepNumber{4});
  order.must(test::undid(order.order(), test::failed()));
  return order;
}

std::vector<Row> rows() {
  using test::at_step;
  return {
      {"pending, called",
       [] { return at_step(1); },
       {.waits_for = WaitsFor::answer, .until = Duration{9'000}},
       "answer",
       "answer",
       "automatic",
       "undo",
       kOpen,
       {"reserve_inventory", "Inventory was called", "has not answered yet"}},
      {"pending, unread",
       [] { return at_step(1); },
       {},
       "call",
       "call",
       "automatic",
       "undo",
       kOpen,
       {"Inventory is called now for reserve_inventory"}},
      {"processing, back-off",
       [] { return failing(2); },
       {.waits_for = WaitsFor::back_off, .until = Duration{700}, .next_call = Duration{700}},
       "back_off",
       "call",
       "automatic",
       "undo",
       kWaitingOpen,
       {"authorize_payment", "attempt 1 of 8", "Payment is called again"}},
      {"processing, back-off, unread",
       [] { return failing(2); },
       {},
       "back_off",
       "call",
       "automatic",
       "undo",
       kWaitingOpen,
       {"attempt 1 of 8", "Payment is called again"}},
      {"processing, breaker",
       [] { return failing(2, FailureClass::transient); },
       {.waits_for = WaitsFor::breaker,
        .until = Duration{5'000},
        .next_call = Duration{5'000},
        .breaker = BreakerState::open},
       "breaker",
       "call",
       "automatic",
       "undo",
       kWaitingOpen,
       {"Payment is in trouble", "Payment is not being called since"}},
      {"processing, probing",
       [] { return failing(2, FailureClass::transient); },
       {.waits_for = WaitsFor::breaker, .breaker = BreakerState::half_open},
       "breaker",
       "call",
       "automatic",
       "undo",
       kWaitingOpen,
       {"a few calls are let through"}},
      {"processing, budget",
       [] { return failing(2, FailureClass::transient); },
       {.waits_for = WaitsFor::retry_budget},
       "retry_budget",
       "call",
       "automatic",
       "undo",
       kWaitingOpen,
       {"gets no more retries at the moment", "as soon as that is over"}},
      {"processing, bulkhead",
       [] { return at_step(3); },
       {.waits_for = WaitsFor::bulkhead},
       "bulkhead",
       "call",
       "automatic",
       "undo",
       kOpen,
       {"as many calls in flight as it may have"}},
      {"processing, in progress",
       [] { return at_step(5); },
       {.waits_for = WaitsFor::in_progress, .until = Duration{500}, .next_call = Duration{500}},
       "in_progress",
       "ask_again",
       "automatic",
       "undo",
       kOpen,
       {"Shipping is still at dispatch_shipment", "is asked again at"}},
      {"edit waits",
       [] { return test::editing(2); },
       {.waits_for = WaitsFor::answer, .until = Duration{9'000}},
       "answer",
       "answer",
       "automatic",
       "undo",
       kOpen,
       {"was changed; the old one is undone first", "the undo of authorize_payment"}},
      {"on hold",
       [] { return test::held(at_step(3)); },
       {},
       "person",
       "release_or_cancel",
       "person",
       "undo",
       {"cancel", "release"},
       {"put it on hold", "If nobody acts"}},
      {"on hold, edit goes on",
       [] { return test::held(test::editing(2)); },
       {.waits_for = WaitsFor::answer, .until = Duration{9'000}},
       "answer",
       "answer",
       "automatic",
       "undo",
       {"cancel", "release"},
       {"on hold", "the undo of the old one goes on"}},
      {"dead, exhausted",
       [] { return test::exhausted(2); },
       {},
       "person",
       "undo",
       "automatic",
       {},
       {"cancel", "compensate", "retry", "retry-with-changes"},
       {"dead letter since", "attempt 8 of 8", "nothing has been undone", "undone by itself at"}},
      {"dead, poison",
       [] { return test::poisoned(3); },
       {},
       "person",
       "undo",
       "automatic",
       {},
       {"cancel", "compensate", "retry", "retry-with-changes"},
       {"makes no sense"}},
      {"dead, edit undo exhausted",
       [] { return test::edit_undo_exhausted(2); },
       {},
       "person",
       "undo",
       "automatic",
       {},
       {"cancel", "compensate", "retry"},
       {"the undo of authorize_payment"}},
      {"dead, edit refused",
       [] { return test::edit_refused(); },
       {},
       "person",
       "undo",
       "automatic",
       {},
       {"cancel", "compensate", "retry", "retry-with-changes"},
       {"Shipping refused the undo of book_shipment"}},
      {"shipped, retried",
       [] { return failing(6); },
       {.waits_for = WaitsFor::back_off, .until = Duration{700}, .next_call = Duration{700}},
       "back_off",
       "call",
       "automatic",
       {},
       {"retry-now"},
       {"has shipped", "commit_inventory", "attempt 1,"}},
      {"cancelling, booking first",
       [] { return test::cancelling(StepNumber{4}); },
       {.waits_for = WaitsFor::answer, .until = Duration{9'000}},
       "answer",
       "answer",
       "automatic",
       "needs_attention",
       kUndoing,
       {"because a person cancelled it", "The booking comes first",
        "left to undo: book_shipment, "}},
      {"cancelling, undo fails",
       undo_failing,
       {.waits_for = WaitsFor::back_off, .until = Duration{700}, .next_call = Duration{700}},
       "back_off",
       "call",
       "automatic",
       "needs_attention",
       kUndoingWaits,
       {"the undo of book_shipment", "attempt 1 of 8"}},
      {"compensating",
       [] { return test::compensating(3); },
       {.waits_for = WaitsFor::answer, .until = Duration{9'000}},
       "answer",
       "answer",
       "automatic",
       "needs_attention",
       kUndoing,
       {"because shipping refused book_shipment", "left to undo: authorize_payment and "}},
      {"needs attention",
       [] { return test::attention(test::cancelling(StepNumber{4})); },
       {},
       "person",
       "retry_or_resolve",
       "person",
       {},
       {"resolve", "retry"},
       {"Its undo stopped at", "a person has to retry the undo"}},
      {"by hand",
       [] { return test::by_hand(test::cancelling(StepNumber{4})); },
       {.waits_for = WaitsFor::answer, .until = Duration{9'000}},
       "answer",
       "answer",
       "automatic",
       "needs_attention",
       kUndoing,
       {"the undo of book_shipment"}},
      {"completed",
       [] { return test::completed(); },
       {},
       "nothing",
       "nothing",
       "nobody",
       {},
       {},
       {"It was completed at", "Nothing more happens."}},
      {"cancelled",
       [] { return test::cancelled(); },
       {},
       "nothing",
       "nothing",
       "nobody",
       {},
       {"cancel", "restart"},
       {"ended as cancelled", "because a person cancelled it"}},
      {"failed",
       [] { return test::failed_order(); },
       {},
       "nothing",
       "nothing",
       "nobody",
       {},
       {"cancel", "restart"},
       {"ended as failed", "everything is undone"}},
  };
}

TEST(DiagnosisTable, SaysWhatIsTrueOfEverySituation) {
  std::set<Status> seen;
  for (const auto& row : rows()) {
    SCOPED_TRACE(row.name);
    Situation situation(row.order());
    const auto& order = situation.order.order();
    seen.insert(order.status);
    const auto diagnosis = situation.diagnosis(row.engine);
    EXPECT_EQ(diagnosis.waiting_for.what, row.waits_for) << diagnosis.summary;
    EXPECT_EQ(diagnosis.health, health_of(order)) << "whoever says it";
    EXPECT_EQ(diagnosis.next.what, row.next);
    EXPECT_EQ(diagnosis.next.by, row.by);
    EXPECT_EQ(diagnosis.otherwise ? diagnosis.otherwise->what : "", row.otherwise);
    EXPECT_EQ(actions_of(diagnosis), row.actions);
    for (const auto name : row.summary_names) EXPECT_THAT(diagnosis.summary, HasSubstr(name));
    EXPECT_TRUE(diagnosis.waiting_for.since.has_value()) << "since when is always known";
    EXPECT_LE(*diagnosis.waiting_for.since, situation.order.now());
    EXPECT_TRUE(diagnosis.summary.ends_with(".")) << diagnosis.summary;
    EXPECT_EQ(diagnosis.summary.find("an unknown time"), std::string::npos) << diagnosis.summary;
    const auto json = boost::json::parse(diagnosis_json(order, diagnosis, situation.order.now()));
    EXPECT_EQ(json.at("status").as_string(), std::string{to_string(order.status)});
  }
  EXPECT_EQ(seen.size(), kAllStatuses.size());
}

TEST(Diagnosis, NextTryIsExactlyWhenTheEventPlannedIt) {
  Situation situation(failing(2));
  const auto planned = situation.order.order().next_attempt_at;
  const auto diagnosis = situation.diagnosis();
  EXPECT_EQ(diagnosis.next.at, planned);
  EXPECT_EQ(diagnosis.waiting_for.until, planned);
  EXPECT_EQ(diagnosis.waiting_for.since, situation.order.order().last_failure->at);
  EXPECT_THAT(diagnosis.summary, HasSubstr(format_rfc3339(*planned)));
}

TEST(Diagnosis, EngineThatSpeaksOfAnotherVersionIsNotListenedTo) {
  Situation situation(failing(2));
  auto seen = situation.inspection({.waits_for = WaitsFor::answer, .until = Duration{9'000}});
  seen.version += 1;
  const auto diagnosis = diagnose({situation.order.order(),
                                   situation.history,
                                   seen,
                                   {},
                                   situation.order.now(),
                                   situation.order.policy()});
  EXPECT_EQ(diagnosis.waiting_for.what, "back_off");
}

TEST(Diagnosis, CauseNamesTheFailureAndCountsItsAttempts) {
  Situation situation(test::exhausted(2));
  const auto cause = situation.diagnosis().cause;
  ASSERT_TRUE(cause.has_value());
  EXPECT_EQ(cause->step, 2);
  EXPECT_EQ(cause->attempts, 8U);
  EXPECT_EQ(cause->max_attempts, 8U);
  EXPECT_EQ(cause->fingerprint, situation.order.order().dead_letter->fingerprint);
  EXPECT_EQ(cause->at, situation.order.order().dead_letter->since);

  situation.order.must(test::command(CommandKind::retry));
  situation.order.must(
      test::performed(situation.order.order(), test::failed(FailureClass::transient)));
  Situation retried(situation.order);
  const auto again = retried.diagnosis().cause;
  EXPECT_EQ(again->attempts, 9U);
  EXPECT_EQ(again->max_attempts, 16U) << "a person's retry grants eight more";
}

TEST(Diagnosis, DeadLetterIsUndoneAtItsTimeOrWithItsPatienceWhicheverIsFirst) {
  Situation situation(test::exhausted(2));
  EXPECT_EQ(situation.diagnosis().next.at, situation.order.order().dead_letter->undo_at);
  situation.order.policy().patience = Duration{1};
  EXPECT_EQ(situation.diagnosis().next.at, situation.order.order().age_from + Duration{1});
}

TEST(Diagnosis, OthersDoNotCountTheOrderItself) {
  Situation situation(test::exhausted(2));
  const auto others = situation.diagnosis({}, {500, 40, false}).others;
  ASSERT_TRUE(others.has_value());
  EXPECT_EQ(others->count, 499);
  EXPECT_EQ(others->dead_lettered, 39);
  EXPECT_FALSE(others->is_complete);
  Situation failing_one(failing(2));
  EXPECT_EQ(failing_one.diagnosis({}, {500, 40, true}).others->dead_lettered, 40);
  Situation well(test::at_step(2));
  EXPECT_FALSE(well.diagnosis().others.has_value()) << "nothing has failed";
}

TEST(Diagnosis, EffectsSpellOutWhatIsUndoneAndWhatMayBeRefused) {
  Situation situation(test::exhausted(4));
  for (const auto& action : situation.diagnosis().actions) {
    if (action.action == "compensate") {
      EXPECT_EQ(action.effect,
                "undoes book_shipment, capture_payment, authorize_payment and reserve_inventory "
                "and ends the order as failed once all of it is confirmed; if the carrier does not "
                "take the booking back, a person has to look at it");
    }
    if (action.action == "retry") {
      EXPECT_EQ(action.effect,
                "tries capture_payment again at once under the same key, with 8 more attempts");
    }
  }
}

TEST(Diagnosis, SaysWhyTheMostWantedIsNotPossible) {
  Situation situation(failing(6));
  std::set<std::string_view> refused;
  for (const auto& action : situation.diagnosis().not_allowed) {
    EXPECT_FALSE(action.because.empty());
    refused.insert(action.action);
  }
  EXPECT_EQ(refused, (Actions{"cancel", "restart", "retry"}));
}

TEST(Diagnosis, OrderWhoseFirstStepWasRefusedHadNothingToUndoBetweenItsEvents) {
  auto order = test::at_step(1);
  order.must(test::performed(order.order(), test::rejected()));
  ASSERT_EQ(order.order().status, Status::failed);
  Order fold;
  for (const auto& event : order.events()) {
    evolve(fold, event);
    if (fold.status == Status::compensating) {
      EXPECT_EQ(needed_call(fold), std::nullopt);
    }
  }
  Situation situation(std::move(order));
  EXPECT_EQ(situation.diagnosis().next.by, "nobody");
}

TEST(Diagnosis, HoldKeepsAnAnswerThatIsUnderWayInSight) {
  Situation situation(test::held(test::at_step(3)));
  auto seen = situation.inspection({.waits_for = WaitsFor::answer, .until = Duration{9'000}});
  seen.participant = Participant::shipping;
  const auto diagnosis = diagnose({situation.order.order(),
                                   situation.history,
                                   seen,
                                   {},
                                   situation.order.now(),
                                   situation.order.policy()});
  EXPECT_EQ(diagnosis.waiting_for.what, "person");
  EXPECT_THAT(diagnosis.summary, HasSubstr("A call to shipping made before is still without"));
}

}  // namespace
}  // namespace conveyor::api
