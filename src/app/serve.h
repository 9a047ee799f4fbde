// The commands that run a server until a signal ends it.
#pragma once

#include <ostream>

#include "app/config.h"
#include "app/node.h"

namespace conveyor {

/// Runs a server until SIGTERM or SIGINT. Returns the process's exit code: 0 after an orderly stop,
/// 7 if it could not start. `around`: see node.h.
int run_serve(const LoadedConfig& loaded, const AroundHttp& around = {});

struct DemoOptions {
  double orders_per_second = 2.0;
  /// How the user calls this program, for the commands that are printed: `conveyor` or
  /// `./dev run --`.
  std::string program = "conveyor";
};

/// A server with a seeded catalogue and steady sandbox traffic; says on `out` what there is to see.
int run_demo(const LoadedConfig& loaded, const DemoOptions& options, std::ostream& out);

}  // namespace conveyor
