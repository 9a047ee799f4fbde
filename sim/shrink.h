// Shrinking: from a seed that fails to the smallest history of it that still breaks the same rule.
#pragma once

#include <cstdint>

#include "sim/run.h"

namespace conveyor::sim {

/// Histories that one reduction may run.
inline constexpr int kMaxShrinkRuns = 800;

struct Shrunk {
  Reduction reduction;
  SeedResult result;  ///< of the reduced history
  int runs = 0;
};

/// `failed` must have a failure. Leaves out orders, then kinds of faults, then what clients do, and
/// orders once more, as long as the same rule is broken.
Shrunk shrink(const SeedResult& failed, const RunOptions& options);

}  // namespace conveyor::sim
