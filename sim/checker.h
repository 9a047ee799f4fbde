// Checker: holds what is committed against the invariants of the domain. After every step for the
// orders that the step touched, event by event as they come; and over everything when asked.
//
// What is checked is the product's own check (runtime/verify.h) plus what only somebody outside can
// know: which answers clients were given, and what they had asked for. No saboteur is at work while
// it looks.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "adapters/memory/memory_store.h"
#include "runtime/verify.h"
#include "runtime/verify_parts.h"
#include "sim/options.h"

namespace conveyor::sim {

/// The stores of one history, by what is in them; several names may mean one store.
struct Stores {
  MemoryStore& orders;
  std::array<MemoryStore*, kAllParticipants.size()> services;

  MemoryStore& of(Participant participant) const {
    return *services.at(static_cast<std::size_t>(participant));
  }
};

/// Several stores as the one that the check reads.
class JoinedStores final : public SandboxReader, public StoreAudit {
 public:
  explicit JoinedStores(const Stores& stores) : stores_(stores) {}

  VerifySource source();

  std::optional<SandboxRecord> sandbox_record(const OperationKey& key) override;
  std::vector<SandboxRecord> sandbox_records(const OrderId& order) override;

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
  /// Every store once.
  std::vector<MemoryStore*> all();

  Stores stores_;
};

class Checker {
 public:
  Checker(const Stores& stores, const Options& options);

  /// Something may have changed for this order.
  void touched(const OrderId& id) { touched_.insert(id); }
  /// A client was told that this order exists and has at least this version.
  void acknowledged(const OrderId& id, std::uint64_t version);

  /// Both throw RuleBroken.
  void check_touched();
  void check_everything();

  /// The fold as the checker has read it; null: no such order yet.
  const Order* order(const OrderId& id) const;
  const std::set<OrderId>& acknowledged_orders() const { return acknowledged_; }

 private:
  /// What of one order is counted in the sums.
  struct Book {
    verifying::OrderFacts facts;
    std::vector<StockLine> held;
  };

  void check_order(const OrderId& id);
  void check_total(const Order& order);
  void check_attempts(const Order& order);
  void note_held(Book& book, const std::vector<Reservation>& reservations);
  void check_moved();
  void throw_first(const VerifyReport& report);

  Stores stores_;
  JoinedStores joined_;
  VerifyOptions verify_;
  std::set<OrderId> touched_;
  std::set<OrderId> acknowledged_;
  std::map<OrderId, std::uint64_t> acknowledged_versions_;
  std::map<OrderId, Book> books_;
  std::map<std::string, std::int64_t> held_;  ///< by SKU, over all orders
  std::set<std::string> moved_;               ///< SKUs whose sums are to be compared
};

}  // namespace conveyor::sim
