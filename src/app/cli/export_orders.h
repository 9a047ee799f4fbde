// `orders export`: orders as a file that `orders import` takes.
#pragma once

#include <cstddef>
#include <string>

#include "app/cli/api_client.h"
#include "app/cli/console.h"
#include "app/cli/import_plan.h"

namespace conveyor::cli {

// Orders of one export: their ids are held in memory, 16 bytes each.
inline constexpr std::size_t kMaxExportOrders = 10'000'000;

struct ExportOptions {
  std::string server{kDefaultServer};
  std::string query;
  ImportFormat format = ImportFormat::csv;
  std::string output_file;  // empty: standard output
};

// Oldest first; the orders that there are when it begins. A file is written beside its place and
// moved there when it is whole. ok, also for none; error: it cannot be written, or nobody reads.
ExitCode export_orders(Console& console, const ExportOptions& options);

}  // namespace conveyor::cli
