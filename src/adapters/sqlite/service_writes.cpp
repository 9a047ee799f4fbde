#include <algorithm>

#include "adapters/sqlite/sqlite_store.h"
#include "base/assert.h"

namespace conveyor {

using sqlite::OrderOperations;

namespace {

const auto kNone = std::make_shared<const OrderOperations>();

}  // namespace

// --- what was written and the file does not hold yet --------------------------------------------

std::shared_ptr<const OrderOperations> SqliteStore::operations_of(const OrderId& order) {
  for (const auto* writes : {&open_, &handed_over_}) {
    const auto at = writes->operations.find(order);
    if (at != writes->operations.end()) return at->second;
    if (writes->is_new(order)) return kNone;
  }
  if (const auto* known = recent_.order(order)) {
    return known->operations ? known->operations : kNone;
  }
  return std::make_shared<const OrderOperations>(lookups().operations(order));
}

OrderOperations& SqliteStore::operations_to_change(const OrderId& order) {
  if (const auto at = open_.operations.find(order); at != open_.operations.end()) {
    return *at->second;
  }
  auto copy = std::make_shared<OrderOperations>(*operations_of(order));
  return *open_.operations.emplace(order, std::move(copy)).first->second;
}

template <class Row>
std::optional<Row> SqliteStore::operation(const OperationKey& key,
                                          std::vector<Row> OrderOperations::* list) {
  const auto all = operations_of(key.order);
  const auto* row = sqlite::find_row((*all).*list, key);
  return row != nullptr ? std::optional{*row} : std::nullopt;
}

std::optional<Reservation> SqliteStore::reservation(const OperationKey& key) {
  return operation(key, &OrderOperations::reservations);
}
std::optional<Payment> SqliteStore::payment(const OperationKey& key) {
  return operation(key, &OrderOperations::payments);
}
std::optional<Shipment> SqliteStore::shipment(const OperationKey& key) {
  return operation(key, &OrderOperations::shipments);
}
std::optional<SandboxRecord> SqliteStore::sandbox_record(const OperationKey& key) {
  return operation(key, &OrderOperations::sandbox);
}

std::vector<Reservation> SqliteStore::reservations(const OrderId& order) {
  return operations_of(order)->reservations;
}
std::vector<Payment> SqliteStore::payments(const OrderId& order) {
  return operations_of(order)->payments;
}
std::vector<Shipment> SqliteStore::shipments(const OrderId& order) {
  return operations_of(order)->shipments;
}
std::vector<SandboxRecord> SqliteStore::sandbox_records(const OrderId& order) {
  return operations_of(order)->sandbox;
}

void SqliteStore::put_reservation(Reservation reservation) {
  auto& reservations = operations_to_change(reservation.key.order).reservations;
  sqlite::put_row(reservations, std::move(reservation));
}
void SqliteStore::put_payment(const Payment& payment) {
  sqlite::put_row(operations_to_change(payment.key.order).payments, payment);
}
void SqliteStore::put_shipment(const Shipment& shipment) {
  sqlite::put_row(operations_to_change(shipment.key.order).shipments, shipment);
}
void SqliteStore::put_sandbox_record(const SandboxRecord& record) {
  sqlite::put_row(operations_to_change(record.key.order).sandbox, record);
}

std::optional<StockItem> SqliteStore::stock(std::string_view sku) {
  for (const auto* writes : {&open_, &handed_over_}) {
    if (const auto at = writes->stock.find(sku); at != writes->stock.end()) return at->second;
  }
  if (const auto* recent = recent_.stock(sku)) return *recent;
  return lookups().Reads::stock(sku);
}

StockItem* SqliteStore::stock_to_change(std::string_view sku) {
  if (const auto at = open_.stock.find(sku); at != open_.stock.end()) return &at->second;
  auto item = stock(sku);
  if (!item) return nullptr;
  return &open_.stock.emplace(sku, *std::move(item)).first->second;
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
  put_reservation(std::move(held));
  return {};
}

void SqliteStore::record_reservation(const Reservation& reservation) {
  CONVEYOR_ASSERT(reservation.state == ReservationState::rejected ||
                      reservation.state == ReservationState::undone,
                  "only rejections and tombstones are recorded without stock");
  const auto present = this->reservation(reservation.key);
  CONVEYOR_ASSERT(!present || present->state == ReservationState::rejected,
                  "only a rejection becomes a tombstone without stock");
  put_reservation(reservation);
}

void SqliteStore::release(const OperationKey& key, Effect effect, Timestamp at) {
  auto changed = held_reservation(key);
  for (const auto& line : changed.lines) stock_to_change(line.sku)->reserved -= line.quantity;
  changed.state = ReservationState::undone;
  changed.effect = effect;
  changed.at = at;
  put_reservation(std::move(changed));
}

void SqliteStore::commit_reservation(const OperationKey& key, const OperationKey& committed_by,
                                     Timestamp at) {
  auto changed = held_reservation(key);
  for (const auto& line : changed.lines) {
    auto& item = *stock_to_change(line.sku);
    item.on_hand -= line.quantity;
    item.reserved -= line.quantity;
    open_.movements.push_back(after({.id = 0,
                                     .sku = line.sku,
                                     .kind = MovementKind::commit,
                                     .delta = -line.quantity,
                                     .reason = {},
                                     .order_id = key.order,
                                     .at = at}));
  }
  changed.state = ReservationState::committed;
  changed.committed_by = committed_by;
  changed.at = at;
  put_reservation(std::move(changed));
}

// --- stock --------------------------------------------------------------------------------------

StockMovement SqliteStore::after(StockMovement movement) {
  const auto item = stock(movement.sku);
  CONVEYOR_ASSERT(item.has_value(), "what moves is in stock");
  movement.on_hand_after = item->on_hand;
  movement.reserved_after = item->reserved;
  return movement;
}

/// At once, for its id.
StockMovement SqliteStore::write_movement(StockMovement movement) {
  movement = after(std::move(movement));
  write_through();
  movement.id = writer_.write(movement);
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
  open_.stock.insert_or_assign(item.sku, item);
  return write_movement({.id = 0,
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
  return write_movement({.id = 0,
                         .sku = item->sku,
                         .kind = MovementKind::adjust,
                         .delta = delta,
                         .reason = std::string{reason},
                         .order_id = std::nullopt,
                         .at = at});
}

}  // namespace conveyor
