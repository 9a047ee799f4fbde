// SqliteStore: the embedded store, every port on a file that this process owns.
//
// What a transaction writes is kept in memory until it is handed over; a thread of its own gives it
// to SQLite and makes it durable, while the next transaction is written. Reads look at the open
// transaction, then at the one handed over, then at rows written lately, then into the file, on a
// connection that only reads. A query over many rows, and what has to change rows in the file,
// cannot do so: they wait for the transaction handed over and give the open one to SQLite at once
// (`write_through`). These are rare.
//
// Threads: the core thread. Errors: StoreError; after one, roll back. What stands against opening
// is a value.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "adapters/sqlite/committer.h"
#include "adapters/sqlite/database.h"
#include "adapters/sqlite/known_keys.h"
#include "adapters/sqlite/lookups.h"
#include "adapters/sqlite/recent_rows.h"
#include "adapters/sqlite/row_writer.h"

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
                    public sqlite::Lookups {
 public:
  /// Creates the file if there is none, migrates an older one.
  static std::expected<std::unique_ptr<SqliteStore>, OpenFailure> open(
      const std::string& path, const SqliteOptions& options = {});

  /// Pages in the WAL after the last commit.
  int wal_pages();
  /// Which idempotency keys the file may have, for readers of it.
  std::shared_ptr<const sqlite::KnownKeys> known_keys() const { return known_keys_; }
  /// Changes `SqliteOptions::max_pages`.
  void limit_pages(std::int64_t max_pages);

  // UnitOfWork
  void begin() override;
  void hand_over() override;
  std::chrono::nanoseconds wait() override;
  void rollback() override;
  bool probe() override;
  bool scrub() override;

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
  std::vector<StoredEvent> events(const OrderId& id, std::uint64_t after_version,
                                  std::size_t limit) override;
  std::optional<Contact> contact(const OrderId& id, std::uint32_t version) override;
  std::optional<IdempotencyRecord> idempotency(const Digest& scope_hash) override;

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
  void put_payment(const Payment& payment) override;
  std::optional<Shipment> shipment(const OperationKey& key) override;
  std::vector<Shipment> shipments(const OrderId& order) override;
  void put_shipment(const Shipment& shipment) override;
  std::optional<SandboxRecord> sandbox_record(const OperationKey& key) override;
  std::vector<SandboxRecord> sandbox_records(const OrderId& order) override;
  void put_sandbox_record(const SandboxRecord& record) override;

 private:
  SqliteStore(std::unique_ptr<sqlite::Database> owned, const std::string& path);

  using PendingWrites = sqlite::PendingWrites;
  using PendingOrder = sqlite::PendingOrder;

  void before_query() override;
  void write_through();
  void make_durable();
  void tidy();
  /// Where a row is looked up that is not in memory.
  sqlite::Lookups& lookups();
  /// Nothing of the order has been written that the file does not hold.
  bool is_in_file(const OrderId& id) const;

  /// All that is known of the order's, never nullptr.
  std::shared_ptr<const sqlite::OrderOperations> operations_of(const OrderId& order);
  /// To change them: they are written, changed or not.
  sqlite::OrderOperations& operations_to_change(const OrderId& order);
  template <class Row>
  std::optional<Row> operation(const OperationKey& key,
                               std::vector<Row> sqlite::OrderOperations::* list);
  void put_reservation(Reservation reservation);

  /// The order with its newest version, from memory or from its stream; nullptr: no such order.
  PendingOrder* pending_order(const OrderId& id);
  std::optional<OrderId> order_with_reference(const PendingWrites::Reference& reference);
  void write_order(PendingOrder& pending, const Order& order, std::span<const Event> events,
                   std::optional<Timestamp> wake_at);

  static std::string blank_contact();
  static std::string select_erasures(std::string_view rest);

  std::int64_t bucket_of(const OrderId& id);
  /// The number of a further row of the event log.
  std::int64_t next_log_chunk();
  void forget_key(const ScopePrefix& scope);
  void forget_shipments(const OrderId& id);

  Reservation held_reservation(const OperationKey& key);
  /// To change it: it is written, changed or not. nullptr: no such SKU.
  StockItem* stock_to_change(std::string_view sku);
  StockMovement after(StockMovement movement);
  StockMovement write_movement(StockMovement movement);

  bool in_transaction_ = false;
  bool through_ = false;              ///< SQLite has the transaction open already
  PendingWrites open_;                ///< of the open transaction
  PendingWrites handed_over_;         ///< of the one handed over, until it is waited for
  bool handed_over_through_ = false;  ///< it is open in SQLite already
  PendingWrites spent_;               ///< durable; taken apart by the committer, as it costs time
  PendingWrites waste_;               ///< the committer's

  using Statement = sqlite::Statement;
  Statement contacts_of_order_{db,
                               "SELECT id, version, scope FROM contacts "
                               "INDEXED BY contacts_by_order WHERE erased = 0 AND order_id = ?1"};
  Statement blank_contact_{db, blank_contact()};
  Statement forget_key_{
      db, "UPDATE idempotency_keys SET request_hash = ?3 WHERE bucket = ?1 AND scope = ?2"};
  Statement put_erasure_{db,
                         "INSERT OR REPLACE INTO erasures VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"};
  Statement next_erasure_{db, select_erasures("ORDER BY walked, customer_id LIMIT 1")};
  Statement being_erased_{db, "SELECT 1 FROM erasures WHERE customer_id = ?1 AND walked = 0"};
  Statement walked_erasures_{db, select_erasures("WHERE walked = 1 ORDER BY customer_id")};
  Statement drop_walked_{db, "DELETE FROM erasures WHERE walked = 1"};

  std::shared_ptr<sqlite::KnownKeys> known_keys_;
  sqlite::RecentRows recent_;
  std::optional<sqlite::OrderBuckets> buckets_;
  std::optional<std::int64_t> newest_log_chunk_;
  sqlite::FileLookups file_;
  sqlite::RowWriter writer_{db};
  sqlite::Committer committer_;  ///< last: ends before what it uses
};

}  // namespace conveyor
