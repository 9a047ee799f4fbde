// What the engine knows of orders and participants beyond their events: calls in flight, who waits
// for what, and how each participant is treated. Volatile: gone with the process, learnt anew by
// the next one. Plain values, no threads; read /v1/orders/{id}/diagnosis, /v1/pipeline and
// /v1/services are made from them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"
#include "domain/operation_key.h"
#include "domain/vocabulary.h"

namespace conveyor {

/// The breaker of a participant. Numbers are what `conveyor_breaker_state` shows.
enum class BreakerState : std::uint8_t {
  closed = 0,     ///< calls are made
  half_open = 1,  ///< a few probes are let through; they decide
  open = 2,       ///< no call is made
};
std::string_view to_string(BreakerState value);

/// How the engine treats one participant, as of the end of a batch.
struct ParticipantState {
  Participant participant = Participant::inventory;

  BreakerState breaker = BreakerState::closed;
  /// Since when the breaker is in that state; nullopt: closed since the start of the process.
  std::optional<Timestamp> breaker_since;
  /// Since when it has not been closed, over every failed probe in between: "is not called since".
  std::optional<Timestamp> troubled_since;
  /// Only while open: when the next probes are let through.
  std::optional<Timestamp> next_probe_at;

  // Of the breaker's window: calls that had an answer or ran out of time.
  std::uint32_t window_calls = 0;
  std::uint32_t window_failures = 0;  ///< of them those that are the participant's fault

  std::size_t in_flight = 0;        ///< calls without an answer yet
  std::size_t in_flight_limit = 0;  ///< at most so many
  std::size_t waiting = 0;          ///< orders whose call is due and is held back
  /// Retries that could be made at once; further ones as time and first attempts allow.
  std::uint32_t retries_available = 0;

  friend bool operator==(const ParticipantState&, const ParticipantState&) = default;
};

/// Why the next call of an order is not made at this moment.
enum class WaitsFor : std::uint8_t {
  nothing,       ///< no call is needed: final, held, parked, or a person has to act
  answer,        ///< the call is in flight
  in_progress,   ///< the participant said that it is still at it; it is asked again
  back_off,      ///< the planned delay after a failed attempt (`next_attempt_at`)
  breaker,       ///< the participant is in trouble and is not called
  retry_budget,  ///< the participant gets no more retries at the moment
  bulkhead,      ///< the participant has as many calls in flight as it may have
};
std::string_view to_string(WaitsFor value);

/// What the engine would do next for one order, and why not now.
struct OrderInspection {
  /// False: the order is final, unknown, or waits in the store for longer than the engine's
  /// horizon. Its events say all there is; the rest here is empty.
  bool in_memory = false;
  std::uint64_t version = 0;   ///< of the order that this was said of
  Health health = Health::ok;  ///< the fold's, or `waiting` for breaker, retry budget or bulkhead

  /// The call in flight or the next one; nullopt: none is needed.
  std::optional<OperationKey> key;
  Action action = Action::perform;
  Participant participant = Participant::inventory;  ///< of that call

  WaitsFor waits_for = WaitsFor::nothing;
  std::optional<Timestamp> since;  ///< since when it waits for that
  /// When that is over by itself: `answer`: the call's deadline; `in_progress`, `back_off`: the
  /// time of the next call; `breaker`: the next probes; nullopt: depends on other calls.
  std::optional<Timestamp> until;
  /// When the next call is made, if no answer comes and nobody acts before; nullopt: not known, as
  /// it depends on the answers to other calls, or on the delay that is drawn after a time-out.
  std::optional<Timestamp> next_call_at;

  /// Of `participant`, at the same moment; empty if no call is needed.
  std::optional<ParticipantState> participant_state;

  friend bool operator==(const OrderInspection&, const OrderInspection&) = default;
};

}  // namespace conveyor
