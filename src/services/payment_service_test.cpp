// Method: every cell of the participant table for authorize and capture against a provider that
// answers as the test says and counts its calls; then what an answer that is late, lost or unclear
// does.
#include "services/payment_service.h"

#include <gtest/gtest.h>

#include "adapters/memory/memory_store.h"
#include "services/outcomes.h"
#include "services/service_fixture.h"

namespace conveyor {
namespace {

using test::answer_done;
using test::answer_failed;
using test::answer_not_found;
using test::answer_refused;
using test::answered;
using test::by_hand_of;
using test::key_of;
using test::kPlacedAt;
using test::undo_of;
using test::words;

const OperationKey kAuthorizeKey = key_of("authorize_payment");
const OperationKey kCaptureKey = key_of("capture_payment");

using ScriptedProvider = test::Scripted<PaymentProvider, PaymentCall, PaymentVerb>;

class PaymentServiceTest : public ::testing::Test {
 public:
  PaymentServiceTest() { store.begin(); }
  ~PaymentServiceTest() override { store.commit(); }

  CallResult authorize(std::int64_t amount_minor = 1'000) {
    StepRequest request;
    request.key = kAuthorizeKey;
    request.currency = Currency::from_code("EUR").value();
    request.amount_minor = amount_minor;
    request.payment_method = "pm_card";
    return service.perform(request, kPlacedAt);
  }
  CallResult capture(std::int64_t amount_minor = 1'000,
                     std::optional<OperationKey> names = kAuthorizeKey) {
    StepRequest request;
    request.key = kCaptureKey;
    request.names = names;
    request.currency = Currency::from_code("EUR").value();
    request.amount_minor = amount_minor;
    return service.perform(request, kPlacedAt);
  }
  CallResult undo(const OperationKey& key) { return service.undo(undo_of(key), kPlacedAt); }
  CallResult by_hand(const OperationKey& key) { return service.undo(by_hand_of(key), kPlacedAt); }
  CallResult resume(const OperationKey& key, Action action = Action::perform) {
    return service.resume(key, action, kPlacedAt);
  }
  OperationState state_of(const OperationKey& key) { return store.payment(key).value().state; }
  /// Leaves the key uncertain: the call may have had its effect.
  void lose_authorize_reply() {
    provider.answers.add(answer_failed(FailureClass::unknown, "timeout"));
    EXPECT_EQ(words(authorize()), "failed unknown timeout");
    EXPECT_EQ(state_of(kAuthorizeKey), OperationState::uncertain);
  }

  MemoryStore store;
  ScriptedProvider provider;
  test::CountingRandom random;
  PaymentService service{store, provider, random};
};

// --- memory: none -------------------------------------------------------------------------------

TEST_F(PaymentServiceTest, NonePerformCallsTheProviderWithOurKey) {
  const Outcome outcome = answered(authorize());
  EXPECT_EQ(words(outcome), "succeeded");
  EXPECT_TRUE(outcome.evidence.payment_id.has_value());
  EXPECT_EQ(outcome.evidence.amount_minor, 1'000);
  EXPECT_EQ(outcome.evidence.provider_reference, "ref-1");
  ASSERT_EQ(provider.calls.size(), 1U);
  EXPECT_EQ(provider.calls[0].verb, PaymentVerb::authorize);
  EXPECT_EQ(provider.calls[0].key, kAuthorizeKey);
  EXPECT_EQ(provider.calls[0].payment_method, "pm_card");
  EXPECT_EQ(provider.calls[0].currency.code(), "EUR");
}

TEST_F(PaymentServiceTest, NoneUndoLeavesATombstone) {
  EXPECT_EQ(words(undo(kAuthorizeKey)), "undone none");
  EXPECT_EQ(words(authorize()), "undone none");
  EXPECT_TRUE(provider.calls.empty());
}

TEST_F(PaymentServiceTest, NoneUndoByHandLeavesATombstone) {
  EXPECT_EQ(words(by_hand(kCaptureKey)), "undone by_hand");
  EXPECT_EQ(words(capture()), "undone by_hand");
  EXPECT_TRUE(provider.calls.empty());
}

TEST_F(PaymentServiceTest, NonePerformThatNamesAnUndoneKeyIsUndone) {
  authorize();
  undo(kAuthorizeKey);
  EXPECT_EQ(words(capture()), "undone none");
  EXPECT_EQ(provider.count(PaymentVerb::capture), 0U);
}

TEST_F(PaymentServiceTest, ACaptureNamesItsAuthorization) {
  EXPECT_EQ(words(capture(1'000, std::nullopt)), "failed poison names_missing");
  const Outcome authorized = answered(authorize());
  const Outcome captured = answered(capture());
  EXPECT_EQ(words(captured), "succeeded");
  EXPECT_EQ(captured.evidence.payment_id, authorized.evidence.payment_id);
  EXPECT_EQ(provider.calls.back().authorization, kAuthorizeKey);
}

TEST_F(PaymentServiceTest, AmountZeroNeedsNoProvider) {
  const Outcome outcome = answered(authorize(0));
  EXPECT_EQ(words(outcome), "succeeded");
  EXPECT_EQ(outcome.evidence.amount_minor, 0);
  EXPECT_TRUE(outcome.evidence.provider_reference.empty());
  EXPECT_EQ(words(capture(0)), "succeeded");
  EXPECT_EQ(words(undo(kAuthorizeKey)), "failed poison live_capture");
  EXPECT_EQ(words(undo(kCaptureKey)), "undone none");
  EXPECT_EQ(words(undo(kAuthorizeKey)), "undone none");
  EXPECT_TRUE(provider.calls.empty());
  EXPECT_TRUE(provider.asked.empty());
}

// --- memory: success ----------------------------------------------------------------------------

TEST_F(PaymentServiceTest, SuccessPerformIsRemembered) {
  const Outcome first = answered(authorize());
  const Outcome second = answered(authorize());
  EXPECT_EQ(words(second), "succeeded");
  EXPECT_EQ(second.evidence, first.evidence);
  EXPECT_EQ(provider.calls.size(), 1U);
}

TEST_F(PaymentServiceTest, SuccessUndoVoidsOnce) {
  authorize();
  const Outcome outcome = answered(undo(kAuthorizeKey));
  EXPECT_EQ(words(outcome), "undone reversed");
  EXPECT_EQ(outcome.evidence.amount_minor, 1'000);
  EXPECT_EQ(words(undo(kAuthorizeKey)), "undone reversed");
  EXPECT_EQ(provider.count(PaymentVerb::void_authorization), 1U);
}

TEST_F(PaymentServiceTest, SuccessUndoOfACaptureRefundsAndLeavesNothingToVoid) {
  authorize();
  capture();
  EXPECT_EQ(words(undo(kAuthorizeKey)), "failed poison live_capture");
  EXPECT_EQ(words(undo(kCaptureKey)), "undone reversed");
  EXPECT_EQ(words(undo(kAuthorizeKey)), "undone none");
  EXPECT_EQ(provider.count(PaymentVerb::refund), 1U);
  EXPECT_EQ(provider.count(PaymentVerb::void_authorization), 0U);
}

TEST_F(PaymentServiceTest, SuccessUndoByHandCallsNobody) {
  authorize();
  capture();
  EXPECT_EQ(words(by_hand(kCaptureKey)), "undone by_hand");
  EXPECT_EQ(words(undo(kAuthorizeKey)), "undone none") << "the capture had used it up";
  EXPECT_EQ(words(capture()), "undone by_hand");
  EXPECT_EQ(provider.calls.size(), 2U);
}

TEST_F(PaymentServiceTest, AnAuthorizationUndoneByHandIgnoresTheCapture) {
  authorize();
  capture();
  EXPECT_EQ(words(by_hand(kAuthorizeKey)), "undone by_hand");
}

TEST_F(PaymentServiceTest, AnotherRequestUnderTheKeyIsRefused) {
  authorize();
  EXPECT_EQ(words(authorize(2'000)), "failed poison key_reused");
  EXPECT_EQ(provider.calls.size(), 1U);
}

// --- memory: rejected ---------------------------------------------------------------------------

TEST_F(PaymentServiceTest, RejectedIsRememberedAndHasNothingToReverse) {
  provider.answers.add(answer_refused("declined"));
  EXPECT_EQ(words(authorize()), "rejected declined");
  EXPECT_EQ(words(authorize()), "rejected declined");
  EXPECT_EQ(words(undo(kAuthorizeKey)), "undone none");
  EXPECT_EQ(words(authorize()), "undone none");
  EXPECT_EQ(provider.calls.size(), 1U);
}

TEST_F(PaymentServiceTest, RejectedUndoByHand) {
  provider.answers.add(answer_refused("declined"));
  authorize();
  EXPECT_EQ(words(by_hand(kAuthorizeKey)), "undone by_hand");
}

// --- memory: undone -----------------------------------------------------------------------------

TEST_F(PaymentServiceTest, UndoneIsTestedBeforeTheHash) {
  authorize();
  undo(kAuthorizeKey);
  EXPECT_EQ(words(authorize(2'000)), "undone reversed");
  EXPECT_EQ(words(by_hand(kAuthorizeKey)), "undone reversed");
}

// --- while the provider decides -----------------------------------------------------------------

TEST_F(PaymentServiceTest, ALateProviderIsCalledByResume) {
  provider.delay = Duration{50};
  const CallResult result = authorize();
  ASSERT_EQ(words(result), "deferred");
  EXPECT_EQ(std::get<Deferred>(result).delay, Duration{50});
  EXPECT_EQ(state_of(kAuthorizeKey), OperationState::uncertain) << "the intent comes first";
  EXPECT_TRUE(provider.calls.empty());
  EXPECT_EQ(words(authorize()), "in_progress");
  EXPECT_EQ(words(authorize(2'000)), "failed poison key_reused");
  EXPECT_EQ(words(undo(kAuthorizeKey)), "in_progress");
  EXPECT_EQ(words(resume(kAuthorizeKey)), "succeeded");
  EXPECT_EQ(provider.calls.size(), 1U);
  EXPECT_TRUE(provider.asked.empty()) << "a first call repeats nothing";
  EXPECT_EQ(words(resume(kAuthorizeKey)), "succeeded") << "a second resume acts no more";
  EXPECT_EQ(provider.calls.size(), 1U);
}

TEST_F(PaymentServiceTest, AnUndoByHandDropsTheCallInFlight) {
  provider.delay = Duration{50};
  authorize();
  EXPECT_EQ(words(by_hand(kAuthorizeKey)), "undone by_hand");
  EXPECT_EQ(words(resume(kAuthorizeKey)), "undone by_hand");
  EXPECT_TRUE(provider.calls.empty());
}

TEST_F(PaymentServiceTest, AnUndoIsDeferredToo) {
  authorize();
  provider.delay = Duration{50};
  EXPECT_EQ(words(undo(kAuthorizeKey)), "deferred");
  EXPECT_TRUE(store.payment(kAuthorizeKey)->undo_uncertain);
  EXPECT_EQ(words(undo(kAuthorizeKey)), "in_progress");
  EXPECT_EQ(words(authorize()), "in_progress");
  EXPECT_EQ(words(resume(kAuthorizeKey, Action::perform)), "in_progress");
  EXPECT_EQ(words(resume(kAuthorizeKey, Action::undo)), "undone reversed");
  EXPECT_FALSE(store.payment(kAuthorizeKey)->undo_uncertain);
  EXPECT_EQ(provider.count(PaymentVerb::void_authorization), 1U);
}

TEST_F(PaymentServiceTest, AnUndoByHandDropsTheUndoInFlight) {
  authorize();
  provider.delay = Duration{50};
  undo(kAuthorizeKey);
  EXPECT_EQ(words(by_hand(kAuthorizeKey)), "undone by_hand");
  EXPECT_EQ(words(resume(kAuthorizeKey, Action::undo)), "undone by_hand");
  EXPECT_EQ(provider.count(PaymentVerb::void_authorization), 0U);
}

TEST_F(PaymentServiceTest, ACaptureInFlightActsNoMoreOnceItsAuthorizationIsUndone) {
  authorize();
  provider.delay = Duration{50};
  capture();
  EXPECT_EQ(words(undo(kAuthorizeKey)), "in_progress") << "the capture may still come";
  EXPECT_EQ(words(by_hand(kAuthorizeKey)), "undone by_hand");
  EXPECT_EQ(words(resume(kCaptureKey)), "undone none");
  EXPECT_EQ(provider.count(PaymentVerb::capture), 0U);
}

TEST_F(PaymentServiceTest, AfterACrashTheProviderIsAskedBeforeTheCallIsMade) {
  provider.delay = Duration{50};
  authorize();
  service.forget_in_flight();
  provider.look_ups.add(answer_not_found());
  EXPECT_EQ(words(authorize()), "deferred");
  EXPECT_EQ(provider.asked, std::vector{kAuthorizeKey});
  EXPECT_EQ(words(resume(kAuthorizeKey)), "succeeded");
  EXPECT_EQ(provider.calls.size(), 1U);
}

TEST_F(PaymentServiceTest, AResumeOfAForgottenCallAsksFirst) {
  provider.delay = Duration{50};
  authorize();
  service.forget_in_flight();
  EXPECT_EQ(words(resume(kAuthorizeKey)), "succeeded") << "the look-up found it done";
  EXPECT_EQ(provider.asked.size(), 1U);
  EXPECT_TRUE(provider.calls.empty());
}

TEST_F(PaymentServiceTest, AResumeOfARolledBackIntentKnowsNothing) {
  store.commit();
  store.begin();
  provider.delay = Duration{50};
  authorize();
  store.rollback();
  service.forget_in_flight();
  store.begin();
  EXPECT_EQ(words(resume(kAuthorizeKey)), "in_progress");
  EXPECT_TRUE(provider.calls.empty());
}

// --- answers that are missing or unclear --------------------------------------------------------

TEST_F(PaymentServiceTest, ADefinitiveFailureIsRepeatedWithoutAsking) {
  provider.answers.add(answer_failed(FailureClass::failed, "issuer_unavailable"));
  EXPECT_EQ(words(authorize()), "failed failed issuer_unavailable");
  EXPECT_EQ(state_of(kAuthorizeKey), OperationState::bound);
  EXPECT_EQ(words(authorize()), "succeeded");
  EXPECT_TRUE(provider.asked.empty());
  EXPECT_EQ(provider.calls.size(), 2U);
}

TEST_F(PaymentServiceTest, ADefinitiveFailureLeavesNothingToReverse) {
  provider.answers.add(answer_failed(FailureClass::failed));
  authorize();
  EXPECT_EQ(words(undo(kAuthorizeKey)), "undone none");
  EXPECT_EQ(provider.calls.size(), 1U);
  EXPECT_TRUE(provider.asked.empty());
}

TEST_F(PaymentServiceTest, EveryOtherFailureIsAskedAbout) {
  for (const FailureClass unclear : {FailureClass::unknown, FailureClass::transient,
                                     FailureClass::denied, FailureClass::poison}) {
    provider.answers.add(answer_failed(unclear));
    provider.look_ups.add(answer_not_found());
    authorize();
    EXPECT_EQ(state_of(kAuthorizeKey), OperationState::uncertain) << to_string(unclear);
  }
  EXPECT_EQ(provider.calls.size(), 4U);
  EXPECT_EQ(provider.asked.size(), 3U);
}

TEST_F(PaymentServiceTest, ALostReplyIsFoundWithoutASecondCall) {
  lose_authorize_reply();
  provider.look_ups.add(answer_done("ref-9"));
  const Outcome outcome = answered(authorize());
  EXPECT_EQ(words(outcome), "succeeded");
  EXPECT_EQ(outcome.evidence.provider_reference, "ref-9");
  EXPECT_EQ(provider.calls.size(), 1U);
}

TEST_F(PaymentServiceTest, ALostRequestIsRepeatedWithTheSameKey) {
  lose_authorize_reply();
  provider.look_ups.add(answer_not_found());
  EXPECT_EQ(words(authorize()), "succeeded");
  ASSERT_EQ(provider.calls.size(), 2U);
  EXPECT_EQ(provider.calls[1].key, kAuthorizeKey);
}

TEST_F(PaymentServiceTest, ALostRefusalIsFound) {
  lose_authorize_reply();
  provider.look_ups.add(answer_refused("declined"));
  EXPECT_EQ(words(authorize()), "rejected declined");
}

TEST_F(PaymentServiceTest, AFailedLookUpIsTheOutcomeAndRepeatsNothing) {
  lose_authorize_reply();
  ProviderAnswer down = answer_failed(FailureClass::transient, "provider_down");
  down.retry_after = Duration{2'000};
  down.message = "busy";
  provider.look_ups.add(down);
  const Outcome outcome = answered(authorize());
  EXPECT_EQ(words(outcome), "failed transient provider_down");
  EXPECT_EQ(outcome.retry_after, Duration{2'000});
  EXPECT_EQ(outcome.message, "busy");
  EXPECT_EQ(provider.calls.size(), 1U);
}

TEST_F(PaymentServiceTest, AnUncertainUndoReversesWhatTheProviderFound) {
  lose_authorize_reply();
  provider.look_ups.add(answer_done());
  EXPECT_EQ(words(undo(kAuthorizeKey)), "undone reversed");
  EXPECT_EQ(provider.count(PaymentVerb::void_authorization), 1U);
}

TEST_F(PaymentServiceTest, AnUncertainUndoLeavesATombstoneIfTheProviderFoundNothing) {
  lose_authorize_reply();
  provider.look_ups.add(answer_not_found());
  EXPECT_EQ(words(undo(kAuthorizeKey)), "undone none");
  EXPECT_EQ(words(authorize()), "undone none");
  EXPECT_EQ(provider.calls.size(), 1U);
}

TEST_F(PaymentServiceTest, AnUncertainUndoWaitsForTheLookUp) {
  lose_authorize_reply();
  provider.look_ups.add(answer_failed(FailureClass::transient, "provider_down"));
  EXPECT_EQ(words(undo(kAuthorizeKey)), "failed transient provider_down");
  EXPECT_EQ(state_of(kAuthorizeKey), OperationState::uncertain);
}

TEST_F(PaymentServiceTest, AnUncertainUndoByHandAsksNobody) {
  lose_authorize_reply();
  EXPECT_EQ(words(by_hand(kAuthorizeKey)), "undone by_hand");
  EXPECT_TRUE(provider.asked.empty());
  EXPECT_TRUE(store.payment(kAuthorizeKey)->provider_reference.empty());
}

TEST_F(PaymentServiceTest, ALostReplyToAnUndoIsRepeated) {
  authorize();
  provider.answers.add(answer_failed(FailureClass::unknown, "timeout"));
  EXPECT_EQ(words(undo(kAuthorizeKey)), "failed unknown timeout");
  EXPECT_TRUE(store.payment(kAuthorizeKey)->undo_uncertain);
  EXPECT_EQ(words(undo(kAuthorizeKey)), "undone reversed");
  EXPECT_EQ(provider.count(PaymentVerb::void_authorization), 2U);
}

TEST_F(PaymentServiceTest, AFailedOrRefusedUndoKeepsThePayment) {
  authorize();
  provider.answers.add(answer_failed(FailureClass::failed, "undo_unavailable"));
  EXPECT_EQ(words(undo(kAuthorizeKey)), "failed failed undo_unavailable");
  EXPECT_FALSE(store.payment(kAuthorizeKey)->undo_uncertain);
  provider.answers.add(answer_refused("too_late"));
  EXPECT_EQ(words(undo(kAuthorizeKey)), "refused too_late");
  EXPECT_EQ(state_of(kAuthorizeKey), OperationState::succeeded);
}

TEST_F(PaymentServiceTest, AnAnswerThatMakesNoSenseIsPoison) {
  provider.answers.add(answer_not_found());
  EXPECT_EQ(words(authorize()), "failed poison unexpected_answer");
  EXPECT_EQ(state_of(kAuthorizeKey), OperationState::uncertain);
  provider.look_ups.add(answer_done());
  provider.answers.add(answer_not_found());
  EXPECT_EQ(words(undo(kAuthorizeKey)), "failed poison unexpected_answer");
  EXPECT_TRUE(store.payment(kAuthorizeKey)->undo_uncertain);
}

// --- an authorization whose capture is unclear --------------------------------------------------

class UnclearCaptureTest : public PaymentServiceTest {
 public:
  UnclearCaptureTest() {
    authorize();
    provider.answers.add(answer_failed(FailureClass::unknown));
    capture();
  }
};

TEST_F(UnclearCaptureTest, ItIsAskedAboutBeforeAVoid) {
  provider.look_ups.add(answer_failed(FailureClass::transient, "provider_down"));
  EXPECT_EQ(words(undo(kAuthorizeKey)), "failed transient provider_down");
  provider.look_ups.add(answer_done());
  EXPECT_EQ(words(undo(kAuthorizeKey)), "failed poison live_capture");
  EXPECT_EQ(provider.count(PaymentVerb::void_authorization), 0U);
}

TEST_F(UnclearCaptureTest, IfItWasNotMadeTheAuthorizationIsVoided) {
  provider.look_ups.add(answer_not_found());
  EXPECT_EQ(words(undo(kAuthorizeKey)), "undone reversed");
  EXPECT_EQ(words(capture()), "undone none");
  EXPECT_EQ(provider.count(PaymentVerb::capture), 1U);
}

TEST_F(UnclearCaptureTest, UndoneByHandTheProviderSaysWhetherItUsedTheAuthorizationUp) {
  by_hand(kCaptureKey);
  provider.look_ups.add(answer_failed(FailureClass::transient, "provider_down"));
  EXPECT_EQ(words(undo(kAuthorizeKey)), "failed transient provider_down");
  provider.look_ups.add(answer_done());
  EXPECT_EQ(words(undo(kAuthorizeKey)), "undone none");
  EXPECT_EQ(provider.count(PaymentVerb::void_authorization), 0U);
}

TEST_F(UnclearCaptureTest, UndoneByHandAndNeverMadeItLeavesTheAuthorizationToVoid) {
  by_hand(kCaptureKey);
  provider.look_ups.add(answer_not_found());
  EXPECT_EQ(words(undo(kAuthorizeKey)), "undone reversed");
}

}  // namespace
}  // namespace conveyor
