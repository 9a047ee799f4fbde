#include <fmt/format.h>

#include <array>

#include "adapters/sqlite/encoding.h"
#include "adapters/sqlite/sqlite_store.h"

namespace conveyor {

using sqlite::Bytes;

namespace {

/// Columns with what a person has said.
constexpr std::array<std::string_view, 10> kPersonalColumns{
    "name",        "line1",   "line2", "city",  "region",
    "postal_code", "country", "email", "phone", "metadata"};

}  // namespace

/// Every byte becomes a `0`: a row that keeps its size stays where it is, so that its bytes are
/// written over.
std::string SqliteStore::blank_contact() {
  std::string columns;
  for (const auto column : kPersonalColumns) {
    columns += fmt::format(
        ", {0} = iif({0} IS NULL, NULL, replace(hex(zeroblob(length(CAST({0} AS BLOB)))), '00', "
        "'0'))",
        column);
  }
  return fmt::format("UPDATE contacts SET erased = 1{} WHERE id = ?1", columns);
}

std::string SqliteStore::select_erasures(std::string_view rest) {
  return fmt::format(
      "SELECT customer_id, requested_at, before, walked, erased, request_id, traceparent, actor "
      "FROM erasures {}",
      rest);
}

void SqliteStore::put_contact(const Contact& contact) {
  write_through();
  std::optional<std::vector<std::uint8_t>> scope;
  {
    auto rows = contacts_of_order_.query(contact.order_id);
    if (rows.next() && !rows.is_null(2)) scope.emplace(rows.blob(2).begin(), rows.blob(2).end());
  }
  drop_contact(contact.order_id, contact.version);
  writer_.write(contact, scope ? std::optional{Bytes{*scope}} : std::nullopt);
}

void SqliteStore::drop_contact(const OrderId& id, std::uint32_t version) {
  write_through();
  recent_.forget(id);
  std::optional<std::int64_t> found;
  for (auto rows = contacts_of_order_.query(id); rows.next();) {
    if (rows.counter(1) == version) found = rows.integer(0);
  }
  if (found) blank_contact_.execute(*found);
}

bool SqliteStore::erase_contact(const OrderId& id) {
  write_through();
  recent_.forget(id);
  std::vector<std::int64_t> found;
  std::optional<ScopePrefix> scope;
  for (auto rows = contacts_of_order_.query(id); rows.next();) {
    found.push_back(rows.integer(0));
    if (!rows.is_null(2)) scope = rows.uuid(2).bytes;
  }
  if (found.empty()) return false;
  for (const auto row : found) blank_contact_.execute(row);
  if (scope) forget_key(*scope);
  forget_shipments(id);
  return true;
}

void SqliteStore::forget_key(const ScopePrefix& scope) {
  for (const auto& place : known_keys_->places_of(scope)) {
    for (auto bucket = place.last; bucket >= place.first; --bucket) {
      forget_key_.execute(bucket, Bytes{scope}, sqlite::kForgottenHash);
    }
  }
}

/// Their hashes cover the address, too. A row that cannot be read stays as it is: the contact goes
/// all the same, and `verify` names the row.
void SqliteStore::forget_shipments(const OrderId& id) {
  sqlite::OrderOperations operations;
  try {
    operations = Reads::operations(id);
  } catch (const StoreError& error) {
    if (error.kind() != StoreError::Kind::damaged) throw;
    return;
  }
  if (operations.shipments.empty()) return;
  for (auto& shipment : operations.shipments) shipment.request_hash.reset();
  writer_.write(id, operations);
}

// --- erasures -----------------------------------------------------------------------------------

namespace {

Erasure erasure_at(const sqlite::Rows& rows) {
  Erasure out;
  out.customer_id = rows.string(0);
  out.requested_at = rows.time(1);
  if (!rows.is_null(2)) out.before = rows.id<OrderId>(2);
  out.walked = rows.integer(3) != 0;
  out.erased = rows.integer(4);
  out.request_id = rows.string(5);
  out.traceparent = rows.optional_string(6);
  if (!rows.is_null(7)) out.actor = sqlite::decode_actor(rows.text(7));
  return out;
}

}  // namespace

void SqliteStore::put_erasure(const Erasure& erasure) {
  write_through();
  put_erasure_.execute(erasure.customer_id, erasure.requested_at, erasure.before,
                       erasure.walked ? 1 : 0, erasure.erased, erasure.request_id,
                       erasure.traceparent, sqlite::encode_actor(erasure.actor));
}

std::optional<Erasure> SqliteStore::next_erasure() {
  before_query();
  auto rows = next_erasure_.query();
  if (!rows.next()) return std::nullopt;
  return erasure_at(rows);
}

bool SqliteStore::is_being_erased(std::string_view customer_id) {
  before_query();
  return being_erased_.query(customer_id).next();
}

std::vector<Erasure> SqliteStore::take_walked_erasures() {
  write_through();
  std::vector<Erasure> walked;
  for (auto rows = walked_erasures_.query(); rows.next();) walked.push_back(erasure_at(rows));
  if (!walked.empty()) drop_walked_.execute();
  return walked;
}

}  // namespace conveyor
