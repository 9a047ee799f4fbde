#include "adapters/memory/memory_store.h"
#include "base/assert.h"
#include "base/sabotage.h"

namespace conveyor {
namespace {

template <class Map>
std::optional<typename Map::mapped_type> find(const Map& map, const typename Map::key_type& key) {
  const auto at = map.find(key);
  if (at == map.end()) return std::nullopt;
  return at->second;
}

/// The values of one order's keys, by key.
template <class Map>
std::vector<typename Map::mapped_type> of_order(const Map& map, const OrderId& order) {
  std::vector<typename Map::mapped_type> out;
  for (auto at = map.lower_bound({order, 0, 0, 0}); at != map.end() && at->first.order == order;
       ++at) {
    out.push_back(at->second);
  }
  return out;
}

}  // namespace

// --- stock --------------------------------------------------------------------------------------

std::optional<StockItem> MemoryStore::stock(std::string_view sku) {
  const auto at = stock_.find(sku);
  if (at == stock_.end()) return std::nullopt;
  return at->second;
}

std::vector<StockItem> MemoryStore::stock_page(std::string_view after, std::size_t limit) {
  std::vector<StockItem> out;
  for (auto at = stock_.upper_bound(after); at != stock_.end() && out.size() < limit; ++at) {
    out.push_back(at->second);
  }
  return out;
}

std::optional<Reservation> MemoryStore::reservation(const OperationKey& key) {
  return find(reservations_, key);
}

std::vector<Reservation> MemoryStore::reservations(const OrderId& order) {
  return of_order(reservations_, order);
}

ReservationPage MemoryStore::held_page(std::optional<OperationKey> after,
                                       std::optional<std::string> sku, std::size_t limit) {
  ReservationPageBuilder page{std::move(sku), limit};
  auto at = after ? reservations_.upper_bound(*after) : reservations_.begin();
  for (; at != reservations_.end(); ++at) {
    if (at->second.state == ReservationState::held && !page.offer(at->second)) break;
  }
  return page.take();
}

std::optional<StockMovement> MemoryStore::movement(std::int64_t id) {
  return find(movements_, id);
}

std::vector<StockMovement> MemoryStore::movements(std::int64_t after, std::size_t limit) {
  std::vector<StockMovement> out;
  auto at = movements_.upper_bound(after);
  for (; at != movements_.end() && out.size() < limit; ++at) out.push_back(at->second);
  return out;
}

void MemoryStore::count_held(std::int64_t change) {
  held_reservations_ += change;
  on_rollback([this, change] { held_reservations_ -= change; });
}

void MemoryStore::change_stock(const std::string& sku, std::int64_t on_hand,
                               std::int64_t reserved) {
  auto& item = stock_.find(sku)->second;
  on_rollback([&item, on_hand, reserved] {  // a node of a map stays where it is
    item.on_hand -= on_hand;
    item.reserved -= reserved;
  });
  item.on_hand += on_hand;
  item.reserved += reserved;
  CONVEYOR_ASSERT(item.reserved >= 0 && item.available() >= 0, "stock is never negative");
}

StockMovement MemoryStore::add_movement(StockMovement movement) {
  const auto& item = stock_.find(movement.sku)->second;
  movement.id = movements_.empty() ? 1 : movements_.rbegin()->first + 1;
  movement.on_hand_after = item.on_hand;
  movement.reserved_after = item.reserved;
  put(movements_, movement.id, movement);
  return movement;
}

std::vector<Shortage> MemoryStore::reserve(const Reservation& reservation) {
  CONVEYOR_ASSERT(!reservations_.contains(reservation.key), "a reservation's key is new");
  std::vector<Shortage> shortages;
  for (const auto& line : reservation.lines) {
    const auto at = stock_.find(line.sku);
    const auto available = at == stock_.end() ? 0 : at->second.available();
    const bool first = &line == &reservation.lines.front();
    if (CONVEYOR_SABOTAGE(shortage_ignored_for_second_line) && !first) continue;
    if (available < line.quantity) shortages.push_back({line.sku, line.quantity, available});
  }
  if (!shortages.empty()) return shortages;
  for (const auto& line : reservation.lines) change_stock(line.sku, 0, line.quantity);
  auto held = reservation;
  held.state = ReservationState::held;
  put(reservations_, held.key, held);
  count_held(+1);
  return {};
}

void MemoryStore::record_reservation(const Reservation& reservation) {
  CONVEYOR_ASSERT(reservation.state == ReservationState::rejected ||
                      reservation.state == ReservationState::undone,
                  "only rejections and tombstones are recorded without stock");
  const auto at = reservations_.find(reservation.key);
  CONVEYOR_ASSERT(at == reservations_.end() || at->second.state == ReservationState::rejected,
                  "only a rejection becomes a tombstone without stock");
  put(reservations_, reservation.key, reservation);
}

void MemoryStore::release(const OperationKey& key, Effect effect, Timestamp at) {
  auto changed = reservation(key);
  CONVEYOR_ASSERT(changed && changed->state == ReservationState::held, "only a hold is released");
  for (const auto& line : changed->lines) change_stock(line.sku, 0, -line.quantity);
  if (CONVEYOR_SABOTAGE(stock_released_twice)) {
    change_stock(changed->lines.front().sku, 0, -changed->lines.front().quantity);
  }
  changed->state = ReservationState::undone;
  changed->effect = effect;
  changed->at = at;
  put(reservations_, key, std::move(*changed));
  count_held(-1);
}

void MemoryStore::commit_reservation(const OperationKey& key, const OperationKey& committed_by,
                                     Timestamp at) {
  auto changed = reservation(key);
  CONVEYOR_ASSERT(changed && changed->state == ReservationState::held, "only a hold is committed");
  for (const auto& line : changed->lines) {
    change_stock(line.sku, -line.quantity, -line.quantity);
    if (CONVEYOR_SABOTAGE(deduction_without_movement)) continue;
    add_movement({.sku = line.sku,
                  .kind = MovementKind::commit,
                  .delta = -line.quantity,
                  .reason = {},
                  .order_id = key.order,
                  .at = at});
  }
  changed->state = ReservationState::committed;
  changed->committed_by = committed_by;
  changed->at = at;
  put(reservations_, key, std::move(*changed));
  count_held(-1);
}

std::expected<StockMovement, StockRefusal> MemoryStore::set_stock(std::string_view sku,
                                                                  std::int64_t on_hand,
                                                                  std::optional<std::string> title,
                                                                  Timestamp at) {
  auto item = stock(sku).value_or(StockItem{.sku = std::string{sku}, .title = std::nullopt});
  if (on_hand < item.reserved) return std::unexpected{StockRefusal::below_reserved};
  if (on_hand > kMaxStock) return std::unexpected{StockRefusal::out_of_range};
  const auto delta = on_hand - item.on_hand;
  item.on_hand = on_hand;
  if (title) item.title = std::move(title);
  put(stock_, item.sku, item);
  return add_movement({.sku = item.sku,
                       .kind = MovementKind::set,
                       .delta = delta,
                       .reason = {},
                       .order_id = std::nullopt,
                       .at = at});
}

std::expected<StockMovement, StockRefusal> MemoryStore::adjust_stock(std::string_view sku,
                                                                     std::int64_t delta,
                                                                     std::string_view reason,
                                                                     Timestamp at) {
  const auto item = stock(sku);
  if (!item) return std::unexpected{StockRefusal::unknown_sku};
  if (delta < -item->available()) return std::unexpected{StockRefusal::below_reserved};
  if (delta > kMaxStock - item->on_hand) return std::unexpected{StockRefusal::out_of_range};
  change_stock(item->sku, delta, 0);
  return add_movement({.sku = item->sku,
                       .kind = MovementKind::adjust,
                       .delta = delta,
                       .reason = std::string{reason},
                       .order_id = std::nullopt,
                       .at = at});
}

// --- payment, shipping, sandbox -----------------------------------------------------------------

std::optional<Payment> MemoryStore::payment(const OperationKey& key) {
  return find(payments_, key);
}
std::vector<Payment> MemoryStore::payments(const OrderId& order) {
  return of_order(payments_, order);
}
void MemoryStore::put_payment(const Payment& payment) {
  put(payments_, payment.key, payment);
}

std::optional<Shipment> MemoryStore::shipment(const OperationKey& key) {
  return find(shipments_, key);
}
std::vector<Shipment> MemoryStore::shipments(const OrderId& order) {
  return of_order(shipments_, order);
}
void MemoryStore::put_shipment(const Shipment& shipment) {
  put(shipments_, shipment.key, shipment);
}

std::optional<SandboxRecord> MemoryStore::sandbox_record(const OperationKey& key) {
  return find(sandbox_, key);
}
std::vector<SandboxRecord> MemoryStore::sandbox_records(const OrderId& order) {
  return of_order(sandbox_, order);
}
void MemoryStore::put_sandbox_record(const SandboxRecord& record) {
  put(sandbox_, record.key, record);
}

}  // namespace conveyor
