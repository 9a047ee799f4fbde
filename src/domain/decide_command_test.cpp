// Method: examples. One test per command of docs/transitions.md: every status, with the exact event
// types and the status after, and what the events and the order then hold.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "domain/test_orders.h"

namespace conveyor::test {
namespace {

Input cancel() {
  return command(CommandKind::cancel);
}
Input retry(Changes changes = {}) {
  return command(CommandKind::retry, std::move(changes));
}

/// One order per status that a person can do nothing about.
std::vector<TestOrder> in_statuses(const std::set<Status>& statuses) {
  std::vector<TestOrder> out;
  for (const auto& order : {at_step(1),
                            at_step(3),
                            editing(1),
                            editing(3),
                            held(at_step(1)),
                            held(at_step(4)),
                            held(editing(2)),
                            exhausted(1),
                            poisoned(5),
                            edit_undo_exhausted(2),
                            edit_refused(),
                            at_step(6),
                            completed(),
                            cancelling(1),
                            cancelling(5),
                            compensating(3),
                            by_hand(compensating(5)),
                            attention(cancelling(3)),
                            attention(compensating(5)),
                            cancelled(),
                            failed_order()}) {
    if (statuses.contains(order.order().status)) out.push_back(order);
  }
  return out;
}

std::set<Status> all_but(const std::set<Status>& statuses) {
  std::set<Status> out;
  for (const auto status : kAllStatuses) {
    if (!statuses.contains(status)) out.insert(status);
  }
  return out;
}

void expect_refused(const std::set<Status>& statuses, const Input& input) {
  for (auto order : in_statuses(statuses)) {
    const auto before = order.order();
    const auto decision = order.give(input);
    ASSERT_FALSE(decision.has_value()) << to_string(before.status);
    EXPECT_EQ(decision.error().code, Refusal::Code::action_not_allowed);
    EXPECT_NE(decision.error().detail.find(to_string(before.status)), std::string::npos);
    EXPECT_EQ(order.order(), before);
  }
}

TEST(DecideCancel, StartsAnUndoOfEverythingWithTheBookingFirst) {
  EXPECT_EQ(outcome_of(at_step(1), cancel()), "CancelRequested -> cancelling");
  EXPECT_EQ(outcome_of(at_step(5), cancel()), "CancelRequested -> cancelling");
  auto order = at_step(5);
  order.must(cancel());
  EXPECT_EQ(order.order().undo->outstanding, (std::vector<StepNumber>{3, 4, 2, 1}));
  EXPECT_EQ(std::get<CancelRequested>(order.events().back().data).outstanding,
            order.order().undo->outstanding);
}

TEST(DecideCancel, RemembersWhereARefusedCancelReturnsTo) {
  const auto resume = [](TestOrder order) {
    order.must(cancel());
    return order.order().undo->resume_status;
  };
  EXPECT_EQ(resume(at_step(1)), Status::pending);
  EXPECT_EQ(resume(at_step(2)), Status::processing);
  EXPECT_EQ(resume(held(at_step(1))), Status::on_hold);
  EXPECT_EQ(resume(exhausted(4)), Status::dead_lettered);
  for (StepNumber s = 1; s <= 3; ++s) {
    EXPECT_EQ(resume(editing(s)), Status::dead_lettered);
    EXPECT_EQ(resume(held(editing(s))), Status::dead_lettered);
    EXPECT_EQ(resume(edit_undo_exhausted(s)), Status::dead_lettered);
  }
}

TEST(DecideCancel, ChangesNothingOnceAnUndoRunsOrHasEnded) {
  for (const auto& order :
       in_statuses({Status::cancelling, Status::compensating, Status::cancelled, Status::failed})) {
    EXPECT_EQ(outcome_of(order, cancel()), fmt::format("-> {}", to_string(order.order().status)));
  }
}

TEST(DecideCancel, IsRefusedAfterThePivotAndWhileAttentionIsNeeded) {
  expect_refused({Status::shipped, Status::completed, Status::needs_attention}, cancel());
}

TEST(DecideHold, ParksWhatIsPendingOrProcessing) {
  const auto hold = command(CommandKind::hold);
  EXPECT_EQ(outcome_of(at_step(1), hold), "OrderHeld -> on_hold");
  EXPECT_EQ(outcome_of(at_step(5), hold), "OrderHeld -> on_hold");
  EXPECT_EQ(outcome_of(editing(1), hold), "OrderHeld -> on_hold");
  EXPECT_EQ(outcome_of(editing(2), hold), "OrderHeld -> on_hold");
  expect_refused(all_but({Status::pending, Status::processing}), hold);
}

TEST(DecideRelease, GoesOnWhereTheOrderWas) {
  const auto release = command(CommandKind::release);
  EXPECT_EQ(outcome_of(held(at_step(1)), release), "OrderReleased -> pending");
  EXPECT_EQ(outcome_of(held(at_step(2)), release), "OrderReleased -> processing");
  EXPECT_EQ(outcome_of(held(editing(1)), release), "OrderReleased -> pending");
  EXPECT_EQ(outcome_of(held(editing(3)), release), "OrderReleased -> processing");
  expect_refused(all_but({Status::on_hold}), release);
}

TEST(DecideRetry, RepeatsTheSameCallWithAFreshBudget) {
  EXPECT_EQ(outcome_of(exhausted(1), retry()), "OrderRetried -> pending");
  auto order = exhausted(3);
  const auto key = order.order().key_of(3);
  order.must(retry());
  EXPECT_EQ(order.order().status, Status::processing);
  EXPECT_EQ(order.order().budget_used, 0U);
  EXPECT_EQ(order.order().dead_letter, std::nullopt);
  EXPECT_EQ(needed_call(order.order()), (NeededCall{key, Action::perform, false}));
  EXPECT_EQ(order.order().current().perform_attempts, order.policy().max_attempts);
  order.must(performed(order.order(), failed()));
  EXPECT_EQ(order.events().back().attempt, order.policy().max_attempts + 1);
}

TEST(DecideRetry, RepeatsTheUndoOfAnEditThatWaits) {
  auto order = edit_undo_exhausted(2);
  const auto key = order.order().key_of(2);
  order.must(retry());
  EXPECT_EQ(order.order().status, Status::processing);
  EXPECT_TRUE(order.order().edit);
  EXPECT_EQ(needed_call(order.order()), (NeededCall{key, Action::undo, false}));
  EXPECT_EQ(order.order().budget_used, 0U);
}

TEST(DecideRetry, RepeatsAnUndoThatNeedsAttentionAndKeepsByHand) {
  EXPECT_EQ(outcome_of(attention(cancelling(2)), retry()), "OrderRetried -> cancelling");
  EXPECT_EQ(outcome_of(attention(compensating(5)), retry()), "OrderRetried -> compensating");
  auto order = attention(by_hand(cancelling(2)));
  EXPECT_TRUE(order.order().undo->by_hand);
  order.advance(Duration{5});
  order.must(retry());
  EXPECT_TRUE(needed_call(order.order())->by_hand);
  EXPECT_EQ(order.order().undo->since, order.now());
  EXPECT_EQ(order.order().budget_used, 0U);
}

TEST(DecideRetry, IsRefusedWhereNothingHasFailed) {
  expect_refused(all_but({Status::dead_lettered, Status::needs_attention}), retry());
}

TEST(DecideRetryWithChanges, OfWhatTheCurrentStepUsesWaitsForTheUndoOfTheOldKey) {
  EXPECT_EQ(outcome_of(exhausted(1), retry(changed_lines())), "OrderRetried -> pending");
  EXPECT_EQ(outcome_of(exhausted(3), retry(changed_ship_to())), "OrderRetried -> processing");
  auto order = exhausted(2);
  order.must(retry(changed_payment_method()));
  const auto& data = std::get<OrderRetried>(order.events().back().data);
  EXPECT_EQ(data.new_generation, 2U);
  EXPECT_EQ(data.previous.payment_method, "pm_ok");
  EXPECT_EQ(order.order().payment_method, "pm_ok");
  EXPECT_EQ(needed_call(order.order()), (NeededCall{order.order().key_of(2), Action::undo, false}));
  EXPECT_EQ(order.order().current().generation, 1U);
}

TEST(DecideRetryWithChanges, OfWhatOnlyLaterStepsUseKeepsTheKey) {
  auto order = exhausted(1);
  Changes changes = changed_payment_method();
  changes.contact_version = 2;
  order.must(retry(changes));
  EXPECT_EQ(order.order().status, Status::pending);
  EXPECT_FALSE(order.order().edit);
  EXPECT_EQ(order.order().payment_method, "pm_other");
  EXPECT_EQ(order.order().contact_version, 2U);
  EXPECT_EQ(needed_call(order.order()),
            (NeededCall{order.order().key_of(1), Action::perform, false}));
}

TEST(DecideRetryWithChanges, IsRefusedForWhatADoneStepHasUsed) {
  EXPECT_EQ(outcome_of(exhausted(2), retry(changed_lines())), "409");
  EXPECT_EQ(outcome_of(exhausted(3), retry(changed_payment_method())), "409");
  EXPECT_EQ(outcome_of(exhausted(4), retry(changed_lines())), "409");
  EXPECT_EQ(outcome_of(exhausted(4), retry(changed_ship_to())), "409");
  EXPECT_EQ(outcome_of(exhausted(5), retry(changed_ship_to())), "409");
}

TEST(DecideRetryWithChanges, IsRefusedWhileAnEditWaitsAndOutsideOfDeadLettered) {
  EXPECT_EQ(outcome_of(edit_undo_exhausted(1), retry(changed_lines())), "409");
  EXPECT_EQ(outcome_of(edit_undo_exhausted(2), retry(changed_ship_to())), "409");
  expect_refused(all_but({Status::dead_lettered}), retry(changed_ship_to()));
}

TEST(DecideRetryWithChanges, IsRefusedForLinesWithoutAValidTotal) {
  const auto refusal_of = [](std::int64_t quantity, std::int64_t unit_price_minor) {
    Changes changes;
    changes.lines = {{1, "SKU-1", std::nullopt, quantity, unit_price_minor}};
    auto order = exhausted(1);
    const auto decision = order.give(retry(changes));
    return decision ? std::nullopt : std::optional{decision.error().code};
  };
  EXPECT_EQ(refusal_of(1, -481), Refusal::Code::total_negative);
  EXPECT_EQ(refusal_of(1, -480), std::nullopt);
  EXPECT_EQ(refusal_of(1, kMaxMinor - 480), std::nullopt);
  EXPECT_EQ(refusal_of(1, kMaxMinor - 479), Refusal::Code::total_out_of_range);
}

TEST(DecideCompensate, UndoesADeadLetter) {
  const auto compensate = command(CommandKind::compensate);
  EXPECT_EQ(outcome_of(exhausted(1), compensate), "CompensationStarted -> compensating");
  auto order = edit_undo_exhausted(3);
  order.must(compensate);
  EXPECT_FALSE(order.order().edit);
  EXPECT_EQ(order.order().undo->cause, UndoCause::operator_);
  EXPECT_EQ(order.order().undo->outstanding, (std::vector<StepNumber>{3, 2, 1}));
  EXPECT_EQ(order.order().dead_letter, std::nullopt);
  expect_refused(all_but({Status::dead_lettered}), compensate);
}

TEST(DecideResolve, SendsTheOutstandingUndoByHandAndTheNextOnesPlainly) {
  const auto resolve = command(CommandKind::resolve);
  EXPECT_EQ(outcome_of(attention(cancelling(2)), resolve), "CompensationResolved -> cancelling");
  EXPECT_EQ(outcome_of(attention(compensating(5)), resolve),
            "CompensationResolved -> compensating");
  auto order = by_hand(cancelling(2));
  EXPECT_EQ(needed_call(order.order()), (NeededCall{order.order().key_of(2), Action::undo, true}));
  order.must(undid(order.order(), undone(Effect::by_hand)));
  const auto& data = std::get<StepUndone>(order.events().back().data);
  EXPECT_EQ(data.effect, Effect::by_hand);
  EXPECT_EQ(data.external_reference, "ticket-7");
  EXPECT_EQ(needed_call(order.order()), (NeededCall{order.order().key_of(1), Action::undo, false}));
  expect_refused(all_but({Status::needs_attention}), resolve);
}

TEST(DecideRestart, BeginsANewRunFromTheFirstStep) {
  const auto restart = command(CommandKind::restart);
  EXPECT_EQ(outcome_of(cancelled(), restart), "OrderRestarted -> pending");
  auto order = failed_order();
  order.advance(std::chrono::hours{24 * 30});
  order.must(command(CommandKind::restart, changed_lines()));
  EXPECT_EQ(order.order().status, Status::pending);
  EXPECT_EQ(needed_call(order.order())->key, (OperationKey{order_id(), 2, 1, 1}));
  EXPECT_EQ(order.order().total_minor, 1'980);
  EXPECT_EQ(std::get<OrderRestarted>(order.events().back().data).total_minor, 1'980);
  EXPECT_EQ(order.order().age_from, order.now());
  EXPECT_EQ(order.order().run_money, MoneyMoved{});
  EXPECT_EQ(order.order().final_code, "");
  EXPECT_EQ(order.order().steps, (std::array<StepState, kStepCount>{}));
  expect_refused(all_but({Status::cancelled, Status::failed}), restart);
}

TEST(DecideRestart, IsRefusedOnceTheContactWasErased) {
  auto order = cancelled();
  EventDraft erased;
  erased.type = EventType::ContactErased;
  erased.data = ContactErased{};
  order.append(erased);
  EXPECT_EQ(outcome_of(order, command(CommandKind::restart)), "409");
}

TEST(DecideRetryNow, IsAllowedWhileAWaitRunsAndLeavesNoEvent) {
  const auto retry_now = command(CommandKind::retry_now);
  for (auto order : {at_step(1), at_step(4), at_step(6)}) {
    EXPECT_EQ(outcome_of(order, retry_now), "409");
    order.must(performed(order.order(), failed()));
    EXPECT_EQ(outcome_of(order, retry_now), fmt::format("-> {}", to_string(order.order().status)));
    order.advance(std::chrono::hours{1});
    EXPECT_EQ(outcome_of(order, retry_now), "409");
  }
  for (auto order : {cancelling(1), compensating(4)}) {
    EXPECT_EQ(outcome_of(order, retry_now), "409");
    order.must(undid(order.order(), failed()));
    EXPECT_EQ(outcome_of(order, retry_now), fmt::format("-> {}", to_string(order.order().status)));
  }
  auto waits = at_step(2);
  waits.must(performed(waits.order(), failed()));
  EXPECT_EQ(outcome_of(held(waits), retry_now), "409");
  expect_refused({Status::on_hold, Status::dead_lettered, Status::needs_attention,
                  Status::completed, Status::cancelled, Status::failed},
                 retry_now);
}

}  // namespace
}  // namespace conveyor::test
