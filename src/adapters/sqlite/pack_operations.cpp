#include "adapters/sqlite/pack_operations.h"

#include <fmt/format.h>

#include "adapters/sqlite/codes.h"
#include "adapters/sqlite/encoding.h"
#include "adapters/sqlite/operations.h"

namespace conveyor::sqlite {
namespace {

/// The first four columns of every table of operations.
OperationKey key_at(const Rows& rows) {
  return {rows.id<OrderId>(0), rows.number<std::uint32_t>(1), rows.number<StepNumber>(2),
          rows.number<std::uint32_t>(3)};
}

std::optional<OperationKey> named_key_at(const Rows& rows, int column) {
  if (rows.is_null(column)) return std::nullopt;
  return decode_named_key(rows.id<OrderId>(0), rows.text(column));
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
  out.calls = rows.number<std::uint32_t>(5);
  out.undo_calls = rows.number<std::uint32_t>(6);
  out.effects = rows.number<std::uint32_t>(7);
  out.effect_exists = rows.integer(8) != 0;
  out.undone = rows.integer(9) != 0;
  out.names = named_key_at(rows, 10);
  out.amount_minor = rows.integer(11);
  out.reference = rows.string(12);
  out.code = rows.string(13);
  return out;
}

/// The rows of one of the four tables, order by order.
template <class Row>
class Table {
 public:
  Table(Connection& connection, const std::string& columns, const std::string& name,
        Row (*read)(const Rows&))
      : all_(connection, "SELECT order_id, run, step, generation, " + columns + " FROM former_" +
                             name + " ORDER BY order_id, run, step, generation"),
        rows_(all_.query()),
        read_(read),
        name_(name) {
    advance();
  }

  /// Of the next row; nullopt: there is none.
  std::optional<OrderId> order() const {
    return next_ ? std::optional{next_->key.order} : std::nullopt;
  }
  void take_rows_of(const OrderId& order, std::vector<Row>& to) {
    for (; next_ && next_->key.order == order; advance()) to.push_back(*std::move(next_));
  }

 private:
  void advance() {
    next_.reset();
    if (!rows_.next()) return;
    try {
      next_ = read_(rows_);
    } catch (const StoreError& error) {
      throw StoreError(error.kind(), fmt::format("{} of {}: {}", name_,
                                                 rows_.id<OrderId>(0).to_string(), error.what()));
    }
  }

  Statement all_;
  Rows rows_;
  Row (*read_)(const Rows&);
  std::string name_;
  std::optional<Row> next_;
};

}  // namespace

void pack_operations(Connection& connection) {
  Table<Reservation> reservations{
      connection, "id, state, request_hash, lines, shortages, code, effect, committed_by, at",
      "reservations", reservation_at};
  Table<Payment> payments{connection,
                          "id, state, request_hash, authorization, amount_minor, currency, "
                          "payment_method, provider_reference, code, effect, undo_uncertain, at",
                          "payments", payment_at};
  Table<Shipment> shipments{connection,
                            "id, state, request_hash, booking, postal_code, country, "
                            "provider_reference, carrier, tracking, code, effect, "
                            "undo_uncertain, at",
                            "shipments", shipment_at};
  Table<SandboxRecord> sandbox{connection,
                               "behaviour, calls, undo_calls, effects, effect_exists, undone, "
                               "names, amount_minor, reference, code",
                               "sandbox_records", sandbox_at};
  Statement insert{connection, "INSERT INTO operations VALUES(?1, ?2, ?3)"};
  for (;;) {
    std::optional<OrderId> order;
    for (const auto& next :
         {reservations.order(), payments.order(), shipments.order(), sandbox.order()}) {
      if (next && (!order || *next < *order)) order = next;
    }
    if (!order) return;
    OrderOperations all;
    reservations.take_rows_of(*order, all.reservations);
    payments.take_rows_of(*order, all.payments);
    shipments.take_rows_of(*order, all.shipments);
    sandbox.take_rows_of(*order, all.sandbox);
    insert.execute(*order, count_held(all), Bytes{encode_operations(all)});
  }
}

}  // namespace conveyor::sqlite
