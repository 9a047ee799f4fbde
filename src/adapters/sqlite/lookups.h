// Lookups: the reads of single rows that the writing store does for every order, over any
// connection.
//
// Threads: those of the connection.
#pragma once

#include <optional>
#include <string>

#include "adapters/sqlite/order_buckets.h"
#include "adapters/sqlite/reads.h"
#include "adapters/sqlite/sqlite_reader.h"

namespace conveyor::sqlite {

class Lookups : public Reads {
 public:
  struct LastEvent {
    std::uint64_t version = 0;
    EventId id;
    std::vector<EventPlace> places;  ///< of all its events
  };

  /// nullopt: there is no such order.
  std::optional<LastEvent> last_event(const OrderId& id);
  std::optional<OrderId> order_with_reference(const std::string& customer_id,
                                              const std::string& reference);
  OrderBuckets order_buckets();
  /// 0: the log is empty.
  std::int64_t newest_log_chunk();

 protected:
  explicit Lookups(Connection& connection) : Reads(connection) {}

 private:
  Statement order_of_reference_{db,
                                "SELECT id FROM orders INDEXED BY orders_by_reference "
                                "WHERE customer_id = ?1 AND reference = ?2"};
  Statement order_buckets_{db, "SELECT first_id, bucket FROM order_buckets ORDER BY first_id"};
  Statement newest_bucket_{db,
                           "SELECT count(*), max(id) FROM orders INDEXED BY orders_by_customer "
                           "WHERE bucket = ?1"};
  Statement places_{db, "SELECT events, version FROM orders WHERE id = ?1"};
  Statement newest_chunk_{db, "SELECT max(id) FROM event_log"};
};

/// Over a connection of its own, which sees what is durable.
class FileLookups final : private ReadOnlyConnection, public Lookups {
 public:
  explicit FileLookups(const std::string& path)
      : ReadOnlyConnection(path), Lookups(ReadOnlyConnection::connection) {}
};

}  // namespace conveyor::sqlite
