#include "domain/vocabulary.h"

#include "domain/spelling.h"

namespace conveyor {

using spelled::find_name;
using spelled::name_of;

namespace {

// Spellings in the order of the enumerators.
constexpr std::array<std::string_view, 11> kStatusNames{
    "pending",    "processing",   "on_hold",         "dead_lettered", "shipped", "completed",
    "cancelling", "compensating", "needs_attention", "cancelled",     "failed"};
constexpr std::array<std::string_view, 6> kHealthNames{"ok",    "waiting", "retrying",
                                                       "stuck", "dead",    "attention"};
constexpr std::array<std::string_view, 3> kParticipantNames{"inventory", "payment", "shipping"};
constexpr std::array<std::string_view, 2> kActionNames{"perform", "undo"};
constexpr std::array<std::string_view, 6> kFailureClassNames{"transient", "failed",   "unknown",
                                                             "denied",    "rejected", "poison"};
constexpr std::array<std::string_view, 3> kEffectNames{"reversed", "none", "by_hand"};
constexpr std::array<std::string_view, 5> kUndoCauseNames{"cancel", "rejected", "operator", "timer",
                                                          "expired"};
constexpr std::array<std::string_view, 3> kActorKindNames{"system", "client", "operator"};
constexpr std::array<std::string_view, 8> kCommandNames{
    "cancel", "hold", "release", "retry", "compensate", "resolve", "restart", "retry-now"};
constexpr std::array<std::string_view, 3> kTimerNames{"undo_at", "patience", "undo_patience"};
constexpr std::array<std::string_view, kEventTypeCount> kEventTypeNames{
    "OrderCreated",       "InventoryReserved",    "InventoryRejected", "InventoryReleased",
    "PaymentAuthorized",  "PaymentDeclined",      "PaymentVoided",     "ShipmentBooked",
    "ShipmentRejected",   "ShipmentCancelled",    "PaymentCaptured",   "PaymentRefunded",
    "ShipmentDispatched", "InventoryCommitted",   "StepAttemptFailed", "OrderDeadLettered",
    "OrderRetried",       "OrderRestarted",       "OrderHeld",         "OrderReleased",
    "CancelRequested",    "CancelRejected",       "ContactErased",     "CompensationStarted",
    "CompensationFailed", "CompensationResolved", "OrderCancelled",    "OrderFailed",
    "OrderCompleted",     "EventIgnored"};

}  // namespace

std::string_view to_string(Status value) {
  return name_of(kStatusNames, value);
}
std::string_view to_string(Health value) {
  return name_of(kHealthNames, value);
}
std::string_view to_string(Participant value) {
  return name_of(kParticipantNames, value);
}
std::string_view to_string(Action value) {
  return name_of(kActionNames, value);
}
std::string_view to_string(FailureClass value) {
  return name_of(kFailureClassNames, value);
}
std::string_view to_string(Effect value) {
  return name_of(kEffectNames, value);
}
std::string_view to_string(UndoCause value) {
  return name_of(kUndoCauseNames, value);
}
std::string_view to_string(ActorKind value) {
  return name_of(kActorKindNames, value);
}
std::string_view to_string(CommandKind value) {
  return name_of(kCommandNames, value);
}
std::string_view to_string(Timer value) {
  return name_of(kTimerNames, value);
}
std::string_view to_string(EventType value) {
  return name_of(kEventTypeNames, value);
}

std::optional<Status> parse_status(std::string_view text) {
  return find_name<Status>(kStatusNames, text);
}
std::optional<Action> parse_action(std::string_view text) {
  return find_name<Action>(kActionNames, text);
}
std::optional<FailureClass> parse_failure_class(std::string_view text) {
  return find_name<FailureClass>(kFailureClassNames, text);
}
std::optional<Effect> parse_effect(std::string_view text) {
  return find_name<Effect>(kEffectNames, text);
}
std::optional<UndoCause> parse_undo_cause(std::string_view text) {
  return find_name<UndoCause>(kUndoCauseNames, text);
}
std::optional<ActorKind> parse_actor_kind(std::string_view text) {
  return find_name<ActorKind>(kActorKindNames, text);
}
std::optional<EventType> parse_event_type(std::string_view text) {
  return find_name<EventType>(kEventTypeNames, text);
}

}  // namespace conveyor
