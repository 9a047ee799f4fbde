// What the program's exit status says. Part of the interface: scripts rely on it.
#pragma once

#include <cstdint>

namespace conveyor::cli {

enum class ExitCode : std::uint8_t {
  ok = 0,
  error = 1,
  usage = 2,          // the command line itself is wrong; nothing was done
  not_found = 3,      // no such order, SKU or route
  conflict = 4,       // 409 and 412: taken, in flight, changed meanwhile
  invalid = 5,        // what was sent, or a file, is not valid
  not_allowed = 6,    // the order's status does not allow it, or the server refuses the caller
  unavailable = 7,    // no server, too busy, or no answer in time
  partly_failed = 8,  // of several things some were refused
  interrupted = 130,  // Ctrl-C
};

}  // namespace conveyor::cli
