// Method: one order per row of the sandbox, run to its end on virtual time; asserted are the final
// status, the exact sequence of event types, the number of failed attempts and what the sandbox's
// own books say.
#include "support/pipeline.h"

namespace conveyor::test {
namespace {

using enum EventType;
using Types = std::vector<EventType>;

const Types kCompleted{OrderCreated,    InventoryReserved,  PaymentAuthorized,  ShipmentBooked,
                       PaymentCaptured, ShipmentDispatched, InventoryCommitted, OrderCompleted};

Types operator+(Types left, const Types& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

Types times(std::size_t n, EventType type) {
  return Types(n, type);
}

/// No key had its effect twice, and an order that was undone holds nothing at provider or carrier.
void expect_clean_books(Pipeline& p, const OrderId& id) {
  const auto order = p.order(id);
  for (const auto& record : p.store.sandbox_records(id)) {
    EXPECT_LE(record.effects, 1U) << record.key.to_string();
    if (order.status == Status::cancelled || order.status == Status::failed) {
      EXPECT_FALSE(record.effect_exists) << record.key.to_string();
    }
  }
}

struct Row {
  std::string name;
  OrderSpec spec;
  Status status;
  Types types;

  friend void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }
};

OrderSpec paid_by(std::string method) {
  OrderSpec spec;
  spec.payment_method = std::move(method);
  return spec;
}
OrderSpec shipped_to(std::string postal_code) {
  OrderSpec spec;
  spec.postal_code = std::move(postal_code);
  return spec;
}
OrderSpec with_sku(std::string sku) {
  OrderSpec spec;
  spec.lines = {{1, std::move(sku), std::nullopt, 1, 100}};
  return spec;
}

class SandboxRows : public testing::TestWithParam<Row> {};

TEST_P(SandboxRows, EndsAsItsRowSays) {
  const auto& row = GetParam();
  Pipeline p;
  p.set_stock("SBX-RESERVE-FLAKY-3", 10);
  p.set_stock("SBX-COMMIT-FLAKY-9", 10);
  const auto id = p.place(row.spec);
  ASSERT_TRUE(p.pass_until(id, {row.status})) << to_string(p.order(id).status);
  EXPECT_EQ(p.types(id), row.types) << [&] {
    std::string all;
    for (const auto type : p.types(id)) all += std::string{to_string(type)} + " ";
    return all;
  }();
  expect_clean_books(p, id);
  if (is_final(row.status)) EXPECT_EQ(p.store.held_reservations(), 0);
}

const Types kReserved{OrderCreated, InventoryReserved};
const Types kAuthorized = kReserved + Types{PaymentAuthorized};
const Types kBooked = kAuthorized + Types{ShipmentBooked};
const Types kCaptured = kBooked + Types{PaymentCaptured};
const Types kAfterReserve{PaymentAuthorized,  ShipmentBooked,     PaymentCaptured,
                          ShipmentDispatched, InventoryCommitted, OrderCompleted};
const Types kAfterAuthorize{ShipmentBooked, PaymentCaptured, ShipmentDispatched, InventoryCommitted,
                            OrderCompleted};

INSTANTIATE_TEST_SUITE_P(
    All, SandboxRows,
    testing::Values(Row{"ok", paid_by("pm_ok"), Status::completed, kCompleted},
                    Row{"async", paid_by("pm_async"), Status::completed, kCompleted},
                    Row{"slow", paid_by("pm_slow"), Status::completed, kCompleted},
                    Row{"declined", paid_by("pm_declined"), Status::failed,
                        kReserved + Types{PaymentDeclined, CompensationStarted, InventoryReleased,
                                          OrderFailed}},
                    Row{"declined_funds", paid_by("pm_declined_funds"), Status::failed,
                        kReserved + Types{PaymentDeclined, CompensationStarted, InventoryReleased,
                                          OrderFailed}},
                    Row{"capture_declined", paid_by("pm_capture_declined"), Status::failed,
                        kBooked + Types{PaymentDeclined, CompensationStarted, ShipmentCancelled,
                                        PaymentVoided, InventoryReleased, OrderFailed}},
                    Row{"flaky_3", paid_by("pm_flaky_3"), Status::completed,
                        kReserved + times(3, StepAttemptFailed) + kAfterReserve},
                    Row{"flaky_7", paid_by("pm_flaky_7"), Status::completed,
                        kReserved + times(7, StepAttemptFailed) + kAfterReserve},
                    Row{"flaky_8", paid_by("pm_flaky_8"), Status::dead_lettered,
                        kReserved + times(8, StepAttemptFailed) + Types{OrderDeadLettered}},
                    Row{"lost_reply", paid_by("pm_lost_reply"), Status::completed,
                        kReserved + Types{StepAttemptFailed, PaymentAuthorized, ShipmentBooked,
                                          StepAttemptFailed, PaymentCaptured, ShipmentDispatched,
                                          InventoryCommitted, OrderCompleted}},
                    Row{"garbage", paid_by("pm_garbage"), Status::dead_lettered,
                        kReserved + Types{StepAttemptFailed, OrderDeadLettered}},
                    Row{"ship_async", shipped_to("SBX-ASYNC"), Status::completed, kCompleted},
                    Row{"ship_slow", shipped_to("SBX-SLOW"), Status::completed, kCompleted},
                    Row{"ship_rejected", shipped_to("SBX-REJECTED"), Status::failed,
                        kAuthorized + Types{ShipmentRejected, CompensationStarted, PaymentVoided,
                                            InventoryReleased, OrderFailed}},
                    Row{"dispatch_rejected", shipped_to("SBX-DISPATCH-REJECTED"), Status::failed,
                        kCaptured + Types{ShipmentRejected, CompensationStarted, ShipmentCancelled,
                                          PaymentRefunded, PaymentVoided, InventoryReleased,
                                          OrderFailed}},
                    Row{"ship_flaky", shipped_to("SBX-FLAKY-2"), Status::completed,
                        kAuthorized + times(2, StepAttemptFailed) + kAfterAuthorize},
                    Row{"ship_lost_reply", shipped_to("SBX-LOST-REPLY"), Status::completed,
                        kAuthorized + Types{StepAttemptFailed, ShipmentBooked, PaymentCaptured,
                                            StepAttemptFailed, ShipmentDispatched,
                                            InventoryCommitted, OrderCompleted}},
                    Row{"reserve_flaky", with_sku("SBX-RESERVE-FLAKY-3"), Status::completed,
                        Types{OrderCreated} + times(3, StepAttemptFailed) +
                            Types{InventoryReserved} + kAfterReserve},
                    Row{"commit_flaky", with_sku("SBX-COMMIT-FLAKY-9"), Status::completed,
                        kCaptured + Types{ShipmentDispatched} + times(9, StepAttemptFailed) +
                            Types{InventoryCommitted, OrderCompleted}},
                    Row{"unknown_sku", with_sku("no-such-sku"), Status::failed,
                        Types{OrderCreated, InventoryRejected, CompensationStarted, OrderFailed}}),
    [](const auto& info) { return info.param.name; });

/// Nothing of the order's address is left but in its contact.
void expect_no_address(Pipeline& p, const OrderId& id, const std::string& postal_code) {
  EXPECT_EQ(p.store.contact(id, 1).value().ship_to.postal_code, postal_code);
  for (const auto& shipment : p.store.shipments(id)) {
    EXPECT_EQ(shipment.postal_code + shipment.country, "") << shipment.key.to_string();
  }
  for (const auto& record : p.store.sandbox_records(id)) {
    EXPECT_EQ(record.behaviour.find(postal_code), std::string::npos) << record.key.to_string();
  }
}

TEST(SandboxPipeline, AFinalOrderLeavesNoAddressWithShippingOrTheCarrier) {
  Pipeline p;
  const std::string postal_code = "EC1A 1BB";
  auto spec = shipped_to(postal_code);
  const auto completed = p.place(spec);
  ASSERT_EQ(p.order(completed).status, Status::completed);
  ASSERT_EQ(p.store.shipments(completed).size(), 2U);
  expect_no_address(p, completed, postal_code);

  spec.payment_method = "pm_capture_declined";
  const auto failed = p.place(spec);
  ASSERT_EQ(p.order(failed).status, Status::failed);
  ASSERT_EQ(p.store.shipments(failed).size(), 1U);
  expect_no_address(p, failed, postal_code);

  spec.payment_method = "pm_slow";
  const auto cancelled = p.place(spec);
  p.pass(Duration{4'000});  // authorized after 3 s, booked, and now capturing
  ASSERT_EQ(p.store.shipments(cancelled).size(), 1U);
  ASSERT_TRUE(p.command(cancelled, CommandKind::cancel).has_value());
  ASSERT_TRUE(p.pass_until(cancelled, {Status::cancelled}));
  expect_no_address(p, cancelled, postal_code);
}

TEST(SandboxPipeline, AnOutageHealsByItselfWithinTheBudget) {
  Pipeline p;
  const auto id = p.place(paid_by("pm_outage_5"));
  ASSERT_TRUE(p.pass_until(id, {Status::completed, Status::dead_lettered}));
  EXPECT_EQ(p.order(id).status, Status::completed);
  EXPECT_GE(p.attempts(id), 1U);
}

TEST(SandboxPipeline, FifteenFailuresNeedOneRetry) {
  Pipeline p;
  const auto id = p.place(paid_by("pm_flaky_15"));
  ASSERT_TRUE(p.pass_until(id, {Status::dead_lettered}));
  ASSERT_TRUE(p.command(id, CommandKind::retry).has_value());
  ASSERT_TRUE(p.pass_until(id, {Status::completed, Status::dead_lettered}));
  EXPECT_EQ(p.order(id).status, Status::completed);
  EXPECT_EQ(p.attempts(id), 15U);
}

TEST(SandboxPipeline, AFailingUndoNeedsAttentionAndAPersonResolvesIt) {
  Pipeline p;
  auto spec = paid_by("pm_undo_fails");
  spec.postal_code = "SBX-REJECTED";
  const auto id = p.place(spec);
  ASSERT_TRUE(p.pass_until(id, {Status::needs_attention, Status::failed}));
  ASSERT_EQ(p.order(id).status, Status::needs_attention);
  ASSERT_TRUE(p.command(id, CommandKind::retry).has_value());
  ASSERT_TRUE(p.pass_until(id, {Status::needs_attention}));
  ASSERT_TRUE(p.command(id, CommandKind::resolve).has_value());
  ASSERT_TRUE(p.pass_until(id, {Status::failed}));
  EXPECT_EQ(p.store.held_reservations(), 0);
}

TEST(SandboxPipeline, ABookingThatCannotBeCancelledSendsACancelBack) {
  Pipeline p;
  auto spec = shipped_to("SBX-NO-CANCEL");
  spec.payment_method = "pm_slow";
  const auto id = p.place(spec);
  // pm_slow: authorize answers after 3 s, then the booking is made and capture waits 3 s.
  p.pass(Duration{4'000});
  ASSERT_EQ(p.order(id).step, 4);
  ASSERT_TRUE(p.command(id, CommandKind::cancel).has_value());
  const auto types = p.types(id);
  EXPECT_EQ(types.back(), CancelRejected);
  ASSERT_TRUE(p.pass_until(id, {Status::completed}));
  expect_clean_books(p, id);
}

TEST(SandboxPipeline, ARefusedUndoOfAFailureNeedsAttention) {
  Pipeline p;
  auto spec = shipped_to("SBX-NO-CANCEL");
  spec.payment_method = "pm_capture_declined";
  const auto id = p.place(spec);
  EXPECT_EQ(p.order(id).status, Status::needs_attention);
  EXPECT_EQ(p.types(id).back(), CompensationFailed);
}

TEST(SandboxPipeline, AnUnattendedDeadLetterIsUndoneAfterItsTime) {
  Pipeline p;
  const auto id = p.place(paid_by("pm_garbage"));
  ASSERT_EQ(p.order(id).status, Status::dead_lettered);
  ASSERT_TRUE(p.pass_until(id, {Status::failed}));
  EXPECT_EQ(p.now, kStart + std::chrono::hours{24});
  EXPECT_EQ(p.store.held_reservations(), 0);
  expect_clean_books(p, id);
}

}  // namespace
}  // namespace conveyor::test
