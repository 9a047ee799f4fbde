// Attempts: every call that was made for an order, as its events tell it, and the one in flight or
// planned.
//
// Pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/inspection.h"
#include "ports/order_store.h"

namespace conveyor::api {

struct Attempt {
  std::uint64_t version = 0;  ///< of the event that recorded it; 0: none has yet
  OperationKey key;
  Action action = Action::perform;
  std::optional<std::uint32_t> number;  ///< of this key and action in its run; absent: not counted
  /// When the call left and how long it took; absent where the event does not say.
  std::optional<CallTime> call;
  std::optional<Timestamp> started_at;  ///< of `in_flight`
  std::optional<Timestamp> recorded_at;
  /// `succeeded`, `rejected`, `undone`, `refused`, `failed`, or `ignored` (it came too late); of a
  /// call without an outcome `in_flight` or `planned`.
  std::string_view outcome;
  std::optional<FailureClass> failure_class;
  std::string code;
  std::string message;
  std::optional<Effect> effect;              ///< of `undone`
  std::optional<Timestamp> next_attempt_at;  ///< as it was planned then
  std::optional<Timestamp> planned_at;       ///< of `planned`; absent: not known

  friend bool operator==(const Attempt&, const Attempt&) = default;
};

/// The attempt that an event records; nullopt: it records none.
std::optional<Attempt> attempt_of(const Event& event);

struct AttemptPage {
  std::vector<Attempt> attempts;
  std::optional<std::uint64_t> next_after;  ///< version that the next page starts behind
};

/// Attempts of events behind version `after`, the first `limit` of them. Throws StoreError.
AttemptPage read_attempts(OrderReader& reader, const OrderId& id, std::uint64_t after,
                          std::size_t limit);

/// The call in flight or the one that comes next; nullopt: none is needed. `engine` counts only if
/// it speaks of this version of the order.
std::optional<Attempt> next_attempt(const Order& order, const OrderInspection& engine);

std::string attempt_json(const Attempt& attempt);

}  // namespace conveyor::api
