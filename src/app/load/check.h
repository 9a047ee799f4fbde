// `load check`: a ledger held against the server.
//
// - An order that was acknowledged is there, once, with the id and the total of the ledger.
// - One that was not answered for good, or answered 5xx, is there at most once.
// - One that was refused (4xx, but for 409: somebody else's) is not there.
// With `wait`, each order is waited for until it is final or only a person can go on with it.
#pragma once

#include <cstddef>
#include <string>

#include "app/cli/api_client.h"
#include "app/cli/console.h"

namespace conveyor::load {

/// Entries in memory at a time.
inline constexpr std::size_t kCheckChunk = 10'000;
/// Discrepancies that are named; the others are counted.
inline constexpr std::size_t kMaxNamedDiscrepancies = 50;

struct CheckOptions {
  std::string server{cli::kDefaultServer};
  cli::Output output = cli::Output::text;
  std::string ledger;
  bool wait = false;
  double patience_s = 300;  ///< with wait: without any order becoming final
};

/// ok, or error if there is a discrepancy.
cli::ExitCode check(cli::Console& console, const CheckOptions& options);

}  // namespace conveyor::load
