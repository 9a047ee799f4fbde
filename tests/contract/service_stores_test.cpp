// Method: writes payments, shipments and sandbox records with every optional part present and
// absent, and reads them back.
#include "contract/stores_under_test.h"
#include "contract/test_order.h"

namespace conveyor::test {
namespace {

class ServiceStoresContract : public StoreContract {};

Payment full_payment() {
  Payment out;
  out.key = operation(1, 4, 2, 3);
  out.id = PaymentId{make_uuid_v7(from_unix_ms(kStartMs), 5, 1)};
  out.state = OperationState::undone;
  out.request_hash = sha256("request");
  out.authorization = operation(1, 2, 2, 4'294'967'295);
  out.amount_minor = kMaxMinor;
  out.currency = Currency::from_code("KWD").value();
  out.payment_method = "pm_ok";
  out.provider_reference = "Ünïcode";
  out.code = "declined";
  out.effect = Effect::reversed;
  out.undo_uncertain = true;
  out.at = from_unix_ms(kStartMs);
  return out;
}

Payment tombstone_payment() {
  Payment out;
  out.key = operation(1, 2, 4'294'967'295, 1);
  out.state = OperationState::undone;
  out.effect = Effect::none;
  return out;
}

TEST_P(ServiceStoresContract, PaymentsRoundTrip) {
  auto payment = full_payment();
  const auto tombstone = tombstone_payment();
  auto of_another = payment;
  of_another.key = operation(2, 4);
  of_another.authorization = operation(1, 2);
  store->in_transaction([&] {
    payments.put_payment(tombstone);
    payments.put_payment(payment);
    payments.put_payment(of_another);
  });
  EXPECT_EQ(payments.payment(payment.key), payment);
  EXPECT_EQ(payments.payment(tombstone.key), tombstone);
  EXPECT_EQ(payments.payment(of_another.key), of_another);
  EXPECT_EQ(payments.payment(operation(3)), std::nullopt);
  EXPECT_EQ(payments.payments(payment.key.order), (std::vector{payment, tombstone}));
  EXPECT_TRUE(payments.payments(operation(3).order).empty());
  EXPECT_EQ(collect<Payment>([&](auto visit) { audit.each_payment(visit); }),
            (std::vector{payment, tombstone, of_another}));

  for (const auto state : {OperationState::bound, OperationState::uncertain,
                           OperationState::succeeded, OperationState::rejected}) {
    payment.state = state;
    payment.request_hash.reset();
    store->in_transaction([&] { payments.put_payment(payment); });
    EXPECT_EQ(payments.payment(payment.key), payment);
  }
}

TEST_P(ServiceStoresContract, ShipmentsRoundTrip) {
  Shipment booking;
  booking.key = operation(1, 3);
  booking.id = ShipmentId{make_uuid_v7(from_unix_ms(kStartMs), 5, 1)};
  booking.state = OperationState::succeeded;
  booking.request_hash = sha256("request");
  booking.postal_code = "SW1A 1AA";
  booking.country = "GB";
  booking.provider_reference = "ref";
  booking.carrier = "sandbox";
  booking.tracking = "SBX1";
  booking.code = "code";
  booking.effect = Effect::by_hand;
  booking.undo_uncertain = true;
  booking.at = from_unix_ms(kStartMs);
  Shipment dispatch;
  dispatch.key = operation(1, 5);
  dispatch.booking = booking.key;
  store->in_transaction([&] {
    shipments.put_shipment(dispatch);
    shipments.put_shipment(booking);
  });
  EXPECT_EQ(shipments.shipment(booking.key), booking);
  EXPECT_EQ(shipments.shipment(dispatch.key), dispatch);
  EXPECT_EQ(shipments.shipment(operation(1, 4)), std::nullopt);
  EXPECT_EQ(shipments.shipments(booking.key.order), (std::vector{booking, dispatch}));
  EXPECT_EQ(collect<Shipment>([&](auto visit) { audit.each_shipment(visit); }),
            (std::vector{booking, dispatch}));
}

TEST_P(ServiceStoresContract, SandboxRecordsRoundTrip) {
  SandboxRecord full;
  full.key = operation(1, 4);
  full.behaviour = "pm_flaky_7";
  full.calls = 4'294'967'295;
  full.undo_calls = 2;
  full.effects = 1;
  full.effect_exists = true;
  full.undone = true;
  full.names = operation(1, 2);
  full.amount_minor = kMaxMinor;
  full.reference = "sbx_1";
  full.code = "no_cancel";
  SandboxRecord empty;
  empty.key = operation(1, 5);
  store->in_transaction([&] {
    sandbox.put_sandbox_record(full);
    sandbox.put_sandbox_record(empty);
  });
  EXPECT_EQ(sandbox.sandbox_record(full.key), full);
  EXPECT_EQ(sandbox.sandbox_record(empty.key), empty);
  EXPECT_EQ(sandbox.sandbox_record(operation(2)), std::nullopt);
  EXPECT_EQ(sandbox.sandbox_records(full.key.order), (std::vector{full, empty}));
  full.undone = false;
  full.calls = 1;
  store->in_transaction([&] { sandbox.put_sandbox_record(full); });
  EXPECT_EQ(collect<SandboxRecord>([&](auto visit) { audit.each_sandbox_record(visit); }),
            (std::vector{full, empty}));
}

TEST_P(ServiceStoresContract, RollbackRestoresWhatWasReplaced) {
  const auto payment = full_payment();
  store->in_transaction([&] { payments.put_payment(payment); });
  unit.begin();
  auto changed = payment;
  changed.state = OperationState::bound;
  payments.put_payment(changed);
  payments.put_payment(tombstone_payment());
  Shipment shipment;
  shipment.key = operation(1, 3);
  shipments.put_shipment(shipment);
  SandboxRecord record;
  record.key = operation(1, 3);
  sandbox.put_sandbox_record(record);
  EXPECT_EQ(payments.payment(payment.key), changed);
  unit.rollback();
  EXPECT_EQ(payments.payments(payment.key.order), std::vector{payment});
  EXPECT_EQ(shipments.shipment(operation(1, 3)), std::nullopt);
  EXPECT_EQ(sandbox.sandbox_record(operation(1, 3)), std::nullopt);
}

INSTANTIATE_FOR_ALL_STORES(ServiceStoresContract);

}  // namespace
}  // namespace conveyor::test
