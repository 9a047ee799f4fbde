#include "adapters/sqlite/recent_rows.h"

namespace conveyor::sqlite {

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
    at->second.places = pending.places;
    at->second.standing = standing_of(pending.row);
  }
  while (orders_.size() > kMaxRecentOrders) orders_.erase(orders_.begin());
}

void RecentRows::remember(const PendingWrites& writes) {
  remember_orders(writes);
  for (const auto& [id, operations] : writes.operations) {
    if (const auto at = orders_.find(id); at != orders_.end()) at->second.operations = operations;
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
