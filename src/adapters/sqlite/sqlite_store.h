// SqliteStore: the embedded store, every port on the one writing connection of a file that this
// process owns.
//
// Events, contacts and movements are inserted at once. A row that changes again and again (an
// order's, an operation's, the stock of a SKU) is written once per commit however often it changes
// in it: until then it is kept in memory, where reads and the version check see it.
//
// Threads: the core thread. Errors: StoreError; after one, roll back. What stands against opening
// is a value.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapters/sqlite/database.h"
#include "adapters/sqlite/pending_rows.h"
#include "adapters/sqlite/reads.h"

namespace conveyor {

namespace sqlite {

/// A base, so that the connection exists before the statements over it.
struct OwnedDatabase {
  explicit OwnedDatabase(std::unique_ptr<Database> owned) : database(std::move(owned)) {}
  std::unique_ptr<Database> database;
};

}  // namespace sqlite

class SqliteStore : private sqlite::OwnedDatabase,
                    public UnitOfWork,
                    public OrderStore,
                    public StockStore,
                    public PaymentStore,
                    public ShipmentStore,
                    public SandboxStore,
                    public sqlite::Reads {
 public:
  /// Creates the file if there is none, migrates an older one.
  static std::expected<std::unique_ptr<SqliteStore>, OpenFailure> open(
      const std::string& path, const SqliteOptions& options = {});

  /// Pages in the WAL after the last commit.
  int wal_pages() const { return database->wal_pages(); }
  /// Changes `SqliteOptions::max_pages`.
  void limit_pages(std::int64_t max_pages) { database->limit_pages(max_pages); }

  // UnitOfWork
  void begin() override;
  void commit() override;
  void rollback() override;
  bool probe() override { return database->probe(); }
  bool scrub() override { return database->empty_wal(); }

  // OrderStore
  AcceptResult accept(const IdempotencyKey& key, std::uint32_t answer_version,
                      const Contact& contact, const Order& order, std::span<const Event> events,
                      std::optional<Timestamp> wake_at) override;
  bool append(const Order& order, std::uint64_t expected_version, std::span<const Event> events,
              std::optional<Timestamp> wake_at) override;
  void put_contact(const Contact& contact) override;
  void drop_contact(const OrderId& id, std::uint32_t version) override;
  bool erase_contact(const OrderId& id) override;
  void put_erasure(const Erasure& erasure) override;
  std::optional<Erasure> next_erasure() override;
  bool is_being_erased(std::string_view customer_id) override;
  std::vector<Erasure> take_walked_erasures() override;
  bool put_idempotency(const IdempotencyKey& key, const IdempotencyRecord& record) override;
  std::optional<OrderRow> order_row(const OrderId& id) override;

  // StockStore
  std::optional<StockItem> stock(std::string_view sku) override;
  std::optional<Reservation> reservation(const OperationKey& key) override;
  std::vector<Reservation> reservations(const OrderId& order) override;
  std::vector<Shortage> reserve(const Reservation& reservation) override;
  void record_reservation(const Reservation& reservation) override;
  void release(const OperationKey& key, Effect effect, Timestamp at) override;
  void commit_reservation(const OperationKey& key, const OperationKey& committed_by,
                          Timestamp at) override;
  std::expected<StockMovement, StockRefusal> set_stock(std::string_view sku, std::int64_t on_hand,
                                                       std::optional<std::string> title,
                                                       Timestamp at) override;
  std::expected<StockMovement, StockRefusal> adjust_stock(std::string_view sku, std::int64_t delta,
                                                          std::string_view reason,
                                                          Timestamp at) override;

  // PaymentStore, ShipmentStore, SandboxStore
  std::optional<Payment> payment(const OperationKey& key) override;
  std::vector<Payment> payments(const OrderId& order) override;
  void put_payment(const Payment& payment) override { payments_pending_.put(payment); }
  std::optional<Shipment> shipment(const OperationKey& key) override;
  std::vector<Shipment> shipments(const OrderId& order) override;
  void put_shipment(const Shipment& shipment) override { shipments_pending_.put(shipment); }
  std::optional<SandboxRecord> sandbox_record(const OperationKey& key) override;
  std::vector<SandboxRecord> sandbox_records(const OrderId& order) override;
  void put_sandbox_record(const SandboxRecord& record) override { sandbox_pending_.put(record); }

 private:
  explicit SqliteStore(std::unique_ptr<sqlite::Database> owned)
      : OwnedDatabase(std::move(owned)), Reads(database->connection()) {}

  /// An order's row that the commit will write.
  struct PendingOrder {
    bool is_new = false;
    OrderRow row;
    std::string skus;
    EventId last_event_id;
  };

  void before_query() override { flush(); }
  void flush();
  void flush_orders();
  void forget_pending();
  /// The file holds nothing of an order that this transaction has made.
  bool is_new(const OrderId& id) const;
  /// The order with its newest version, from memory or from its stream; nullptr: no such order.
  PendingOrder* pending_order(const OrderId& id);
  std::optional<OrderId> order_with_reference(const std::string& customer_id,
                                              const std::string& reference);
  void write_order(PendingOrder& pending, const Order& order, std::span<const Event> events,
                   std::optional<Timestamp> wake_at);
  void insert_event(const Event& event, const std::string& expected_causation);
  void insert_contact(const Contact& contact, std::optional<sqlite::Bytes> scope);

  static std::string blank_contact();
  static std::string select_erasures(std::string_view rest);

  void write(const Reservation& reservation);
  void write(const Payment& payment);
  void write(const Shipment& shipment);
  void write(const SandboxRecord& record);
  Reservation held_reservation(const OperationKey& key);
  /// To change it: the commit writes it, changed or not. nullptr: no such SKU.
  StockItem* stock_to_change(std::string_view sku);
  StockMovement add_movement(StockMovement movement);

  std::map<OrderId, PendingOrder> pending_;
  std::unordered_map<std::string, OrderId> pending_references_;  ///< by `customer\nreference`
  std::vector<FeedEntry> feed_pending_;
  std::map<std::string, StockItem, std::less<>> stock_pending_;
  sqlite::PendingRows<Reservation> reservations_pending_;
  sqlite::PendingRows<Payment> payments_pending_;
  sqlite::PendingRows<Shipment> shipments_pending_;
  sqlite::PendingRows<SandboxRecord> sandbox_pending_;

  using Statement = sqlite::Statement;
  Statement insert_key_{db,
                        "INSERT INTO idempotency_keys VALUES(?1, ?2, ?3, ?4) "
                        "ON CONFLICT DO NOTHING"};
  Statement delete_key_{db, "DELETE FROM idempotency_keys WHERE scope = ?1"};
  Statement order_of_reference_{db,
                                "SELECT id FROM orders INDEXED BY orders_by_customer_reference "
                                "WHERE customer_id = ?1 AND reference = ?2"};
  Statement last_event_{db,
                        "SELECT version, id FROM events WHERE order_id = ?1 "
                        "ORDER BY version DESC LIMIT 1"};
  Statement insert_order_{db,
                          "INSERT INTO orders VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
                          "?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)"};
  Statement update_order_{
      db,
      "UPDATE orders SET status = ?2, total_minor = ?3, run = ?4, step = ?5, generation = ?6, "
      "version = ?7, hash = ?8, fingerprint = ?9, wake_at = ?10, updated_at = ?11, skus = ?12, "
      "dead_since = ?13, health = ?14, attempts = ?15, next_attempt_at = ?16, step_since = ?17 "
      "WHERE id = ?1"};
  Statement insert_event_{db,
                          "INSERT INTO events VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
                          "?11, ?12, ?13, ?14, ?15)"};
  Statement insert_contact_{db,
                            "INSERT INTO contacts(order_id, version, erased, scope, name, line1, "
                            "line2, city, region, postal_code, country, email, phone, metadata) "
                            "VALUES(?1, ?2, 0, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"};
  Statement contacts_of_order_{db,
                               "SELECT id, version, scope FROM contacts "
                               "INDEXED BY contacts_by_order WHERE erased = 0 AND order_id = ?1"};
  Statement blank_contact_{db, blank_contact()};
  Statement forget_key_{db, "UPDATE idempotency_keys SET request_hash = ?2 WHERE scope = ?1"};
  Statement forget_shipments_{db, "UPDATE shipments SET request_hash = NULL WHERE order_id = ?1"};
  Statement put_erasure_{db,
                         "INSERT OR REPLACE INTO erasures VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"};
  Statement next_erasure_{db, select_erasures("ORDER BY walked, customer_id LIMIT 1")};
  Statement being_erased_{db, "SELECT 1 FROM erasures WHERE customer_id = ?1 AND walked = 0"};
  Statement walked_erasures_{db, select_erasures("WHERE walked = 1 ORDER BY customer_id")};
  Statement drop_walked_{db, "DELETE FROM erasures WHERE walked = 1"};
  Statement insert_feed_{db, "INSERT INTO feed(entries) VALUES(?1)"};

  Statement put_stock_{db, "INSERT OR REPLACE INTO stock VALUES(?1, ?2, ?3, ?4)"};
  Statement insert_movement_{
      db,
      "INSERT INTO stock_movements(sku, kind, delta, reason, order_id, on_hand_after, "
      "reserved_after, at) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"};
  Statement put_reservation_{db,
                             "INSERT OR REPLACE INTO reservations VALUES(?1, ?2, ?3, ?4, ?5, ?6, "
                             "?7, ?8, ?9, ?10, ?11, ?12, ?13)"};
  Statement put_payment_{db,
                         "INSERT OR REPLACE INTO payments VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
                         "?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)"};
  Statement put_shipment_{db,
                          "INSERT OR REPLACE INTO shipments VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, "
                          "?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)"};
  Statement put_sandbox_{db,
                         "INSERT OR REPLACE INTO sandbox_records VALUES(?1, ?2, ?3, ?4, ?5, ?6, "
                         "?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"};
};

}  // namespace conveyor
