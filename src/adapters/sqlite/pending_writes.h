// PendingWrites: what one transaction has written and the file does not hold yet. A row that
// changes again and again (an order's, an operation's, the stock of a SKU) is in it once, with its
// last state.
//
// Threads: one at a time; while the file is written, any number may look.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "adapters/sqlite/event_log.h"
#include "adapters/sqlite/operations.h"
#include "adapters/sqlite/order_buckets.h"
#include "ports/order_store.h"
#include "ports/service_stores.h"
#include "ports/store_audit.h"

namespace conveyor::sqlite {

/// What the indexes of orders that are under way begin with.
struct Standing {
  Status status = Status::pending;
  std::optional<std::string> fingerprint;
  std::optional<Timestamp> wake_at;

  friend bool operator==(const Standing&, const Standing&) = default;
};

inline Standing standing_of(const OrderRow& row) {
  return {row.status, row.fingerprint, row.wake_at};
}

/// An order's row.
struct PendingOrder {
  bool is_new = false;             ///< the file holds nothing of it
  std::int64_t bucket = 0;         ///< of a new one
  std::optional<Standing> before;  ///< of the row in the file, where that is known
  OrderRow row;
  std::string skus;
  EventId last_event_id;
  std::vector<EventPlace> places;  ///< of all its events
};

struct PendingKey {
  std::int64_t bucket = 0;
  IdempotencyRecord record;
};

struct PendingContact {
  Contact contact;
  ScopePrefix scope{};  ///< of the key whose hash covers it
};

struct PendingWrites {
  using Reference = std::pair<std::string, std::string>;  ///< customer, reference

  std::map<OrderId, PendingOrder> orders;
  std::vector<OrderBucket> buckets;  ///< begun
  std::map<Reference, OrderId> references;
  std::map<ScopePrefix, PendingKey> keys;
  std::map<OrderId, PendingContact> contacts;  ///< of new orders
  LogChunks log;
  std::vector<FeedEntry> feed;
  std::map<std::string, StockItem, std::less<>> stock;
  std::vector<StockMovement> movements;
  /// All there are of an order, changed or not; not changed any more once handed over.
  std::map<OrderId, std::shared_ptr<OrderOperations>> operations;

  /// Something of the order is not in the file.
  bool has(const OrderId& id) const { return orders.contains(id); }
  bool is_new(const OrderId& id) const {
    const auto at = orders.find(id);
    return at != orders.end() && at->second.is_new;
  }
  bool empty() const {
    return orders.empty() && keys.empty() && contacts.empty() && log.empty() && feed.empty() &&
           stock.empty() && movements.empty() && operations.empty();
  }
};

}  // namespace conveyor::sqlite
