// Every limit of the feed in one place.
#pragma once

#include <chrono>
#include <cstddef>

namespace conveyor::feed {

// --- pages
inline constexpr std::size_t kMaxRowsPerPage = 10'000;
inline constexpr std::size_t kRowsPerRead = 100;

// --- live
/// What a listener that is behind reads in one turn of the reader pool: feed entries looked at, and
/// events handed to it.
inline constexpr std::size_t kMaxEntriesPerTurn = 20'000;
inline constexpr std::size_t kMaxEventsPerTurn = 500;
inline constexpr std::size_t kRowsPerTurnRead = 8;
/// JSON of the events last published, kept so that a listener that has just caught up can join.
inline constexpr std::size_t kMaxRecentBytes = std::size_t{4} * 1'024 * 1'024;
inline constexpr std::size_t kMaxRecentRows = 1'024;
/// Before the store, or a reader pool that was full, is tried again.
inline constexpr std::chrono::milliseconds kRetryPause{100};

}  // namespace conveyor::feed
