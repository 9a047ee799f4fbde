// `verify`: checks every invariant over a data file, closed or in use by a server, and names each
// violation. Reads one committed state; writes nothing.
//
// While it runs, the server's WAL cannot start over: on a busy server it grows meanwhile.
#pragma once

#include <string>

#include "app/cli/console.h"

namespace conveyor::cli {

struct VerifyCommandOptions {
  std::string data;
  Output output = Output::text;
};

// ok: no violation; error: at least one, or the file cannot be read to its end; not_found: no such
// file; invalid: no data file of this program's version; unavailable: it cannot be opened.
// jsonl has one violation per line and the summary in the last.
ExitCode run_verify(Console& console, const VerifyCommandOptions& options);

}  // namespace conveyor::cli
