// Events: what happened to an order, in the order it happened. One append-only stream per order,
// versions 1, 2, 3 … without a gap; each event's hash covers the one before it, so that a stream
// cannot be changed unnoticed.
//
// An event's parts are values; stores keep them in columns, and domain/event_json.h makes and reads
// their JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/sha256.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/money.h"
#include "domain/operation_key.h"
#include "domain/steps.h"
#include "domain/vocabulary.h"

namespace conveyor {

struct Line {
  std::int32_t line = 1;  ///< 1, 2, 3 … in the sequence of the request
  std::string sku;
  std::optional<std::string> title;
  std::int64_t quantity = 0;
  std::int64_t unit_price_minor = 0;

  friend bool operator==(const Line&, const Line&) = default;
};

enum class AdjustmentKind : std::uint8_t { shipping, tax, discount, fee };
std::string_view to_string(AdjustmentKind value);
std::optional<AdjustmentKind> parse_adjustment_kind(std::string_view text);

/// An amount that is no line: may be negative (a discount always counts as it is signed).
struct Adjustment {
  AdjustmentKind kind = AdjustmentKind::shipping;
  std::int64_t amount_minor = 0;
  std::optional<std::string> label;

  friend bool operator==(const Adjustment&, const Adjustment&) = default;
};

struct Shortage {
  std::string sku;
  std::int64_t wanted = 0;
  std::int64_t available = 0;

  friend bool operator==(const Shortage&, const Shortage&) = default;
};

/// What a participant says about an effect that exists.
struct Evidence {
  std::optional<ReservationId> reservation_id;
  std::optional<PaymentId> payment_id;
  std::optional<ShipmentId> shipment_id;
  std::optional<std::int64_t> amount_minor;
  std::string provider_reference;
  std::string carrier;
  std::string tracking;

  friend bool operator==(const Evidence&, const Evidence&) = default;
};

/// What people may change while an order is parked. Present members are the new values.
struct Changes {
  std::optional<std::vector<Line>> lines;
  std::optional<std::string> payment_method;
  std::optional<std::uint32_t> contact_version;  ///< a new version of the contact row

  bool empty() const { return !lines && !payment_method && !contact_version; }
  FieldSet fields() const;

  friend bool operator==(const Changes&, const Changes&) = default;
};

struct Actor {
  ActorKind kind = ActorKind::system;
  std::string id = "conveyor";

  friend bool operator==(const Actor&, const Actor&) = default;
};

// --- data of each event -------------------------------------------------------------------------

struct OrderCreated {
  std::string customer_id;
  std::optional<std::string> reference;
  Currency currency;
  std::vector<Line> lines;
  std::vector<Adjustment> adjustments;
  std::int64_t total_minor = 0;
  std::string payment_method;
  std::uint32_t contact_version = 1;

  friend bool operator==(const OrderCreated&, const OrderCreated&) = default;
};

/// When a call was made and how long it took, in every event that an answer led to.
struct CallTime {
  Timestamp started_at;
  std::int64_t duration_ms = 0;

  friend bool operator==(const CallTime&, const CallTime&) = default;
};

/// The done event of a step (`StepSpec::done`).
struct StepSucceeded {
  Evidence evidence;
  CallTime call;

  friend bool operator==(const StepSucceeded&, const StepSucceeded&) = default;
};

/// The refused event of a step (`StepSpec::refused`).
struct StepRefused {
  std::string code;
  std::vector<Shortage> shortages;
  CallTime call;

  friend bool operator==(const StepRefused&, const StepRefused&) = default;
};

/// The undone event of a step (`StepSpec::undone`): this effect does not exist and never will.
struct StepUndone {
  Effect effect = Effect::none;
  std::string external_reference;  ///< only by hand: the person's proof
  Evidence evidence;
  CallTime call;

  friend bool operator==(const StepUndone&, const StepUndone&) = default;
};

/// `participant/step/class/code`: what failures have in common whose cause is the same.
std::string fingerprint_of(StepNumber step, FailureClass failure_class, std::string_view code);
/// Its parts; the code may be empty and may hold slashes. nullopt: not a fingerprint of ours.
struct Fingerprint {
  StepNumber step = 1;
  FailureClass failure_class = FailureClass::failed;
  std::string_view code;  ///< into the text

  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};
std::optional<Fingerprint> parse_fingerprint(std::string_view text);

struct StepAttemptFailed {
  Action action = Action::perform;
  FailureClass failure_class = FailureClass::failed;
  std::string code;
  std::string fingerprint;  ///< what groups dead letters
  std::string message;      ///< the participant's words, cut; never personal data
  CallTime call;
  std::optional<Timestamp> next_attempt_at;

  friend bool operator==(const StepAttemptFailed&, const StepAttemptFailed&) = default;
};

/// Why a dead letter is one: the step itself, or the undo of an edit.
enum class DeadLetterReason : std::uint8_t { exhausted, poison, edit_refused, edit_undo };
std::string_view to_string(DeadLetterReason value);
std::optional<DeadLetterReason> parse_dead_letter_reason(std::string_view text);

struct OrderDeadLettered {
  DeadLetterReason reason = DeadLetterReason::exhausted;
  FailureClass failure_class = FailureClass::failed;
  std::string code;
  std::string fingerprint;
  std::uint32_t attempts = 0;
  std::optional<Timestamp> undo_at;  ///< absent: never by itself

  friend bool operator==(const OrderDeadLettered&, const OrderDeadLettered&) = default;
};

struct OrderRetried {
  std::string reason;
  Changes changes;                              ///< empty: the same call again
  Changes previous;                             ///< the values that `changes` replaces
  std::optional<std::uint32_t> new_generation;  ///< the changes wait for the old key's undo

  friend bool operator==(const OrderRetried&, const OrderRetried&) = default;
};

struct OrderRestarted {
  std::string reason;
  Changes changes;
  Changes previous;
  std::int64_t total_minor = 0;  ///< of the new run

  friend bool operator==(const OrderRestarted&, const OrderRestarted&) = default;
};

struct OrderHeld {
  std::string reason;
  friend bool operator==(const OrderHeld&, const OrderHeld&) = default;
};

struct OrderReleased {
  std::string reason;
  friend bool operator==(const OrderReleased&, const OrderReleased&) = default;
};

struct CancelRequested {
  std::string reason;
  Status resume_status = Status::pending;  ///< where a refused cancel returns to
  std::vector<StepNumber> outstanding;     ///< undos to come, first one first

  friend bool operator==(const CancelRequested&, const CancelRequested&) = default;
};

struct CancelRejected {
  std::string code;
  friend bool operator==(const CancelRejected&, const CancelRejected&) = default;
};

struct ContactErased {
  friend bool operator==(const ContactErased&, const ContactErased&) = default;
};

struct CompensationStarted {
  UndoCause cause = UndoCause::rejected;
  std::string code;
  std::string reason;
  std::vector<StepNumber> outstanding;

  friend bool operator==(const CompensationStarted&, const CompensationStarted&) = default;
};

/// Why an undo stopped: nobody answered for too long, refused, out of attempts, nonsense.
enum class UndoFailure : std::uint8_t { no_answer, refused, exhausted, poison };
std::string_view to_string(UndoFailure value);
std::optional<UndoFailure> parse_undo_failure(std::string_view text);

struct CompensationFailed {
  UndoFailure cause = UndoFailure::exhausted;
  std::string code;
  std::vector<StepNumber> outstanding;

  friend bool operator==(const CompensationFailed&, const CompensationFailed&) = default;
};

struct CompensationResolved {
  std::string reason;
  std::string external_reference;

  friend bool operator==(const CompensationResolved&, const CompensationResolved&) = default;
};

struct OrderCancelled {
  std::string code;
  std::vector<StepNumber> undone_steps;

  friend bool operator==(const OrderCancelled&, const OrderCancelled&) = default;
};

struct OrderFailed {
  std::string code;
  std::vector<StepNumber> undone_steps;

  friend bool operator==(const OrderFailed&, const OrderFailed&) = default;
};

struct OrderCompleted {
  friend bool operator==(const OrderCompleted&, const OrderCompleted&) = default;
};

/// An outcome that came too late to count.
struct EventIgnored {
  EventType original = EventType::EventIgnored;  ///< the event it would have been
  std::string reason;
  OperationKey key;

  friend bool operator==(const EventIgnored&, const EventIgnored&) = default;
};

using EventData =
    std::variant<OrderCreated, StepSucceeded, StepRefused, StepUndone, StepAttemptFailed,
                 OrderDeadLettered, OrderRetried, OrderRestarted, OrderHeld, OrderReleased,
                 CancelRequested, CancelRejected, ContactErased, CompensationStarted,
                 CompensationFailed, CompensationResolved, OrderCancelled, OrderFailed,
                 OrderCompleted, EventIgnored>;

/// What the decider decides; the engine seals it into an Event.
struct EventDraft {
  EventType type = EventType::OrderCreated;
  std::optional<StepNumber> step;
  std::optional<std::uint32_t> generation;
  std::optional<std::uint32_t> attempt;
  std::uint32_t run = 1;
  EventData data;

  friend bool operator==(const EventDraft&, const EventDraft&) = default;
};

/// The version of `data`'s shape that this program writes, for every type.
inline constexpr std::uint32_t kSchemaVersion = 1;

/// `event_data_json` of an event, kept from when it was hashed so that a store does not make it
/// again; empty if nobody has made it. It follows from the data, so it makes no two events differ.
struct DataText {
  std::string json;
  friend bool operator==(const DataText&, const DataText&) { return true; }
};

struct Event : EventDraft {
  EventId id;
  std::uint32_t schema_version = kSchemaVersion;
  OrderId order_id;
  std::uint64_t version = 1;
  std::string correlation_id;
  std::string causation_id;  ///< the request (`req_…`) or the event (`evt_…`) that led to it
  std::optional<std::string> traceparent;
  Actor actor;
  Timestamp occurred_at;
  Digest hash{};  ///< SHA-256 over the previous hash (zeros for the first) and this event's JSON
  DataText data_text;

  friend bool operator==(const Event&, const Event&) = default;
};

}  // namespace conveyor
