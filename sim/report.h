// What a run says at its end: what was met, how often, and what is missing.
#pragma once

#include <string>
#include <vector>

#include "sim/run.h"

namespace conveyor::sim {

/// Seeds from which on a run is expected to have met everything.
inline constexpr std::uint64_t kSeedsOfABigRun = 10'000;
/// Shares of all orders that a run of any size must reach.
inline constexpr double kLeastCompleted = 0.6;
inline constexpr double kLeastUndone = 0.1;
/// Seeds from which on the shares are required: chance needs some room.
inline constexpr std::uint64_t kSeedsForShares = 50;

std::string summary(const RunResult& result);
/// Three tables: faults, what clients did, and the lines of the transition table.
std::string coverage_tables(const Coverage& coverage);
/// What of the tables never happened, and shares that are too small; empty: nothing is missing.
std::vector<std::string> shortfalls(const RunResult& result);

}  // namespace conveyor::sim
