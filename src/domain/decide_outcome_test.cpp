// Method: examples. What participants answer, as the three tables of outcomes in
// docs/transitions.md say, with the exact event types and the status after.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "domain/test_orders.h"

namespace conveyor::test {
namespace {

std::string perform(const TestOrder& order, const Outcome& outcome) {
  return outcome_of(order, performed(order.order(), outcome));
}

std::string undo(const TestOrder& order, const Outcome& outcome) {
  return outcome_of(order, undid(order.order(), outcome));
}

/// At the last attempt of the present call's budget.
TestOrder last_attempt(TestOrder order) {
  order.policy().max_attempts = order.order().budget_used + 1;
  return order;
}

TEST(DecidePerform, SuccessGoesOnToTheNextStep) {
  EXPECT_EQ(perform(at_step(1), succeeded(0)), "InventoryReserved -> processing");
  EXPECT_EQ(perform(at_step(2), succeeded(1)), "PaymentAuthorized -> processing");
  EXPECT_EQ(perform(at_step(3), succeeded(0)), "ShipmentBooked -> processing");
  EXPECT_EQ(perform(at_step(4), succeeded(1)), "PaymentCaptured -> processing");
  EXPECT_EQ(perform(at_step(5), succeeded(0)), "ShipmentDispatched -> shipped");
  EXPECT_EQ(perform(at_step(6), succeeded(0)), "InventoryCommitted OrderCompleted -> completed");
}

TEST(DecidePerform, SuccessIsRecordedWhileHeldButOnlyDispatchEndsTheHold) {
  EXPECT_EQ(perform(held(at_step(1)), succeeded(0)), "InventoryReserved -> on_hold");
  EXPECT_EQ(perform(held(at_step(4)), succeeded(1)), "PaymentCaptured -> on_hold");
  EXPECT_EQ(perform(held(at_step(5)), succeeded(0)), "ShipmentDispatched -> shipped");
}

TEST(DecidePerform, ALateSuccessHealsADeadLetter) {
  EXPECT_EQ(perform(exhausted(1), succeeded(0)), "InventoryReserved -> processing");
  EXPECT_EQ(perform(poisoned(3), succeeded(0)), "ShipmentBooked -> processing");
  EXPECT_EQ(perform(exhausted(5), succeeded(0)), "ShipmentDispatched -> shipped");
  auto order = exhausted(2);
  order.must(performed(order.order(), succeeded(2'480)));
  EXPECT_EQ(order.order().dead_letter, std::nullopt);
  EXPECT_EQ(order.order().last_failure, std::nullopt);
  EXPECT_EQ(order.events().back().attempt, order.policy().max_attempts + 1);
}

TEST(DecidePerform, RejectionUndoesTheRestAndThenFails) {
  EXPECT_EQ(perform(at_step(1), rejected()),
            "InventoryRejected CompensationStarted OrderFailed -> failed");
  EXPECT_EQ(perform(at_step(2), rejected()), "PaymentDeclined CompensationStarted -> compensating");
  EXPECT_EQ(perform(at_step(3), rejected()),
            "ShipmentRejected CompensationStarted -> compensating");
  EXPECT_EQ(perform(at_step(4), rejected()), "PaymentDeclined CompensationStarted -> compensating");
  EXPECT_EQ(perform(at_step(5), rejected()),
            "ShipmentRejected CompensationStarted -> compensating");
  EXPECT_EQ(perform(held(at_step(1)), rejected()),
            "InventoryRejected CompensationStarted OrderFailed -> failed");
  EXPECT_EQ(perform(held(at_step(5)), rejected()),
            "ShipmentRejected CompensationStarted -> compensating");
  EXPECT_EQ(perform(exhausted(4), rejected()),
            "PaymentDeclined CompensationStarted -> compensating");
}

TEST(DecidePerform, ARejectedStepOwesNoUndo) {
  EXPECT_EQ(compensating(4).order().undo->outstanding, (std::vector<StepNumber>{3, 2, 1}));
  EXPECT_EQ(compensating(5).order().undo->outstanding, (std::vector<StepNumber>{3, 4, 2, 1}));
  auto order = at_step(2);
  order.must(performed(order.order(), undone()));
  EXPECT_EQ(order.order().undo->outstanding, (std::vector<StepNumber>{1}));
}

TEST(DecidePerform, UndoneElsewhereIsARejection) {
  EXPECT_EQ(perform(at_step(1), undone()),
            "StepAttemptFailed CompensationStarted OrderFailed -> failed");
  for (const auto& order : {at_step(4), held(at_step(4)), exhausted(4)}) {
    EXPECT_EQ(perform(order, undone()), "StepAttemptFailed CompensationStarted -> compensating");
  }
  auto order = at_step(5);
  order.must(performed(order.order(), undone()));
  const auto& failure = std::get<StepAttemptFailed>(order.events().rbegin()[1].data);
  EXPECT_EQ(failure.failure_class, FailureClass::rejected);
  EXPECT_EQ(failure.code, "undone");
}

TEST(DecidePerform, AfterThePivotEveryFailureIsRetriedForEver) {
  for (const auto& outcome : {rejected(), undone(), failed(), failed(FailureClass::poison)}) {
    auto order = last_attempt(at_step(6));
    EXPECT_EQ(perform(order, outcome), "StepAttemptFailed -> shipped");
    order.must(performed(order.order(), outcome));
    const auto& data = std::get<StepAttemptFailed>(order.events().back().data);
    EXPECT_TRUE(data.next_attempt_at.has_value());
  }
  EXPECT_EQ(perform(at_step(6), in_progress()), "-> shipped");
}

TEST(DecidePerform, InProgressIsNoAttempt) {
  for (const auto& order : {at_step(1), held(at_step(2)), exhausted(3), at_step(6)}) {
    EXPECT_EQ(perform(order, in_progress()), fmt::format("-> {}", to_string(order.order().status)));
  }
}

TEST(DecidePerform, FailuresAreRetriedUntilTheBudgetIsSpent) {
  EXPECT_EQ(perform(at_step(1), failed()), "StepAttemptFailed -> pending");
  EXPECT_EQ(perform(held(at_step(4)), failed()), "StepAttemptFailed -> on_hold");
  EXPECT_EQ(perform(last_attempt(at_step(1)), failed()),
            "StepAttemptFailed OrderDeadLettered -> dead_lettered");
  EXPECT_EQ(perform(last_attempt(held(at_step(4))), failed()),
            "StepAttemptFailed OrderDeadLettered -> dead_lettered");
  const auto order = exhausted(2);
  std::uint32_t attempts = 0;
  for (const auto& event : order.events()) {
    if (event.type == EventType::StepAttemptFailed) EXPECT_EQ(event.attempt, ++attempts);
  }
  EXPECT_EQ(attempts, RetryPolicy{}.max_attempts);
  EXPECT_EQ(std::get<OrderDeadLettered>(order.events().back().data).attempts, attempts);
}

TEST(DecidePerform, EveryClassIsRetriedButPoison) {
  for (const auto failure : {FailureClass::transient, FailureClass::failed, FailureClass::unknown,
                             FailureClass::denied}) {
    EXPECT_EQ(perform(at_step(2), failed(failure)), "StepAttemptFailed -> processing");
  }
  // A rejection has an outcome of its own: as the class of a failure it contradicts itself.
  for (const auto failure : {FailureClass::poison, FailureClass::rejected}) {
    EXPECT_EQ(perform(at_step(2), failed(failure)),
              "StepAttemptFailed OrderDeadLettered -> dead_lettered");
    EXPECT_EQ(perform(held(at_step(1)), failed(failure)),
              "StepAttemptFailed OrderDeadLettered -> dead_lettered");
  }
}

TEST(DecidePerform, AnAnswerThatPerformCannotHaveIsPoison) {
  auto order = at_step(2);
  order.must(performed(order.order(), refused()));
  const auto& letter = std::get<OrderDeadLettered>(order.events().back().data);
  EXPECT_EQ(letter.reason, DeadLetterReason::poison);
  EXPECT_EQ(letter.fingerprint, "payment/authorize_payment/poison/contradictory_answer");
}

TEST(DecidePerform, FailuresCountOnlyWhileTheCallIsAwaited) {
  for (const auto& order :
       {at_step(1), at_step(5), held(at_step(2)), exhausted(2), at_step(6), cancelling(1)}) {
    auto input = performed(order.order(), failed(FailureClass::poison));
    input.awaited = order.order().status == Status::dead_lettered;
    EXPECT_EQ(outcome_of(order, input), fmt::format("-> {}", to_string(order.order().status)));
  }
}

TEST(DecidePerform, WhileAnUndoRunsOnlyTheDispatchOfAnOutstandingBookingCounts) {
  for (const auto& order : {cancelling(5), compensating(5), attention(cancelling(5)),
                            attention(compensating_open(5)), by_hand(cancelling(5))}) {
    EXPECT_EQ(perform(order, succeeded(0)), "ShipmentDispatched -> shipped");
  }
  auto booking_undone = cancelling(5);
  booking_undone.must(undid(booking_undone.order(), undone()));
  EXPECT_EQ(perform(booking_undone, succeeded(0)), "EventIgnored -> cancelling");
  EXPECT_EQ(perform(cancelling(4), succeeded(1)), "EventIgnored -> cancelling");
  EXPECT_EQ(perform(compensating_open(3), succeeded(0)), "EventIgnored -> compensating");
  EXPECT_EQ(perform(attention(cancelling(3)), rejected()), "EventIgnored -> needs_attention");
  EXPECT_EQ(perform(cancelling(5), failed()), "-> cancelling");
}

TEST(DecidePerform, NothingCountsWhileAnEditWaits) {
  for (StepNumber s = 1; s <= 3; ++s) {
    for (const auto& order : {editing(s), held(editing(s)), edit_undo_exhausted(s)}) {
      const auto ignored = fmt::format("EventIgnored -> {}", to_string(order.order().status));
      EXPECT_EQ(perform(order, succeeded(0)), ignored);
      EXPECT_EQ(perform(order, rejected()), ignored);
      EXPECT_EQ(perform(order, undone()), ignored);
      EXPECT_EQ(perform(order, failed(FailureClass::poison)),
                fmt::format("-> {}", to_string(order.order().status)));
    }
  }
}

TEST(DecideEditUndo, UndoneBringsTheChangesAndTheNextGeneration) {
  EXPECT_EQ(undo(editing(1), undone()), "InventoryReleased -> pending");
  EXPECT_EQ(undo(editing(2), undone()), "PaymentVoided -> processing");
  EXPECT_EQ(undo(held(editing(3)), undone()), "ShipmentCancelled -> on_hold");
  EXPECT_EQ(undo(edit_undo_exhausted(1), undone()), "InventoryReleased -> pending");
  EXPECT_EQ(undo(edit_undo_poisoned(3), undone()), "ShipmentCancelled -> processing");
  auto order = editing(1);
  order.must(undid(order.order(), undone()));
  EXPECT_EQ(order.events().back().generation, 1U);
  EXPECT_EQ(order.order().total_minor, 1'980);
  EXPECT_EQ(order.order().dead_letter, std::nullopt);
  EXPECT_EQ(needed_call(order.order()),
            (NeededCall{{order_id(), 1, 1, 2}, Action::perform, false}));
  order.must(performed(order.order(), failed()));
  EXPECT_EQ(order.order().budget_used, 1U);
  EXPECT_EQ(order.events().back().attempt, order.policy().max_attempts + 1);
}

TEST(DecideEditUndo, ARefusedBookingDropsTheChanges) {
  EXPECT_EQ(undo(editing(3), refused()), "OrderDeadLettered -> dead_lettered");
  EXPECT_EQ(undo(held(editing(3)), refused("already_dispatched")),
            "OrderDeadLettered -> dead_lettered");
  EXPECT_EQ(undo(edit_undo_exhausted(3), refused()), "EventIgnored -> dead_lettered");
  const auto order = edit_refused();
  EXPECT_FALSE(order.order().edit);
  EXPECT_EQ(order.order().current().generation, 1U);
  EXPECT_EQ(order.order().contact_version, 1U);
}

TEST(DecideEditUndo, FailuresAreRetriedAndThenTheEditStillWaits) {
  for (StepNumber s = 1; s <= 3; ++s) {
    for (const auto& order : {editing(s), held(editing(s))}) {
      const auto status = to_string(order.order().status);
      EXPECT_EQ(undo(order, in_progress()), fmt::format("-> {}", status));
      EXPECT_EQ(undo(order, failed()), fmt::format("StepAttemptFailed -> {}", status));
      EXPECT_EQ(undo(last_attempt(order), failed()), "OrderDeadLettered -> dead_lettered");
      EXPECT_EQ(undo(order, failed(FailureClass::poison)), "OrderDeadLettered -> dead_lettered");
    }
    EXPECT_EQ(undo(edit_undo_exhausted(s), failed()), "-> dead_lettered");
    EXPECT_EQ(undo(edit_undo_exhausted(s), in_progress()), "-> dead_lettered");
    EXPECT_TRUE(edit_undo_poisoned(s).order().edit);
  }
  EXPECT_EQ(undo(editing(1), refused()), "OrderDeadLettered -> dead_lettered");
  auto order = edit_undo_exhausted(2);
  EXPECT_EQ(order.order().current().undo_attempts, order.policy().max_attempts);
}

TEST(DecideUndo, IsConfirmedOneByOneAndThenFinal) {
  auto order = cancelling(5);
  const std::vector<std::string> expected{
      "ShipmentCancelled -> cancelling", "PaymentRefunded -> cancelling",
      "PaymentVoided -> cancelling", "InventoryReleased OrderCancelled -> cancelled"};
  for (const auto& each : expected) {
    const auto answer = undid(order.order(), undone());
    EXPECT_EQ(outcome_of(order, answer), each);
    order.must(answer);
  }
  EXPECT_EQ(std::get<OrderCancelled>(order.events().back().data).undone_steps,
            (std::vector<StepNumber>{3, 4, 2, 1}));
  EXPECT_EQ(undo(compensating(2), undone(Effect::none)), "InventoryReleased OrderFailed -> failed");
  EXPECT_EQ(undo(compensating(4), undone()), "ShipmentCancelled -> compensating");
}

TEST(DecideUndo, ALateConfirmationEndsTheNeedForAttention) {
  EXPECT_EQ(undo(attention(cancelling(2)), undone()), "PaymentVoided -> cancelling");
  EXPECT_EQ(undo(attention(compensating(5)), undone()), "ShipmentCancelled -> compensating");
  EXPECT_EQ(undo(attention(cancelling(1)), undone()),
            "InventoryReleased OrderCancelled -> cancelled");
  EXPECT_EQ(undo(attention(compensating(2)), undone()), "InventoryReleased OrderFailed -> failed");
}

TEST(DecideUndo, ARefusalBecauseDispatchedGoesForwardAtTheDispatchStep) {
  for (const auto& order :
       {cancelling(5), compensating(5), attention(cancelling(5)), by_hand(compensating(5))}) {
    EXPECT_EQ(undo(order, refused("already_dispatched")), "ShipmentDispatched -> shipped");
  }
}

TEST(DecideUndo, ARefusedCancelReturnsToWhereItWas) {
  EXPECT_EQ(undo(cancelling(5), refused()), "CancelRejected -> processing");
  EXPECT_EQ(undo(cancelling(4), refused("already_dispatched")), "CancelRejected -> processing");
  EXPECT_EQ(undo(cancelling(held(at_step(4))), refused()), "CancelRejected -> on_hold");
  EXPECT_EQ(undo(cancelling(editing(3)), refused()), "CancelRejected -> dead_lettered");
  auto order = cancelling(exhausted(3));
  order.must(undid(order.order(), failed()));
  order.must(undid(order.order(), refused()));
  EXPECT_EQ(order.order().status, Status::dead_lettered);
  EXPECT_EQ(order.order().undo, std::nullopt);
  EXPECT_EQ(order.order().last_failure, std::nullopt);
  EXPECT_EQ(order.order().budget_used, 0U);
  EXPECT_EQ(order.order().dead_letter->reason, DeadLetterReason::exhausted);
  EXPECT_TRUE(due_at(order.order(), Timer::undo_at, order.policy()).has_value());
}

TEST(DecideUndo, ARefusalDuringAFailureNeedsAttention) {
  EXPECT_EQ(undo(compensating(5), refused()), "CompensationFailed -> needs_attention");
  EXPECT_EQ(undo(compensating(4), refused("already_dispatched")),
            "CompensationFailed -> needs_attention");
  EXPECT_EQ(undo(attention(compensating(4)), refused()), "EventIgnored -> needs_attention");
  EXPECT_EQ(undo(attention(cancelling(4)), refused()), "EventIgnored -> needs_attention");
}

TEST(DecideUndo, APlainRefusalSaysNothingOnceAPersonHasUndoneIt) {
  EXPECT_EQ(undo(by_hand(cancelling(4)), refused()), "EventIgnored -> cancelling");
  EXPECT_EQ(undo(by_hand(compensating(5)), refused()), "EventIgnored -> compensating");
}

TEST(DecideUndo, FailuresAreRetriedAndThenNeedAttention) {
  for (const auto& order : {cancelling(1), cancelling(3), compensating(2), compensating(5)}) {
    const auto status = to_string(order.order().status);
    EXPECT_EQ(undo(order, in_progress()), fmt::format("-> {}", status));
    EXPECT_EQ(undo(order, failed()), fmt::format("StepAttemptFailed -> {}", status));
    EXPECT_EQ(undo(last_attempt(order), failed()),
              "StepAttemptFailed CompensationFailed -> needs_attention");
    EXPECT_EQ(undo(order, failed(FailureClass::poison)),
              "StepAttemptFailed CompensationFailed -> needs_attention");
    EXPECT_EQ(undo(attention(order), failed()), "-> needs_attention");
    EXPECT_EQ(undo(attention(order), in_progress()), "-> needs_attention");
    auto late = undid(order.order(), failed(FailureClass::poison));
    late.awaited = false;
    EXPECT_EQ(outcome_of(order, late), fmt::format("-> {}", status));
  }
}

TEST(DecideUndo, OnlyTheBookingMayRefuse) {
  for (const auto& order : {cancelling(1), cancelling(2), compensating(2)}) {
    EXPECT_EQ(undo(order, refused()), "StepAttemptFailed CompensationFailed -> needs_attention");
    EXPECT_EQ(undo(attention(order), refused()), "-> needs_attention");
  }
}

TEST(DecideUndo, EveryUndoHasABudgetOfItsOwn) {
  auto order = cancelling(2);
  order.must(undid(order.order(), failed()));
  EXPECT_EQ(order.order().budget_used, 1U);
  order.must(undid(order.order(), undone()));
  EXPECT_EQ(order.order().budget_used, 0U);
  EXPECT_EQ(order.order().next_attempt_at, std::nullopt);
}

TEST(DecideIgnored, OtherKeysAreRecordedAndChangeNothing) {
  for (const auto& order :
       {at_step(2), held(at_step(2)), exhausted(2), at_step(6), completed(), cancelling(2),
        attention(compensating(5)), cancelled(), failed_order()}) {
    auto input = performed(order.order(), succeeded(0));
    const auto ignored = fmt::format("EventIgnored -> {}", to_string(order.order().status));
    input.key.generation += 1;
    EXPECT_EQ(outcome_of(order, input), ignored);
    input = performed(order.order(), undone());
    input.key.run += 1;
    EXPECT_EQ(outcome_of(order, input), ignored);
    input = undid(order.order(), undone());
    input.key.run += 1;
    EXPECT_EQ(outcome_of(order, input), ignored);
  }
  auto order = cancelling(2);
  const auto confirmed = undid(order.order(), undone());
  order.must(confirmed);
  EXPECT_EQ(outcome_of(order, confirmed), "EventIgnored -> cancelling");
}

TEST(DecideIgnored, AreRecordedSixteenTimesAndThenCountedOnly) {
  auto order = cancelled();
  const auto late = performed(order.order(), succeeded(0));
  for (std::uint32_t i = 0; i < kMaxIgnoredEvents; ++i) {
    EXPECT_EQ(outcome_of(order, late), "EventIgnored -> cancelled");
    EXPECT_TRUE(order.give(late)->ignored);
  }
  EXPECT_EQ(order.order().ignored, kMaxIgnoredEvents);
  EXPECT_EQ(outcome_of(order, late), "-> cancelled");
  EXPECT_TRUE(order.give(late)->ignored);
}

TEST(DecideIgnored, SayWhatTheEventWouldHaveBeen) {
  auto order = cancelled();
  auto late = performed(order.order(), succeeded(0));
  late.key.step = 4;
  ASSERT_TRUE(order.give(late));
  const auto& data = std::get<EventIgnored>(order.events().back().data);
  EXPECT_EQ(data.original, EventType::PaymentCaptured);
  EXPECT_EQ(data.key, late.key);
}

TEST(DecideFailure, KeepsAFingerprintAndAMessageCutAtACharacter) {
  auto order = at_step(2);
  auto outcome = failed();
  outcome.message = std::string(kMaxFailureMessage - 1, 'x') + "\u00e4rger";
  order.must(performed(order.order(), outcome));
  const auto& data = std::get<StepAttemptFailed>(order.events().back().data);
  EXPECT_EQ(data.fingerprint, "payment/authorize_payment/transient/http_503");
  EXPECT_EQ(data.message, std::string(kMaxFailureMessage - 1, 'x'));
  outcome.message = std::string(kMaxFailureMessage, 'y');
  order.must(performed(order.order(), outcome));
  EXPECT_EQ(std::get<StepAttemptFailed>(order.events().back().data).message, outcome.message);
}

}  // namespace
}  // namespace conveyor::test
