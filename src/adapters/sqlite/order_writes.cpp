#include <fmt/format.h>

#include "adapters/sqlite/codes.h"
#include "adapters/sqlite/encoding.h"
#include "adapters/sqlite/sqlite_store.h"
#include "base/assert.h"
#include "domain/event_json.h"
#include "ports/order_page.h"

namespace conveyor {

using sqlite::Bytes;
using sqlite::code_of;

std::expected<std::unique_ptr<SqliteStore>, OpenFailure> SqliteStore::open(
    const std::string& path, const SqliteOptions& options) {
  auto database = sqlite::Database::open(path, options);
  if (!database) return std::unexpected{database.error()};
  return std::unique_ptr<SqliteStore>{new SqliteStore{std::move(*database)}};
}

// --- the transaction ----------------------------------------------------------------------------

void SqliteStore::begin() {
  database->begin();
}

void SqliteStore::commit() {
  try {
    flush();
    if (!feed_pending_.empty()) insert_feed_.execute(Bytes{sqlite::encode_feed(feed_pending_)});
  } catch (const StoreError&) {
    rollback();
    throw;
  }
  forget_pending();
  database->commit();
}

void SqliteStore::rollback() {
  forget_pending();
  database->rollback();
}

void SqliteStore::forget_pending() {
  pending_.clear();
  pending_references_.clear();
  feed_pending_.clear();
  stock_pending_.clear();
  reservations_pending_.clear();
  payments_pending_.clear();
  shipments_pending_.clear();
  sandbox_pending_.clear();
}

void SqliteStore::flush() {
  flush_orders();
  for (const auto& [sku, item] : stock_pending_) {
    put_stock_.execute(item.sku, item.title, item.on_hand, item.reserved);
  }
  stock_pending_.clear();
  const auto write_row = [this](const auto& row) { write(row); };
  reservations_pending_.flush(write_row);
  payments_pending_.flush(write_row);
  shipments_pending_.flush(write_row);
  sandbox_pending_.flush(write_row);
}

// --- order rows ---------------------------------------------------------------------------------

void SqliteStore::flush_orders() {
  for (auto& [id, pending] : pending_) {
    const auto& row = pending.row;
    const auto skus = pending.skus.empty() ? std::nullopt : std::optional{pending.skus};
    if (pending.is_new) {
      insert_order_.execute(id, code_of(row.status), row.customer_id, row.reference, row.currency,
                            row.total_minor, row.run, row.step, row.generation, row.version,
                            row.hash, row.correlation_id, row.fingerprint, row.wake_at,
                            row.updated_at, skus, row.dead_since, code_of(row.health), row.attempts,
                            row.next_attempt_at, row.step_since);
    } else {
      update_order_.execute(id, code_of(row.status), row.total_minor, row.run, row.step,
                            row.generation, row.version, row.hash, row.fingerprint, row.wake_at,
                            row.updated_at, skus, row.dead_since, code_of(row.health), row.attempts,
                            row.next_attempt_at, row.step_since);
    }
  }
  pending_.clear();
  pending_references_.clear();
}

bool SqliteStore::is_new(const OrderId& id) const {
  const auto at = pending_.find(id);
  return at != pending_.end() && at->second.is_new;
}

std::optional<OrderRow> SqliteStore::order_row(const OrderId& id) {
  const auto at = pending_.find(id);
  return at == pending_.end() ? Reads::order_row(id) : at->second.row;
}

SqliteStore::PendingOrder* SqliteStore::pending_order(const OrderId& id) {
  if (const auto at = pending_.find(id); at != pending_.end()) return &at->second;
  auto rows = last_event_.query(id);
  if (!rows.next()) return nullptr;
  PendingOrder pending;
  pending.row.version = static_cast<std::uint64_t>(rows.integer(0));
  pending.last_event_id = rows.id<EventId>(1);
  return &pending_.emplace(id, std::move(pending)).first->second;
}

std::optional<OrderId> SqliteStore::order_with_reference(const std::string& customer_id,
                                                         const std::string& reference) {
  const auto at = pending_references_.find(fmt::format("{}\n{}", customer_id, reference));
  if (at != pending_references_.end()) return at->second;
  auto rows = order_of_reference_.query(customer_id, reference);
  if (!rows.next()) return std::nullopt;
  return rows.id<OrderId>(0);
}

void SqliteStore::write_order(PendingOrder& pending, const Order& order,
                              std::span<const Event> events, std::optional<Timestamp> wake_at) {
  auto version = pending.row.version;
  auto causation = version == 0 ? order.correlation_id : pending.last_event_id.to_string();
  for (const auto& event : events) {
    CONVEYOR_ASSERT(event.order_id == order.id && event.version == version + 1,
                    "a stream has no gap");
    CONVEYOR_ASSERT(event.correlation_id == order.correlation_id,
                    "the events of an order share its correlation id");
    insert_event(event, causation);
    feed_pending_.push_back({order.id, event.version, event.type});
    version = event.version;
    pending.last_event_id = event.id;
    causation = event.id.to_string();
  }
  CONVEYOR_ASSERT(order.version == version, "the order is the fold of its stream");
  pending.row = row_of(order, wake_at);
  pending.skus = open_skus(order);
}

// --- events -------------------------------------------------------------------------------------

void SqliteStore::insert_event(const Event& event, const std::string& expected_causation) {
  const auto data = event_data_json(event);
  const auto actor = sqlite::encode_actor(event.actor);
  const auto insert = [&](const auto& causation) {
    insert_event_.execute(event.order_id, event.version, event.id, code_of(event.type),
                          event.schema_version, event.run, event.step, event.generation,
                          event.attempt, causation, event.traceparent, actor, event.occurred_at,
                          event.hash, data);
  };
  if (event.causation_id == expected_causation) {
    insert(std::nullopt);
  } else if (const auto id = EventId::parse(event.causation_id)) {
    insert(*id);
  } else {
    insert(event.causation_id);
  }
}

// --- OrderStore ---------------------------------------------------------------------------------

AcceptResult SqliteStore::accept(const IdempotencyKey& key, std::uint32_t answer_version,
                                 const Contact& contact, const Order& order,
                                 std::span<const Event> events, std::optional<Timestamp> wake_at) {
  if (!put_idempotency(key, {key.request_hash, order.id, answer_version})) {
    return KeyExists{idempotency(key.scope_hash).value()};
  }
  if (order.reference) {
    if (const auto taken = order_with_reference(order.customer_id, *order.reference)) {
      const auto scope = scope_prefix(key.scope_hash);
      delete_key_.execute(Bytes{scope});
      return ReferenceTaken{*taken};
    }
    pending_references_[fmt::format("{}\n{}", order.customer_id, *order.reference)] = order.id;
  }
  CONVEYOR_ASSERT(!events.empty() && !pending_.contains(order.id), "a new order has a new id");
  insert_contact(contact, Bytes{scope_prefix(key.scope_hash)});
  auto& pending = pending_[order.id];
  pending.is_new = true;
  write_order(pending, order, events, wake_at);
  return Accepted{};
}

bool SqliteStore::append(const Order& order, std::uint64_t expected_version,
                         std::span<const Event> events, std::optional<Timestamp> wake_at) {
  auto* pending = pending_order(order.id);
  if (pending == nullptr) return false;
  if (pending->row.version != expected_version) {
    // What was only looked up must not be taken for a row to write.
    if (pending->row.id != order.id) pending_.erase(order.id);
    return false;
  }
  write_order(*pending, order, events, wake_at);
  return true;
}

bool SqliteStore::put_idempotency(const IdempotencyKey& key, const IdempotencyRecord& record) {
  const auto scope = scope_prefix(key.scope_hash);
  return std::visit(
             [&](const auto& subject) {
               return insert_key_.execute(Bytes{scope}, record.request_hash, subject,
                                          record.answer_version);
             },
             record.subject) == 1;
}

}  // namespace conveyor
