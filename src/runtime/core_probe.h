// CoreProbe: what the core tells metrics and logs, in verbs. Called on the core thread after the
// commit, so it must be quick.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>

#include "engine/engine.h"
#include "ports/order_store.h"

namespace conveyor {

class CoreProbe {
 public:
  virtual ~CoreProbe() = default;

  /// A batch became durable. `inputs` counts requests and answers of participants.
  virtual void batch_committed(std::size_t inputs, std::chrono::nanoseconds commit_time) = 0;
  /// Its transaction was rolled back.
  virtual void batch_lost(std::string_view why) = 0;
  /// These events are durable: those of one batch, in their sequence.
  virtual void appended(std::span<const AppendEffect> batch) = 0;
  /// An outcome came too late to count.
  virtual void outcome_ignored() = 0;
  /// A breaker has moved to `state.breaker`. Said of a lost batch too: it happened.
  virtual void breaker_moved(const ParticipantState& state) = 0;
  /// What the store has of the order makes no sense; it is left alone.
  virtual void order_unreadable(const OrderId& order, std::string_view why) = 0;
  /// How an idempotency key was met: `new`, `replayed`, `mismatch`.
  virtual void idempotency(std::string_view result) = 0;
  /// A command that leaves no event (retry-now, a repeated cancel).
  virtual void command_without_event(const OrderId& order, CommandKind kind,
                                     const std::string& actor) = 0;
  /// Nothing is left of the contacts that the request asked to erase.
  virtual void contacts_erased(const Erasure& /*erasure*/) {}
};

}  // namespace conveyor
