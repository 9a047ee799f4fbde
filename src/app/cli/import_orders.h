// `orders import`: sends what import_plan.h worked out, and says what became of it.
#pragma once

#include <string>
#include <vector>

#include "app/cli/api_client.h"
#include "app/cli/console.h"

namespace conveyor::cli {

struct ImportOptions {
  std::string server{kDefaultServer};
  Output output = Output::text;
  std::string file;               // "-": standard input
  std::vector<std::string> maps;  // path=Column
  std::vector<std::string> sets;  // path=value
  bool yes = false;
  bool dry_run = false;
  bool wait = false;
};

// ok: every order of the file is placed, and with `wait` completed. partly_failed: some were
// refused, or ended otherwise. unavailable: it stopped because the server was gone or busy for too
// long. Running it again places nothing twice.
ExitCode import_orders(Console& console, const ImportOptions& options);

}  // namespace conveyor::cli
