// `doctor`: looks at everything a server needs and at the one that runs, and says of each thing
// whether it is in order and, if not, what to do. Writes nothing.
#pragma once

#include <optional>
#include <string>

#include "app/cli/console.h"
#include "app/config.h"

namespace conveyor::cli {

struct DoctorOptions {
  std::optional<std::string> server;  // asked for by name: it has to answer
  Output output = Output::text;
};

// ok: nothing failed, there may be warnings; error: something did. json is an array, jsonl a line
// for each, of objects {check, state, what, advice?} with state ok, warn or fail.
ExitCode run_doctor(Console& console, const ConfigSources& sources, const DoctorOptions& options);

}  // namespace conveyor::cli
