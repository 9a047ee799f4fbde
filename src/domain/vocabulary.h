// The words of the domain as enumerations. Each has one spelling (`to_string`), the same in code,
// API, events, metrics, store and documentation; `parse_<name>` reads it back.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace conveyor {

enum class Status : std::uint8_t {
  pending,
  processing,
  on_hold,
  dead_lettered,
  shipped,
  completed,
  cancelling,
  compensating,
  needs_attention,
  cancelled,
  failed,
};
inline constexpr std::array kAllStatuses{
    Status::pending,         Status::processing, Status::on_hold,    Status::dead_lettered,
    Status::shipped,         Status::completed,  Status::cancelling, Status::compensating,
    Status::needs_attention, Status::cancelled,  Status::failed};

/// Nothing more happens by itself and nothing is held.
constexpr bool is_final(Status s) {
  return s == Status::completed || s == Status::cancelled || s == Status::failed;
}
/// An undo is running.
constexpr bool is_undoing(Status s) {
  return s == Status::cancelling || s == Status::compensating;
}

enum class Health : std::uint8_t { ok, waiting, retrying, stuck, dead, attention };

enum class Participant : std::uint8_t { inventory, payment, shipping };
inline constexpr std::array kAllParticipants{Participant::inventory, Participant::payment,
                                             Participant::shipping};

/// The two calls that change something at a participant.
enum class Action : std::uint8_t { perform, undo };

/// Why a call did not succeed.
enum class FailureClass : std::uint8_t { transient, failed, unknown, denied, rejected, poison };

/// What an undo found: something to reverse, nothing, or a person's word for it.
enum class Effect : std::uint8_t { reversed, none, by_hand };

/// Why an undo runs: asked for, refused by a participant, an operator's compensate, `undo_at`,
/// patience.
enum class UndoCause : std::uint8_t { cancel, rejected, operator_, timer, expired };

enum class ActorKind : std::uint8_t { system, client, operator_ };

enum class CommandKind : std::uint8_t {
  cancel,
  hold,
  release,
  retry,
  compensate,
  resolve,
  restart,
  retry_now,
};
inline constexpr std::array kAllCommands{
    CommandKind::cancel,     CommandKind::hold,    CommandKind::release, CommandKind::retry,
    CommandKind::compensate, CommandKind::resolve, CommandKind::restart, CommandKind::retry_now};

enum class Timer : std::uint8_t { undo_at, patience, undo_patience };
inline constexpr std::array kAllTimers{Timer::undo_at, Timer::patience, Timer::undo_patience};

enum class EventType : std::uint8_t {
  OrderCreated,
  InventoryReserved,
  InventoryRejected,
  InventoryReleased,
  PaymentAuthorized,
  PaymentDeclined,
  PaymentVoided,
  ShipmentBooked,
  ShipmentRejected,
  ShipmentCancelled,
  PaymentCaptured,
  PaymentRefunded,
  ShipmentDispatched,
  InventoryCommitted,
  StepAttemptFailed,
  OrderDeadLettered,
  OrderRetried,
  OrderRestarted,
  OrderHeld,
  OrderReleased,
  CancelRequested,
  CancelRejected,
  ContactErased,
  CompensationStarted,
  CompensationFailed,
  CompensationResolved,
  OrderCancelled,
  OrderFailed,
  OrderCompleted,
  EventIgnored,
};
inline constexpr std::uint8_t kEventTypeCount = 30;

std::string_view to_string(Status value);
std::string_view to_string(Health value);
std::string_view to_string(Participant value);
std::string_view to_string(Action value);
std::string_view to_string(FailureClass value);
std::string_view to_string(Effect value);
std::string_view to_string(UndoCause value);
std::string_view to_string(ActorKind value);
std::string_view to_string(CommandKind value);
std::string_view to_string(Timer value);
std::string_view to_string(EventType value);

std::optional<Status> parse_status(std::string_view text);
std::optional<Action> parse_action(std::string_view text);
std::optional<FailureClass> parse_failure_class(std::string_view text);
std::optional<Effect> parse_effect(std::string_view text);
std::optional<UndoCause> parse_undo_cause(std::string_view text);
std::optional<ActorKind> parse_actor_kind(std::string_view text);
std::optional<EventType> parse_event_type(std::string_view text);

}  // namespace conveyor
