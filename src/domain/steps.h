// The saga as data: one row per step. Whatever walks the steps (decider, engine, metrics,
// dashboard) reads this table and knows no step by name.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "domain/vocabulary.h"

namespace conveyor {

/// Position in the saga, 1 to kStepCount.
using StepNumber = std::uint8_t;
inline constexpr StepNumber kStepCount = 6;

/// Parts of an order that people may change while it is parked, as a set of bits.
using FieldSet = std::uint8_t;
inline constexpr FieldSet kFieldLines = 1;
inline constexpr FieldSet kFieldPaymentMethod = 2;
inline constexpr FieldSet kFieldShipTo = 4;

struct StepSpec {
  std::string_view name;
  Participant participant;
  EventType done;
  std::optional<EventType> refused;
  std::optional<EventType> undone;  ///< nullopt: the step has no undo
  bool undone_first;                ///< the booking: the only undo that may be refused
  bool pivot;                       ///< once done, there is only forward
  FieldSet uses;                    ///< fields of the order that its request is made from
  std::optional<StepNumber> names;  ///< the earlier step whose key its request names
};

inline constexpr std::array<StepSpec, kStepCount> kSteps{{
    {"reserve_inventory", Participant::inventory, EventType::InventoryReserved,
     EventType::InventoryRejected, EventType::InventoryReleased, false, false, kFieldLines,
     std::nullopt},
    {"authorize_payment", Participant::payment, EventType::PaymentAuthorized,
     EventType::PaymentDeclined, EventType::PaymentVoided, false, false,
     kFieldPaymentMethod | kFieldLines, std::nullopt},
    {"book_shipment", Participant::shipping, EventType::ShipmentBooked, EventType::ShipmentRejected,
     EventType::ShipmentCancelled, true, false, kFieldShipTo, std::nullopt},
    {"capture_payment", Participant::payment, EventType::PaymentCaptured,
     EventType::PaymentDeclined, EventType::PaymentRefunded, false, false, kFieldLines, 2},
    {"dispatch_shipment", Participant::shipping, EventType::ShipmentDispatched,
     EventType::ShipmentRejected, std::nullopt, false, true, 0, 3},
    {"commit_inventory", Participant::inventory, EventType::InventoryCommitted, std::nullopt,
     std::nullopt, false, false, kFieldLines, 1},
}};

constexpr const StepSpec& spec_of(StepNumber step) {
  return kSteps.at(step - 1U);
}

constexpr std::optional<StepNumber> parse_step(std::string_view name) {
  for (StepNumber s = 1; s <= kStepCount; ++s) {
    if (spec_of(s).name == name) return s;
  }
  return std::nullopt;
}

}  // namespace conveyor
