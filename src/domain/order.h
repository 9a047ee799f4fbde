// The order as the fold of its events. Nothing but `evolve` (domain/evolve.h) changes one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/sabotage.h"
#include "domain/event.h"

namespace conveyor {

struct StepState {
  enum class Kind : std::uint8_t { open, succeeded, rejected, undone };

  Kind kind = Kind::open;
  std::uint32_t generation = 1;
  std::uint32_t perform_attempts = 0;  ///< failed ones; never reset within a run
  std::uint32_t undo_attempts = 0;     ///< the same for the undo
  Evidence evidence;

  friend bool operator==(const StepState&, const StepState&) = default;
};

/// Present while an undo is outstanding, refused or given up.
struct Undo {
  UndoCause cause = UndoCause::cancel;
  std::string code;
  std::vector<StepNumber> outstanding;  ///< the next one first; empty only until the final event
  std::vector<StepNumber> undone;
  Status resume_status = Status::pending;  ///< of a cancel
  bool by_hand = false;                    ///< the head is sent as undone by a person
  std::string external_reference;
  Timestamp since;  ///< start of the undo's patience

  friend bool operator==(const Undo&, const Undo&) = default;
};

/// A retry with changes that waits for the undo of the old key.
struct Edit {
  Changes changes;
  std::uint32_t new_generation = 2;

  friend bool operator==(const Edit&, const Edit&) = default;
};

struct DeadLetter {
  DeadLetterReason reason = DeadLetterReason::exhausted;
  std::string fingerprint;
  std::string code;
  Timestamp since;
  std::optional<Timestamp> undo_at;

  friend bool operator==(const DeadLetter&, const DeadLetter&) = default;
};

struct LastFailure {
  Action action = Action::perform;
  StepNumber step = 1;
  FailureClass failure_class = FailureClass::failed;
  std::string code;
  std::string message;
  std::string fingerprint;
  Timestamp at;

  friend bool operator==(const LastFailure&, const LastFailure&) = default;
};

/// Money moved for the order, in minor units of its currency.
struct MoneyMoved {
  std::int64_t authorized_minor = 0;
  std::int64_t captured_minor = 0;
  std::int64_t refunded_minor = 0;
  std::int64_t voided_minor = 0;

  friend bool operator==(const MoneyMoved&, const MoneyMoved&) = default;
};

struct Order {
  OrderId id;
  std::uint64_t version = 0;  ///< of the last event; 0: no event yet
  Digest hash{};              ///< of the last event
  EventId last_event_id;

  std::string customer_id;
  std::optional<std::string> reference;
  Currency currency;
  std::vector<Line> lines;
  std::vector<Adjustment> adjustments;
  std::int64_t total_minor = 0;
  std::string payment_method;
  std::uint32_t contact_version = 1;
  bool contact_erased = false;
  std::string correlation_id;
  std::optional<std::string> traceparent;  ///< of the request that placed the order
  Timestamp created_at;
  Timestamp updated_at;
  Timestamp age_from;    ///< patience counts from here: creation or the last restart
  Timestamp step_since;  ///< since when the current step is the current one

  Status status = Status::pending;
  std::uint32_t run = 1;
  StepNumber step = 1;  ///< the current step
  std::array<StepState, kStepCount> steps;
  std::uint32_t budget_used = 0;  ///< failed attempts of the awaited call since its last budget
  std::optional<Timestamp> next_attempt_at;
  /// Of the current step or undo, a refusal or silence that ended the undo included; absent once it
  /// worked.
  std::optional<LastFailure> last_failure;
  std::optional<DeadLetter> dead_letter;  ///< kept while a cancel or an edit may return to it
  std::optional<Edit> edit;
  std::optional<Undo> undo;
  std::string final_code;  ///< why it was cancelled or failed
  MoneyMoved run_money;    ///< of the current run
  MoneyMoved order_money;  ///< over all runs
  std::uint32_t ignored = 0;

  StepState& state_of(StepNumber s) { return steps.at(s - 1U); }
  const StepState& state_of(StepNumber s) const { return steps.at(s - 1U); }
  StepState& current() { return state_of(step); }
  const StepState& current() const { return state_of(step); }

  /// The key of a step in the current run.
  OperationKey key_of(StepNumber s) const {
    return {id, CONVEYOR_SABOTAGE(key_without_run) ? 1U : run, s,
            CONVEYOR_SABOTAGE(key_without_generation) ? 1U : state_of(s).generation};
  }

  friend bool operator==(const Order&, const Order&) = default;
};

/// `pending` if no step of this run has succeeded, else `processing`.
Status forward_status(const Order& order);

/// Derived from the fold alone; `waiting` (breaker, limit) is the engine's to add.
Health health_of(const Order& order);

/// Failed attempts of what is being done now: of the first outstanding undo if there is one, else
/// of the current step; 0 of a final order, for which nothing is done any more.
std::uint32_t attempts_of(const Order& order);

/// The undos that an undo started now would owe: every step that succeeded and the current one
/// unless it was refused (a call may have left without an event saying so); the booking first,
/// because it alone can be refused, then the newest first.
std::vector<StepNumber> undos_for(const Order& order);

/// Σ quantity × unit price + Σ adjustments; nullopt if it is negative or leaves the range of money.
std::optional<std::int64_t> total_of(const std::vector<Line>& lines,
                                     const std::vector<Adjustment>& adjustments);

/// Of what has no total: it is below zero; else it leaves the range of money.
bool is_total_negative(const std::vector<Line>& lines, const std::vector<Adjustment>& adjustments);

}  // namespace conveyor
