// `dead-letters list | groups`.
#pragma once

#include <cstddef>
#include <string>

#include "app/cli/api_client.h"
#include "app/cli/console.h"

namespace conveyor::cli {

struct DeadLetterOptions {
  std::string server{kDefaultServer};
  Output output = Output::text;
  std::string fingerprint;  // of list; empty: all
  std::size_t limit = 50;   // of list
  bool all = false;         // of list
};
ExitCode list_dead_letters(Console& console, const DeadLetterOptions& options);

// The causes, with how many orders and how much money wait behind each.
ExitCode group_dead_letters(Console& console, const DeadLetterOptions& options);

}  // namespace conveyor::cli
