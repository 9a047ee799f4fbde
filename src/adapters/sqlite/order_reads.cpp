#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>

#include "adapters/sqlite/codes.h"
#include "adapters/sqlite/encoding.h"
#include "adapters/sqlite/reads.h"
#include "domain/event_json.h"
#include "ports/order_page.h"

namespace conveyor::sqlite {
namespace {

constexpr int kSkusColumn = 15;

OrderRow order_at(const Rows& rows) {
  OrderRow row;
  row.id = rows.id<OrderId>(0);
  row.status = word_of<Status>(rows.integer(1));
  row.customer_id = rows.string(2);
  row.reference = rows.optional_string(3);
  row.currency = rows.string(4);
  row.total_minor = rows.integer(5);
  row.run = rows.counter(6);
  row.step = static_cast<StepNumber>(rows.integer(7));
  row.generation = rows.counter(8);
  row.version = static_cast<std::uint64_t>(rows.integer(9));
  row.hash = rows.digest(10);
  row.correlation_id = rows.string(11);
  row.fingerprint = rows.optional_string(12);
  row.wake_at = rows.optional_time(13);
  row.updated_at = rows.time(14);
  row.dead_since = rows.optional_time(16);
  row.health = word_of<Health>(rows.integer(17));
  row.attempts = rows.counter(18);
  row.next_attempt_at = rows.optional_time(19);
  row.step_since = rows.optional_time(20);
  return row;
}

/// `before`: the id of the event before it; nullopt: it is the first.
std::string causation_of(const LoggedEvent& event, const std::string& correlation_id,
                         const std::optional<EventId>& before) {
  if (const auto* id = std::get_if<Uuid>(&event.causation)) return EventId{*id}.to_string();
  if (const auto* text = std::get_if<std::string_view>(&event.causation)) {
    return std::string{*text};
  }
  return before ? before->to_string() : correlation_id;
}

StoredEvent stored(const LoggedEvent& logged, const OrderId& order, std::uint64_t version,
                   const std::string& correlation_id, const std::optional<EventId>& before) {
  StoredEvent out;
  auto& event = out.event;
  event.order_id = order;
  event.correlation_id = correlation_id;
  event.version = version;
  event.id = EventId{logged.id};
  event.type = word_of<EventType>(static_cast<std::int64_t>(logged.type));
  event.schema_version = logged.schema_version;
  event.run = logged.run;
  if (logged.step && (*logged.step < 1 || *logged.step > kStepCount)) {
    throw StoreError(StoreError::Kind::damaged,
                     fmt::format("event {} of {} names step {}, which does not exist", version,
                                 order.to_string(), *logged.step));
  }
  event.step = logged.step;
  event.generation = logged.generation;
  event.attempt = logged.attempt;
  event.causation_id = causation_of(logged, correlation_id, before);
  event.traceparent = logged.traceparent;
  if (logged.actor) event.actor = decode_actor(*logged.actor);
  event.occurred_at = stored_time(logged.occurred_at);
  event.hash = logged.hash;
  out.data_json = logged.data;
  auto data = parse_event_data(event.type, event.schema_version, out.data_json);
  if (!data) {
    throw StoreError(StoreError::Kind::damaged,
                     fmt::format("event {} of {} does not parse: {}", event.version,
                                 order.to_string(), data.error()));
  }
  event.data = std::move(*data);
  return out;
}

Contact contact_at(const Rows& rows) {
  Contact out;
  out.order_id = rows.id<OrderId>(0);
  out.version = rows.counter(1);
  out.ship_to = {rows.string(2), rows.string(3),          rows.optional_string(4),
                 rows.string(5), rows.optional_string(6), rows.string(7),
                 rows.string(8), rows.optional_string(9), rows.optional_string(10)};
  if (!rows.is_null(11)) out.metadata = decode_metadata(rows.text(11));
  return out;
}

IdempotencyRow idempotency_at(const Rows& rows) {
  IdempotencyRow out;
  out.scope = rows.uuid(0).bytes;
  out.record.request_hash = rows.digest(1);
  if (out.record.request_hash == kForgottenHash) out.record.request_hash.reset();
  if (rows.is_blob(2)) {
    out.record.subject = rows.id<OrderId>(2);
  } else {
    out.record.subject = rows.integer(2);
  }
  out.record.answer_version = rows.counter(3);
  return out;
}

/// Above every id: one byte longer than the largest.
constexpr std::array<std::uint8_t, 17> kAboveAllIds{255, 255, 255, 255, 255, 255, 255, 255, 255,
                                                    255, 255, 255, 255, 255, 255, 255, 255};

}  // namespace

std::string Reads::select_orders(std::string_view rest) {
  return fmt::format(
      "SELECT id, status, customer_id, reference, currency, total_minor, run, step, generation, "
      "version, hash, correlation_id, fingerprint, wake_at, updated_at, skus, "
      "dead_since, health, attempts, next_attempt_at, step_since FROM orders {}",
      rest);
}

/// In one statement, so over one state: an order that moves on meanwhile is not counted twice.
std::string Reads::count_failures() {
  std::string sql;
  for (const auto status : kAllStatuses) {
    if (is_final(status)) continue;
    if (!sql.empty()) sql += " UNION ALL ";
    sql += fmt::format(
        "SELECT {0}, count(*) FROM (SELECT 1 FROM orders INDEXED BY orders_by_failure "
        "WHERE status = {0} AND fingerprint = ?1 LIMIT ?2)",
        code_of(status));
  }
  return sql;
}

std::string Reads::select_contacts(std::string_view rest) {
  return fmt::format(
      "SELECT order_id, version, name, line1, line2, city, region, postal_code, country, email, "
      "phone, metadata FROM contacts INDEXED BY contacts_by_order WHERE erased = 0 {}",
      rest);
}

std::vector<Statement> Reads::one_per_status(std::string_view rest) {
  std::vector<Statement> out;
  out.reserve(kAllStatuses.size());
  for (std::size_t i = 0; i < kAllStatuses.size(); ++i) out.emplace_back(db, select_orders(rest));
  return out;
}

std::optional<OrderRow> Reads::order_row(const OrderId& id) {
  auto rows = order_by_id_.query(id);
  if (!rows.next()) return std::nullopt;
  return order_at(rows);
}

Bytes Reads::log_chunk(std::int64_t id) {
  for (const auto& known : chunks_) {
    if (known.id == id) return known.bytes;
  }
  auto rows = chunk_.query(id);
  if (id < 1 || !rows.next()) {
    throw StoreError(StoreError::Kind::damaged,
                     fmt::format("the file lacks row {} of the event log", id));
  }
  auto& oldest = chunks_[next_chunk_];
  next_chunk_ = (next_chunk_ + 1) % chunks_.size();
  const auto bytes = rows.blob(0);
  oldest.bytes.assign(bytes.begin(), bytes.end());
  oldest.id = id;
  return oldest.bytes;
}

RunReader Reads::run_at(const OrderId& order, const EventPlace& place) {
  RunReader run{log_chunk(place.chunk), place.offset};
  if (run.order() != order || run.version() != place.version) misplaced(order);
  return run;
}

void Reads::misplaced(const OrderId& order) {
  throw StoreError(
      StoreError::Kind::damaged,
      fmt::format("the event log has other events where those of {} should be", order.to_string()));
}

std::vector<StoredEvent> Reads::events(const OrderId& id, std::uint64_t after_version,
                                       std::size_t limit) {
  before_query();
  std::vector<StoredEvent> out;
  std::string correlation_id;
  std::vector<EventPlace> places;
  std::uint64_t last_version = 0;
  {
    auto rows = stream_.query(id);
    if (!rows.next()) return out;
    correlation_id = rows.string(0);
    places = decode_places(rows.blob(1));
    last_version = static_cast<std::uint64_t>(rows.integer(2));
  }
  if (places.empty() ? last_version > 0 : places.front().version != 1) misplaced(id);
  // From the run with the event before the page, which may have caused the page's first one.
  auto place = std::ranges::upper_bound(places, after_version, {}, &EventPlace::version);
  if (place != places.begin()) --place;
  std::optional<EventId> before;
  while (place != places.end()) {
    auto run = run_at(id, *place);
    while (run.has_next()) {
      if (out.size() == limit) return out;
      const auto version = run.version();
      const auto event = run.next();
      if (version > after_version) {
        out.push_back(stored(event, id, version, correlation_id, before));
      }
      before = EventId{event.id};
    }
    ++place;
    if (run.version() != (place == places.end() ? last_version + 1 : place->version)) misplaced(id);
  }
  return out;
}

std::optional<Contact> Reads::contact(const OrderId& id, std::uint32_t version) {
  auto rows = contact_.query(id, version);
  if (!rows.next()) return std::nullopt;
  return contact_at(rows);
}

std::vector<Rows> Reads::filtered_orders(const OrderFilter& filter) {
  const auto range = id_range_of(filter);
  std::vector<Rows> out;
  if (range.empty) return out;
  const Bytes end = range.end ? Bytes{range.end->uuid().bytes} : Bytes{kAboveAllIds};
  if (filter.reference && filter.customer_id) {
    out.push_back(order_of_customer_reference_.query(range.first, end, *filter.customer_id,
                                                     *filter.reference));
  } else if (filter.reference) {
    out.push_back(orders_of_reference_.query(range.first, end, *filter.reference));
  } else if (filter.customer_id) {
    out.push_back(orders_of_customer_.query(range.first, end, *filter.customer_id));
  } else if (filter.fingerprint) {
    for (const auto status : statuses_of(filter)) {
      auto& statement = orders_of_failure_.at(static_cast<std::size_t>(status));
      out.push_back(statement.query(range.first, end, code_of(status), *filter.fingerprint));
    }
  } else if (filter.failing == true) {
    for (const auto status : statuses_of(filter)) {
      auto& statement = orders_failing_.at(static_cast<std::size_t>(status));
      out.push_back(statement.query(range.first, end, code_of(status)));
    }
  } else if (const auto statuses = statuses_of(filter); statuses.size() < kAllStatuses.size()) {
    for (const auto status : statuses) {
      auto& statement = orders_of_status_.at(static_cast<std::size_t>(status));
      out.push_back(statement.query(range.first, end, code_of(status)));
    }
  } else {
    out.push_back(orders_all_.query(range.first, end));
  }
  return out;
}

OrderPage Reads::orders(const OrderFilter& filter, std::size_t limit) {
  before_query();
  OrderPageBuilder page{filter, limit};
  auto queries = filtered_orders(filter);
  std::vector<std::pair<OrderId, Rows*>> heads;
  for (auto& rows : queries) {
    if (rows.next()) heads.emplace_back(rows.id<OrderId>(0), &rows);
  }
  while (!heads.empty()) {
    const auto newest = std::ranges::max_element(heads);
    auto& rows = *newest->second;
    if (!page.offer(order_at(rows), rows.text(kSkusColumn))) break;
    if (rows.next()) {
      newest->first = rows.id<OrderId>(0);
    } else {
      heads.erase(newest);
    }
  }
  return page.take();
}

std::vector<OrderReader::Due> Reads::due_orders(Timestamp until, std::optional<Due> after,
                                                std::size_t limit) {
  before_query();
  const auto from = after ? to_unix_ms(after->wake_at) : std::numeric_limits<std::int64_t>::min();
  const Bytes from_id = after ? Bytes{after->id.uuid().bytes} : Bytes{};
  auto rows = due_.query(from, from_id, until, limit);
  std::vector<Due> out;
  // A position, whatever time it is: an order whose time is damaged must not hide the others.
  while (rows.next()) out.push_back({from_unix_ms(rows.integer(0)), rows.id<OrderId>(1)});
  return out;
}

std::optional<IdempotencyRecord> Reads::idempotency(const Digest& scope_hash) {
  std::int64_t newest = 0;
  if (auto rows = newest_key_bucket_.query(); rows.next()) newest = rows.integer(0);
  return idempotency(scope_prefix(scope_hash), {{0, newest}});
}

std::optional<IdempotencyRecord> Reads::idempotency(const ScopePrefix& scope,
                                                    const std::vector<KeyBuckets>& places) {
  for (const auto& place : places) {
    for (auto bucket = place.last; bucket >= place.first; --bucket) {
      auto rows = idempotency_.query(bucket, Bytes{scope});
      if (rows.next()) return idempotency_at(rows).record;
    }
  }
  return std::nullopt;
}

std::int64_t Reads::count_of(Status status) {
  auto rows = count_of_status_.query(code_of(status));
  return rows.next() ? rows.integer(0) : 0;
}

std::vector<std::pair<Status, std::int64_t>> Reads::open_order_counts() {
  before_query();
  std::vector<std::pair<Status, std::int64_t>> out;
  for (const auto status : kAllStatuses) {
    if (!is_final(status)) out.emplace_back(status, count_of(status));
  }
  return out;
}

DeadLetterGroups Reads::dead_letter_groups(std::int64_t limit) {
  before_query();
  DeadLetterGrouper groups{limit};
  for (auto rows = dead_letters_.query(code_of(Status::dead_lettered)); rows.next();) {
    if (!groups.offer(rows.text(0), rows.time(1), rows.text(2), rows.integer(3))) break;
  }
  return groups.take();
}

FailureCount Reads::failures(std::string_view fingerprint, std::int64_t limit) {
  before_query();
  FailureCount out;
  for (auto rows = counts_of_failure_.query(fingerprint, limit + 1); rows.next();) {
    out.add(word_of<Status>(rows.integer(0)), rows.integer(1), limit);
  }
  return out;
}

std::int64_t Reads::feed_position() {
  before_query();
  auto rows = feed_position_.query();
  return rows.next() ? rows.integer(0) : 0;
}

std::vector<FeedRow> Reads::feed(std::int64_t after, std::size_t limit) {
  before_query();
  auto rows = feed_.query(after, limit);
  std::vector<FeedRow> out;
  while (rows.next()) out.push_back({rows.integer(0), decode_feed(rows.blob(1))});
  return out;
}

std::vector<OrderId> Reads::order_ids(std::optional<OrderId> after, std::size_t limit) {
  before_query();
  auto rows = order_ids_.query(after ? Bytes{after->uuid().bytes} : Bytes{}, limit);
  std::vector<OrderId> out;
  while (rows.next()) out.push_back(rows.id<OrderId>(0));
  return out;
}

// --- walks --------------------------------------------------------------------------------------

void Reads::each_contact(const Visitor<Contact>& visit) {
  before_query();
  Statement all{db, select_contacts("ORDER BY order_id, version")};
  for (auto rows = all.query(); rows.next();) visit(contact_at(rows));
}

void Reads::each_idempotency_row(const Visitor<IdempotencyRow>& visit) {
  before_query();
  Statement all{db,
                "SELECT scope, request_hash, subject, answer_version FROM idempotency_keys "
                "ORDER BY scope, bucket"};
  for (auto rows = all.query(); rows.next();) visit(idempotency_at(rows));
}

std::vector<std::pair<Status, std::int64_t>> Reads::order_counts() {
  before_query();
  std::vector<std::pair<Status, std::int64_t>> out;
  out.reserve(kAllStatuses.size());
  for (const auto status : kAllStatuses) {
    out.emplace_back(status, count_of(status));
  }
  return out;
}

/// Orders that are remembered so that one with many runs is named once.
constexpr std::size_t kMaxVisited = 4'096;

void Reads::each_stream_without_order(const Visitor<OrderId>& visit) {
  before_query();
  Statement all{db, "SELECT id, packed FROM event_log ORDER BY id"};
  Statement version_of{db, "SELECT version FROM orders WHERE id = ?1"};
  std::set<OrderId> visited;
  std::optional<std::string> damage;
  for (auto rows = all.query(); rows.next();) {
    try {
      const auto chunk = rows.blob(1);
      for (std::uint64_t at = 0; at < chunk.size();) {
        RunReader run{chunk, at};
        while (run.has_next()) run.next();
        auto order = version_of.query(run.order());
        const bool is_known =
            order.next() && static_cast<std::uint64_t>(order.integer(0)) + 1 >= run.version();
        if (!is_known && !visited.contains(run.order())) {
          visit(run.order());
          if (visited.size() < kMaxVisited) visited.insert(run.order());
        }
        at = run.end();
      }
    } catch (const StoreError& error) {
      // What the other rows have is looked at before.
      if (error.kind() != StoreError::Kind::damaged) throw;
      if (!damage) damage = fmt::format("row {}: {}", rows.integer(0), error.what());
    }
  }
  if (damage) throw StoreError(StoreError::Kind::damaged, *damage);
}

}  // namespace conveyor::sqlite
