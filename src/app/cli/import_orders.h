// `orders import`: the orders of a CSV or NDJSON file, placed through the API.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/api_client.h"
#include "app/cli/console.h"
#include "app/cli/import_plan.h"
#include "app/cli/parallel.h"
#include "app/cli/patience.h"

namespace conveyor::cli {

struct ImportOptions {
  std::string server{kDefaultServer};
  Output output = Output::text;
  std::string file;                    // "-": standard input
  std::optional<ImportFormat> format;  // nullopt: as the file looks
  std::vector<std::string> maps;       // path=Column
  std::vector<std::string> sets;       // path=value
  std::string rejects;                 // a path; empty: none
  std::size_t in_flight = kDefaultInFlight;
  std::chrono::seconds patience = kPatience;
  bool yes = false;
  bool dry_run = false;
  bool wait = false;
};

// ok: every order of the file is placed, and with `wait` completed. partly_failed: some were
// refused, or ended otherwise, or wait for a person. unavailable: it stopped because the server was
// gone or busy for longer than `patience`. error: the file, or that of `rejects`, cannot be used.
// Running it again places nothing twice.
ExitCode import_orders(Console& console, const ImportOptions& options);

}  // namespace conveyor::cli
