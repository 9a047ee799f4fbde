#include <algorithm>

#include "adapters/sqlite/sqlite_store.h"
#include "base/assert.h"

namespace conveyor {

using sqlite::Lookups;
using sqlite::PendingWrites;

// --- what was written and the file does not hold yet --------------------------------------------

template <class Row, class LookUp>
std::optional<Row> SqliteStore::operation(const OperationKey& key,
                                          sqlite::PendingRows<Row> PendingWrites::* table,
                                          std::vector<Row> sqlite::RecentOrder::* recent,
                                          LookUp look_up) {
  for (const auto* writes : {&open_, &handed_over_}) {
    if (const auto* pending = (writes->*table).find(key)) return *pending;
    if (writes->is_new(key.order)) return std::nullopt;
  }
  if (const auto* order = recent_.order(key.order)) {
    const auto& rows = order->*recent;
    const auto at = std::ranges::find(rows, key, &Row::key);
    return at == rows.end() ? std::nullopt : std::optional{*at};
  }
  return look_up(lookups());
}

template <class Row, class LookUp>
std::vector<Row> SqliteStore::operations(const OrderId& order,
                                         sqlite::PendingRows<Row> PendingWrites::* table,
                                         std::vector<Row> sqlite::RecentOrder::* recent,
                                         LookUp look_up) {
  std::vector<Row> stored;
  if (const auto* known = recent_.order(order)) {
    stored = known->*recent;
  } else if (!open_.is_new(order) && !handed_over_.is_new(order)) {
    stored = look_up(lookups());
  }
  stored = (handed_over_.*table).over(std::move(stored), order);
  return (open_.*table).over(std::move(stored), order);
}

std::optional<Reservation> SqliteStore::reservation(const OperationKey& key) {
  return operation<Reservation>(key, &PendingWrites::reservations,
                                &sqlite::RecentOrder::reservations,
                                [&](Lookups& in) { return in.Reads::reservation(key); });
}
std::optional<Payment> SqliteStore::payment(const OperationKey& key) {
  return operation<Payment>(key, &PendingWrites::payments, &sqlite::RecentOrder::payments,
                            [&](Lookups& in) { return in.Reads::payment(key); });
}
std::optional<Shipment> SqliteStore::shipment(const OperationKey& key) {
  return operation<Shipment>(key, &PendingWrites::shipments, &sqlite::RecentOrder::shipments,
                             [&](Lookups& in) { return in.Reads::shipment(key); });
}
std::optional<SandboxRecord> SqliteStore::sandbox_record(const OperationKey& key) {
  return operation<SandboxRecord>(key, &PendingWrites::sandbox, &sqlite::RecentOrder::sandbox,
                                  [&](Lookups& in) { return in.Reads::sandbox_record(key); });
}

std::vector<Reservation> SqliteStore::reservations(const OrderId& order) {
  return operations<Reservation>(order, &PendingWrites::reservations,
                                 &sqlite::RecentOrder::reservations,
                                 [&](Lookups& in) { return in.Reads::reservations(order); });
}
std::vector<Payment> SqliteStore::payments(const OrderId& order) {
  return operations<Payment>(order, &PendingWrites::payments, &sqlite::RecentOrder::payments,
                             [&](Lookups& in) { return in.Reads::payments(order); });
}
std::vector<Shipment> SqliteStore::shipments(const OrderId& order) {
  return operations<Shipment>(order, &PendingWrites::shipments, &sqlite::RecentOrder::shipments,
                              [&](Lookups& in) { return in.Reads::shipments(order); });
}
std::vector<SandboxRecord> SqliteStore::sandbox_records(const OrderId& order) {
  return operations<SandboxRecord>(order, &PendingWrites::sandbox, &sqlite::RecentOrder::sandbox,
                                   [&](Lookups& in) { return in.Reads::sandbox_records(order); });
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
  open_.reservations.put(std::move(held));
  return {};
}

void SqliteStore::record_reservation(const Reservation& reservation) {
  CONVEYOR_ASSERT(reservation.state == ReservationState::rejected ||
                      reservation.state == ReservationState::undone,
                  "only rejections and tombstones are recorded without stock");
  const auto present = this->reservation(reservation.key);
  CONVEYOR_ASSERT(!present || present->state == ReservationState::rejected,
                  "only a rejection becomes a tombstone without stock");
  open_.reservations.put(reservation);
}

void SqliteStore::release(const OperationKey& key, Effect effect, Timestamp at) {
  auto changed = held_reservation(key);
  for (const auto& line : changed.lines) stock_to_change(line.sku)->reserved -= line.quantity;
  changed.state = ReservationState::undone;
  changed.effect = effect;
  changed.at = at;
  open_.reservations.put(std::move(changed));
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
  open_.reservations.put(std::move(changed));
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
