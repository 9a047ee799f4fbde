#include "adapters/sqlite/row_writer.h"

#include <fmt/format.h>

#include "adapters/sqlite/codes.h"
#include "adapters/sqlite/encoding.h"

namespace conveyor::sqlite {

void RowWriter::write(const PendingWrites& writes) {
  for (const auto& [scope, key] : writes.keys) {
    std::visit(
        [&](const auto& subject) {
          insert_key_.execute(key.bucket, Bytes{scope}, key.record.request_hash, subject,
                              key.record.answer_version);
        },
        key.record.subject);
  }
  for (const auto& begun : writes.buckets) insert_bucket_.execute(begun.first, begun.number);
  for (const auto& [id, pending] : writes.contacts) write(pending.contact, Bytes{pending.scope});
  for (const auto& [id, pending] : writes.orders) write(pending);
  for (const auto& chunk : writes.log.chunks()) insert_chunk_.execute(chunk.id, Bytes{chunk.bytes});
  for (const auto& [sku, item] : writes.stock) {
    put_stock_.execute(item.sku, item.title, item.on_hand, item.reserved);
  }
  for (const auto& movement : writes.movements) write(movement);
  for (const auto& [id, operations] : writes.operations) write(id, *operations);
}

void RowWriter::write_feed(const std::vector<FeedEntry>& entries) {
  if (!entries.empty()) insert_feed_.execute(Bytes{encode_feed(entries)});
}

std::string RowWriter::update_order(std::string_view more) {
  return fmt::format(
      "UPDATE orders SET total_minor = ?2, run = ?3, step = ?4, generation = ?5, version = ?6, "
      "hash = ?7, updated_at = ?8, skus = ?9, dead_since = ?10, health = ?11, attempts = ?12, "
      "next_attempt_at = ?13, step_since = ?14, events = ?15{} WHERE id = ?1",
      more);
}

void RowWriter::write(const PendingOrder& pending) {
  const auto& row = pending.row;
  const auto packed = encode_places(pending.places);
  const Bytes places{packed};
  const auto skus = pending.skus.empty() ? std::nullopt : std::optional{pending.skus};
  if (pending.is_new) {
    insert_order_.execute(row.id, code_of(row.status), row.customer_id, row.reference, row.currency,
                          row.total_minor, row.run, row.step, row.generation, row.version, row.hash,
                          row.correlation_id, row.fingerprint, row.wake_at, row.updated_at, skus,
                          row.dead_since, code_of(row.health), row.attempts, row.next_attempt_at,
                          row.step_since, pending.bucket, places);
  } else if (pending.before == standing_of(row)) {
    // Saves taking the row out of its indexes and putting it back where it was.
    advance_order_.execute(row.id, row.total_minor, row.run, row.step, row.generation, row.version,
                           row.hash, row.updated_at, skus, row.dead_since, code_of(row.health),
                           row.attempts, row.next_attempt_at, row.step_since, places);
  } else {
    update_order_.execute(row.id, row.total_minor, row.run, row.step, row.generation, row.version,
                          row.hash, row.updated_at, skus, row.dead_since, code_of(row.health),
                          row.attempts, row.next_attempt_at, row.step_since, places,
                          code_of(row.status), row.fingerprint, row.wake_at);
  }
}

void RowWriter::write(const Contact& contact, std::optional<Bytes> scope) {
  const auto& to = contact.ship_to;
  insert_contact_.execute(contact.order_id, contact.version, scope, to.name, to.line1, to.line2,
                          to.city, to.region, to.postal_code, to.country, to.email, to.phone,
                          encode_metadata(contact.metadata));
}

std::int64_t RowWriter::write(const StockMovement& movement) {
  insert_movement_.execute(movement.sku, code_of(movement.kind), movement.delta, movement.reason,
                           movement.order_id, movement.on_hand_after, movement.reserved_after,
                           movement.at);
  return db_.last_insert_rowid();
}

void RowWriter::write(const OrderId& order, const OrderOperations& operations) {
  put_operations_.execute(order, count_held(operations), Bytes{encode_operations(operations)});
}

}  // namespace conveyor::sqlite
