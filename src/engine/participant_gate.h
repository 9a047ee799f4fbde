// ParticipantGate: decides which call to one participant is made when. It puts together the
// breaker, the retry budget and the bulkhead (calls in flight at a time), and keeps the orders
// whose call is due and cannot be made in the order in which they came.
//
// - Orders leave in the order of their coming, but for one thing: a repeat that lacks a token does
//   not hold up calls that need none. A newcomer never passes somebody who could go.
// - Waiting costs nothing until the gate opens: there is no timer per order and nothing is scanned.
// - What is due now is asked for with `next`, and `next_at` says when to ask again.
//
// Pure: no clock, no threads. `now` never goes back between calls (`pass_time` first).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "domain/ids.h"
#include "engine/breaker.h"
#include "engine/retry_budget.h"

namespace conveyor {

struct GateOptions {
  BreakerOptions breaker;
  RetryBudgetOptions retry_budget;
  std::size_t max_in_flight = 1'024;  ///< at least 1

  friend bool operator==(const GateOptions&, const GateOptions&) = default;
};

/// How a call stands to the retry budget.
enum class CallKind : std::uint8_t {
  first,   ///< adds to it
  repeat,  ///< of a call that failed by the participant's fault, perform or undo: takes from it
  other,   ///< neither: asks who is still at it, or repeats what failed by the request's own fault
};

class ParticipantGate {
 public:
  ParticipantGate(Participant participant, GateOptions options)
      : participant_(participant),
        options_(options),
        breaker_(options.breaker),
        budget_(options.retry_budget) {}

  void pass_time(Timestamp now);

  /// A newcomer's call may be made now.
  bool admits(CallKind kind, Timestamp now) const;
  /// A call is made: by a newcomer that is admitted, or by the order that `next` named, once it has
  /// left the line.
  Breaker::Epoch begin(CallKind kind, Timestamp now);
  void end(Breaker::Epoch epoch, Verdict verdict, Timestamp now);
  /// It ends without a word: nobody waits for its answer any more.
  void abandon(Breaker::Epoch epoch);

  // --- who waits

  /// Where an order stands.
  struct Place {
    CallKind kind = CallKind::first;
    std::uint64_t number = 0;
  };
  Place join(const OrderId& id, CallKind kind);
  void leave(const Place& place);
  /// Who goes now, if anybody may.
  std::optional<OrderId> next(Timestamp now) const;
  /// When `next` may name somebody, or the breaker moves, by time alone; nullopt: not before a call
  /// ends or an order comes.
  std::optional<Timestamp> next_at(Timestamp now) const;

  /// Why the order at `place` does not go.
  struct Reason {
    WaitsFor what = WaitsFor::bulkhead;
    std::optional<Timestamp> until;    ///< as OrderInspection
    std::optional<Timestamp> call_at;  ///< as OrderInspection's next_call_at
  };
  Reason reason(const Place& place, Timestamp now) const;

  ParticipantState state(Timestamp now) const;
  /// The state after each move of the breaker since this was last asked.
  std::vector<ParticipantState> take_breaker_moves();

 private:
  using Line = std::map<std::uint64_t, OrderId>;

  Line& line_of(CallKind kind) { return kind == CallKind::repeat ? repeats_ : others_; }
  const Line& line_of(CallKind kind) const { return kind == CallKind::repeat ? repeats_ : others_; }
  void note_move(BreakerState before, Timestamp now);
  /// But for the retry budget.
  bool has_room() const { return breaker_.admits() && in_flight_ < options_.max_in_flight; }

  Participant participant_;
  GateOptions options_;
  Breaker breaker_;
  RetryBudget budget_;
  std::size_t in_flight_ = 0;
  std::uint64_t last_number_ = 0;
  Line others_;   ///< calls that need no token; by number, which is the order of coming
  Line repeats_;  ///< calls that need one
  std::vector<ParticipantState> moves_;
};

}  // namespace conveyor
