#include <fmt/format.h>

#include "adapters/sqlite/codes.h"
#include "adapters/sqlite/encoding.h"
#include "adapters/sqlite/sqlite_store.h"
#include "base/assert.h"
#include "domain/event_json.h"
#include "ports/order_page.h"

namespace conveyor {

using sqlite::LoggedEvent;
using sqlite::Lookups;
using sqlite::PendingWrites;

std::expected<std::unique_ptr<SqliteStore>, OpenFailure> SqliteStore::open(
    const std::string& path, const SqliteOptions& options) {
  auto database = sqlite::Database::open(path, options);
  if (!database) return std::unexpected{database.error()};
  try {
    return std::unique_ptr<SqliteStore>{new SqliteStore{std::move(*database), path}};
  } catch (const StoreError& error) {
    return std::unexpected{OpenFailure{OpenFailure::Kind::unavailable, error.what()}};
  }
}

SqliteStore::SqliteStore(std::unique_ptr<sqlite::Database> owned, const std::string& path)
    : OwnedDatabase(std::move(owned)),
      Lookups(database->connection()),
      known_keys_(std::make_shared<sqlite::KnownKeys>(path)),
      file_(path),
      committer_([this] { make_durable(); }, [this] { tidy(); }) {}

// --- the transaction ----------------------------------------------------------------------------

void SqliteStore::begin() {
  CONVEYOR_ASSERT(!in_transaction_, "one transaction at a time");
  in_transaction_ = true;
}

void SqliteStore::hand_over() {
  CONVEYOR_ASSERT(in_transaction_, "a commit ends a transaction");
  in_transaction_ = false;
  if (open_.empty() && !through_) return;
  CONVEYOR_ASSERT(handed_over_.empty(), "the transaction before is waited for");
  committer_.wait_idle();
  waste_ = std::move(spent_);
  handed_over_ = std::exchange(open_, {});
  handed_over_through_ = std::exchange(through_, false);
  committer_.start();
  // What SQLite has been given already is nowhere else, and cannot be seen in the file before.
  if (handed_over_through_) wait();
}

/// On the committer's thread.
void SqliteStore::make_durable() {
  try {
    if (!handed_over_through_) database->begin();
    writer_.write(handed_over_);
    writer_.write_feed(handed_over_.feed);
  } catch (const StoreError&) {
    database->rollback();
    throw;
  }
  database->commit();
}

/// On the committer's thread, when nobody waits.
void SqliteStore::tidy() {
  waste_ = {};
  database->checkpoint_if_due();
}

std::chrono::nanoseconds SqliteStore::wait() {
  const auto took = committer_.wait();
  if (!handed_over_.empty()) {
    recent_.remember(handed_over_);
    spent_ = std::exchange(handed_over_, {});
  }
  return took;
}

void SqliteStore::rollback() {
  committer_.forget_error();
  in_transaction_ = false;
  open_ = {};
  handed_over_ = {};
  recent_.clear();
  buckets_.reset();
  if (std::exchange(through_, false)) database->rollback();
}

bool SqliteStore::probe() {
  committer_.wait_idle();
  return database->probe();
}

bool SqliteStore::scrub() {
  committer_.wait_idle();
  return database->empty_wal();
}

int SqliteStore::wal_pages() {
  committer_.wait_idle();
  return database->wal_pages();
}

void SqliteStore::limit_pages(std::int64_t max_pages) {
  committer_.wait_idle();
  database->limit_pages(max_pages);
}

/// Afterwards SQLite holds all that was written, in its open transaction; the connection is ours.
void SqliteStore::write_through() {
  CONVEYOR_ASSERT(in_transaction_, "writes happen inside a transaction");
  wait();
  committer_.wait_idle();
  if (!std::exchange(through_, true)) database->begin();
  writer_.write(open_);
  recent_.remember(open_);
  auto feed = std::move(open_.feed);
  open_ = {};
  open_.feed = std::move(feed);
}

void SqliteStore::before_query() {
  if (in_transaction_ && (through_ || !open_.empty())) return write_through();
  wait();
  committer_.wait_idle();
}

Lookups& SqliteStore::lookups() {
  return through_ ? static_cast<Lookups&>(*this) : file_;
}

// --- order rows ---------------------------------------------------------------------------------

bool SqliteStore::is_in_file(const OrderId& id) const {
  return !open_.has(id) && !handed_over_.has(id);
}

std::optional<OrderRow> SqliteStore::order_row(const OrderId& id) {
  for (const auto* writes : {&open_, &handed_over_}) {
    if (const auto at = writes->orders.find(id); at != writes->orders.end()) return at->second.row;
  }
  return lookups().Reads::order_row(id);
}

std::vector<StoredEvent> SqliteStore::events(const OrderId& id, std::uint64_t after_version,
                                             std::size_t limit) {
  if (is_in_file(id)) return lookups().Reads::events(id, after_version, limit);
  before_query();
  return Reads::events(id, after_version, limit);
}

std::optional<Contact> SqliteStore::contact(const OrderId& id, std::uint32_t version) {
  for (const auto* writes : {&open_, &handed_over_}) {
    const auto at = writes->contacts.find(id);
    if (at != writes->contacts.end() && at->second.contact.version == version) {
      return at->second.contact;
    }
  }
  if (const auto* recent = recent_.order(id)) {
    if (recent->contact.version == version) return recent->contact;
    return std::nullopt;
  }
  return lookups().Reads::contact(id, version);
}

SqliteStore::PendingOrder* SqliteStore::pending_order(const OrderId& id) {
  if (const auto at = open_.orders.find(id); at != open_.orders.end()) return &at->second;
  PendingOrder pending;
  if (const auto at = handed_over_.orders.find(id); at != handed_over_.orders.end()) {
    pending.row.version = at->second.row.version;
    pending.last_event_id = at->second.last_event_id;
    pending.places = at->second.places;
    pending.before = sqlite::standing_of(at->second.row);
  } else if (const auto* recent = recent_.order(id)) {
    pending.row.version = recent->version;
    pending.last_event_id = recent->last_event_id;
    pending.places = recent->places;
    pending.before = recent->standing;
  } else {
    auto last = lookups().last_event(id);
    if (!last) return nullptr;
    pending.row.version = last->version;
    pending.last_event_id = last->id;
    pending.places = std::move(last->places);
  }
  return &open_.orders.emplace(id, std::move(pending)).first->second;
}

std::optional<OrderId> SqliteStore::order_with_reference(
    const PendingWrites::Reference& reference) {
  for (const auto* writes : {&open_, &handed_over_}) {
    const auto at = writes->references.find(reference);
    if (at != writes->references.end()) return at->second;
  }
  if (!known_keys_->may_have(reference.first, reference.second)) return std::nullopt;
  return lookups().order_with_reference(reference.first, reference.second);
}

// --- events -------------------------------------------------------------------------------------

namespace {

/// A view of the event: `actor` and `data` outlive it. `follows`: what caused it is what a reader
/// expects, the event before it or, of the first, the correlation id.
LoggedEvent logged(const Event& event, bool follows, const std::optional<std::string>& actor,
                   const std::string& data) {
  LoggedEvent out;
  out.id = event.id.uuid();
  out.type = static_cast<std::uint64_t>(sqlite::code_of(event.type));
  out.schema_version = event.schema_version;
  out.run = event.run;
  out.step = event.step;
  out.generation = event.generation;
  out.attempt = event.attempt;
  if (!follows) {
    if (const auto id = EventId::parse(event.causation_id)) {
      out.causation = id->uuid();
    } else {
      out.causation = std::string_view{event.causation_id};
    }
  }
  out.traceparent = event.traceparent;
  out.actor = actor;
  out.occurred_at = to_unix_ms(event.occurred_at);
  out.hash = event.hash;
  out.data = data;
  return out;
}

}  // namespace

void SqliteStore::write_order(PendingOrder& pending, const Order& order,
                              std::span<const Event> events, std::optional<Timestamp> wake_at) {
  auto version = pending.row.version;
  auto causation = version == 0 ? order.correlation_id : pending.last_event_id.to_string();
  for (const auto& event : events) {
    CONVEYOR_ASSERT(event.order_id == order.id && event.version == version + 1,
                    "a stream has no gap");
    CONVEYOR_ASSERT(event.correlation_id == order.correlation_id,
                    "the events of an order share its correlation id");
    const auto actor = sqlite::encode_actor(event.actor);
    const auto made = event.data_text.json.empty() ? event_data_json(event) : std::string{};
    const auto& data = made.empty() ? event.data_text.json : made;
    const auto place = open_.log.append(order.id, event.version,
                                        logged(event, event.causation_id == causation, actor, data),
                                        [this] { return next_log_chunk(); });
    if (place) pending.places.push_back(*place);
    open_.feed.push_back({order.id, event.version, event.type});
    version = event.version;
    pending.last_event_id = event.id;
    causation = event.id.to_string();
  }
  CONVEYOR_ASSERT(order.version == version, "the order is the fold of its stream");
  pending.row = conveyor::row_of(order, wake_at);
  pending.skus = open_skus(order);
}

/// Numbers of a transaction that was rolled back are left out.
std::int64_t SqliteStore::next_log_chunk() {
  if (!newest_log_chunk_) newest_log_chunk_ = lookups().newest_log_chunk();
  return ++*newest_log_chunk_;
}

/// What a rollback has taken back was counted, too, so then it is read again.
std::int64_t SqliteStore::bucket_of(const OrderId& id) {
  if (!buckets_) buckets_ = lookups().order_buckets();
  const auto [bucket, begins] = buckets_->place(id);
  if (begins) open_.buckets.push_back({id, bucket});
  return bucket;
}

// --- OrderStore ---------------------------------------------------------------------------------

AcceptResult SqliteStore::accept(const IdempotencyKey& key, std::uint32_t answer_version,
                                 const Contact& contact, const Order& order,
                                 std::span<const Event> events, std::optional<Timestamp> wake_at) {
  if (auto known = idempotency(key.scope_hash)) return KeyExists{*std::move(known)};
  if (order.reference) {
    PendingWrites::Reference reference{order.customer_id, *order.reference};
    if (const auto taken = order_with_reference(reference)) return ReferenceTaken{*taken};
    known_keys_->add(reference.first, reference.second);
    open_.references.emplace(std::move(reference), order.id);
  }
  CONVEYOR_ASSERT(!events.empty() && is_in_file(order.id), "a new order has a new id");
  const auto scope = scope_prefix(key.scope_hash);
  open_.keys.emplace(scope, sqlite::PendingKey{known_keys_->add(scope),
                                               {key.request_hash, order.id, answer_version}});
  open_.contacts.emplace(order.id, sqlite::PendingContact{contact, scope});
  auto& pending = open_.orders[order.id];
  pending.is_new = true;
  pending.bucket = bucket_of(order.id);
  write_order(pending, order, events, wake_at);
  return Accepted{};
}

bool SqliteStore::append(const Order& order, std::uint64_t expected_version,
                         std::span<const Event> events, std::optional<Timestamp> wake_at) {
  auto* pending = pending_order(order.id);
  if (pending == nullptr) return false;
  if (pending->row.version != expected_version) {
    // What was only looked up must not be taken for a row to write.
    if (pending->row.id != order.id) open_.orders.erase(order.id);
    return false;
  }
  write_order(*pending, order, events, wake_at);
  return true;
}

std::optional<IdempotencyRecord> SqliteStore::idempotency(const Digest& scope_hash) {
  const auto scope = scope_prefix(scope_hash);
  for (const auto* writes : {&open_, &handed_over_}) {
    if (const auto at = writes->keys.find(scope); at != writes->keys.end()) {
      return at->second.record;
    }
  }
  const auto places = known_keys_->places_of(scope);
  if (places.empty()) return std::nullopt;
  return lookups().Reads::idempotency(scope, places);
}

bool SqliteStore::put_idempotency(const IdempotencyKey& key, const IdempotencyRecord& record) {
  if (idempotency(key.scope_hash)) return false;
  const auto scope = scope_prefix(key.scope_hash);
  open_.keys.emplace(scope, sqlite::PendingKey{known_keys_->add(scope), record});
  return true;
}

}  // namespace conveyor
