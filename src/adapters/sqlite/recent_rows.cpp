#include "adapters/sqlite/recent_rows.h"

#include <algorithm>

namespace conveyor::sqlite {

template <class Row>
void RecentRows::put(const PendingRows<Row>& rows, std::vector<Row> RecentOrder::* table) {
  rows.each([&](const Row& row) {
    const auto order = orders_.find(row.key.order);
    if (order == orders_.end()) return;
    auto& known = order->second.*table;
    const auto at = std::ranges::lower_bound(known, row.key, {}, &Row::key);
    if (at != known.end() && at->key == row.key) {
      *at = row;
    } else {
      known.insert(at, row);
    }
  });
}

void RecentRows::remember_orders(const PendingWrites& writes) {
  for (const auto& [id, pending] : writes.orders) {
    if (is_final(pending.row.status)) {
      orders_.erase(id);
      continue;
    }
    auto at = orders_.find(id);
    if (at == orders_.end()) {
      // Of an order that was there before, not everything is known.
      if (!pending.is_new) continue;
      at = orders_.try_emplace(id).first;
      at->second.contact = writes.contacts.at(id).contact;
    }
    at->second.version = pending.row.version;
    at->second.last_event_id = pending.last_event_id;
    at->second.standing = standing_of(pending.row);
  }
  while (orders_.size() > kMaxRecentOrders) orders_.erase(orders_.begin());
}

void RecentRows::remember(const PendingWrites& writes) {
  remember_orders(writes);
  if (!orders_.empty()) {
    put(writes.reservations, &RecentOrder::reservations);
    put(writes.payments, &RecentOrder::payments);
    put(writes.shipments, &RecentOrder::shipments);
    put(writes.sandbox, &RecentOrder::sandbox);
  }
  if (stock_.size() + writes.stock.size() > kMaxRecentStock) stock_.clear();
  for (const auto& [sku, item] : writes.stock) stock_.insert_or_assign(sku, item);
}

void RecentRows::clear() {
  orders_.clear();
  stock_.clear();
}

const RecentOrder* RecentRows::order(const OrderId& id) const {
  const auto at = orders_.find(id);
  return at == orders_.end() ? nullptr : &at->second;
}

const StockItem* RecentRows::stock(std::string_view sku) const {
  const auto at = stock_.find(sku);
  return at == stock_.end() ? nullptr : &at->second;
}

}  // namespace conveyor::sqlite
