#include "ports/service_stores.h"

#include <algorithm>
#include <array>

namespace conveyor {
namespace {

// Spellings in the order of the enumerators.
constexpr std::array<std::string_view, 4> kReservationStates{"held", "rejected", "undone",
                                                             "committed"};
constexpr std::array<std::string_view, 3> kMovementKinds{"set", "adjust", "commit"};
constexpr std::array<std::string_view, 5> kOperationStates{"bound", "uncertain", "succeeded",
                                                           "rejected", "undone"};

}  // namespace

bool ReservationPageBuilder::offer(Reservation reservation) {
  if (scanned_ == kMaxReservationsScanned || page_.items.size() == limit_) {
    page_.next_after = last_;
    return false;
  }
  ++scanned_;
  last_ = reservation.key;
  const auto has_sku = [this](const StockLine& line) { return line.sku == *sku_; };
  if (!sku_ || std::ranges::any_of(reservation.lines, has_sku)) {
    page_.items.push_back(std::move(reservation));
  }
  return true;
}

std::string_view to_string(ReservationState state) {
  return kReservationStates.at(static_cast<std::size_t>(state));
}
std::string_view to_string(MovementKind kind) {
  return kMovementKinds.at(static_cast<std::size_t>(kind));
}
std::string_view to_string(OperationState state) {
  return kOperationStates.at(static_cast<std::size_t>(state));
}

}  // namespace conveyor
