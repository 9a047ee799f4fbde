// Participant: inventory, payment or shipping, as the engine sees them. In one process it is the
// service itself; in separate processes a client for the same contract. The engine cannot tell.
//
// Contract, per operation key (docs/transitions.md, "Participant"): the participant remembers
// success, rejection and undone for as long as the order; the same key with another request is
// refused; `undo` is idempotent and valid for a key never seen, where it leaves a tombstone; a call
// that names an undone key is answered `undone`.
//
// Threads: called on the core thread only, inside its open transaction; must not block.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>

#include "base/sha256.h"
#include "domain/decide.h"
#include "domain/operation_key.h"

namespace conveyor {

/// Where an order goes, as the shop gave it. Personal data: never logged, never in an event.
struct ShipTo {
  std::string name;
  std::string line1;
  std::optional<std::string> line2;
  std::string city;
  std::optional<std::string> region;
  std::string postal_code;
  std::string country;  ///< ISO 3166-1 alpha-2
  std::optional<std::string> email;
  std::optional<std::string> phone;

  friend bool operator==(const ShipTo&, const ShipTo&) = default;
};

/// One call to perform a step. Views and pointers live for the call only.
struct StepRequest {
  OperationKey key;
  std::optional<OperationKey> names;  ///< the earlier step's key that this one builds on
  std::span<const Line> lines;        ///< inventory: reserve, commit
  Currency currency;
  std::int64_t amount_minor = 0;    ///< payment: the order's total
  std::string_view payment_method;  ///< payment: authorize
  const ShipTo* ship_to = nullptr;  ///< shipping: book
  std::string_view correlation_id;
};

/// What the key is bound to: SHA-256 over the parts of the request that its step uses.
Digest request_hash(const StepRequest& request);

struct UndoRequest {
  OperationKey key;
  std::optional<std::string> by_hand;  ///< a person's external reference: no call to the provider
  std::string_view correlation_id;
};

/// The provider behind the participant answers after `delay`: `resume` then gives the outcome.
struct Deferred {
  Duration delay{0};
};

using CallResult = std::variant<Outcome, Deferred>;

class ParticipantPort {
 public:
  virtual ~ParticipantPort() = default;

  virtual CallResult perform(const StepRequest& request, Timestamp now) = 0;
  virtual CallResult undo(const UndoRequest& request, Timestamp now) = 0;

  /// Goes on with a call that was answered `Deferred`, in a later transaction, after the delay.
  virtual CallResult resume(const OperationKey& key, Action action, Timestamp now) = 0;

  /// Forgets which calls are in flight: the transaction that started them was rolled back, or the
  /// process that waited for them is gone. What is stored decides then.
  virtual void forget_in_flight() = 0;
};

}  // namespace conveyor
