#include <fmt/format.h>

#include "adapters/sqlite/codes.h"
#include "adapters/sqlite/operations.h"
#include "adapters/sqlite/reads.h"

namespace conveyor::sqlite {
namespace {

StockItem stock_at(const Rows& rows) {
  return {rows.string(0), rows.optional_string(1), rows.integer(2), rows.integer(3)};
}

StockMovement movement_at(const Rows& rows) {
  StockMovement out;
  out.id = rows.integer(0);
  out.sku = rows.string(1);
  out.kind = word_of<MovementKind>(rows.integer(2));
  out.delta = rows.integer(3);
  out.reason = rows.string(4);
  if (!rows.is_null(5)) out.order_id = rows.id<OrderId>(5);
  out.on_hand_after = rows.integer(6);
  out.reserved_after = rows.integer(7);
  out.at = rows.time(8);
  return out;
}

template <class Read>
auto first_of(Rows rows, Read read) -> std::optional<decltype(read(rows))> {
  if (!rows.next()) return std::nullopt;
  return read(rows);
}

template <class Read>
auto all_of(Rows rows, Read read) -> std::vector<decltype(read(rows))> {
  std::vector<decltype(read(rows))> out;
  while (rows.next()) out.push_back(read(rows));
  return out;
}

OrderOperations operations_at(const Rows& rows) {
  auto operations = decode_operations(rows.id<OrderId>(0), rows.blob(1));
  if (count_held(operations) != rows.integer(2)) {
    throw StoreError(StoreError::Kind::damaged,
                     "the file counts other reservations as held than there are");
  }
  return operations;
}

template <class Row>
std::optional<Row> row_of(const std::vector<Row>& rows, const OperationKey& key) {
  const auto* found = find_row(rows, key);
  return found != nullptr ? std::optional{*found} : std::nullopt;
}

}  // namespace

std::optional<StockItem> Reads::stock(std::string_view sku) {
  return first_of(stock_.query(sku), stock_at);
}
std::vector<StockItem> Reads::stock_page(std::string_view after, std::size_t limit) {
  before_query();
  return all_of(stock_page_.query(after, limit), stock_at);
}
std::optional<StockMovement> Reads::movement(std::int64_t id) {
  before_query();
  return first_of(movement_.query(id), movement_at);
}
std::vector<StockMovement> Reads::movements(std::int64_t after, std::size_t limit) {
  before_query();
  return all_of(movements_.query(after, limit), movement_at);
}
std::int64_t Reads::held_reservations() {
  before_query();
  auto rows = held_.query();
  return rows.next() ? rows.integer(0) : 0;
}
ReservationPage Reads::held_page(std::optional<OperationKey> after, std::optional<std::string> sku,
                                 std::size_t limit) {
  before_query();
  ReservationPageBuilder page{std::move(sku), limit};
  const auto from = after ? after->order : OrderId{};
  for (auto rows = held_page_.query(from); rows.next();) {
    for (auto& reservation : operations_at(rows).reservations) {
      if (reservation.state != ReservationState::held) continue;
      if (after && reservation.key <= *after) continue;
      if (!page.offer(std::move(reservation))) return page.take();
    }
  }
  return page.take();
}
OrderOperations Reads::operations(const OrderId& order) {
  return first_of(operations_.query(order), operations_at).value_or(OrderOperations{});
}
std::optional<Reservation> Reads::reservation(const OperationKey& key) {
  return row_of(operations(key.order).reservations, key);
}
std::vector<Reservation> Reads::reservations(const OrderId& order) {
  return operations(order).reservations;
}
std::optional<Payment> Reads::payment(const OperationKey& key) {
  return row_of(operations(key.order).payments, key);
}
std::vector<Payment> Reads::payments(const OrderId& order) {
  return operations(order).payments;
}
std::optional<Shipment> Reads::shipment(const OperationKey& key) {
  return row_of(operations(key.order).shipments, key);
}
std::vector<Shipment> Reads::shipments(const OrderId& order) {
  return operations(order).shipments;
}
std::optional<SandboxRecord> Reads::sandbox_record(const OperationKey& key) {
  return row_of(operations(key.order).sandbox, key);
}
std::vector<SandboxRecord> Reads::sandbox_records(const OrderId& order) {
  return operations(order).sandbox;
}

// --- walks --------------------------------------------------------------------------------------

void Reads::each_stock_item(const Visitor<StockItem>& visit) {
  before_query();
  Statement all{db, "SELECT sku, title, on_hand, reserved FROM stock ORDER BY sku"};
  for (auto rows = all.query(); rows.next();) visit(stock_at(rows));
}

void Reads::each_movement_sum(const Visitor<StockMovementSum>& visit) {
  Statement all{db,
                "SELECT sku, sum(iif(kind = ?1, 0, delta)), sum(iif(kind = ?1, -delta, 0)), "
                "count(*) FROM stock_movements GROUP BY sku ORDER BY sku"};
  for (auto rows = all.query(code_of(MovementKind::commit)); rows.next();) {
    visit(StockMovementSum{rows.string(0), rows.integer(1), rows.integer(2), rows.integer(3)});
  }
}

template <class Row>
void Reads::each_row(std::vector<Row> OrderOperations::* list, const Visitor<Row>& visit) {
  before_query();
  Statement all{db, "SELECT order_id, packed, held FROM operations ORDER BY order_id"};
  std::optional<std::string> damage;
  for (auto rows = all.query(); rows.next();) {
    OrderOperations operations;
    try {
      operations = operations_at(rows);
    } catch (const StoreError& error) {
      // What the other rows have is looked at before.
      if (error.kind() != StoreError::Kind::damaged) throw;
      if (!damage) damage = fmt::format("{}: {}", rows.id<OrderId>(0).to_string(), error.what());
      continue;
    }
    for (const auto& row : operations.*list) visit(row);
  }
  if (damage) throw StoreError(StoreError::Kind::damaged, *damage);
}

void Reads::each_reservation(const Visitor<Reservation>& visit) {
  each_row(&OrderOperations::reservations, visit);
}
void Reads::each_payment(const Visitor<Payment>& visit) {
  each_row(&OrderOperations::payments, visit);
}
void Reads::each_shipment(const Visitor<Shipment>& visit) {
  each_row(&OrderOperations::shipments, visit);
}
void Reads::each_sandbox_record(const Visitor<SandboxRecord>& visit) {
  each_row(&OrderOperations::sandbox, visit);
}

}  // namespace conveyor::sqlite
