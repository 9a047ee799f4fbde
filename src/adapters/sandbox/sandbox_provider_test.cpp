// Method: the provider is called as the payment service would, one payment method a test; what it
// answers and what its books say afterwards are compared with docs/sandbox.md.
#include "adapters/sandbox/sandbox_provider.h"

#include <gtest/gtest.h>

#include "adapters/memory/memory_store.h"
#include "services/service_fixture.h"

namespace conveyor {
namespace {

using test::key_of;
using test::kPlacedAt;
using test::words;

const OperationKey kAuthorizeKey = key_of("authorize_payment");
const OperationKey kCaptureKey = key_of("capture_payment");

class SandboxProviderTest : public ::testing::Test {
 public:
  SandboxProviderTest() { store.begin(); }
  ~SandboxProviderTest() override { store.commit(); }

  PaymentCall call_of(PaymentVerb verb, std::int64_t amount_minor = 1'000) {
    PaymentCall call;
    call.verb = verb;
    const bool of_capture = verb == PaymentVerb::capture || verb == PaymentVerb::refund;
    call.key = of_capture ? kCaptureKey : kAuthorizeKey;
    if (of_capture) call.authorization = kAuthorizeKey;
    call.amount_minor = amount_minor;
    if (verb == PaymentVerb::authorize) call.payment_method = method;
    return call;
  }
  std::string authorize() { return words(provider.call(call_of(PaymentVerb::authorize), now)); }
  std::string capture(std::int64_t amount_minor = 1'000) {
    return words(provider.call(call_of(PaymentVerb::capture, amount_minor), now));
  }
  std::string void_it() {
    return words(provider.call(call_of(PaymentVerb::void_authorization), now));
  }
  std::string refund() { return words(provider.call(call_of(PaymentVerb::refund), now)); }
  std::string look_up(const OperationKey& key) { return words(provider.look_up(key, now)); }
  SandboxRecord record(const OperationKey& key) { return store.sandbox_record(key).value(); }

  MemoryStore store;
  test::CountingRandom random;
  SandboxProvider provider{store, random};
  std::string method = "pm_ok";
  Timestamp now = kPlacedAt;
};

TEST_F(SandboxProviderTest, ARepeatedCallGetsTheSameAnswerAndNoSecondEffect) {
  const auto first = provider.call(call_of(PaymentVerb::authorize), now);
  const auto second = provider.call(call_of(PaymentVerb::authorize), now);
  EXPECT_EQ(words(first), "done");
  EXPECT_FALSE(first.reference.empty());
  EXPECT_EQ(second.reference, first.reference);
  EXPECT_EQ(provider.look_up(kAuthorizeKey, now).reference, first.reference);
  EXPECT_EQ(record(kAuthorizeKey).effects, 1U);
  EXPECT_EQ(record(kAuthorizeKey).calls, 2U);
  EXPECT_EQ(capture(), "done");
  EXPECT_EQ(capture(), "done");
  EXPECT_EQ(record(kCaptureKey).effects, 1U);
}

TEST_F(SandboxProviderTest, NothingIsCapturedWithoutOrBeyondAnAuthorization) {
  EXPECT_EQ(capture(), "refused not_authorized");
  EXPECT_EQ(authorize(), "done");
  EXPECT_EQ(capture(), "refused not_authorized") << "the answer to a key stays";
  PaymentCall second = call_of(PaymentVerb::capture, 1'001);
  second.key.generation = 2;
  EXPECT_EQ(words(provider.call(second, now)), "refused exceeds_authorization");
  second.key.generation = 3;
  second.amount_minor = 1'000;
  EXPECT_EQ(words(provider.call(second, now)), "done");
  second.key.generation = 4;
  EXPECT_EQ(words(provider.call(second, now)), "refused exceeds_authorization");
}

TEST_F(SandboxProviderTest, AVoidedAuthorizationCannotBeCaptured) {
  authorize();
  EXPECT_EQ(void_it(), "done");
  EXPECT_EQ(void_it(), "done");
  EXPECT_EQ(record(kAuthorizeKey).undo_calls, 2U);
  EXPECT_FALSE(record(kAuthorizeKey).effect_exists);
  EXPECT_EQ(capture(), "refused not_authorized");
}

TEST_F(SandboxProviderTest, ACapturedAuthorizationIsRefundedNotVoided) {
  authorize();
  capture();
  EXPECT_EQ(void_it(), "refused captured");
  EXPECT_EQ(refund(), "done");
  EXPECT_EQ(refund(), "done");
  EXPECT_FALSE(record(kCaptureKey).effect_exists);
  EXPECT_FALSE(record(kAuthorizeKey).effect_exists);
}

TEST_F(SandboxProviderTest, AnUnknownKey) {
  EXPECT_EQ(look_up(kAuthorizeKey), "not_found");
  EXPECT_EQ(void_it(), "refused unknown_payment");
  EXPECT_EQ(refund(), "refused unknown_payment");
}

TEST_F(SandboxProviderTest, Declined) {
  method = "pm_declined";
  EXPECT_EQ(authorize(), "refused declined");
  EXPECT_EQ(authorize(), "refused declined");
  EXPECT_EQ(look_up(kAuthorizeKey), "refused declined");
  EXPECT_EQ(record(kAuthorizeKey).effects, 0U);
}

TEST_F(SandboxProviderTest, DeclinedFunds) {
  method = "pm_declined_funds";
  EXPECT_EQ(authorize(), "refused insufficient_funds");
}

TEST_F(SandboxProviderTest, CaptureDeclined) {
  method = "pm_capture_declined";
  EXPECT_EQ(authorize(), "done");
  EXPECT_EQ(capture(), "refused capture_declined");
  EXPECT_EQ(void_it(), "done");
}

TEST_F(SandboxProviderTest, FlakyFailsItsFirstAuthorizeCallsOnly) {
  method = "pm_flaky_2";
  EXPECT_EQ(authorize(), "failed issuer_unavailable");
  EXPECT_EQ(look_up(kAuthorizeKey), "not_found");
  EXPECT_EQ(authorize(), "failed issuer_unavailable");
  EXPECT_EQ(authorize(), "done");
  EXPECT_EQ(capture(), "done");
  EXPECT_EQ(refund(), "done");
  method = "pm_flaky_0";
  EXPECT_EQ(authorize(), "done");
}

TEST_F(SandboxProviderTest, AnOutageHitsEveryCall) {
  method = "pm_outage_60";
  EXPECT_EQ(authorize(), "transient provider_down");
  EXPECT_EQ(look_up(kAuthorizeKey), "transient provider_down");
  now += Duration{60'000};
  EXPECT_EQ(look_up(kAuthorizeKey), "not_found");
  EXPECT_EQ(authorize(), "done");
  now -= Duration{1};
  EXPECT_EQ(authorize(), "transient provider_down");
  EXPECT_EQ(capture(), "transient provider_down");
  EXPECT_EQ(void_it(), "transient provider_down");
  EXPECT_EQ(record(kAuthorizeKey).effects, 1U);
}

TEST_F(SandboxProviderTest, LostReplyHappensAndIsFound) {
  method = "pm_lost_reply";
  EXPECT_EQ(authorize(), "unknown timeout");
  EXPECT_EQ(record(kAuthorizeKey).effects, 1U);
  EXPECT_EQ(look_up(kAuthorizeKey), "done");
  EXPECT_EQ(authorize(), "done");
  EXPECT_EQ(capture(), "unknown timeout");
  EXPECT_EQ(look_up(kCaptureKey), "done");
  EXPECT_EQ(refund(), "unknown timeout");
  EXPECT_FALSE(record(kCaptureKey).effect_exists);
  EXPECT_EQ(refund(), "done");
}

TEST_F(SandboxProviderTest, Garbage) {
  method = "pm_garbage";
  EXPECT_EQ(authorize(), "poison malformed_answer");
  EXPECT_EQ(authorize(), "poison malformed_answer");
  EXPECT_EQ(look_up(kAuthorizeKey), "not_found");
  EXPECT_EQ(record(kAuthorizeKey).effects, 0U);
}

TEST_F(SandboxProviderTest, UndoFails) {
  method = "pm_undo_fails";
  authorize();
  EXPECT_EQ(void_it(), "failed undo_unavailable");
  EXPECT_EQ(capture(), "done");
  EXPECT_EQ(refund(), "failed undo_unavailable");
  EXPECT_EQ(refund(), "failed undo_unavailable");
  EXPECT_TRUE(record(kCaptureKey).effect_exists);
}

TEST_F(SandboxProviderTest, LatencyIsThatOfTheAuthorizationForEveryCall) {
  constexpr PaymentVerb kVerbs[] = {PaymentVerb::authorize, PaymentVerb::capture,
                                    PaymentVerb::void_authorization, PaymentVerb::refund};
  for (const std::string_view ordinary : {"pm_ok", "pm_lost_reply", "pm_flaky_9"}) {
    method = ordinary;
    EXPECT_EQ(provider.latency(call_of(PaymentVerb::authorize)), Duration{0}) << ordinary;
  }
  method = "pm_slow";
  EXPECT_EQ(provider.latency(call_of(PaymentVerb::authorize)), Duration{3'000});
  authorize();
  for (const PaymentVerb verb : kVerbs) {
    EXPECT_EQ(provider.latency(call_of(verb)), Duration{3'000});
  }
  capture();
  EXPECT_EQ(provider.latency(call_of(PaymentVerb::refund)), Duration{3'000});
}

TEST_F(SandboxProviderTest, AsyncTakesAWhile) {
  method = "pm_async";
  const Duration delay = provider.latency(call_of(PaymentVerb::authorize));
  EXPECT_GE(delay, Duration{20});
  EXPECT_LE(delay, Duration{200});
  EXPECT_EQ(authorize(), "done");
}

}  // namespace
}  // namespace conveyor
