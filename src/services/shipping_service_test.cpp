// Method: every cell of the participant table for booking and dispatch against a carrier that
// answers as the test says and counts its calls; then the race between cancel and dispatch. What
// shipping shares with payment (answers late, lost or unclear) is tested in full there.
#include "services/shipping_service.h"

#include <gtest/gtest.h>

#include <functional>

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

const OperationKey kBookKey = key_of("book_shipment");
const OperationKey kDispatchKey = key_of("dispatch_shipment");

using ScriptedCarrier = test::Scripted<Carrier, CarrierCall, CarrierVerb>;

class ShippingServiceTest : public ::testing::Test {
 public:
  ShippingServiceTest() {
    store.begin();
    ship_to.postal_code = "10115";
    ship_to.country = "DE";
  }
  ~ShippingServiceTest() override { store.commit(); }

  CallResult book() {
    StepRequest request;
    request.key = kBookKey;
    request.ship_to = &ship_to;
    return service.perform(request, kPlacedAt);
  }
  CallResult dispatch() {
    StepRequest request;
    request.key = kDispatchKey;
    request.names = kBookKey;
    return service.perform(request, kPlacedAt);
  }
  void dispatch_deferred() {
    carrier.delay = Duration{50};
    EXPECT_EQ(words(dispatch()), "deferred");
    carrier.delay = Duration{0};
  }
  void lose_dispatch_reply() {
    carrier.answers.add(answer_failed(FailureClass::unknown, "timeout"));
    EXPECT_EQ(words(dispatch()), "failed unknown timeout");
  }
  CallResult undo(const OperationKey& key = kBookKey) {
    return service.undo(undo_of(key), kPlacedAt);
  }
  CallResult by_hand(const OperationKey& key = kBookKey) {
    return service.undo(by_hand_of(key), kPlacedAt);
  }
  CallResult resume(const OperationKey& key, Action action = Action::perform) {
    return service.resume(key, action, kPlacedAt);
  }
  OperationState state_of(const OperationKey& key) { return store.shipment(key).value().state; }

  MemoryStore store;
  ScriptedCarrier carrier;
  test::CountingRandom random;
  ShippingService service{store, carrier, random};
  ShipTo ship_to;
};

// --- the booking --------------------------------------------------------------------------------

TEST_F(ShippingServiceTest, NonePerformBooks) {
  const Outcome outcome = answered(book());
  EXPECT_EQ(words(outcome), "succeeded");
  EXPECT_TRUE(outcome.evidence.shipment_id.has_value());
  EXPECT_EQ(outcome.evidence.carrier, "carrier");
  EXPECT_EQ(outcome.evidence.tracking, "Tref-1");
  ASSERT_EQ(carrier.calls.size(), 1U);
  EXPECT_EQ(carrier.calls[0].verb, CarrierVerb::book);
  EXPECT_EQ(carrier.calls[0].key, kBookKey);
  EXPECT_EQ(carrier.calls[0].postal_code, "10115");
  EXPECT_EQ(carrier.calls[0].country, "DE");
}

TEST_F(ShippingServiceTest, NoneUndoLeavesATombstone) {
  EXPECT_EQ(words(undo()), "undone none");
  EXPECT_EQ(words(book()), "undone none");
  EXPECT_EQ(words(dispatch()), "undone none");
  EXPECT_TRUE(carrier.calls.empty());
}

TEST_F(ShippingServiceTest, NoneUndoByHandLeavesATombstone) {
  EXPECT_EQ(words(by_hand()), "undone by_hand");
  EXPECT_EQ(words(book()), "undone by_hand");
  EXPECT_TRUE(carrier.calls.empty());
}

TEST_F(ShippingServiceTest, SuccessPerformIsRemembered) {
  const Outcome first = answered(book());
  EXPECT_EQ(answered(book()).evidence, first.evidence);
  EXPECT_EQ(carrier.calls.size(), 1U);
  ship_to.city = "elsewhere";
  EXPECT_EQ(words(book()), "failed poison key_reused");
}

TEST_F(ShippingServiceTest, SuccessUndoCancelsOnce) {
  book();
  EXPECT_EQ(words(undo()), "undone reversed");
  EXPECT_EQ(words(undo()), "undone reversed");
  EXPECT_EQ(carrier.count(CarrierVerb::cancel), 1U);
  EXPECT_EQ(carrier.calls.back().key, kBookKey);
  ship_to.city = "elsewhere";
  EXPECT_EQ(words(book()), "undone reversed") << "undone is tested before the hash";
}

TEST_F(ShippingServiceTest, SuccessUndoByHandCallsNobody) {
  book();
  EXPECT_EQ(words(by_hand()), "undone by_hand");
  EXPECT_EQ(words(undo()), "undone by_hand");
  EXPECT_EQ(words(dispatch()), "undone none");
  EXPECT_EQ(carrier.calls.size(), 1U);
}

TEST_F(ShippingServiceTest, RejectedIsRememberedAndHasNothingToReverse) {
  carrier.answers.add(answer_refused("undeliverable"));
  EXPECT_EQ(words(book()), "rejected undeliverable");
  EXPECT_EQ(words(book()), "rejected undeliverable");
  EXPECT_EQ(words(undo()), "undone none");
  EXPECT_EQ(words(book()), "undone none");
  EXPECT_EQ(carrier.calls.size(), 1U);
}

TEST_F(ShippingServiceTest, RejectedUndoByHand) {
  carrier.answers.add(answer_refused("undeliverable"));
  book();
  EXPECT_EQ(words(by_hand()), "undone by_hand");
}

TEST_F(ShippingServiceTest, WhileTheCarrierDecidesABookingIsInProgress) {
  carrier.delay = Duration{50};
  EXPECT_EQ(words(book()), "deferred");
  EXPECT_EQ(words(book()), "in_progress");
  EXPECT_EQ(words(undo()), "in_progress");
  EXPECT_EQ(words(by_hand()), "undone by_hand");
  EXPECT_EQ(words(resume(kBookKey)), "undone by_hand");
  EXPECT_TRUE(carrier.calls.empty());
}

TEST_F(ShippingServiceTest, AnUncertainBookingIsLookedUpBeforeItIsUndone) {
  carrier.answers.add(answer_failed(FailureClass::unknown));
  book();
  carrier.look_ups.add(answer_done());
  EXPECT_EQ(words(undo()), "undone reversed");
  EXPECT_EQ(carrier.count(CarrierVerb::cancel), 1U);
}

// --- the address --------------------------------------------------------------------------------

TEST_F(ShippingServiceTest, TheAddressStaysWhileTheBookingStillHasToBeMade) {
  const auto expect_kept = [&](const char* when) {
    const Shipment booking = store.shipment(kBookKey).value();
    EXPECT_EQ(booking.postal_code + " " + booking.country, "10115 DE") << when;
  };
  carrier.delay = Duration{50};
  EXPECT_EQ(words(book()), "deferred");
  expect_kept("deferred");
  service.forget_in_flight();
  carrier.delay = Duration{0};
  carrier.look_ups.add(answer_not_found());
  carrier.answers.add(answer_failed(FailureClass::failed, "carrier_unavailable"));
  EXPECT_EQ(words(book()), "failed failed carrier_unavailable");
  expect_kept("to be repeated");
  carrier.answers.add(answer_failed(FailureClass::unknown, "timeout"));
  EXPECT_EQ(words(book()), "failed unknown timeout");
  expect_kept("unclear");
  carrier.look_ups.add(answer_not_found());
  EXPECT_EQ(words(book()), "succeeded");
  for (const CarrierCall& call : carrier.calls) {
    EXPECT_EQ(call.postal_code + " " + call.country, "10115 DE");
  }
  EXPECT_EQ(carrier.calls.size(), 3U);
}

TEST_F(ShippingServiceTest, TheAddressIsDroppedWithTheAnswer) {
  const auto kept = [&] {
    const Shipment booking = store.shipment(kBookKey).value();
    return booking.postal_code + booking.country;
  };
  const auto lose_reply = [&] {
    carrier.answers.add(answer_failed(FailureClass::unknown, "timeout"));
    EXPECT_EQ(words(book()), "failed unknown timeout");
    EXPECT_EQ(kept(), "10115DE");
  };
  struct Row {
    const char* result;
    std::function<CallResult()> settle;
  };
  for (const Row& row : {
           Row{"succeeded", [&] { return book(); }},
           Row{"rejected undeliverable",
               [&] {
                 carrier.answers.add(answer_refused("undeliverable"));
                 return book();
               }},
           Row{"succeeded",
               [&] {
                 lose_reply();
                 carrier.look_ups.add(answer_done());
                 return book();
               }},
           Row{"rejected undeliverable",
               [&] {
                 lose_reply();
                 carrier.look_ups.add(answer_refused("undeliverable"));
                 return book();
               }},
           Row{"undone none",
               [&] {
                 lose_reply();
                 carrier.look_ups.add(answer_not_found());
                 return undo();
               }},
           Row{"undone by_hand",
               [&] {
                 lose_reply();
                 return by_hand();
               }},
       }) {
    store.rollback();
    store.begin();
    EXPECT_EQ(words(row.settle()), row.result);
    EXPECT_EQ(kept(), "") << row.result;
  }
}

// --- the dispatch -------------------------------------------------------------------------------

TEST_F(ShippingServiceTest, DispatchNamesItsBookingAndCarriesItsId) {
  const Outcome booked = answered(book());
  const Outcome dispatched = answered(dispatch());
  EXPECT_EQ(words(dispatched), "succeeded");
  EXPECT_EQ(dispatched.evidence.shipment_id, booked.evidence.shipment_id);
  EXPECT_EQ(carrier.calls.back().verb, CarrierVerb::dispatch);
  EXPECT_EQ(carrier.calls.back().booking, kBookKey);
  EXPECT_EQ(words(dispatch()), "succeeded");
  EXPECT_EQ(carrier.count(CarrierVerb::dispatch), 1U);
}

TEST_F(ShippingServiceTest, DispatchRejectedIsRemembered) {
  book();
  carrier.answers.add(answer_refused("dispatch_refused"));
  EXPECT_EQ(words(dispatch()), "rejected dispatch_refused");
  EXPECT_EQ(words(dispatch()), "rejected dispatch_refused");
  EXPECT_EQ(words(undo()), "undone reversed");
}

TEST_F(ShippingServiceTest, ADispatchThatSucceededHasNoUndo) {
  book();
  dispatch();
  EXPECT_EQ(words(undo(kDispatchKey)), "refused already_dispatched");
  EXPECT_EQ(words(by_hand(kDispatchKey)), "refused already_dispatched");
  EXPECT_EQ(words(undo(key_of("dispatch_shipment", 2))), "undone none");
}

// --- cancel against dispatch --------------------------------------------------------------------

TEST_F(ShippingServiceTest, AlreadyDispatchedWithWhatTheDispatchHadAnswered) {
  book();
  const Outcome dispatched = answered(dispatch());
  const Outcome outcome = answered(undo());
  EXPECT_EQ(words(outcome), "refused already_dispatched");
  EXPECT_EQ(outcome.evidence, dispatched.evidence);
  EXPECT_EQ(words(by_hand()), "refused already_dispatched");
  EXPECT_EQ(carrier.count(CarrierVerb::cancel), 0U);
  EXPECT_EQ(state_of(kBookKey), OperationState::succeeded);
}

TEST_F(ShippingServiceTest, AnUncertainDispatchIsLookedUpFirst) {
  book();
  lose_dispatch_reply();
  carrier.look_ups.add(answer_failed(FailureClass::transient, "carrier_down"));
  EXPECT_EQ(words(undo()), "failed transient carrier_down");
  carrier.look_ups.add(answer_done());
  EXPECT_EQ(words(undo()), "refused already_dispatched");
  EXPECT_EQ(carrier.count(CarrierVerb::cancel), 0U);
  EXPECT_EQ(carrier.asked, (std::vector{kDispatchKey, kDispatchKey}));
}

TEST_F(ShippingServiceTest, AnUncertainDispatchThatWasNeverMadeIsUndoneWithItsBooking) {
  book();
  lose_dispatch_reply();
  carrier.look_ups.add(answer_not_found());
  EXPECT_EQ(words(undo()), "undone reversed");
  EXPECT_EQ(state_of(kDispatchKey), OperationState::undone);
  EXPECT_EQ(words(dispatch()), "undone none");
  EXPECT_EQ(carrier.count(CarrierVerb::dispatch), 1U);
}

TEST_F(ShippingServiceTest, AgainstADispatchInFlightTheCancelMayWin) {
  book();
  dispatch_deferred();
  EXPECT_EQ(words(undo()), "undone reversed");
  EXPECT_EQ(words(resume(kDispatchKey)), "undone none");
  EXPECT_EQ(carrier.count(CarrierVerb::dispatch), 0U);
}

TEST_F(ShippingServiceTest, AgainstADispatchInFlightTheCancelMayLose) {
  book();
  dispatch_deferred();
  carrier.answers.add(answer_refused("already_dispatched"));
  EXPECT_EQ(words(undo()), "in_progress") << "our own dispatch has not answered yet";
  EXPECT_EQ(words(resume(kDispatchKey)), "succeeded");
  EXPECT_EQ(words(undo()), "refused already_dispatched");
}

TEST_F(ShippingServiceTest, ADispatchThatSucceedsDuringTheCancelIsSeen) {
  book();
  dispatch_deferred();
  carrier.delay = Duration{50};
  EXPECT_EQ(words(undo()), "deferred");
  EXPECT_TRUE(store.shipment(kBookKey)->undo_uncertain);
  EXPECT_EQ(words(resume(kDispatchKey)), "succeeded");
  EXPECT_FALSE(store.shipment(kBookKey)->undo_uncertain) << "also if nobody asks again";
  EXPECT_EQ(words(resume(kBookKey, Action::undo)), "refused already_dispatched");
  EXPECT_EQ(carrier.count(CarrierVerb::cancel), 0U);
}

TEST_F(ShippingServiceTest, ADispatchThatSucceedsLeavesNoDoubtAboutACancelOnItsWay) {
  book();
  dispatch_deferred();
  carrier.delay = Duration{100};
  EXPECT_EQ(words(undo()), "deferred");
  EXPECT_TRUE(store.shipment(kBookKey)->undo_uncertain);
  EXPECT_EQ(words(service.resume(kDispatchKey, Action::perform, kPlacedAt)), "succeeded");
  EXPECT_FALSE(store.shipment(kBookKey)->undo_uncertain);
  EXPECT_EQ(words(service.resume(kBookKey, Action::undo, kPlacedAt)), "refused already_dispatched");
  EXPECT_FALSE(store.shipment(kBookKey)->undo_uncertain);
  EXPECT_EQ(carrier.count(CarrierVerb::cancel), 0U);
}

TEST_F(ShippingServiceTest, ADispatchFoundByLookUpLeavesNoDoubtAboutACancel) {
  book();
  carrier.answers.add(answer_failed(FailureClass::unknown, "timeout"));
  EXPECT_EQ(words(undo()), "failed unknown timeout");
  EXPECT_TRUE(store.shipment(kBookKey)->undo_uncertain);
  lose_dispatch_reply();
  carrier.look_ups.add(answer_done());
  EXPECT_EQ(words(dispatch()), "succeeded");
  EXPECT_FALSE(store.shipment(kBookKey)->undo_uncertain);
}

TEST_F(ShippingServiceTest, AlreadyDispatchedIsNotBelievedWithoutADispatchOfOurs) {
  book();
  carrier.answers.add(answer_refused("already_dispatched"));
  EXPECT_EQ(words(undo()), "refused cancel_refused");
  carrier.answers.add(answer_refused("cannot_cancel"));
  EXPECT_EQ(words(undo()), "refused cannot_cancel");
  EXPECT_EQ(words(undo()), "undone reversed");
}

TEST_F(ShippingServiceTest, ByHandADispatchInProgressIsTombstonedToo) {
  book();
  dispatch_deferred();
  EXPECT_EQ(words(by_hand()), "undone by_hand");
  EXPECT_EQ(state_of(kDispatchKey), OperationState::undone);
  EXPECT_EQ(words(resume(kDispatchKey)), "undone none");
  EXPECT_EQ(carrier.count(CarrierVerb::dispatch), 0U);
}

TEST_F(ShippingServiceTest, ByHandAnUncertainDispatchStopsNothing) {
  book();
  lose_dispatch_reply();
  EXPECT_EQ(words(by_hand()), "undone by_hand");
  EXPECT_TRUE(carrier.asked.empty());
  EXPECT_EQ(words(dispatch()), "undone none");
}

}  // namespace
}  // namespace conveyor
