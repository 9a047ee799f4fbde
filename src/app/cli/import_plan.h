// What an import of orders would send, worked out before anything is sent: rows of a CSV become
// requests, and whatever cannot become one is named by its line.
//
// One row is one line item; rows of one reference are one order wherever they stand. Columns are
// named by the request's paths (`sku`, `ship_to.city`, `adjustment.shipping`), or mapped to them.
// Members of the order (all but sku, title, quantity and unit_price) may stand in every row or in
// some: an empty cell says nothing, two that differ refuse the order. An order with a wrong line is
// refused whole. Amounts are decimal, read by the currency's exponent.
//
// A record that cannot even be split into fields belongs to an unknown order. Rather than accept an
// order without one of its lines, every reference that its text may contain is refused too; and a
// file whose quotes do not close, or with a record beyond all bounds, is refused altogether.
//
// Pure but for reading the CSV. Limits: kMaxImportRows; what one order may hold is checked as the
// API checks it (server/api/order_request.h), so that a file is judged before anything is sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/import_mapping.h"
#include "base/csv.h"

namespace conveyor::cli {

// Rows that one import holds in memory.
inline constexpr std::size_t kMaxImportRows = 1'000'000;

struct LineProblem {
  std::size_t line = 0;  // of the file, from 1
  std::string reason;

  auto operator<=>(const LineProblem&) const = default;
};

struct PlannedOrder {
  std::string reference;
  std::string customer_id;
  std::string currency;
  std::int64_t total_minor = 0;
  std::string body;                // the request
  std::vector<std::size_t> lines;  // of the file; the first one is that of /lines/0
};

struct RefusedOrder {
  std::string reference;
  std::vector<std::size_t> lines;     // all its lines, ascending
  std::vector<LineProblem> problems;  // at least one, ascending
};

struct ImportPlan {
  std::vector<PlannedOrder> orders;   // by their first lines
  std::vector<RefusedOrder> refused;  // by their first lines
  std::vector<LineProblem> loose;     // lines of no readable reference
  std::vector<std::string> unused_columns;
  std::size_t rows = 0;
};

// Or why nothing of the file can be taken.
std::expected<ImportPlan, std::string> plan_import(CsvReader& reader, const ImportMapping& mapping,
                                                   std::size_t max_rows = kMaxImportRows);

// What a server's problem details say of an order's request, for a person who sees the file:
// `/lines/1/sku` is the second of the order's `lines`, anything else its first.
LineProblem place_problem(const std::vector<std::size_t>& lines, std::string_view pointer,
                          std::string_view detail);

// Line items of the orders, and of what is refused.
std::size_t planned_lines(const ImportPlan& plan);
std::size_t refused_lines(const ImportPlan& plan);

// The totals per currency; nothing for a sum beyond what money can be.
std::map<std::string, std::optional<std::int64_t>> totals_of(
    const std::vector<PlannedOrder>& orders);

// "import:CUSTOMER:REFERENCE". Neither may contain a colon, so no two orders share a key, and the
// same order has the same one in every run.
std::string import_key(const PlannedOrder& order);

}  // namespace conveyor::cli
