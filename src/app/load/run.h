// `load run`: open-loop load on a server, with a ledger of what was sent and what came of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "app/cli/api_client.h"
#include "app/cli/console.h"
#include "app/load/order_maker.h"

namespace conveyor::load {

inline constexpr std::size_t kMaxConnections = 4'096;
/// Of sandbox and settling: orders that are not plain, of 100.
inline constexpr int kRunOutcomesPercent = 50;

struct RunOptions {
  std::string server{cli::kDefaultServer};
  cli::Output output = cli::Output::text;
  std::string rate = "100";  ///< orders a second, or "max"
  std::size_t connections = 64;
  Mix mix = Mix::plain;
  std::size_t lines = 2;
  std::size_t articles = 1'000;
  double duration_s = 10;
  std::optional<std::uint64_t> orders;
  double patience_s = 30;
  bool repeat_refused = true;         ///< what is answered 429, 503 or 409 with Retry-After
  std::optional<std::uint64_t> seed;  ///< nullopt: a random one, which is printed
  std::string ledger;                 ///< empty: none
};

/// ok if every order was acknowledged, partly_failed if some were not, unavailable if none was.
cli::ExitCode run(cli::Console& console, const RunOptions& options);

}  // namespace conveyor::load
