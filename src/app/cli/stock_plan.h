// What an import of stock would send: one row of a CSV is one SKU. Pure but for reading the CSV.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "app/cli/import_plan.h"
#include "base/csv.h"

namespace conveyor::cli {

struct PlannedStock {
  std::size_t line = 0;  // of the file
  std::string sku;
  std::string body;  // {on_hand, title?}
};

struct StockPlan {
  std::vector<PlannedStock> items;
  std::vector<LineProblem> refused;
};

// A SKU that stands in two rows is refused in the later ones. Or why nothing can be taken.
std::expected<StockPlan, std::string> plan_stock_import(CsvReader& reader,
                                                        std::size_t max_rows = kMaxImportRows);

}  // namespace conveyor::cli
