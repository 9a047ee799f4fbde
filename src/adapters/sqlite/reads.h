// Reads: every reading port over one connection. The writing store and the read-only one share it,
// so each query is written once.
//
// Threads: those of the connection.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "adapters/sqlite/connection.h"
#include "adapters/sqlite/event_log.h"
#include "adapters/sqlite/known_keys.h"
#include "adapters/sqlite/operations.h"
#include "ports/order_store.h"
#include "ports/service_stores.h"
#include "ports/store_audit.h"

namespace conveyor::sqlite {

/// In the place of a request's hash that was forgotten: no hash, and of the same size.
inline constexpr Digest kForgottenHash{};

class Reads : public virtual OrderReader,
              public virtual StockReader,
              public virtual PaymentReader,
              public virtual ShipmentReader,
              public virtual SandboxReader,
              public StoreAudit {
 public:
  // OrderReader
  std::optional<OrderRow> order_row(const OrderId& id) override;
  std::vector<StoredEvent> events(const OrderId& id, std::uint64_t after_version,
                                  std::size_t limit) override;
  std::optional<Contact> contact(const OrderId& id, std::uint32_t version) override;
  OrderPage orders(const OrderFilter& filter, std::size_t limit) override;
  std::vector<Due> due_orders(Timestamp until, std::optional<Due> after,
                              std::size_t limit) override;
  std::optional<IdempotencyRecord> idempotency(const Digest& scope_hash) override;
  /// Looks there alone.
  std::optional<IdempotencyRecord> idempotency(const ScopePrefix& scope,
                                               const std::vector<KeyBuckets>& places);
  std::vector<std::pair<Status, std::int64_t>> open_order_counts() override;
  DeadLetterGroups dead_letter_groups(std::int64_t limit) override;
  FailureCount failures(std::string_view fingerprint, std::int64_t limit) override;
  std::int64_t feed_position() override;
  std::vector<FeedRow> feed(std::int64_t after, std::size_t limit) override;
  std::vector<OrderId> order_ids(std::optional<OrderId> after, std::size_t limit) override;

  // StockReader, PaymentReader, ShipmentReader, SandboxReader
  std::optional<StockItem> stock(std::string_view sku) override;
  std::vector<StockItem> stock_page(std::string_view after, std::size_t limit) override;
  std::optional<Reservation> reservation(const OperationKey& key) override;
  std::vector<Reservation> reservations(const OrderId& order) override;
  std::int64_t held_reservations() override;
  ReservationPage held_page(std::optional<OperationKey> after, std::optional<std::string> sku,
                            std::size_t limit) override;
  std::optional<StockMovement> movement(std::int64_t id) override;
  std::vector<StockMovement> movements(std::int64_t after, std::size_t limit) override;
  std::optional<Payment> payment(const OperationKey& key) override;
  std::vector<Payment> payments(const OrderId& order) override;
  std::optional<Shipment> shipment(const OperationKey& key) override;
  std::vector<Shipment> shipments(const OrderId& order) override;
  std::optional<SandboxRecord> sandbox_record(const OperationKey& key) override;
  std::vector<SandboxRecord> sandbox_records(const OrderId& order) override;
  /// All of them at once.
  OrderOperations operations(const OrderId& order);

  // StoreAudit
  void each_stock_item(const Visitor<StockItem>& visit) override;
  void each_movement_sum(const Visitor<StockMovementSum>& visit) override;
  void each_reservation(const Visitor<Reservation>& visit) override;
  void each_payment(const Visitor<Payment>& visit) override;
  void each_shipment(const Visitor<Shipment>& visit) override;
  void each_sandbox_record(const Visitor<SandboxRecord>& visit) override;
  void each_contact(const Visitor<Contact>& visit) override;
  void each_idempotency_row(const Visitor<IdempotencyRow>& visit) override;
  std::vector<std::pair<Status, std::int64_t>> order_counts() override;
  void each_stream_without_order(const Visitor<OrderId>& visit) override;

 protected:
  explicit Reads(Connection& connection) : db(connection) {}

  /// Called before a query over rows that the writing store keeps in memory: it writes them.
  virtual void before_query() {}

  /// What begins at the place; valid until the next is looked for. Damaged if it is not the
  /// order's, or begins with another version.
  RunReader run_at(const OrderId& order, const EventPlace& place);
  /// Throws that the events of the order are not where they should be.
  [[noreturn]] static void misplaced(const OrderId& order);

  Connection& db;

 private:
  /// A row of the log. They never change, so the last ones read are kept: orders that came together
  /// lie together, and each may have several runs.
  Bytes log_chunk(std::int64_t id);

  /// Queries that a filter runs side by side, merged newest first.
  std::vector<Rows> filtered_orders(const OrderFilter& filter);
  std::int64_t count_of(Status status);
  template <class Row>
  void each_row(std::vector<Row> OrderOperations::* list, const Visitor<Row>& visit);

  struct CachedChunk {
    std::int64_t id = 0;  ///< 0: none
    std::vector<std::uint8_t> bytes;
  };
  std::array<CachedChunk, 8> chunks_;
  std::size_t next_chunk_ = 0;  ///< is replaced next

  Statement order_by_id_{db, select_orders("WHERE id = ?1")};
  Statement orders_all_{db, select_orders("WHERE id >= ?1 AND id < ?2 ORDER BY id DESC")};
  Statement orders_of_customer_{
      db, select_orders("INDEXED BY orders_by_customer JOIN order_buckets USING(bucket) "
                        "WHERE first_id < ?2 AND customer_id = ?3 AND id >= ?1 AND id < ?2 "
                        "ORDER BY first_id DESC, id DESC")};
  Statement orders_of_reference_{
      db, select_orders("INDEXED BY orders_by_reference "
                        "WHERE id >= ?1 AND id < ?2 AND reference = ?3 ORDER BY id DESC")};
  Statement order_of_customer_reference_{
      db, select_orders("INDEXED BY orders_by_reference "
                        "WHERE id >= ?1 AND id < ?2 AND customer_id = ?3 AND reference = ?4")};
  std::vector<Statement> orders_of_status_ = one_per_status(
      "INDEXED BY orders_by_status WHERE id >= ?1 AND id < ?2 AND status = ?3 ORDER BY id DESC");
  std::vector<Statement> orders_of_failure_ = one_per_status(
      "INDEXED BY orders_by_failure "
      "WHERE id >= ?1 AND id < ?2 AND status = ?3 AND fingerprint = ?4 ORDER BY id DESC");
  std::vector<Statement> orders_failing_ = one_per_status(
      "INDEXED BY orders_failing "
      "WHERE id >= ?1 AND id < ?2 AND status = ?3 AND fingerprint IS NOT NULL ORDER BY id DESC");
  Statement dead_letters_{db,
                          "SELECT fingerprint, dead_since, currency, total_minor FROM orders "
                          "INDEXED BY orders_by_failure "
                          "WHERE status = ?1 AND fingerprint IS NOT NULL ORDER BY fingerprint, id"};
  Statement counts_of_failure_{db, count_failures()};
  Statement due_{db,
                 "SELECT wake_at, id FROM orders INDEXED BY orders_by_wake "
                 "WHERE (wake_at, id) > (?1, ?2) AND wake_at <= ?3 ORDER BY wake_at, id LIMIT ?4"};
  Statement count_of_status_{
      db, "SELECT count(*) FROM orders INDEXED BY orders_by_status WHERE status = ?1"};
  Statement order_ids_{db, "SELECT id FROM orders WHERE id > ?1 ORDER BY id LIMIT ?2"};
  Statement stream_{db, "SELECT correlation_id, events, version FROM orders WHERE id = ?1"};
  Statement chunk_{db, "SELECT packed FROM event_log WHERE id = ?1"};
  Statement contact_{db, select_contacts("AND order_id = ?1 AND version = ?2")};
  Statement idempotency_{db,
                         "SELECT scope, request_hash, subject, answer_version "
                         "FROM idempotency_keys WHERE bucket = ?1 AND scope = ?2"};
  Statement newest_key_bucket_{db, "SELECT max(bucket) FROM idempotency_keys"};
  Statement feed_position_{db, "SELECT max(position) FROM feed"};
  Statement feed_{db,
                  "SELECT position, entries FROM feed WHERE position > ?1 ORDER BY position "
                  "LIMIT ?2"};

  Statement stock_{db, "SELECT sku, title, on_hand, reserved FROM stock WHERE sku = ?1"};
  Statement stock_page_{db,
                        "SELECT sku, title, on_hand, reserved FROM stock WHERE sku > ?1 "
                        "ORDER BY sku LIMIT ?2"};
  Statement movement_{db,
                      "SELECT id, sku, kind, delta, reason, order_id, on_hand_after, "
                      "reserved_after, at FROM stock_movements WHERE id = ?1"};
  Statement movements_{db,
                       "SELECT id, sku, kind, delta, reason, order_id, on_hand_after, "
                       "reserved_after, at FROM stock_movements WHERE id > ?1 ORDER BY id LIMIT "
                       "?2"};
  Statement held_{
      db,
      "SELECT coalesce(sum(held), 0) FROM operations INDEXED BY operations_held WHERE held > 0"};
  Statement held_page_{db,
                       "SELECT order_id, packed, held FROM operations INDEXED BY operations_held "
                       "WHERE held > 0 AND order_id >= ?1 ORDER BY order_id"};
  Statement operations_{db, "SELECT order_id, packed, held FROM operations WHERE order_id = ?1"};

  static std::string select_orders(std::string_view rest);
  static std::string count_failures();
  static std::string select_contacts(std::string_view rest);
  std::vector<Statement> one_per_status(std::string_view rest);
};

}  // namespace conveyor::sqlite
