// RowWriter: gives what a transaction has written to SQLite.
//
// Threads: those of the connection. Errors: StoreError.
#pragma once

#include <string>
#include <string_view>

#include "adapters/sqlite/connection.h"
#include "adapters/sqlite/pending_writes.h"

namespace conveyor::sqlite {

class RowWriter {
 public:
  explicit RowWriter(Connection& connection) : db_(connection) {}

  /// Everything but the feed.
  void write(const PendingWrites& writes);
  /// The feed's row of the commit, unless it has no entries.
  void write_feed(const std::vector<FeedEntry>& entries);

  void write(const Contact& contact, std::optional<Bytes> scope);
  /// Returns its id.
  std::int64_t write(const StockMovement& movement);
  /// All of the order's.
  void write(const OrderId& order, const OrderOperations& operations);

 private:
  /// Sets `more` columns beside those that no index begins with.
  static std::string update_order(std::string_view more);
  void write(const PendingOrder& pending);

  Connection& db_;
  Statement insert_key_{db_, "INSERT INTO idempotency_keys VALUES(?1, ?2, ?3, ?4, ?5)"};
  Statement insert_bucket_{db_, "INSERT INTO order_buckets VALUES(?1, ?2)"};
  Statement insert_order_{db_,
                          "INSERT INTO orders VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
                          "?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23)"};
  Statement advance_order_{db_, update_order("")};
  Statement update_order_{db_, update_order(", status = ?16, fingerprint = ?17, wake_at = ?18")};
  Statement insert_chunk_{db_, "INSERT INTO event_log VALUES(?1, ?2)"};
  Statement insert_contact_{db_,
                            "INSERT INTO contacts(order_id, version, erased, scope, name, line1, "
                            "line2, city, region, postal_code, country, email, phone, metadata) "
                            "VALUES(?1, ?2, 0, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"};
  Statement insert_feed_{db_, "INSERT INTO feed(entries) VALUES(?1)"};
  Statement put_stock_{db_, "INSERT OR REPLACE INTO stock VALUES(?1, ?2, ?3, ?4)"};
  Statement insert_movement_{
      db_,
      "INSERT INTO stock_movements(sku, kind, delta, reason, order_id, on_hand_after, "
      "reserved_after, at) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"};
  Statement put_operations_{db_, "INSERT OR REPLACE INTO operations VALUES(?1, ?2, ?3)"};
};

}  // namespace conveyor::sqlite
