// Method: any operations come back as they were; what no Packer has written is damage, wherever it
// is cut or changed.
#include "adapters/sqlite/operations.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "adapters/sqlite/packed.h"

namespace conveyor::sqlite {
namespace {

OrderId order_number(std::uint64_t number) {
  return OrderId{make_uuid_v7(from_unix_ms(1'770'000'000'000), 1, number)};
}
Uuid uuid_number(std::uint64_t number) {
  return make_uuid_v7(from_unix_ms(static_cast<std::int64_t>(number % 1'000)), number, number);
}

rc::Gen<OperationKey> any_key(OrderId order) {
  return rc::gen::map(
      rc::gen::tuple(rc::gen::arbitrary<std::uint32_t>(), rc::gen::inRange(1, kStepCount + 1),
                     rc::gen::arbitrary<std::uint32_t>()),
      [order](const auto& parts) {
        return OperationKey{order, std::get<0>(parts), static_cast<StepNumber>(std::get<1>(parts)),
                            std::get<2>(parts)};
      });
}

template <class T>
T any() {
  return *rc::gen::arbitrary<T>();
}
template <class Enum, std::size_t size>
Enum any_of(const std::array<Code<Enum>, size>& codes) {
  return codes[*rc::gen::inRange<std::size_t>(0, size)].word;
}
std::optional<Digest> any_hash() {
  if (any<bool>()) return std::nullopt;
  return sha256(any<std::string>());
}
std::optional<OperationKey> any_named(const OrderId& order) {
  if (any<bool>()) return std::nullopt;
  return *any_key(any<bool>() ? order : order_number(2));
}

/// By key, each once.
template <class Row, class Make>
std::vector<Row> any_rows(const OrderId& order, Make make) {
  std::vector<Row> rows;
  for (auto left = *rc::gen::inRange(0, 5); left > 0; --left) {
    Row row = make();
    row.key = *any_key(order);
    put_row(rows, std::move(row));
  }
  return rows;
}

OrderOperations any_operations(const OrderId& order) {
  const auto amount = [] { return any<std::int64_t>(); };
  const auto time = [] {
    return from_unix_ms(*rc::gen::inRange(to_unix_ms(kEarliestTime), to_unix_ms(kLatestTime) + 1));
  };
  OrderOperations all;
  all.reservations = any_rows<Reservation>(order, [&] {
    Reservation row;
    row.id = ReservationId{uuid_number(any<std::uint64_t>())};
    row.state = any_of(kReservationStateCodes);
    row.request_hash = any_hash();
    for (auto left = *rc::gen::inRange(0, 4); left > 0; --left) {
      row.lines.push_back({any<std::string>(), amount()});
      row.shortages.push_back({any<std::string>(), amount(), amount()});
    }
    row.code = any<std::string>();
    row.effect = any_of(kEffectCodes);
    row.committed_by = any_named(order);
    row.at = time();
    return row;
  });
  all.payments = any_rows<Payment>(order, [&] {
    Payment row;
    row.id = PaymentId{uuid_number(any<std::uint64_t>())};
    row.state = any_of(kOperationStateCodes);
    row.request_hash = any_hash();
    row.authorization = any_named(order);
    row.amount_minor = amount();
    if (any<bool>()) row.currency = Currency::from_code("JPY").value();
    row.payment_method = any<std::string>();
    row.provider_reference = any<std::string>();
    row.code = any<std::string>();
    row.effect = any_of(kEffectCodes);
    row.undo_uncertain = any<bool>();
    row.at = time();
    return row;
  });
  all.shipments = any_rows<Shipment>(order, [&] {
    Shipment row;
    row.id = ShipmentId{uuid_number(any<std::uint64_t>())};
    row.state = any_of(kOperationStateCodes);
    row.request_hash = any_hash();
    row.booking = any_named(order);
    row.postal_code = any<std::string>();
    row.country = any<std::string>();
    row.provider_reference = any<std::string>();
    row.carrier = any<std::string>();
    row.tracking = any<std::string>();
    row.code = any<std::string>();
    row.effect = any_of(kEffectCodes);
    row.undo_uncertain = any<bool>();
    row.at = time();
    return row;
  });
  all.sandbox = any_rows<SandboxRecord>(order, [&] {
    SandboxRecord row;
    row.behaviour = any<std::string>();
    row.calls = any<std::uint32_t>();
    row.undo_calls = any<std::uint32_t>();
    row.effects = any<std::uint32_t>();
    row.effect_exists = any<bool>();
    row.undone = any<bool>();
    row.names = any_named(order);
    row.amount_minor = amount();
    row.reference = any<std::string>();
    row.code = any<std::string>();
    return row;
  });
  return all;
}

RC_GTEST_PROP(Operations, ComeBackAsTheyWere, ()) {
  const auto order = order_number(1);
  const auto all = any_operations(order);
  const auto packed = encode_operations(all);
  RC_ASSERT(decode_operations(order, packed) == all);
}

RC_GTEST_PROP(Operations, CutShortOrWithMoreAreDamage, ()) {
  const auto order = order_number(1);
  auto packed = encode_operations(any_operations(order));
  const auto left = *rc::gen::inRange<std::size_t>(0, packed.size());
  RC_ASSERT_THROWS_AS(decode_operations(order, Bytes{packed}.first(left)), StoreError);
  packed.push_back(0);
  RC_ASSERT_THROWS_AS(decode_operations(order, packed), StoreError);
}

RC_GTEST_PROP(Operations, AnyBytesAreReadOrRefused, (const std::vector<std::uint8_t>& tail)) {
  std::vector<std::uint8_t> bytes{1};
  bytes.insert(bytes.end(), tail.begin(), tail.end());
  try {
    (void)decode_operations(order_number(1), bytes);
  } catch (const StoreError& error) {
    RC_ASSERT(error.kind() == StoreError::Kind::damaged);
  }
}

TEST(Operations, OfAnotherFormatAreDamage) {
  auto packed = encode_operations({});
  ASSERT_EQ(packed.size(), 5U);
  EXPECT_EQ(decode_operations(order_number(1), packed), OrderOperations{});
  packed.front() = 2;
  EXPECT_THROW(decode_operations(order_number(1), packed), StoreError);
}

TEST(Operations, ThatAreNotSortedOrThereTwiceAreDamage) {
  const auto order = order_number(1);
  const auto with_steps = [&order](StepNumber first, StepNumber second) {
    OrderOperations all;
    all.sandbox.resize(2);
    all.sandbox[0].key = {order, 1, first, 1};
    all.sandbox[1].key = {order, 1, second, 1};
    return all;
  };
  EXPECT_EQ(decode_operations(order, encode_operations(with_steps(1, 2))), with_steps(1, 2));
  EXPECT_THROW(decode_operations(order, encode_operations(with_steps(2, 1))), StoreError);
  EXPECT_THROW(decode_operations(order, encode_operations(with_steps(1, 1))), StoreError);
}

TEST(Operations, ATimeBeyondAllYearsIsDamage) {
  const auto order = order_number(1);
  const auto with_time = [&order](Timestamp time) {
    OrderOperations all;
    all.reservations.emplace_back();
    all.reservations.front().key = {order, 1, 1, 1};
    all.reservations.front().at = time;
    return all;
  };
  EXPECT_EQ(format_rfc3339(kEarliestTime), "0001-01-01T00:00:00.000Z");
  EXPECT_EQ(format_rfc3339(kLatestTime), "9999-12-31T23:59:59.999Z");
  for (const auto time : {kEarliestTime, kLatestTime}) {
    EXPECT_EQ(decode_operations(order, encode_operations(with_time(time))), with_time(time));
  }
  for (const auto time : {kEarliestTime - Duration{1}, kLatestTime + Duration{1}, Timestamp::min(),
                          Timestamp::max()}) {
    EXPECT_THROW(decode_operations(order, encode_operations(with_time(time))), StoreError);
  }
}

TEST(Operations, ACompletedOrderFitsInAPageOfTheTree) {
  // Rows beyond 1,002 bytes have an overflow page (https://www.sqlite.org/fileformat.html, 1.6).
  const auto order = order_number(1);
  OrderOperations all;
  const auto hash = sha256("request");
  Reservation reservation;
  reservation.key = {order, 1, 1, 1};
  reservation.request_hash = hash;
  reservation.lines = {{"SKU-1001", 2}, {"SKU-1002", 1}};
  reservation.committed_by = OperationKey{order, 1, 6, 1};
  reservation.at = from_unix_ms(1'770'000'000'000);
  all.reservations = {reservation};
  for (const auto step : std::array<StepNumber, 2>{2, 4}) {
    Payment payment;
    payment.key = {order, 1, step, 1};
    payment.request_hash = hash;
    payment.currency = Currency::from_code("EUR").value();
    payment.amount_minor = 123'456;
    payment.payment_method = "pm_ok";
    payment.provider_reference = "sbx_0123456789abcdef";
    payment.at = from_unix_ms(1'770'000'000'000);
    all.payments.push_back(payment);
  }
  for (const auto step : std::array<StepNumber, 2>{3, 5}) {
    Shipment shipment;
    shipment.key = {order, 1, step, 1};
    shipment.request_hash = hash;
    shipment.provider_reference = "sbx_0123456789abcdef";
    shipment.carrier = "sandbox-express";
    shipment.tracking = "SBX0123456789";
    shipment.at = from_unix_ms(1'770'000'000'000);
    all.shipments.push_back(shipment);
  }
  for (const auto step : std::array<StepNumber, 4>{2, 3, 4, 5}) {
    SandboxRecord record;
    record.key = {order, 1, step, 1};
    record.behaviour = "pm_ok";
    record.calls = record.effects = 1;
    record.amount_minor = 123'456;
    record.reference = "sbx_0123456789abcdef";
    all.sandbox.push_back(record);
  }
  EXPECT_LT(encode_operations(all).size() + 16, 1'002U);
}

}  // namespace
}  // namespace conveyor::sqlite
