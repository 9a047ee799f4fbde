// The program's command line: what may be written, what it means, and the help.
//
// The only user of CLI11. Called once per process, from main.
#pragma once

#include <string>
#include <vector>

#include "app/cli/console.h"
#include "app/config.h"
#include "app/node.h"

namespace conveyor::cli {

// Runs the command that `arguments` (without the program's name) spell. `environment` is the
// process's, as NAME and value. What is `around` the server of `serve`: see app/node.h.
ExitCode run(Console& console, std::vector<std::string> arguments,
             const std::vector<NamedText>& environment, const AroundHttp& around = {});

// The whole of main(): the same on the standard streams, with the environment of the process.
int run_program(int argc, char** argv, const AroundHttp& around = {});

}  // namespace conveyor::cli
