#include "adapters/sqlite/codes.h"
#include "adapters/sqlite/encoding.h"
#include "adapters/sqlite/sqlite_store.h"
#include "base/assert.h"

namespace conveyor {

using sqlite::code_of;

// --- what the transaction has put ---------------------------------------------------------------

std::optional<Reservation> SqliteStore::reservation(const OperationKey& key) {
  if (const auto* pending = reservations_pending_.find(key)) return *pending;
  return is_new(key.order) ? std::nullopt : Reads::reservation(key);
}
std::optional<Payment> SqliteStore::payment(const OperationKey& key) {
  if (const auto* pending = payments_pending_.find(key)) return *pending;
  return is_new(key.order) ? std::nullopt : Reads::payment(key);
}
std::optional<Shipment> SqliteStore::shipment(const OperationKey& key) {
  if (const auto* pending = shipments_pending_.find(key)) return *pending;
  return is_new(key.order) ? std::nullopt : Reads::shipment(key);
}
std::optional<SandboxRecord> SqliteStore::sandbox_record(const OperationKey& key) {
  if (const auto* pending = sandbox_pending_.find(key)) return *pending;
  return is_new(key.order) ? std::nullopt : Reads::sandbox_record(key);
}

std::vector<Reservation> SqliteStore::reservations(const OrderId& order) {
  auto stored = is_new(order) ? std::vector<Reservation>{} : Reads::reservations(order);
  return reservations_pending_.over(std::move(stored), order);
}
std::vector<Payment> SqliteStore::payments(const OrderId& order) {
  auto stored = is_new(order) ? std::vector<Payment>{} : Reads::payments(order);
  return payments_pending_.over(std::move(stored), order);
}
std::vector<Shipment> SqliteStore::shipments(const OrderId& order) {
  auto stored = is_new(order) ? std::vector<Shipment>{} : Reads::shipments(order);
  return shipments_pending_.over(std::move(stored), order);
}
std::vector<SandboxRecord> SqliteStore::sandbox_records(const OrderId& order) {
  auto stored = is_new(order) ? std::vector<SandboxRecord>{} : Reads::sandbox_records(order);
  return sandbox_pending_.over(std::move(stored), order);
}

std::optional<StockItem> SqliteStore::stock(std::string_view sku) {
  const auto at = stock_pending_.find(sku);
  return at == stock_pending_.end() ? Reads::stock(sku) : at->second;
}

StockItem* SqliteStore::stock_to_change(std::string_view sku) {
  if (const auto at = stock_pending_.find(sku); at != stock_pending_.end()) return &at->second;
  auto item = Reads::stock(sku);
  if (!item) return nullptr;
  return &stock_pending_.emplace(sku, *std::move(item)).first->second;
}

// --- reservations -------------------------------------------------------------------------------

Reservation SqliteStore::held_reservation(const OperationKey& key) {
  auto held = reservation(key);
  CONVEYOR_ASSERT(held && held->state == ReservationState::held,
                  "only a hold is released or committed");
  return std::move(*held);
}

std::vector<Shortage> SqliteStore::reserve(const Reservation& reservation) {
  CONVEYOR_ASSERT(!this->reservation(reservation.key), "a reservation's key is new");
  std::vector<Shortage> shortages;
  for (const auto& line : reservation.lines) {
    const auto* item = stock_to_change(line.sku);
    const auto available = item != nullptr ? item->available() : 0;
    if (available < line.quantity) shortages.push_back({line.sku, line.quantity, available});
  }
  if (!shortages.empty()) return shortages;
  for (const auto& line : reservation.lines) stock_to_change(line.sku)->reserved += line.quantity;
  auto held = reservation;
  held.state = ReservationState::held;
  reservations_pending_.put(std::move(held));
  return {};
}

void SqliteStore::record_reservation(const Reservation& reservation) {
  CONVEYOR_ASSERT(reservation.state == ReservationState::rejected ||
                      reservation.state == ReservationState::undone,
                  "only rejections and tombstones are recorded without stock");
  const auto present = this->reservation(reservation.key);
  CONVEYOR_ASSERT(!present || present->state == ReservationState::rejected,
                  "only a rejection becomes a tombstone without stock");
  reservations_pending_.put(reservation);
}

void SqliteStore::release(const OperationKey& key, Effect effect, Timestamp at) {
  auto changed = held_reservation(key);
  for (const auto& line : changed.lines) stock_to_change(line.sku)->reserved -= line.quantity;
  changed.state = ReservationState::undone;
  changed.effect = effect;
  changed.at = at;
  reservations_pending_.put(std::move(changed));
}

void SqliteStore::commit_reservation(const OperationKey& key, const OperationKey& committed_by,
                                     Timestamp at) {
  auto changed = held_reservation(key);
  for (const auto& line : changed.lines) {
    auto& item = *stock_to_change(line.sku);
    item.on_hand -= line.quantity;
    item.reserved -= line.quantity;
    add_movement({.id = 0,
                  .sku = line.sku,
                  .kind = MovementKind::commit,
                  .delta = -line.quantity,
                  .reason = {},
                  .order_id = key.order,
                  .at = at});
  }
  changed.state = ReservationState::committed;
  changed.committed_by = committed_by;
  changed.at = at;
  reservations_pending_.put(std::move(changed));
}

// --- stock --------------------------------------------------------------------------------------

StockMovement SqliteStore::add_movement(StockMovement movement) {
  const auto item = stock(movement.sku);
  CONVEYOR_ASSERT(item.has_value(), "what moves is in stock");
  movement.on_hand_after = item->on_hand;
  movement.reserved_after = item->reserved;
  insert_movement_.execute(movement.sku, code_of(movement.kind), movement.delta, movement.reason,
                           movement.order_id, movement.on_hand_after, movement.reserved_after,
                           movement.at);
  movement.id = db.last_insert_rowid();
  return movement;
}

std::expected<StockMovement, StockRefusal> SqliteStore::set_stock(std::string_view sku,
                                                                  std::int64_t on_hand,
                                                                  std::optional<std::string> title,
                                                                  Timestamp at) {
  auto item = stock(sku).value_or(StockItem{.sku = std::string{sku}, .title = std::nullopt});
  if (on_hand < item.reserved) return std::unexpected{StockRefusal::below_reserved};
  if (on_hand > kMaxStock) return std::unexpected{StockRefusal::out_of_range};
  const auto delta = on_hand - item.on_hand;
  if (title) item.title = std::move(title);
  item.on_hand = on_hand;
  stock_pending_.insert_or_assign(item.sku, item);
  return add_movement({.id = 0,
                       .sku = item.sku,
                       .kind = MovementKind::set,
                       .delta = delta,
                       .reason = {},
                       .order_id = std::nullopt,
                       .at = at});
}

std::expected<StockMovement, StockRefusal> SqliteStore::adjust_stock(std::string_view sku,
                                                                     std::int64_t delta,
                                                                     std::string_view reason,
                                                                     Timestamp at) {
  auto* item = stock_to_change(sku);
  if (item == nullptr) return std::unexpected{StockRefusal::unknown_sku};
  if (delta < -item->available()) return std::unexpected{StockRefusal::below_reserved};
  if (delta > kMaxStock - item->on_hand) return std::unexpected{StockRefusal::out_of_range};
  item->on_hand += delta;
  return add_movement({.id = 0,
                       .sku = item->sku,
                       .kind = MovementKind::adjust,
                       .delta = delta,
                       .reason = std::string{reason},
                       .order_id = std::nullopt,
                       .at = at});
}

// --- rows of operations -------------------------------------------------------------------------

void SqliteStore::write(const Reservation& reservation) {
  const auto& key = reservation.key;
  put_reservation_.execute(
      key.order, key.run, key.step, key.generation, reservation.id, code_of(reservation.state),
      reservation.request_hash, sqlite::encode_stock_lines(reservation.lines),
      sqlite::encode_shortages(reservation.shortages), reservation.code,
      code_of(reservation.effect), sqlite::encode_named_key(key.order, reservation.committed_by),
      reservation.at);
}

void SqliteStore::write(const Payment& payment) {
  const auto& key = payment.key;
  std::optional<std::string_view> currency;
  if (payment.currency != Currency{}) currency = payment.currency.code();
  put_payment_.execute(
      key.order, key.run, key.step, key.generation, payment.id, code_of(payment.state),
      payment.request_hash, sqlite::encode_named_key(key.order, payment.authorization),
      payment.amount_minor, currency, payment.payment_method, payment.provider_reference,
      payment.code, code_of(payment.effect), payment.undo_uncertain, payment.at);
}

void SqliteStore::write(const Shipment& shipment) {
  const auto& key = shipment.key;
  put_shipment_.execute(key.order, key.run, key.step, key.generation, shipment.id,
                        code_of(shipment.state), shipment.request_hash,
                        sqlite::encode_named_key(key.order, shipment.booking), shipment.postal_code,
                        shipment.country, shipment.provider_reference, shipment.carrier,
                        shipment.tracking, shipment.code, code_of(shipment.effect),
                        shipment.undo_uncertain, shipment.at);
}

void SqliteStore::write(const SandboxRecord& record) {
  const auto& key = record.key;
  put_sandbox_.execute(key.order, key.run, key.step, key.generation, record.behaviour, record.calls,
                       record.undo_calls, record.effects, record.effect_exists, record.undone,
                       sqlite::encode_named_key(key.order, record.names), record.amount_minor,
                       record.reference, record.code);
}

}  // namespace conveyor
