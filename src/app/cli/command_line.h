// The program's command line: what may be written, what it means, and the help.
//
// The only user of CLI11. Called once per process, from main.
#pragma once

#include <string>
#include <vector>

#include "app/cli/console.h"
#include "app/config.h"

namespace conveyor::cli {

// Runs the command that `arguments` (without the program's name) spell. `environment` is the
// process's, as NAME and value.
ExitCode run(Console& console, std::vector<std::string> arguments,
             const std::vector<NamedText>& environment);

}  // namespace conveyor::cli
