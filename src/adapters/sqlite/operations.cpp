#include "adapters/sqlite/operations.h"

#include "adapters/sqlite/codes.h"
#include "adapters/sqlite/packed.h"

namespace conveyor::sqlite {
namespace {

constexpr std::uint8_t kFormat = 1;

// Which of the parts that may be absent follow, and what is true.
enum Flag : std::uint8_t {
  kHasHash = 1,
  kHasNamed = 2,
  kUndoUncertain = 4,
  kHasCurrency = 8,
  kEffectExists = 16,
  kUndone = 32,
};

std::uint8_t flags(bool condition, Flag flag) {
  return condition ? static_cast<std::uint8_t>(flag) : std::uint8_t{0};
}

// --- writing ------------------------------------------------------------------------------------

void put_key(Packer& to, const OperationKey& key) {
  to.number(key.run);
  to.byte(key.step);
  to.number(key.generation);
}

/// A key that a row names is nearly always one of the same order.
void put_named(Packer& to, const OrderId& order, const std::optional<OperationKey>& key) {
  if (!key) return;
  const bool is_other = key->order != order;
  to.byte(is_other ? 1 : 0);
  if (is_other) to.bytes(key->order.uuid().bytes);
  put_key(to, *key);
}

void put_hash(Packer& to, const std::optional<Digest>& hash) {
  if (hash) to.bytes(*hash);
}

void put(Packer& to, const Reservation& row) {
  put_key(to, row.key);
  to.byte(flags(row.request_hash.has_value(), kHasHash) |
          flags(row.committed_by.has_value(), kHasNamed));
  to.bytes(row.id.uuid().bytes);
  to.code(row.state);
  put_hash(to, row.request_hash);
  put_named(to, row.key.order, row.committed_by);
  to.number(row.lines.size());
  for (const auto& line : row.lines) {
    to.text(line.sku);
    to.integer(line.quantity);
  }
  to.number(row.shortages.size());
  for (const auto& shortage : row.shortages) {
    to.text(shortage.sku);
    to.integer(shortage.wanted);
    to.integer(shortage.available);
  }
  to.text(row.code);
  to.code(row.effect);
  to.time(row.at);
}

void put(Packer& to, const Payment& row) {
  put_key(to, row.key);
  to.byte(flags(row.request_hash.has_value(), kHasHash) |
          flags(row.authorization.has_value(), kHasNamed) |
          flags(row.undo_uncertain, kUndoUncertain) |
          flags(row.currency != Currency{}, kHasCurrency));
  to.bytes(row.id.uuid().bytes);
  to.code(row.state);
  put_hash(to, row.request_hash);
  put_named(to, row.key.order, row.authorization);
  to.integer(row.amount_minor);
  if (row.currency != Currency{}) to.text(row.currency.code());
  to.text(row.payment_method);
  to.text(row.provider_reference);
  to.text(row.code);
  to.code(row.effect);
  to.time(row.at);
}

void put(Packer& to, const Shipment& row) {
  put_key(to, row.key);
  to.byte(flags(row.request_hash.has_value(), kHasHash) |
          flags(row.booking.has_value(), kHasNamed) | flags(row.undo_uncertain, kUndoUncertain));
  to.bytes(row.id.uuid().bytes);
  to.code(row.state);
  put_hash(to, row.request_hash);
  put_named(to, row.key.order, row.booking);
  to.text(row.postal_code);
  to.text(row.country);
  to.text(row.provider_reference);
  to.text(row.carrier);
  to.text(row.tracking);
  to.text(row.code);
  to.code(row.effect);
  to.time(row.at);
}

void put(Packer& to, const SandboxRecord& row) {
  put_key(to, row.key);
  to.byte(flags(row.names.has_value(), kHasNamed) | flags(row.effect_exists, kEffectExists) |
          flags(row.undone, kUndone));
  put_named(to, row.key.order, row.names);
  to.text(row.behaviour);
  to.number(row.calls);
  to.number(row.undo_calls);
  to.number(row.effects);
  to.integer(row.amount_minor);
  to.text(row.reference);
  to.text(row.code);
}

template <class Row>
void put_all(Packer& to, const std::vector<Row>& rows) {
  to.number(rows.size());
  for (const auto& row : rows) put(to, row);
}

// --- reading ------------------------------------------------------------------------------------

OperationKey take_key(Unpacker& from, const OrderId& order) {
  OperationKey key{order, 0, 0, 0};
  key.run = from.number<std::uint32_t>();
  key.step = from.byte();
  key.generation = from.number<std::uint32_t>();
  return key;
}

std::optional<OperationKey> take_named(Unpacker& from, const OrderId& order, std::uint8_t flags) {
  if ((flags & kHasNamed) == 0) return std::nullopt;
  const auto of = from.byte() == 0 ? order : from.id<OrderId>();
  const auto key = take_key(from, of);
  if (key.step < 1 || key.step > kStepCount) from.damaged();
  return key;
}

std::optional<Digest> take_hash(Unpacker& from, std::uint8_t flags) {
  if ((flags & kHasHash) == 0) return std::nullopt;
  return from.array<Digest>();
}

/// None is of a tombstone.
Currency take_currency(Unpacker& from, std::uint8_t flags) {
  if ((flags & kHasCurrency) == 0) return {};
  const auto currency = Currency::from_code(from.text());
  if (!currency) from.damaged();
  return *currency;
}

void take(Unpacker& from, const OrderId& order, Reservation& row) {
  row.key = take_key(from, order);
  const auto flags = from.byte();
  row.id = from.id<ReservationId>();
  row.state = from.code<ReservationState>();
  row.request_hash = take_hash(from, flags);
  row.committed_by = take_named(from, order, flags);
  row.lines.resize(from.count());
  for (auto& line : row.lines) {
    line.sku = from.text();
    line.quantity = from.integer();
  }
  row.shortages.resize(from.count());
  for (auto& shortage : row.shortages) {
    shortage.sku = from.text();
    shortage.wanted = from.integer();
    shortage.available = from.integer();
  }
  row.code = from.text();
  row.effect = from.code<Effect>();
  row.at = from.time();
}

void take(Unpacker& from, const OrderId& order, Payment& row) {
  row.key = take_key(from, order);
  const auto flags = from.byte();
  row.id = from.id<PaymentId>();
  row.state = from.code<OperationState>();
  row.request_hash = take_hash(from, flags);
  row.authorization = take_named(from, order, flags);
  row.amount_minor = from.integer();
  row.currency = take_currency(from, flags);
  row.payment_method = from.text();
  row.provider_reference = from.text();
  row.code = from.text();
  row.effect = from.code<Effect>();
  row.undo_uncertain = (flags & kUndoUncertain) != 0;
  row.at = from.time();
}

void take(Unpacker& from, const OrderId& order, Shipment& row) {
  row.key = take_key(from, order);
  const auto flags = from.byte();
  row.id = from.id<ShipmentId>();
  row.state = from.code<OperationState>();
  row.request_hash = take_hash(from, flags);
  row.booking = take_named(from, order, flags);
  row.postal_code = from.text();
  row.country = from.text();
  row.provider_reference = from.text();
  row.carrier = from.text();
  row.tracking = from.text();
  row.code = from.text();
  row.effect = from.code<Effect>();
  row.undo_uncertain = (flags & kUndoUncertain) != 0;
  row.at = from.time();
}

void take(Unpacker& from, const OrderId& order, SandboxRecord& row) {
  row.key = take_key(from, order);
  const auto flags = from.byte();
  row.names = take_named(from, order, flags);
  row.effect_exists = (flags & kEffectExists) != 0;
  row.undone = (flags & kUndone) != 0;
  row.behaviour = from.text();
  row.calls = from.number<std::uint32_t>();
  row.undo_calls = from.number<std::uint32_t>();
  row.effects = from.number<std::uint32_t>();
  row.amount_minor = from.integer();
  row.reference = from.text();
  row.code = from.text();
}

template <class Row>
void take_all(Unpacker& from, const OrderId& order, std::vector<Row>& rows) {
  rows.resize(from.count());
  for (auto& row : rows) take(from, order, row);
  if (std::ranges::adjacent_find(rows, std::ranges::greater_equal{}, &Row::key) != rows.end()) {
    from.damaged();
  }
}

}  // namespace

std::int64_t count_held(const OrderOperations& operations) {
  return std::ranges::count(operations.reservations, ReservationState::held, &Reservation::state);
}

std::vector<std::uint8_t> encode_operations(const OrderOperations& operations) {
  Packer to;
  to.byte(kFormat);
  put_all(to, operations.reservations);
  put_all(to, operations.payments);
  put_all(to, operations.shipments);
  put_all(to, operations.sandbox);
  return to.take();
}

OrderOperations decode_operations(const OrderId& order, Bytes bytes) {
  Unpacker from{bytes, "an order's operations"};
  OrderOperations out;
  if (from.byte() != kFormat) from.damaged();
  take_all(from, order, out.reservations);
  take_all(from, order, out.payments);
  take_all(from, order, out.shipments);
  take_all(from, order, out.sandbox);
  from.end();
  return out;
}

}  // namespace conveyor::sqlite
