// Saboteurs: one-line faults inside production code (base/sabotage.h), each named for what it
// breaks. Every one must be noticed within kSeedsToCatch seeds; one that is not is a missing check.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/run.h"

namespace conveyor::sim {

struct Saboteur {
  std::string_view name;
  std::string_view breaks;  ///< a sentence
};

std::span<const Saboteur> saboteurs();

inline constexpr std::uint64_t kSeedsToCatch = 2'000;

/// How a saboteur was caught: after so many seeds, by which rule.
struct Catch {
  std::uint64_t seeds = 0;
  Failure failure;
};
std::optional<Catch> hunt(std::string_view saboteur, std::uint64_t seeds, unsigned jobs);

/// All of them, as a table of Markdown, each row as soon as it is known. True: every one was
/// caught.
bool hunt_all(std::uint64_t seeds, unsigned jobs, std::FILE* out);

}  // namespace conveyor::sim
