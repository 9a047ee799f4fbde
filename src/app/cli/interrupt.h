// Ctrl-C (SIGINT) and SIGTERM as something that loops can ask for.
//
// Threads: all functions from any. The signals stay as they are until stop_on_signal() is called;
// then the first one asks for an orderly end and a second one ends the process as by default.
#pragma once

#include "base/time.h"

namespace conveyor::cli {

void stop_on_signal();

// Writing to a pipe that nobody reads any more is then an error (EPIPE) instead of the end.
void survive_closed_pipes();

bool is_interrupted();

// False as soon as the process was asked to end.
bool sleep_unless_interrupted(Duration duration);

}  // namespace conveyor::cli
