// SQL that makes of a file's tables those of the version before, one step each.
#pragma once

#include <string_view>

namespace conveyor::test {

/// What version 4 was: one index of all customers, one tree of all keys.
inline constexpr std::string_view kBackToVersion4 = R"sql(
DROP INDEX orders_by_customer;
ALTER TABLE orders DROP COLUMN bucket;
DROP TABLE order_buckets;
CREATE INDEX orders_by_customer ON orders(customer_id, id);
CREATE TABLE keys(
  scope BLOB NOT NULL PRIMARY KEY, request_hash BLOB NOT NULL, subject ANY NOT NULL,
  answer_version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO keys SELECT scope, request_hash, subject, answer_version FROM idempotency_keys;
DROP TABLE idempotency_keys;
ALTER TABLE keys RENAME TO idempotency_keys;
PRAGMA user_version = 4;
)sql";

/// What version 3 was: rows that do not say how an order fares, and two indexes of references.
inline constexpr std::string_view kBackToVersion3 = R"sql(
DROP INDEX orders_failing;
DROP INDEX orders_by_reference;
CREATE UNIQUE INDEX orders_by_customer_reference ON orders(customer_id, reference)
  WHERE reference IS NOT NULL;
CREATE INDEX orders_by_reference ON orders(reference, id) WHERE reference IS NOT NULL;
ALTER TABLE orders DROP COLUMN health;
ALTER TABLE orders DROP COLUMN attempts;
ALTER TABLE orders DROP COLUMN next_attempt_at;
ALTER TABLE orders DROP COLUMN step_since;
PRAGMA user_version = 3;
)sql";

/// What version 2 was: contacts by order, in a tree that is balanced; no erasures.
inline constexpr std::string_view kBackToVersion2 = R"sql(
CREATE TABLE by_order(
  order_id BLOB NOT NULL, version INTEGER NOT NULL, name TEXT NOT NULL, line1 TEXT NOT NULL,
  line2 TEXT, city TEXT NOT NULL, region TEXT, postal_code TEXT NOT NULL, country TEXT NOT NULL,
  email TEXT, phone TEXT, metadata TEXT, PRIMARY KEY(order_id, version)
) STRICT, WITHOUT ROWID;
INSERT INTO by_order SELECT order_id, version, name, line1, line2, city, region, postal_code,
  country, email, phone, metadata FROM contacts WHERE erased = 0 ORDER BY random();
DROP TABLE contacts;
ALTER TABLE by_order RENAME TO contacts;
DROP TABLE erasures;
PRAGMA user_version = 2;
)sql";

}  // namespace conveyor::test
