// The faults that a history can meet, by kind. Each has a rate of its own in every seed, from none
// to heavy; a big run fails if one of them never struck.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>

namespace conveyor::sim {

enum class Fault : std::uint8_t {
  // The store.
  write_refused,   ///< a write in the middle of a batch fails
  commit_refused,  ///< nothing of the batch is durable
  disk_full,       ///< as commit_refused, and no probe works for a while
  fsync_failed,    ///< the process must stop; the batch is durable or not
  commit_slow,
  // The process stops. What was committed stays.
  crash_before_commit,
  crash_after_commit,     ///< before any answer
  crash_between_answers,  ///< some callers know, others do not
  crash_between_batches,  ///< after the answers, before the calls that leave the process
  crash_in_call,          ///< before or after a participant of the same store has worked
  crash_in_undo,
  crash_in_recovery,
  // The network between the process and its participants, and their processes.
  request_lost,
  request_repeated,
  request_late,
  reply_lost,
  reply_late,
  overtaken,  ///< a request arrives before one that was sent earlier
  host_crash_before_commit,
  host_crash_after_commit,
  host_down,
  // A participant that keeps only what it promised.
  answer_failed,
  answer_transient,
  answer_denied,
  answer_malformed,
  answer_in_progress,  ///< for long
  answer_rejected,
  undo_refused,
  effect_unanswered,  ///< done, and then an error is answered
  // Wall clock.
  clock_forward,
  clock_back,
  // Between clients and the process.
  client_answer_lost,
};
inline constexpr std::size_t kFaultCount = 32;

/// As written in options and tables: `commit_refused`.
std::string_view to_string(Fault fault);
std::optional<Fault> parse_fault(std::string_view text);

using FaultSet = std::bitset<kFaultCount>;

}  // namespace conveyor::sim
