// Running seeds: one, many on several threads, one reduced to the smallest history that still
// fails.
#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "sim/history.h"

namespace conveyor::sim {

struct Failure {
  std::string rule;
  std::string detail;
};

/// What came of one seed.
struct SeedResult {
  std::uint64_t seed = 0;
  std::uint64_t trace_hash = 0;
  HistoryResult history;  ///< as far as it got
  Coverage coverage;
  std::optional<Failure> failure;
};

/// Faults are on in every history; without them it proves nothing, and says so by failing.
enum class Weather : std::uint8_t { as_drawn, calm };

struct RunOptions {
  std::uint64_t first = 1;
  std::uint64_t seeds = 1;
  unsigned jobs = 1;
  std::string saboteur;  ///< at work in every history; empty: none
  bool stop_at_failure = false;
  Weather weather = Weather::as_drawn;
  Reduction reduction;
  bool shows_progress = false;
};

struct RunResult {
  std::uint64_t seeds = 0;
  HistoryResult sum;  ///< `steps_to_settle`: the most of one history
  Coverage coverage;
  std::vector<SeedResult> failures;  ///< by seed; the first kMaxFailuresKept
  std::uint64_t failed = 0;
};
inline constexpr std::size_t kMaxFailuresKept = 20;

/// One history with its lines on `out`; null: none.
SeedResult run_seed(std::uint64_t seed, const RunOptions& options, const Reduction& reduction,
                    std::FILE* out);

/// Seeds are handed out in sequence; results do not depend on `jobs`, except that with
/// `stop_at_failure` a few seeds behind the failing one may have run as well.
RunResult run_seeds(const RunOptions& options);

}  // namespace conveyor::sim
