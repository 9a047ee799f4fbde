#include <algorithm>

#include "adapters/memory/memory_store.h"
#include "base/assert.h"
#include "base/sabotage.h"
#include "domain/event_json.h"
#include "ports/order_page.h"

namespace conveyor {

// --- the transaction ----------------------------------------------------------------------------

void MemoryStore::begin() {
  CONVEYOR_ASSERT(!open_, "one transaction at a time");
  open_ = true;
}

void MemoryStore::hand_over() {
  CONVEYOR_ASSERT(open_, "a commit ends a transaction");
  CONVEYOR_ASSERT(undo_handed_over_.empty(), "the transaction before is waited for");
  if (!feed_pending_.empty()) {
    feed_.push_back({feed_position() + 1, std::exchange(feed_pending_, {})});
    on_rollback([this] { feed_.pop_back(); });
  }
  undo_handed_over_ = std::exchange(undo_, {});
  open_ = false;
}

std::chrono::nanoseconds MemoryStore::wait() {
  undo_handed_over_.clear();
  return {};
}

void MemoryStore::rollback() {
  for (auto* log : {&undo_, &undo_handed_over_}) {
    for (auto undo = log->rbegin(); undo != log->rend(); ++undo) (*undo)();
    log->clear();
  }
  feed_pending_.clear();
  open_ = false;
}

void MemoryStore::on_rollback(std::move_only_function<void()> undo) {
  CONVEYOR_ASSERT(open_, "writes happen inside a transaction");
  undo_.push_back(std::move(undo));
}

// --- writing orders -----------------------------------------------------------------------------

void MemoryStore::index(const OrderRow& row) {
  ++counts_[row.status];
  if (row.wake_at) due_.insert({*row.wake_at, row.id});
  if (row.fingerprint) failures_.emplace(row.status, *row.fingerprint, row.id);
  if (row.reference) references_[{row.customer_id, *row.reference}] = row.id;
}

void MemoryStore::unindex(const OrderRow& row) {
  --counts_[row.status];
  if (row.wake_at) due_.erase({*row.wake_at, row.id});
  if (row.fingerprint) failures_.erase({row.status, *row.fingerprint, row.id});
  if (row.reference) references_.erase({row.customer_id, *row.reference});
}

void MemoryStore::write_order(const Order& order, std::span<const Event> events,
                              std::optional<Timestamp> wake_at) {
  auto& record = orders_[order.id];
  const bool is_new = record.row.version == 0;
  if (!is_new) unindex(record.row);
  on_rollback([this, id = order.id, is_new, old_row = record.row, old_skus = record.skus,
               old_size = record.events.size()]() mutable {
    auto& changed = orders_.find(id)->second;
    unindex(changed.row);
    if (is_new) {
      orders_.erase(id);
      return;
    }
    changed.row = std::move(old_row);
    changed.skus = std::move(old_skus);
    changed.events.resize(old_size);
    index(changed.row);
  });

  record.row = row_of(order, wake_at);
  record.skus = open_skus(order);
  index(record.row);
  for (const auto& event : events) {
    CONVEYOR_ASSERT(event.order_id == order.id && event.version == record.events.size() + 1,
                    "a stream has no gap");
    CONVEYOR_ASSERT(event.correlation_id == order.correlation_id,
                    "the events of an order share its correlation id");
    record.events.push_back(event);
    feed_pending_.push_back({order.id, event.version, event.type});
  }
  CONVEYOR_ASSERT(order.version == record.events.size(), "the order is the fold of its stream");
}

AcceptResult MemoryStore::accept(const IdempotencyKey& key, std::uint32_t answer_version,
                                 const Contact& contact, const Order& order,
                                 std::span<const Event> events, std::optional<Timestamp> wake_at) {
  if (const auto record = idempotency(key.scope_hash)) return KeyExists{*record};
  if (order.reference) {
    const auto taken = references_.find({order.customer_id, *order.reference});
    if (taken != references_.end()) return ReferenceTaken{taken->second};
  }
  CONVEYOR_ASSERT(!events.empty() && !orders_.contains(order.id), "a new order has a new id");
  if (!CONVEYOR_SABOTAGE(idempotency_key_not_stored)) {
    put(idempotency_, scope_prefix(key.scope_hash),
        IdempotencyRecord{key.request_hash, order.id, answer_version});
  }
  if (!CONVEYOR_SABOTAGE(contact_not_stored)) {
    put(contacts_, {contact.order_id, contact.version}, {contact, scope_prefix(key.scope_hash)});
  }
  write_order(order, events, wake_at);
  return Accepted{};
}

bool MemoryStore::append(const Order& order, std::uint64_t expected_version,
                         std::span<const Event> events, std::optional<Timestamp> wake_at) {
  const auto at = orders_.find(order.id);
  if (at == orders_.end() || at->second.row.version != expected_version) return false;
  write_order(order, events, wake_at);
  return true;
}

void MemoryStore::put_contact(const Contact& contact) {
  const auto any = contacts_.lower_bound({contact.order_id, 0});
  const bool is_known = any != contacts_.end() && any->first.first == contact.order_id;
  put(contacts_, {contact.order_id, contact.version},
      {contact, is_known ? any->second.scope : std::nullopt});
}

void MemoryStore::drop_contact(const OrderId& id, std::uint32_t version) {
  const auto at = contacts_.find({id, version});
  if (at == contacts_.end()) return;
  on_rollback([this, key = at->first, old = at->second] { contacts_[key] = old; });
  contacts_.erase(at);
}

bool MemoryStore::erase_contact(const OrderId& id) {
  std::vector<std::uint32_t> versions;
  std::optional<ScopePrefix> scope;
  for (auto at = contacts_.lower_bound({id, 0}); at != contacts_.end() && at->first.first == id;
       ++at) {
    versions.push_back(at->first.second);
    scope = at->second.scope;
  }
  for (const auto version : versions) drop_contact(id, version);
  if (versions.empty()) return false;
  if (const auto key = scope ? idempotency_.find(*scope) : idempotency_.end();
      key != idempotency_.end()) {
    auto forgotten = key->second;
    forgotten.request_hash.reset();
    put(idempotency_, *scope, forgotten);
  }
  for (auto shipment : shipments(id)) {
    shipment.request_hash.reset();
    put_shipment(shipment);
  }
  return true;
}

void MemoryStore::put_erasure(const Erasure& erasure) {
  put(erasures_, erasure.customer_id, erasure);
}

std::optional<Erasure> MemoryStore::next_erasure() {
  if (erasures_.empty()) return std::nullopt;
  for (const auto& [customer_id, erasure] : erasures_) {
    if (!erasure.walked) return erasure;
  }
  return erasures_.begin()->second;
}

bool MemoryStore::is_being_erased(std::string_view customer_id) {
  const auto at = erasures_.find(customer_id);
  return at != erasures_.end() && !at->second.walked;
}

std::vector<Erasure> MemoryStore::take_walked_erasures() {
  std::vector<Erasure> walked;
  for (const auto& [customer_id, erasure] : erasures_) {
    if (erasure.walked) walked.push_back(erasure);
  }
  for (const auto& erasure : walked) {
    erasures_.erase(erasure.customer_id);
    on_rollback([this, erasure] { erasures_[erasure.customer_id] = erasure; });
  }
  return walked;
}

bool MemoryStore::put_idempotency(const IdempotencyKey& key, const IdempotencyRecord& record) {
  const auto scope = scope_prefix(key.scope_hash);
  if (idempotency_.contains(scope)) return false;
  put(idempotency_, scope, record);
  return true;
}

// --- reading orders -----------------------------------------------------------------------------

std::optional<OrderRow> MemoryStore::order_row(const OrderId& id) {
  const auto at = orders_.find(id);
  if (at == orders_.end()) return std::nullopt;
  return at->second.row;
}

std::vector<StoredEvent> MemoryStore::events(const OrderId& id, std::uint64_t after_version,
                                             std::size_t limit) {
  std::vector<StoredEvent> out;
  const auto at = orders_.find(id);
  if (at == orders_.end()) return out;
  const auto& all = at->second.events;
  for (auto i = after_version; i < all.size() && out.size() < limit; ++i) {
    out.push_back({all[i], event_data_json(all[i])});
  }
  return out;
}

std::optional<Contact> MemoryStore::contact(const OrderId& id, std::uint32_t version) {
  const auto at = contacts_.find({id, version});
  if (at == contacts_.end()) return std::nullopt;
  return at->second.contact;
}

OrderPage MemoryStore::orders(const OrderFilter& filter, std::size_t limit) {
  OrderPageBuilder page{filter, limit};
  const auto range = id_range_of(filter);
  if (range.empty) return page.take();
  const auto statuses = statuses_of(filter);
  const auto is_driven = [&](const OrderRow& row) {  // see ports/order_page.h
    if (filter.reference) {
      return row.reference == filter.reference &&
             (!filter.customer_id || row.customer_id == *filter.customer_id);
    }
    if (filter.customer_id) return row.customer_id == *filter.customer_id;
    if (filter.fingerprint && row.fingerprint != filter.fingerprint) return false;
    if (filter.failing == true && !row.fingerprint) return false;
    return std::ranges::find(statuses, row.status) != statuses.end();
  };
  auto at = range.end ? orders_.lower_bound(*range.end) : orders_.end();
  while (at != orders_.begin()) {
    --at;
    if (at->first < range.first) break;
    if (is_driven(at->second.row) && !page.offer(at->second.row, at->second.skus)) break;
  }
  return page.take();
}

std::vector<OrderReader::Due> MemoryStore::due_orders(Timestamp until, std::optional<Due> after,
                                                      std::size_t limit) {
  std::vector<Due> out;
  auto at = after ? due_.upper_bound(*after) : due_.begin();
  for (; at != due_.end() && at->wake_at <= until && out.size() < limit; ++at) out.push_back(*at);
  return out;
}

std::optional<IdempotencyRecord> MemoryStore::idempotency(const Digest& scope_hash) {
  const auto at = idempotency_.find(scope_prefix(scope_hash));
  if (at == idempotency_.end()) return std::nullopt;
  return at->second;
}

std::vector<std::pair<Status, std::int64_t>> MemoryStore::open_order_counts() {
  auto counts = order_counts();
  std::erase_if(counts, [](const auto& count) { return is_final(count.first); });
  return counts;
}

DeadLetterGroups MemoryStore::dead_letter_groups(std::int64_t limit) {
  DeadLetterGrouper groups{limit};
  for (auto at = failures_.lower_bound({Status::dead_lettered, {}, {}}); at != failures_.end();
       ++at) {
    const auto& [status, fingerprint, id] = *at;
    if (status != Status::dead_lettered) break;
    const auto& row = orders_.find(id)->second.row;
    if (!groups.offer(fingerprint, *row.dead_since, row.currency, row.total_minor)) break;
  }
  return groups.take();
}

FailureCount MemoryStore::failures(std::string_view fingerprint, std::int64_t limit) {
  FailureCount out;
  for (const auto status : kAllStatuses) {
    std::int64_t found = 0;
    const std::string wanted{fingerprint};
    for (auto at = failures_.lower_bound({status, wanted, {}});
         at != failures_.end() && std::get<0>(*at) == status && std::get<1>(*at) == wanted; ++at) {
      if (++found > limit) break;
    }
    out.add(status, found, limit);
  }
  return out;
}

std::int64_t MemoryStore::feed_position() {
  return static_cast<std::int64_t>(feed_.size());
}

std::vector<FeedRow> MemoryStore::feed(std::int64_t after, std::size_t limit) {
  std::vector<FeedRow> out;
  for (auto i = static_cast<std::size_t>(std::max<std::int64_t>(after, 0));
       i < feed_.size() && out.size() < limit; ++i) {
    out.push_back(feed_[i]);
  }
  return out;
}

std::vector<OrderId> MemoryStore::order_ids(std::optional<OrderId> after, std::size_t limit) {
  std::vector<OrderId> out;
  auto at = after ? orders_.upper_bound(*after) : orders_.begin();
  for (; at != orders_.end() && out.size() < limit; ++at) out.push_back(at->first);
  return out;
}

}  // namespace conveyor
