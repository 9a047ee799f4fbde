// `events tail`.
#pragma once

#include <string>
#include <vector>

#include "app/cli/api_client.h"
#include "app/cli/console.h"

namespace conveyor::cli {

struct TailOptions {
  std::string server{kDefaultServer};
  Output output = Output::text;
  std::vector<std::string> types;
  std::string order_id;
  std::string after;
};

// Prints events as they come, until it is interrupted; a lost connection is taken up again.
ExitCode tail_events(Console& console, const TailOptions& options);

}  // namespace conveyor::cli
