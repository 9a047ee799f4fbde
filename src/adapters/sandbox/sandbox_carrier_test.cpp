// Method: the carrier is called as the shipping service would, one postal code a test; what it
// answers and what its books say afterwards are compared with docs/sandbox.md.
#include "adapters/sandbox/sandbox_carrier.h"

#include <gtest/gtest.h>

#include "adapters/memory/memory_store.h"
#include "services/service_fixture.h"

namespace conveyor {
namespace {

using test::key_of;
using test::kPlacedAt;
using test::words;

const OperationKey kBookKey = key_of("book_shipment");
const OperationKey kDispatchKey = key_of("dispatch_shipment");

class SandboxCarrierTest : public ::testing::Test {
 public:
  SandboxCarrierTest() { store.begin(); }
  ~SandboxCarrierTest() override { store.commit(); }

  CarrierCall call_of(CarrierVerb verb) {
    CarrierCall call;
    call.verb = verb;
    call.key = verb == CarrierVerb::dispatch ? kDispatchKey : kBookKey;
    if (verb == CarrierVerb::dispatch) call.booking = kBookKey;
    if (verb == CarrierVerb::book) call.postal_code = postal_code;
    return call;
  }
  std::string book() { return words(carrier.call(call_of(CarrierVerb::book), kPlacedAt)); }
  std::string dispatch() { return words(carrier.call(call_of(CarrierVerb::dispatch), kPlacedAt)); }
  std::string cancel() { return words(carrier.call(call_of(CarrierVerb::cancel), kPlacedAt)); }
  std::string look_up(const OperationKey& key) { return words(carrier.look_up(key, kPlacedAt)); }
  SandboxRecord record(const OperationKey& key) { return store.sandbox_record(key).value(); }

  MemoryStore store;
  test::CountingRandom random;
  SandboxCarrier carrier{store, random};
  std::string postal_code = "10115";
};

TEST_F(SandboxCarrierTest, ARepeatedCallGetsTheSameAnswerAndNoSecondEffect) {
  const auto first = carrier.call(call_of(CarrierVerb::book), kPlacedAt);
  const auto second = carrier.call(call_of(CarrierVerb::book), kPlacedAt);
  EXPECT_EQ(words(first), "done");
  EXPECT_EQ(first.carrier, "sandbox");
  EXPECT_EQ(first.tracking.substr(0, 3), "SBX");
  EXPECT_EQ(first.tracking.size(), 16U);
  EXPECT_EQ(second.tracking, first.tracking);
  const auto dispatched = carrier.call(call_of(CarrierVerb::dispatch), kPlacedAt);
  EXPECT_EQ(dispatched.tracking, first.tracking);
  EXPECT_EQ(dispatch(), "done");
  EXPECT_EQ(record(kBookKey).effects, 1U);
  EXPECT_EQ(record(kDispatchKey).effects, 1U);
  EXPECT_EQ(carrier.look_up(kDispatchKey, kPlacedAt).tracking, first.tracking);
}

TEST_F(SandboxCarrierTest, KeepsAPostalCodeOnlyIfItChoosesABehaviour) {
  book();
  dispatch();
  EXPECT_EQ(record(kBookKey).behaviour, "");
  EXPECT_EQ(record(kDispatchKey).behaviour, "");
  for (const auto* none : {"SBX-NOTHING", "SBX-FLAKY-100", "sbx-slow", "pm_slow"}) {
    postal_code = none;
    book();
    EXPECT_EQ(record(kBookKey).behaviour, "") << none;
  }
  postal_code = "SBX-FLAKY-99";
  book();
  EXPECT_EQ(record(kBookKey).behaviour, "SBX-FLAKY-99");
}

TEST_F(SandboxCarrierTest, ACancelledBookingIsNotDispatched) {
  book();
  EXPECT_EQ(cancel(), "done");
  EXPECT_EQ(cancel(), "done");
  EXPECT_EQ(dispatch(), "refused booking_cancelled");
  EXPECT_EQ(look_up(kDispatchKey), "refused booking_cancelled");
  EXPECT_EQ(record(kBookKey).undo_calls, 2U);
  EXPECT_FALSE(record(kBookKey).effect_exists);
}

TEST_F(SandboxCarrierTest, ADispatchedBookingIsNotCancelled) {
  book();
  dispatch();
  EXPECT_EQ(cancel(), "refused already_dispatched");
  EXPECT_TRUE(record(kBookKey).effect_exists);
}

TEST_F(SandboxCarrierTest, AnUnknownKey) {
  EXPECT_EQ(look_up(kBookKey), "not_found");
  EXPECT_EQ(cancel(), "refused unknown_booking");
  EXPECT_EQ(dispatch(), "refused unknown_booking");
}

TEST_F(SandboxCarrierTest, Rejected) {
  postal_code = "SBX-REJECTED";
  EXPECT_EQ(book(), "refused undeliverable");
  EXPECT_EQ(book(), "refused undeliverable");
  EXPECT_EQ(look_up(kBookKey), "refused undeliverable");
  EXPECT_EQ(record(kBookKey).effects, 0U);
}

TEST_F(SandboxCarrierTest, DispatchRejected) {
  postal_code = "SBX-DISPATCH-REJECTED";
  EXPECT_EQ(book(), "done");
  EXPECT_EQ(dispatch(), "refused dispatch_refused");
  EXPECT_EQ(cancel(), "done");
}

TEST_F(SandboxCarrierTest, FlakyFailsItsFirstBookingCallsOnly) {
  postal_code = "SBX-FLAKY-2";
  EXPECT_EQ(book(), "failed carrier_unavailable");
  EXPECT_EQ(look_up(kBookKey), "not_found");
  EXPECT_EQ(book(), "failed carrier_unavailable");
  EXPECT_EQ(book(), "done");
  EXPECT_EQ(dispatch(), "done");
}

TEST_F(SandboxCarrierTest, LostReplyHappensAndIsFound) {
  postal_code = "SBX-LOST-REPLY";
  EXPECT_EQ(book(), "unknown timeout");
  EXPECT_EQ(look_up(kBookKey), "done");
  EXPECT_EQ(book(), "done");
  EXPECT_EQ(cancel(), "unknown timeout");
  EXPECT_FALSE(record(kBookKey).effect_exists);
  EXPECT_EQ(cancel(), "done");
  EXPECT_EQ(dispatch(), "unknown timeout");
  EXPECT_EQ(dispatch(), "refused booking_cancelled");
}

TEST_F(SandboxCarrierTest, NoCancel) {
  postal_code = "SBX-NO-CANCEL";
  book();
  EXPECT_EQ(cancel(), "refused cannot_cancel");
  EXPECT_EQ(dispatch(), "done");
  EXPECT_EQ(cancel(), "refused already_dispatched");
}

TEST_F(SandboxCarrierTest, LatencyIsThatOfTheBookingForEveryCall) {
  postal_code = "10115";
  EXPECT_EQ(carrier.latency(call_of(CarrierVerb::book)), Duration{0});
  EXPECT_EQ(carrier.latency(call_of(CarrierVerb::dispatch)), Duration{0});
  postal_code = "SBX-SLOW";
  EXPECT_EQ(carrier.latency(call_of(CarrierVerb::book)), Duration{3'000});
  book();
  EXPECT_EQ(carrier.latency(call_of(CarrierVerb::dispatch)), Duration{3'000});
  EXPECT_EQ(carrier.latency(call_of(CarrierVerb::cancel)), Duration{3'000});
  postal_code = "SBX-ASYNC";
  const Duration delay = carrier.latency(call_of(CarrierVerb::book));
  EXPECT_GE(delay, Duration{20});
  EXPECT_LE(delay, Duration{200});
}

}  // namespace
}  // namespace conveyor
