// What an import of orders would send, worked out before anything is sent: a file's rows or lines
// become requests, and whatever cannot become one is named by its line. How files are read:
// app/cli/import_csv.h, app/cli/import_ndjson.h.
//
// Pure. What one order may hold is checked as the API checks it (server/api/order_request.h), so
// that a file is judged before anything is sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conveyor::cli {

// What one import holds in memory.
inline constexpr std::size_t kMaxImportRows = 1'000'000;
inline constexpr std::size_t kMaxImportBytes = std::size_t{1} << 30;  // of requests, from NDJSON

enum class ImportFormat : std::uint8_t { csv, ndjson };

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
  std::vector<std::size_t> lines;  // of the file; from a CSV the first one is that of /lines/0
};

struct RefusedOrder {
  std::string reference;
  std::vector<std::size_t> lines;     // all its lines, ascending
  std::vector<LineProblem> problems;  // at least one, ascending
};

struct ImportPlan {
  ImportFormat format = ImportFormat::csv;
  std::vector<PlannedOrder> orders;   // by their first lines
  std::vector<RefusedOrder> refused;  // by their first lines
  std::vector<LineProblem> loose;     // lines of no readable reference
  std::vector<std::string> unused_columns;
  std::size_t rows = 0;
};

// Refuses the orders that have customer and reference in common: only one of them could be placed,
// and the file does not say which.
void refuse_repeated(ImportPlan& plan);

// What a server's problem details say of an order's request, for a person who sees the file. In a
// CSV `/lines/1/sku` is the second of the order's lines, anything else its first; a line of NDJSON
// is the request itself.
LineProblem place_problem(ImportFormat format, const std::vector<std::size_t>& lines,
                          std::string_view pointer, std::string_view detail);

// Lines of the file: of the orders, and of what is refused.
std::size_t planned_lines(const ImportPlan& plan);
std::size_t refused_lines(const ImportPlan& plan);

// The totals per currency; nothing for a sum beyond what money can be.
std::map<std::string, std::optional<std::int64_t>> totals_of(
    const std::vector<PlannedOrder>& orders);

// "import:CUSTOMER:REFERENCE". Neither may contain a colon, so no two orders share a key, and the
// same order has the same one in every run.
std::string import_key(const PlannedOrder& order);

}  // namespace conveyor::cli
