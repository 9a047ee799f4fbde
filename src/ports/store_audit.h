// StoreAudit: walks everything a store holds, for checks of the invariants over a whole store
// (`conveyor verify`). Streams and order rows are read through OrderReader; here is what no
// ordinary read asks for, so these may cost as much as there is history.
//
// Threads: as OrderReader. A walk is one consistent view; for several walks that agree with one
// another the adapter offers a snapshot around them. A visitor must not call the store.
// Errors: StoreError.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "ports/order_store.h"
#include "ports/service_stores.h"

namespace conveyor {

/// Movements of one SKU, added up.
struct StockMovementSum {
  std::string sku;
  std::int64_t added = 0;      ///< by set and adjust
  std::int64_t committed = 0;  ///< taken by commits, as a positive number
  std::int64_t movements = 0;

  friend bool operator==(const StockMovementSum&, const StockMovementSum&) = default;
};

/// The part of a scope hash that is stored.
using ScopePrefix = std::array<std::uint8_t, 16>;
ScopePrefix scope_prefix(const Digest& scope_hash);

struct IdempotencyRow {
  ScopePrefix scope{};
  IdempotencyRecord record;

  friend bool operator==(const IdempotencyRow&, const IdempotencyRow&) = default;
};

class StoreAudit {
 public:
  virtual ~StoreAudit() = default;

  template <class T>
  using Visitor = std::function<void(const T&)>;

  /// Every walk goes in ascending order of its key.
  virtual void each_stock_item(const Visitor<StockItem>& visit) = 0;
  virtual void each_movement_sum(const Visitor<StockMovementSum>& visit) = 0;
  virtual void each_reservation(const Visitor<Reservation>& visit) = 0;
  virtual void each_payment(const Visitor<Payment>& visit) = 0;
  virtual void each_shipment(const Visitor<Shipment>& visit) = 0;
  virtual void each_sandbox_record(const Visitor<SandboxRecord>& visit) = 0;
  virtual void each_contact(const Visitor<Contact>& visit) = 0;
  virtual void each_idempotency_row(const Visitor<IdempotencyRow>& visit) = 0;

  /// Of every status, final ones too, zeros included.
  virtual std::vector<std::pair<Status, std::int64_t>> order_counts() = 0;
  /// Orders that have no row, or one that is older than their last event. (A row without a stream
  /// is met when the orders are read.) Throws, damaged, at the end if a part cannot be read.
  virtual void each_stream_without_order(const Visitor<OrderId>& visit) = 0;
};

}  // namespace conveyor
