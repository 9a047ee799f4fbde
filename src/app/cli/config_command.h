// `config`: the settings of a server, for people and for editors.
#pragma once

#include "app/cli/console.h"
#include "app/config.h"

namespace conveyor::cli {

// Every setting with its value and where that comes from.
ExitCode show_config(Console& console, const LoadedConfig& loaded, Output output);

// A JSON Schema (2020-12) of the TOML file: every setting with its meaning, type, range and
// default; nothing else is allowed.
ExitCode print_config_schema(Console& console);

}  // namespace conveyor::cli
