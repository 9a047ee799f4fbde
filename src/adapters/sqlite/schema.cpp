#include "adapters/sqlite/schema.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "adapters/sqlite/pack_events.h"
#include "adapters/sqlite/pack_operations.h"
#include "adapters/sqlite/refill.h"

namespace conveyor::sqlite {
namespace {

// Tables with a key of their own are WITHOUT ROWID: one tree instead of two. Indexes hold what
// lists and timers ask for, nothing else.
constexpr std::string_view kVersion1 = R"sql(
CREATE TABLE orders(
  id BLOB NOT NULL PRIMARY KEY,
  status INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  reference TEXT,
  currency TEXT NOT NULL,
  total_minor INTEGER NOT NULL,
  run INTEGER NOT NULL,
  step INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  version INTEGER NOT NULL,
  hash BLOB NOT NULL,
  correlation_id TEXT NOT NULL,
  fingerprint TEXT,
  wake_at INTEGER,
  updated_at INTEGER NOT NULL,
  skus TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX orders_by_status ON orders(status, id);
CREATE INDEX orders_by_customer ON orders(customer_id, id);
CREATE UNIQUE INDEX orders_by_customer_reference ON orders(customer_id, reference)
  WHERE reference IS NOT NULL;
CREATE INDEX orders_by_reference ON orders(reference, id) WHERE reference IS NOT NULL;
CREATE INDEX orders_by_wake ON orders(wake_at, id) WHERE wake_at IS NOT NULL;

CREATE TABLE events(
  order_id BLOB NOT NULL,
  version INTEGER NOT NULL,
  id BLOB NOT NULL,
  type INTEGER NOT NULL,
  schema_version INTEGER NOT NULL,
  run INTEGER NOT NULL,
  step INTEGER,
  generation INTEGER,
  attempt INTEGER,
  causation_id ANY,
  traceparent TEXT,
  actor TEXT,
  occurred_at INTEGER NOT NULL,
  hash BLOB NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY(order_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE contacts(
  order_id BLOB NOT NULL,
  version INTEGER NOT NULL,
  name TEXT NOT NULL,
  line1 TEXT NOT NULL,
  line2 TEXT,
  city TEXT NOT NULL,
  region TEXT,
  postal_code TEXT NOT NULL,
  country TEXT NOT NULL,
  email TEXT,
  phone TEXT,
  metadata TEXT,
  PRIMARY KEY(order_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency_keys(
  scope BLOB NOT NULL PRIMARY KEY,
  request_hash BLOB NOT NULL,
  subject ANY NOT NULL,
  answer_version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE feed(
  position INTEGER PRIMARY KEY,
  entries BLOB NOT NULL
) STRICT;

CREATE TABLE stock(
  sku TEXT NOT NULL PRIMARY KEY,
  title TEXT,
  on_hand INTEGER NOT NULL,
  reserved INTEGER NOT NULL,
  CHECK(reserved >= 0 AND on_hand >= reserved)
) STRICT, WITHOUT ROWID;

CREATE TABLE stock_movements(
  id INTEGER PRIMARY KEY,
  sku TEXT NOT NULL,
  kind INTEGER NOT NULL,
  delta INTEGER NOT NULL,
  reason TEXT NOT NULL,
  order_id BLOB,
  on_hand_after INTEGER NOT NULL,
  reserved_after INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;

CREATE TABLE reservations(
  order_id BLOB NOT NULL,
  run INTEGER NOT NULL,
  step INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  id BLOB NOT NULL,
  state INTEGER NOT NULL,
  request_hash BLOB,
  lines TEXT NOT NULL,
  shortages TEXT,
  code TEXT NOT NULL,
  effect INTEGER NOT NULL,
  committed_by TEXT,
  at INTEGER NOT NULL,
  PRIMARY KEY(order_id, run, step, generation)
) STRICT, WITHOUT ROWID;
CREATE INDEX reservations_held ON reservations(state) WHERE state = 1;

CREATE TABLE payments(
  order_id BLOB NOT NULL,
  run INTEGER NOT NULL,
  step INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  id BLOB NOT NULL,
  state INTEGER NOT NULL,
  request_hash BLOB,
  authorization TEXT,
  amount_minor INTEGER NOT NULL,
  currency TEXT,
  payment_method TEXT NOT NULL,
  provider_reference TEXT NOT NULL,
  code TEXT NOT NULL,
  effect INTEGER NOT NULL,
  undo_uncertain INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY(order_id, run, step, generation)
) STRICT, WITHOUT ROWID;

CREATE TABLE shipments(
  order_id BLOB NOT NULL,
  run INTEGER NOT NULL,
  step INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  id BLOB NOT NULL,
  state INTEGER NOT NULL,
  request_hash BLOB,
  booking TEXT,
  postal_code TEXT NOT NULL,
  country TEXT NOT NULL,
  provider_reference TEXT NOT NULL,
  carrier TEXT NOT NULL,
  tracking TEXT NOT NULL,
  code TEXT NOT NULL,
  effect INTEGER NOT NULL,
  undo_uncertain INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY(order_id, run, step, generation)
) STRICT, WITHOUT ROWID;

CREATE TABLE sandbox_records(
  order_id BLOB NOT NULL,
  run INTEGER NOT NULL,
  step INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  behaviour TEXT NOT NULL,
  calls INTEGER NOT NULL,
  undo_calls INTEGER NOT NULL,
  effects INTEGER NOT NULL,
  effect_exists INTEGER NOT NULL,
  undone INTEGER NOT NULL,
  names TEXT,
  amount_minor INTEGER NOT NULL,
  reference TEXT NOT NULL,
  code TEXT NOT NULL,
  PRIMARY KEY(order_id, run, step, generation)
) STRICT, WITHOUT ROWID;

-- UnitOfWork::probe writes here whether there is space; empty otherwise.
CREATE TABLE space_probe(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
)sql";

// The failure that stands is known of every open order, not of dead letters alone, and dead letters
// say since when. Both follow from the events: the failure is the last failed attempt unless
// something has worked, begun or ended since (the types that are not skipped); of an undo that was
// refused or not answered it is its CompensationFailed, whose step is one of the first four.
constexpr std::string_view kVersion2 = R"sql(
ALTER TABLE orders ADD COLUMN dead_since INTEGER;
UPDATE orders SET dead_since = (
  SELECT max(occurred_at) FROM events WHERE order_id = orders.id AND type = 16
) WHERE status = 4;
UPDATE orders SET fingerprint = (
  SELECT CASE type
    WHEN 15 THEN data ->> '$.fingerprint'
    WHEN 25 THEN
      CASE step WHEN 1 THEN 'inventory/reserve_inventory/' WHEN 2 THEN 'payment/authorize_payment/'
        WHEN 3 THEN 'shipping/book_shipment/' ELSE 'payment/capture_payment/' END ||
      iif(data ->> '$.cause' = 'refused', 'rejected/', 'unknown/') || (data ->> '$.code')
    END
  FROM events WHERE order_id = orders.id
    AND type NOT IN (3, 6, 9, 16, 17, 19, 20, 23, 26, 30)
    AND NOT (type = 25 AND data ->> '$.cause' IN ('exhausted', 'poison'))
  ORDER BY version DESC LIMIT 1
) WHERE status IN (1, 2, 3, 5, 7, 8, 9);
CREATE INDEX orders_by_failure ON orders(status, fingerprint, id) WHERE fingerprint IS NOT NULL;
)sql";

// A contact is erased by overwriting it where it lies. What is deleted from a tree may stay
// readable in copies that were left behind when the tree was balanced, secure_delete or not; so
// contacts lie in a tree that only ever grows at its end, whose rows are never deleted, resized or
// moved. `erased` is 0 or 1, both of which take no byte, so that erasing does not resize the row.
// `scope` leads to the idempotency key whose hash covers the contact.
constexpr std::string_view kVersion3 = R"sql(
ALTER TABLE contacts RENAME TO former_contacts;
CREATE TABLE contacts(
  id INTEGER PRIMARY KEY,
  order_id BLOB NOT NULL,
  version INTEGER NOT NULL,
  erased INTEGER NOT NULL,
  scope BLOB,
  name TEXT NOT NULL,
  line1 TEXT NOT NULL,
  line2 TEXT,
  city TEXT NOT NULL,
  region TEXT,
  postal_code TEXT NOT NULL,
  country TEXT NOT NULL,
  email TEXT,
  phone TEXT,
  metadata TEXT
) STRICT;
INSERT INTO contacts(order_id, version, erased, scope, name, line1, line2, city, region, postal_code,
                     country, email, phone, metadata)
  SELECT c.order_id, c.version, 0, k.scope, name, line1, line2, city, region, postal_code, country,
         email, phone, metadata
  FROM former_contacts AS c LEFT JOIN idempotency_keys AS k ON k.subject = c.order_id
  ORDER BY c.order_id, c.version;
DROP TABLE former_contacts;
CREATE UNIQUE INDEX contacts_by_order ON contacts(order_id, version) WHERE erased = 0;

CREATE TABLE erasures(
  customer_id TEXT NOT NULL PRIMARY KEY,
  requested_at INTEGER NOT NULL,
  before BLOB,
  walked INTEGER NOT NULL,
  erased INTEGER NOT NULL,
  request_id TEXT NOT NULL,
  traceparent TEXT,
  actor TEXT
) STRICT, WITHOUT ROWID;
)sql";

// Lists show how an order fares and when it is tried again, the pipeline since when it stands where
// it stands. All of it is the fold's, so refill_open_orders takes it from there; the defaults are
// what a final order has. Those that fail are listed by themselves: an index row of each, of no
// other.
//
// Customers come in any sequence, a shop's references mostly in their own: an index that begins
// with the customer has a page to write for nearly every order. So the reference leads in the one
// that keeps it unique, which also finds the orders of a reference.
constexpr std::string_view kVersion4 = R"sql(
ALTER TABLE orders ADD COLUMN health INTEGER NOT NULL DEFAULT 1;
ALTER TABLE orders ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN next_attempt_at INTEGER;
ALTER TABLE orders ADD COLUMN step_since INTEGER;
CREATE INDEX orders_failing ON orders(status, id) WHERE fingerprint IS NOT NULL;
DROP INDEX orders_by_customer_reference;
DROP INDEX orders_by_reference;
CREATE UNIQUE INDEX orders_by_reference ON orders(reference, customer_id)
  WHERE reference IS NOT NULL;
)sql";
// Customers and idempotency keys come in no sequence, so an index of all of them has a page to
// write for nearly every order. Orders that came one after the other share a bucket, by which the
// index begins: the pages of the newest are few, and those of the others are not written again. A
// bucket holds the orders from its first id up to the first of the next, 4,096 or somewhat more
// (OrderBuckets); a key's bucket is counted by itself (KnownKeys).
constexpr std::string_view kVersion5 = R"sql(
CREATE TABLE order_buckets(
  first_id BLOB NOT NULL PRIMARY KEY,
  bucket INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO order_buckets VALUES(zeroblob(16), 0);
INSERT INTO order_buckets
  SELECT id, place / 4096
  FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM orders)
  WHERE place > 0 AND place % 4096 = 0;
DROP INDEX orders_by_customer;
ALTER TABLE orders ADD COLUMN bucket INTEGER NOT NULL DEFAULT 0;
UPDATE orders SET bucket = (
  SELECT bucket FROM order_buckets WHERE first_id <= orders.id ORDER BY first_id DESC LIMIT 1
);
CREATE INDEX orders_by_customer ON orders(bucket, customer_id, id);

ALTER TABLE idempotency_keys RENAME TO former_keys;
CREATE TABLE idempotency_keys(
  bucket INTEGER NOT NULL,
  scope BLOB NOT NULL,
  request_hash BLOB NOT NULL,
  subject ANY NOT NULL,
  answer_version INTEGER NOT NULL,
  PRIMARY KEY(bucket, scope)
) STRICT, WITHOUT ROWID;
INSERT INTO idempotency_keys
  SELECT coalesce((SELECT bucket FROM orders WHERE id = subject), 0) AS bucket, scope,
         request_hash, subject, answer_version
  FROM former_keys ORDER BY 1, 2;
DROP TABLE former_keys;
)sql";

// Each event and each operation of an order had a row of its own, in a tree sorted by orders: every
// step of every order had pages of its own to write. Events lie in the sequence in which they were
// appended now, those of a commit together (event_log.h; the order's row says where), and what
// participants and the sandbox have done for an order is one row (operations.h). Both are packed
// from the former tables by pack_events and pack_operations.
constexpr std::string_view kVersion6 = R"sql(
DROP INDEX reservations_held;
ALTER TABLE reservations RENAME TO former_reservations;
ALTER TABLE payments RENAME TO former_payments;
ALTER TABLE shipments RENAME TO former_shipments;
ALTER TABLE sandbox_records RENAME TO former_sandbox_records;
CREATE TABLE operations(
  order_id BLOB NOT NULL PRIMARY KEY,
  held INTEGER NOT NULL,
  packed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX operations_held ON operations(order_id, held) WHERE held > 0;

ALTER TABLE events RENAME TO former_events;
ALTER TABLE orders ADD COLUMN events BLOB NOT NULL DEFAULT x'';
CREATE TABLE event_log(
  id INTEGER PRIMARY KEY,
  packed BLOB NOT NULL
) STRICT;
)sql";
// Events hold nothing personal, so their pages, most of the file, need not be written over.
constexpr std::string_view kAfterPackingEvents = R"sql(
PRAGMA secure_delete = OFF;
DROP TABLE former_events;
PRAGMA secure_delete = ON;
)sql";
constexpr std::string_view kAfterPackingOperations = R"sql(
DROP TABLE former_reservations;
DROP TABLE former_payments;
DROP TABLE former_shipments;
DROP TABLE former_sandbox_records;
)sql";
/// The first version whose rows hold what refill_open_orders fills in.
constexpr std::int64_t kRefilledVersion = 4;
/// The first version whose events and operations are packed.
constexpr std::int64_t kPackedVersion = 6;

/// Entry i leads from version i to version i + 1. Entries are only ever added.
constexpr std::array kMigrations{kVersion1, kVersion2, kVersion3, kVersion4, kVersion5, kVersion6};

}  // namespace

std::int64_t schema_version() {
  return std::ssize(kMigrations);
}

void migrate(Connection& connection) {
  const auto version = connection.scalar("PRAGMA user_version");
  if (version >= schema_version()) return;
  connection.execute("BEGIN IMMEDIATE");
  try {
    for (auto i = static_cast<std::size_t>(version); i < kMigrations.size(); ++i) {
      connection.execute(std::string{kMigrations[i]});
    }
    if (version < kPackedVersion) {
      pack_events(connection);
      connection.execute(std::string{kAfterPackingEvents});
      pack_operations(connection);
      connection.execute(std::string{kAfterPackingOperations});
    }
    if (version < kRefilledVersion) refill_open_orders(connection);
    connection.execute(fmt::format("PRAGMA application_id = {}", kApplicationId));
    connection.execute(fmt::format("PRAGMA user_version = {}", schema_version()));
    connection.execute("COMMIT");
  } catch (const StoreError&) {
    if (connection.in_transaction()) connection.execute("ROLLBACK");
    throw;
  }
}

}  // namespace conveyor::sqlite
