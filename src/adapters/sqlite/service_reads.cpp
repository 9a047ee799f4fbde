#include <fmt/format.h>

#include "adapters/sqlite/codes.h"
#include "adapters/sqlite/encoding.h"
#include "adapters/sqlite/reads.h"

namespace conveyor::sqlite {
namespace {

/// The first four columns of every table of operations.
OperationKey key_at(const Rows& rows) {
  return {rows.id<OrderId>(0), rows.counter(1), static_cast<StepNumber>(rows.integer(2)),
          rows.counter(3)};
}

std::optional<OperationKey> named_key_at(const Rows& rows, int column) {
  if (rows.is_null(column)) return std::nullopt;
  return decode_named_key(rows.id<OrderId>(0), rows.text(column));
}

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

Reservation reservation_at(const Rows& rows) {
  Reservation out;
  out.key = key_at(rows);
  out.id = rows.id<ReservationId>(4);
  out.state = word_of<ReservationState>(rows.integer(5));
  out.request_hash = rows.optional_digest(6);
  out.lines = decode_stock_lines(rows.text(7));
  if (!rows.is_null(8)) out.shortages = decode_shortages(rows.text(8));
  out.code = rows.string(9);
  out.effect = word_of<Effect>(rows.integer(10));
  out.committed_by = named_key_at(rows, 11);
  out.at = rows.time(12);
  return out;
}

/// NULL is no currency: of a tombstone.
Currency currency_at(const Rows& rows, int column) {
  if (rows.is_null(column)) return {};
  const auto currency = Currency::from_code(rows.text(column));
  if (!currency) throw StoreError(StoreError::Kind::damaged, "the file holds an unknown currency");
  return *currency;
}

Payment payment_at(const Rows& rows) {
  Payment out;
  out.key = key_at(rows);
  out.id = rows.id<PaymentId>(4);
  out.state = word_of<OperationState>(rows.integer(5));
  out.request_hash = rows.optional_digest(6);
  out.authorization = named_key_at(rows, 7);
  out.amount_minor = rows.integer(8);
  out.currency = currency_at(rows, 9);
  out.payment_method = rows.string(10);
  out.provider_reference = rows.string(11);
  out.code = rows.string(12);
  out.effect = word_of<Effect>(rows.integer(13));
  out.undo_uncertain = rows.integer(14) != 0;
  out.at = rows.time(15);
  return out;
}

Shipment shipment_at(const Rows& rows) {
  Shipment out;
  out.key = key_at(rows);
  out.id = rows.id<ShipmentId>(4);
  out.state = word_of<OperationState>(rows.integer(5));
  out.request_hash = rows.optional_digest(6);
  out.booking = named_key_at(rows, 7);
  out.postal_code = rows.string(8);
  out.country = rows.string(9);
  out.provider_reference = rows.string(10);
  out.carrier = rows.string(11);
  out.tracking = rows.string(12);
  out.code = rows.string(13);
  out.effect = word_of<Effect>(rows.integer(14));
  out.undo_uncertain = rows.integer(15) != 0;
  out.at = rows.time(16);
  return out;
}

SandboxRecord sandbox_at(const Rows& rows) {
  SandboxRecord out;
  out.key = key_at(rows);
  out.behaviour = rows.string(4);
  out.calls = rows.counter(5);
  out.undo_calls = rows.counter(6);
  out.effects = rows.counter(7);
  out.effect_exists = rows.integer(8) != 0;
  out.undone = rows.integer(9) != 0;
  out.names = named_key_at(rows, 10);
  out.amount_minor = rows.integer(11);
  out.reference = rows.string(12);
  out.code = rows.string(13);
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

Rows query_key(Statement& statement, const OperationKey& key) {
  return statement.query(key.order, key.run, key.step, key.generation);
}

}  // namespace

std::string Reads::select_reservations(std::string_view rest) {
  return fmt::format(
      "SELECT order_id, run, step, generation, id, state, request_hash, lines, shortages, code, "
      "effect, committed_by, at FROM reservations {}",
      rest);
}
std::string Reads::select_payments(std::string_view rest) {
  return fmt::format(
      "SELECT order_id, run, step, generation, id, state, request_hash, authorization, "
      "amount_minor, currency, payment_method, provider_reference, code, effect, undo_uncertain, "
      "at FROM payments {}",
      rest);
}
std::string Reads::select_shipments(std::string_view rest) {
  return fmt::format(
      "SELECT order_id, run, step, generation, id, state, request_hash, booking, postal_code, "
      "country, provider_reference, carrier, tracking, code, effect, undo_uncertain, at "
      "FROM shipments {}",
      rest);
}
std::string Reads::select_sandbox(std::string_view rest) {
  return fmt::format(
      "SELECT order_id, run, step, generation, behaviour, calls, undo_calls, effects, "
      "effect_exists, undone, names, amount_minor, reference, code FROM sandbox_records {}",
      rest);
}

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
  // Before every key: runs, steps and generations count from 1.
  const auto from = after.value_or(OperationKey{{}, 0, 0, 0});
  for (auto rows = query_key(held_page_, from); rows.next();) {
    if (!page.offer(reservation_at(rows))) break;
  }
  return page.take();
}
std::optional<Reservation> Reads::reservation(const OperationKey& key) {
  return first_of(query_key(reservation_, key), reservation_at);
}
std::vector<Reservation> Reads::reservations(const OrderId& order) {
  return all_of(reservations_.query(order), reservation_at);
}
std::optional<Payment> Reads::payment(const OperationKey& key) {
  return first_of(query_key(payment_, key), payment_at);
}
std::vector<Payment> Reads::payments(const OrderId& order) {
  return all_of(payments_.query(order), payment_at);
}
std::optional<Shipment> Reads::shipment(const OperationKey& key) {
  return first_of(query_key(shipment_, key), shipment_at);
}
std::vector<Shipment> Reads::shipments(const OrderId& order) {
  return all_of(shipments_.query(order), shipment_at);
}
std::optional<SandboxRecord> Reads::sandbox_record(const OperationKey& key) {
  return first_of(query_key(sandbox_, key), sandbox_at);
}
std::vector<SandboxRecord> Reads::sandbox_records(const OrderId& order) {
  return all_of(sandbox_of_order_.query(order), sandbox_at);
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

void Reads::each_reservation(const Visitor<Reservation>& visit) {
  before_query();
  Statement all{db, select_reservations(kAllKeys)};
  for (auto rows = all.query(); rows.next();) visit(reservation_at(rows));
}
void Reads::each_payment(const Visitor<Payment>& visit) {
  before_query();
  Statement all{db, select_payments(kAllKeys)};
  for (auto rows = all.query(); rows.next();) visit(payment_at(rows));
}
void Reads::each_shipment(const Visitor<Shipment>& visit) {
  before_query();
  Statement all{db, select_shipments(kAllKeys)};
  for (auto rows = all.query(); rows.next();) visit(shipment_at(rows));
}
void Reads::each_sandbox_record(const Visitor<SandboxRecord>& visit) {
  before_query();
  Statement all{db, select_sandbox(kAllKeys)};
  for (auto rows = all.query(); rows.next();) visit(sandbox_at(rows));
}

}  // namespace conveyor::sqlite
