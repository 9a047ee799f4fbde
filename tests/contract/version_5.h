// What version 5 of the file was: a row for every event and every operation, in a table of its
// kind.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>

#include "adapters/sqlite/codes.h"
#include "adapters/sqlite/connection.h"
#include "adapters/sqlite/sqlite_reader.h"
#include "base/json_writer.h"

namespace conveyor::test {

inline constexpr const char* kTablesOfVersion5 = R"sql(
CREATE TABLE events(
  order_id BLOB NOT NULL, version INTEGER NOT NULL, id BLOB NOT NULL, type INTEGER NOT NULL,
  schema_version INTEGER NOT NULL, run INTEGER NOT NULL, step INTEGER, generation INTEGER,
  attempt INTEGER, causation_id ANY, traceparent TEXT, actor TEXT, occurred_at INTEGER NOT NULL,
  hash BLOB NOT NULL, data TEXT NOT NULL, PRIMARY KEY(order_id, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE reservations(
  order_id BLOB NOT NULL, run INTEGER NOT NULL, step INTEGER NOT NULL, generation INTEGER NOT NULL,
  id BLOB NOT NULL, state INTEGER NOT NULL, request_hash BLOB, lines TEXT NOT NULL, shortages TEXT,
  code TEXT NOT NULL, effect INTEGER NOT NULL, committed_by TEXT, at INTEGER NOT NULL,
  PRIMARY KEY(order_id, run, step, generation)
) STRICT, WITHOUT ROWID;
CREATE INDEX reservations_held ON reservations(state) WHERE state = 1;
CREATE TABLE payments(
  order_id BLOB NOT NULL, run INTEGER NOT NULL, step INTEGER NOT NULL, generation INTEGER NOT NULL,
  id BLOB NOT NULL, state INTEGER NOT NULL, request_hash BLOB, authorization TEXT,
  amount_minor INTEGER NOT NULL, currency TEXT, payment_method TEXT NOT NULL,
  provider_reference TEXT NOT NULL, code TEXT NOT NULL, effect INTEGER NOT NULL,
  undo_uncertain INTEGER NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY(order_id, run, step, generation)
) STRICT, WITHOUT ROWID;
CREATE TABLE shipments(
  order_id BLOB NOT NULL, run INTEGER NOT NULL, step INTEGER NOT NULL, generation INTEGER NOT NULL,
  id BLOB NOT NULL, state INTEGER NOT NULL, request_hash BLOB, booking TEXT,
  postal_code TEXT NOT NULL, country TEXT NOT NULL, provider_reference TEXT NOT NULL,
  carrier TEXT NOT NULL, tracking TEXT NOT NULL, code TEXT NOT NULL, effect INTEGER NOT NULL,
  undo_uncertain INTEGER NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY(order_id, run, step, generation)
) STRICT, WITHOUT ROWID;
CREATE TABLE sandbox_records(
  order_id BLOB NOT NULL, run INTEGER NOT NULL, step INTEGER NOT NULL, generation INTEGER NOT NULL,
  behaviour TEXT NOT NULL, calls INTEGER NOT NULL, undo_calls INTEGER NOT NULL,
  effects INTEGER NOT NULL, effect_exists INTEGER NOT NULL, undone INTEGER NOT NULL, names TEXT,
  amount_minor INTEGER NOT NULL, reference TEXT NOT NULL, code TEXT NOT NULL,
  PRIMARY KEY(order_id, run, step, generation)
) STRICT, WITHOUT ROWID;
)sql";

template <class List, class Write>
std::string json_lists(const List& list, Write write) {
  std::string out;
  JsonWriter json{out};
  json.begin_array();
  for (const auto& item : list) {
    json.begin_array();
    write(json, item);
    json.end_array();
  }
  json.end_array();
  return out;
}

inline std::optional<std::string> named_key(const OrderId& order,
                                            const std::optional<OperationKey>& key) {
  if (!key) return std::nullopt;
  if (key->order != order) return key->to_string();
  return fmt::format("{}:{}:{}", key->run, key->step, key->generation);
}

/// The rows of one order, read as LoggedEvents, since a damaged event has no other form.
class RawReader : private sqlite::ReadOnlyConnection, public sqlite::Reads {
 public:
  explicit RawReader(const std::string& path)
      : ReadOnlyConnection(path), Reads(ReadOnlyConnection::connection) {}

  template <class Visit>
  void each_event(Visit visit) {
    sqlite::Statement orders{db, "SELECT id, events FROM orders ORDER BY id"};
    for (auto rows = orders.query(); rows.next();) {
      const auto id = rows.id<OrderId>(0);
      for (const auto& place : sqlite::decode_places(rows.blob(1))) {
        for (auto run = run_at(id, place); run.has_next();) {
          const auto version = run.version();
          visit(id, version, run.next());
        }
      }
    }
  }
};

inline void insert_events(RawReader& reader, sqlite::Connection& db) {
  sqlite::Statement insert{db,
                           "INSERT INTO events VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
                           "?11, ?12, ?13, ?14, ?15)"};
  reader.each_event(
      [&](const OrderId& order, std::uint64_t version, const sqlite::LoggedEvent& event) {
        const auto with = [&](const auto& causation) {
          insert.execute(order, version, EventId{event.id}, static_cast<std::int64_t>(event.type),
                         event.schema_version, event.run, event.step, event.generation,
                         event.attempt, causation, event.traceparent, event.actor,
                         event.occurred_at, event.hash, event.data);
        };
        if (const auto* id = std::get_if<Uuid>(&event.causation)) {
          with(EventId{*id});
        } else if (const auto* text = std::get_if<std::string_view>(&event.causation)) {
          with(*text);
        } else {
          with(std::nullopt);
        }
      });
}

/// Makes of events and operations what they were, in a file that no store has open.
inline void back_to_version_5(const std::string& path) {
  using sqlite::code_of;
  using sqlite::Statement;
  const auto reader = SqliteReader::open(path).value();
  sqlite::Connection db{path, sqlite::Connection::Mode::read_write, 0};
  db.execute("BEGIN");
  db.execute(kTablesOfVersion5);
  RawReader raw{path};
  insert_events(raw, db);
  Statement reservation{
      db,
      "INSERT INTO reservations VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"};
  reader->each_reservation([&](const Reservation& r) {
    const auto lines = json_lists(r.lines, [](JsonWriter& json, const StockLine& line) {
      json.value(line.sku);
      json.value(line.quantity);
    });
    std::optional<std::string> shortages;
    if (!r.shortages.empty()) {
      shortages = json_lists(r.shortages, [](JsonWriter& json, const Shortage& shortage) {
        json.value(shortage.sku);
        json.value(shortage.wanted);
        json.value(shortage.available);
      });
    }
    reservation.execute(r.key.order, r.key.run, r.key.step, r.key.generation, r.id,
                        code_of(r.state), r.request_hash, lines, shortages, r.code,
                        code_of(r.effect), named_key(r.key.order, r.committed_by), r.at);
  });
  Statement payment{db,
                    "INSERT INTO payments VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
                    "?12, ?13, ?14, ?15, ?16)"};
  reader->each_payment([&](const Payment& p) {
    std::optional<std::string_view> currency;
    if (p.currency != Currency{}) currency = p.currency.code();
    payment.execute(p.key.order, p.key.run, p.key.step, p.key.generation, p.id, code_of(p.state),
                    p.request_hash, named_key(p.key.order, p.authorization), p.amount_minor,
                    currency, p.payment_method, p.provider_reference, p.code, code_of(p.effect),
                    p.undo_uncertain, p.at);
  });
  Statement shipment{db,
                     "INSERT INTO shipments VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
                     "?12, ?13, ?14, ?15, ?16, ?17)"};
  reader->each_shipment([&](const Shipment& s) {
    shipment.execute(s.key.order, s.key.run, s.key.step, s.key.generation, s.id, code_of(s.state),
                     s.request_hash, named_key(s.key.order, s.booking), s.postal_code, s.country,
                     s.provider_reference, s.carrier, s.tracking, s.code, code_of(s.effect),
                     s.undo_uncertain, s.at);
  });
  Statement sandbox{db,
                    "INSERT INTO sandbox_records VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
                    "?11, ?12, ?13, ?14)"};
  reader->each_sandbox_record([&](const SandboxRecord& r) {
    sandbox.execute(r.key.order, r.key.run, r.key.step, r.key.generation, r.behaviour, r.calls,
                    r.undo_calls, r.effects, r.effect_exists, r.undone,
                    named_key(r.key.order, r.names), r.amount_minor, r.reference, r.code);
  });
  db.execute("DROP TABLE operations");
  db.execute("DROP TABLE event_log");
  db.execute("ALTER TABLE orders DROP COLUMN events");
  db.execute("PRAGMA user_version = 5");
  db.execute("COMMIT");
}

}  // namespace conveyor::test
