// `config show`: the configuration that a server started now would have, and why.
#pragma once

#include "app/cli/console.h"
#include "app/config.h"

namespace conveyor::cli {

// text and json; jsonl has one setting per line.
ExitCode show_config(Console& console, const LoadedConfig& loaded, Output output);

}  // namespace conveyor::cli
