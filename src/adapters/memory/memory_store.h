// MemoryStore: every store port in plain containers, for the simulator and for tests. Behaves as
// the embedded store does (tests/contract holds both to the same suite), without a disk.
//
// Writes happen between begin and commit; each leaves the closure that takes it back, so a rollback
// costs as much as was written. Reads see the open transaction and the one handed over. What
// survives a simulated crash is what was durable: roll back, then go on with the same object.
//
// Threads: one. Errors: none; a broken precondition stops the process.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "ports/order_store.h"
#include "ports/service_stores.h"
#include "ports/store_audit.h"
#include "ports/unit_of_work.h"

namespace conveyor {

class MemoryStore : public UnitOfWork,
                    public OrderStore,
                    public StockStore,
                    public PaymentStore,
                    public ShipmentStore,
                    public SandboxStore,
                    public StoreAudit {
 public:
  // UnitOfWork
  void begin() override;
  void hand_over() override;
  std::chrono::nanoseconds wait() override;
  void rollback() override;
  bool probe() override { return true; }
  bool scrub() override { return true; }

  // OrderReader
  std::optional<OrderRow> order_row(const OrderId& id) override;
  std::vector<StoredEvent> events(const OrderId& id, std::uint64_t after_version,
                                  std::size_t limit) override;
  std::optional<Contact> contact(const OrderId& id, std::uint32_t version) override;
  OrderPage orders(const OrderFilter& filter, std::size_t limit) override;
  std::vector<Due> due_orders(Timestamp until, std::optional<Due> after,
                              std::size_t limit) override;
  std::optional<IdempotencyRecord> idempotency(const Digest& scope_hash) override;
  std::vector<std::pair<Status, std::int64_t>> open_order_counts() override;
  DeadLetterGroups dead_letter_groups(std::int64_t limit) override;
  FailureCount failures(std::string_view fingerprint, std::int64_t limit) override;
  std::int64_t feed_position() override;
  std::vector<FeedRow> feed(std::int64_t after, std::size_t limit) override;
  std::vector<OrderId> order_ids(std::optional<OrderId> after, std::size_t limit) override;

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

  // StockReader, StockStore
  std::optional<StockItem> stock(std::string_view sku) override;
  std::vector<StockItem> stock_page(std::string_view after, std::size_t limit) override;
  std::optional<Reservation> reservation(const OperationKey& key) override;
  std::vector<Reservation> reservations(const OrderId& order) override;
  std::int64_t held_reservations() override { return held_reservations_; }
  ReservationPage held_page(std::optional<OperationKey> after, std::optional<std::string> sku,
                            std::size_t limit) override;
  std::optional<StockMovement> movement(std::int64_t id) override;
  std::vector<StockMovement> movements(std::int64_t after, std::size_t limit) override;
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

 private:
  struct OrderRecord {
    OrderRow row;
    std::string skus;
    std::vector<Event> events;
  };

  /// Adds or replaces, and remembers how to take that back.
  template <class Map>
  void put(Map& map, const typename Map::key_type& key, typename Map::mapped_type value);
  void on_rollback(std::move_only_function<void()> undo);

  void index(const OrderRow& row);
  void unindex(const OrderRow& row);
  void write_order(const Order& order, std::span<const Event> events,
                   std::optional<Timestamp> wake_at);
  void count_held(std::int64_t change);
  void change_stock(const std::string& sku, std::int64_t on_hand, std::int64_t reserved);
  StockMovement add_movement(StockMovement movement);

  bool open_ = false;
  std::vector<std::move_only_function<void()>> undo_;
  std::vector<std::move_only_function<void()>> undo_handed_over_;
  std::vector<FeedEntry> feed_pending_;

  std::map<OrderId, OrderRecord> orders_;
  std::map<std::pair<std::string, std::string>, OrderId> references_;  ///< by customer, reference
  std::set<Due> due_;
  std::map<Status, std::int64_t> counts_;
  std::set<std::tuple<Status, std::string, OrderId>> failures_;  ///< by standing fingerprint
  struct ContactRecord {
    Contact contact;
    std::optional<ScopePrefix> scope;  ///< of the key whose hash covers it
  };
  std::map<std::pair<OrderId, std::uint32_t>, ContactRecord> contacts_;
  std::map<std::string, Erasure, std::less<>> erasures_;  ///< by customer
  std::map<ScopePrefix, IdempotencyRecord> idempotency_;
  std::vector<FeedRow> feed_;

  std::map<std::string, StockItem, std::less<>> stock_;
  std::map<std::int64_t, StockMovement> movements_;
  std::map<OperationKey, Reservation> reservations_;
  std::int64_t held_reservations_ = 0;
  std::map<OperationKey, Payment> payments_;
  std::map<OperationKey, Shipment> shipments_;
  std::map<OperationKey, SandboxRecord> sandbox_;
};

template <class Map>
void MemoryStore::put(Map& map, const typename Map::key_type& key,
                      typename Map::mapped_type value) {
  const auto at = map.find(key);
  if (at == map.end()) {
    map.emplace(key, std::move(value));
    on_rollback([&map, key] { map.erase(key); });
    return;
  }
  on_rollback([&map, key, old = std::exchange(at->second, std::move(value))]() mutable {
    map.find(key)->second = std::move(old);
  });
}

}  // namespace conveyor
