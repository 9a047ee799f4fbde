// OrderOperations: what inventory, payment, shipping and the sandbox have done for one order. It is
// one row of the file: a saga touches all of it within a moment, so an order has one row to write
// and one page to touch where each operation would have its own. Format: docs/formats.md.
//
// Reading throws StoreError (damaged) for what was never written.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "adapters/sqlite/connection.h"
#include "ports/service_stores.h"

namespace conveyor::sqlite {

/// All of one order, each list sorted by key, each key once.
struct OrderOperations {
  std::vector<Reservation> reservations;
  std::vector<Payment> payments;
  std::vector<Shipment> shipments;
  std::vector<SandboxRecord> sandbox;

  friend bool operator==(const OrderOperations&, const OrderOperations&) = default;
};

/// nullptr: there is none.
template <class Row>
const Row* find_row(const std::vector<Row>& rows, const OperationKey& key) {
  const auto at = std::ranges::lower_bound(rows, key, {}, &Row::key);
  return at != rows.end() && at->key == key ? &*at : nullptr;
}

/// Adds it or replaces the one under its key.
template <class Row>
void put_row(std::vector<Row>& rows, Row row) {
  const auto at = std::ranges::lower_bound(rows, row.key, {}, &Row::key);
  if (at != rows.end() && at->key == row.key) {
    *at = std::move(row);
  } else {
    rows.insert(at, std::move(row));
  }
}

/// How many reservations hold stock.
std::int64_t count_held(const OrderOperations& operations);

std::vector<std::uint8_t> encode_operations(const OrderOperations& operations);
OrderOperations decode_operations(const OrderId& order, Bytes bytes);

}  // namespace conveyor::sqlite
