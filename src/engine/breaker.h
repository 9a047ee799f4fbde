// Breaker: stops calls to a participant that is in trouble, and finds out when it no longer is.
//
//   closed ── errors ──► open ── open_for ──► half_open ── every probe worked ──► closed
//                         ▲                       │
//                         └──── a probe failed ───┘
//
// - closed: every call may be made. Of the calls that ended within the window, at least
// `min_calls`,
//   `error_percent` or more were the participant's fault: it opens. One `denied` opens it at once.
// - open: no call may be made.
// - half_open: at most `probes` calls that have not failed; the first failure opens it again.
//
// A call's end counts only while the breaker is in the state in which the call was let through: an
// older call says nothing of the participant now. The pattern is M. Nygard, "Release It!", 2007.
//
// Pure: no clock, no threads, nothing durable; a restart begins with `closed`.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/time.h"
#include "engine/inspection.h"

namespace conveyor {

struct BreakerOptions {
  Duration window{10'000};           ///< at least kWindowSlots ms
  std::uint32_t min_calls = 20;      ///< at least 1
  std::uint32_t error_percent = 50;  ///< 1 to 100
  Duration open_for{5'000};
  std::uint32_t probes = 3;  ///< at least 1

  friend bool operator==(const BreakerOptions&, const BreakerOptions&) = default;
};

/// What the end of a call says of the participant.
enum class Verdict : std::uint8_t {
  worked,   ///< it answered, also with a rejection or a failure of this one request
  failed,   ///< it could not answer, or did not in time
  denied,   ///< it does not take our credentials, whoever asks
  no_word,  ///< nothing: still at it, or nobody waits for the answer any more
};

/// The window slides in steps of a tenth, so it covers between 9 and 10 tenths of its length.
inline constexpr std::size_t kWindowSlots = 10;

class Breaker {
 public:
  explicit Breaker(BreakerOptions options) : options_(options) {}

  /// Names the state in which a call was let through.
  using Epoch = std::uint64_t;

  /// From open to half_open once it is time. Before anything else at a new `now`.
  void pass_time(Timestamp now);
  bool admits() const;
  /// A call is made; only when `admits`.
  Epoch begin();
  /// Each call that began ends once.
  void end(Epoch epoch, Verdict verdict, Timestamp now);

  BreakerState state() const { return state_; }
  std::optional<Timestamp> since() const { return since_; }
  std::optional<Timestamp> troubled_since() const { return troubled_since_; }
  /// Only while open.
  std::optional<Timestamp> open_until() const;
  /// Calls that ended within the window, and those of them that failed.
  struct Counts {
    std::uint32_t calls = 0;
    std::uint32_t failures = 0;
  };
  Counts window(Timestamp now) const;

 private:
  struct Slot {
    std::int64_t number = -1;  ///< of the tenth of a window since the epoch
    Counts counts;
  };

  void go(BreakerState state, Timestamp now);
  void count(bool failed, Timestamp now);
  std::int64_t slot_number(Timestamp now) const;

  BreakerOptions options_;
  BreakerState state_ = BreakerState::closed;
  Epoch epoch_ = 0;
  std::optional<Timestamp> since_;
  std::optional<Timestamp> troubled_since_;
  std::array<Slot, kWindowSlots> slots_;
  std::uint32_t probes_out_ = 0;
  std::uint32_t probes_worked_ = 0;
};

}  // namespace conveyor
