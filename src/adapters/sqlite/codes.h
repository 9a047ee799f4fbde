// The numbers that stand for the domain's words in the file. They never change and are never used
// again for something else (docs/formats.md lists them); a new word gets a new number. They are
// independent of the sequence of the enumerators, which only finds the row.
#pragma once

#include <array>
#include <string_view>

#include "domain/vocabulary.h"
#include "ports/service_stores.h"
#include "ports/unit_of_work.h"

namespace conveyor::sqlite {

template <class Enum>
struct Code {
  Enum word;
  std::int64_t number;
};

inline constexpr std::array kStatusCodes{
    Code{Status::pending, 1},       Code{Status::processing, 2},   Code{Status::on_hold, 3},
    Code{Status::dead_lettered, 4}, Code{Status::shipped, 5},      Code{Status::completed, 6},
    Code{Status::cancelling, 7},    Code{Status::compensating, 8}, Code{Status::needs_attention, 9},
    Code{Status::cancelled, 10},    Code{Status::failed, 11},
};
inline constexpr std::array kHealthCodes{
    Code{Health::ok, 1},    Code{Health::waiting, 2}, Code{Health::retrying, 3},
    Code{Health::stuck, 4}, Code{Health::dead, 5},    Code{Health::attention, 6},
};
inline constexpr std::array kEventTypeCodes{
    Code{EventType::OrderCreated, 1},        Code{EventType::InventoryReserved, 2},
    Code{EventType::InventoryRejected, 3},   Code{EventType::InventoryReleased, 4},
    Code{EventType::PaymentAuthorized, 5},   Code{EventType::PaymentDeclined, 6},
    Code{EventType::PaymentVoided, 7},       Code{EventType::ShipmentBooked, 8},
    Code{EventType::ShipmentRejected, 9},    Code{EventType::ShipmentCancelled, 10},
    Code{EventType::PaymentCaptured, 11},    Code{EventType::PaymentRefunded, 12},
    Code{EventType::ShipmentDispatched, 13}, Code{EventType::InventoryCommitted, 14},
    Code{EventType::StepAttemptFailed, 15},  Code{EventType::OrderDeadLettered, 16},
    Code{EventType::OrderRetried, 17},       Code{EventType::OrderRestarted, 18},
    Code{EventType::OrderHeld, 19},          Code{EventType::OrderReleased, 20},
    Code{EventType::CancelRequested, 21},    Code{EventType::CancelRejected, 22},
    Code{EventType::ContactErased, 23},      Code{EventType::CompensationStarted, 24},
    Code{EventType::CompensationFailed, 25}, Code{EventType::CompensationResolved, 26},
    Code{EventType::OrderCancelled, 27},     Code{EventType::OrderFailed, 28},
    Code{EventType::OrderCompleted, 29},     Code{EventType::EventIgnored, 30},
};
inline constexpr std::array kEffectCodes{
    Code{Effect::reversed, 1},
    Code{Effect::none, 2},
    Code{Effect::by_hand, 3},
};
inline constexpr std::array kReservationStateCodes{
    Code{ReservationState::held, 1},
    Code{ReservationState::rejected, 2},
    Code{ReservationState::undone, 3},
    Code{ReservationState::committed, 4},
};
inline constexpr std::array kMovementKindCodes{
    Code{MovementKind::set, 1},
    Code{MovementKind::adjust, 2},
    Code{MovementKind::commit, 3},
};
inline constexpr std::array kOperationStateCodes{
    Code{OperationState::bound, 1},     Code{OperationState::uncertain, 2},
    Code{OperationState::succeeded, 3}, Code{OperationState::rejected, 4},
    Code{OperationState::undone, 5},
};

/// One row per enumerator, found by its position; every number once.
template <class Table>
constexpr bool is_sound(const Table& table) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (static_cast<std::size_t>(table[i].word) != i) return false;
    for (std::size_t j = 0; j < i; ++j) {
      if (table[i].number == table[j].number) return false;
    }
  }
  return true;
}
static_assert(is_sound(kStatusCodes) && kStatusCodes.size() == kAllStatuses.size());
static_assert(is_sound(kEventTypeCodes) && kEventTypeCodes.size() == kEventTypeCount);
static_assert(is_sound(kHealthCodes) && is_sound(kEffectCodes));
static_assert(is_sound(kReservationStateCodes));
static_assert(is_sound(kMovementKindCodes) && is_sound(kOperationStateCodes));

constexpr const auto& codes_of(Status) {
  return kStatusCodes;
}
constexpr const auto& codes_of(Health) {
  return kHealthCodes;
}
constexpr const auto& codes_of(EventType) {
  return kEventTypeCodes;
}
constexpr const auto& codes_of(Effect) {
  return kEffectCodes;
}
constexpr const auto& codes_of(ReservationState) {
  return kReservationStateCodes;
}
constexpr const auto& codes_of(MovementKind) {
  return kMovementKindCodes;
}
constexpr const auto& codes_of(OperationState) {
  return kOperationStateCodes;
}

template <class Enum>
constexpr std::int64_t code_of(Enum word) {
  return codes_of(word).at(static_cast<std::size_t>(word)).number;
}

/// The word of a stored number; a number that we never wrote means a damaged file.
template <class Enum>
Enum word_of(std::int64_t number) {
  for (const auto& code : codes_of(Enum{})) {
    if (code.number == number) return code.word;
  }
  throw StoreError(StoreError::Kind::damaged, "the file holds a number that stands for no word");
}

}  // namespace conveyor::sqlite
