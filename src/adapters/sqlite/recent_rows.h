// RecentRows: rows that this process has written, so that the next step of an order, a moment later
// and in another transaction, does not read back from the file what was just put there: all of an
// open order's but its stream, and the stock of SKUs.
//
// Bounded: what is beyond is forgotten, and read from the file again.
//
// Threads: that of the store.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/sqlite/pending_writes.h"

namespace conveyor::sqlite {

/// Orders, of some kilobytes each; beyond, the oldest are forgotten.
inline constexpr std::size_t kMaxRecentOrders = 8'192;
/// SKUs; beyond, all are forgotten.
inline constexpr std::size_t kMaxRecentStock = 16'384;

/// All there is of an order but its stream: what is not in it does not exist.
struct RecentOrder {
  std::uint64_t version = 0;
  EventId last_event_id;
  std::vector<EventPlace> places;
  Standing standing;
  Contact contact;
  std::shared_ptr<const OrderOperations> operations;  ///< nullptr: none
};

class RecentRows {
 public:
  /// What a transaction has written, which is in the file now, or will be before anything else is
  /// read from it.
  void remember(const PendingWrites& writes);
  void forget(const OrderId& id) { orders_.erase(id); }
  void clear();

  /// nullptr: whatever there is of it is in the file. Both are valid until the next call that is
  /// not const.
  const RecentOrder* order(const OrderId& id) const;
  const StockItem* stock(std::string_view sku) const;

 private:
  void remember_orders(const PendingWrites& writes);

  std::map<OrderId, RecentOrder> orders_;
  std::map<std::string, StockItem, std::less<>> stock_;
};

}  // namespace conveyor::sqlite
