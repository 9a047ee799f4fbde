#include "adapters/memory/memory_store.h"

namespace conveyor {
namespace {

template <class Map, class Visit>
void each_value(const Map& map, const Visit& visit) {
  for (const auto& [key, value] : map) visit(value);
}

}  // namespace

void MemoryStore::each_stock_item(const Visitor<StockItem>& visit) {
  each_value(stock_, visit);
}

void MemoryStore::each_movement_sum(const Visitor<StockMovementSum>& visit) {
  std::map<std::string, StockMovementSum> sums;
  for (const auto& [id, movement] : movements_) {
    auto& sum = sums[movement.sku];
    sum.sku = movement.sku;
    ++sum.movements;
    if (movement.kind == MovementKind::commit) {
      sum.committed -= movement.delta;
    } else {
      sum.added += movement.delta;
    }
  }
  each_value(sums, visit);
}

void MemoryStore::each_reservation(const Visitor<Reservation>& visit) {
  each_value(reservations_, visit);
}
void MemoryStore::each_payment(const Visitor<Payment>& visit) {
  each_value(payments_, visit);
}
void MemoryStore::each_shipment(const Visitor<Shipment>& visit) {
  each_value(shipments_, visit);
}
void MemoryStore::each_sandbox_record(const Visitor<SandboxRecord>& visit) {
  each_value(sandbox_, visit);
}
void MemoryStore::each_contact(const Visitor<Contact>& visit) {
  for (const auto& [key, record] : contacts_) visit(record.contact);
}

void MemoryStore::each_idempotency_row(const Visitor<IdempotencyRow>& visit) {
  for (const auto& [scope, record] : idempotency_) visit(IdempotencyRow{scope, record});
}

std::vector<std::pair<Status, std::int64_t>> MemoryStore::order_counts() {
  std::vector<std::pair<Status, std::int64_t>> out;
  out.reserve(kAllStatuses.size());
  for (const auto status : kAllStatuses) out.emplace_back(status, counts_[status]);
  return out;
}

// An order's row and its stream are one record here: neither can be without the other.
void MemoryStore::each_stream_without_order(const Visitor<OrderId>&) {}

}  // namespace conveyor
