#include "services/inventory_service.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/sabotage.h"
#include "domain/steps.h"
#include "services/outcomes.h"

namespace conveyor {

namespace {

constexpr StepNumber kReserve = *parse_step("reserve_inventory");
constexpr StepNumber kCommit = *parse_step("commit_inventory");

Evidence evidence_of(const Reservation& reservation) {
  Evidence evidence;
  evidence.reservation_id = reservation.id;
  return evidence;
}

Outcome out_of_stock(const Reservation& reservation) {
  Outcome outcome = rejected(reservation.code);
  outcome.shortages = reservation.shortages;
  return outcome;
}

Outcome undone_of(const Reservation& reservation) {
  const bool tombstone = !reservation.request_hash;
  return undone(reservation.effect, tombstone ? Evidence{} : evidence_of(reservation));
}

/// What a repeated reserve of a known key is answered; nothing changes.
Outcome remembered(const Reservation& reservation, const Digest& request_hash) {
  if (reservation.state == ReservationState::undone) return undone_of(reservation);
  if (reservation.request_hash != request_hash) return poison(kCodeKeyReused);
  if (reservation.state == ReservationState::rejected) return out_of_stock(reservation);
  return succeeded(evidence_of(reservation));
}

}  // namespace

std::vector<StockLine> aggregate_lines(std::span<const Line> lines) {
  std::map<std::string_view, std::int64_t> quantities;
  for (const Line& line : lines) quantities[line.sku] += line.quantity;
  std::vector<StockLine> result;
  result.reserve(quantities.size());
  for (const auto& [sku, quantity] : quantities) result.push_back({std::string(sku), quantity});
  return result;
}

CallResult InventoryService::perform(const StepRequest& request, Timestamp now) {
  if (request.key.step == kReserve) return reserve(request, now);
  CONVEYOR_ASSERT(request.key.step == kCommit, "a step of inventory");
  return commit(request, now);
}

Outcome InventoryService::reserve(const StepRequest& request, Timestamp now) {
  const Digest hash = request_hash(request);
  if (const auto known = store_.reservation(request.key)) return remembered(*known, hash);

  Reservation reservation;
  reservation.key = request.key;
  reservation.id = new_id<ReservationId>(now, random_);
  reservation.request_hash = hash;
  reservation.lines = aggregate_lines(request.lines);
  reservation.at = now;
  reservation.shortages = store_.reserve(reservation);
  if (reservation.shortages.empty()) return succeeded(evidence_of(reservation));

  reservation.state = ReservationState::rejected;
  reservation.code = kCodeOutOfStock;
  store_.record_reservation(reservation);
  return out_of_stock(reservation);
}

Outcome InventoryService::commit(const StepRequest& request, Timestamp now) {
  if (!request.names) return poison(kCodeNamesMissing);
  const auto reservation = store_.reservation(*request.names);
  if (!reservation) return poison(kCodeUnknownReservation);
  switch (reservation->state) {
    case ReservationState::undone:
      return undone_of(*reservation);
    case ReservationState::rejected:
      return poison(kCodeUnknownReservation);
    case ReservationState::held:
    case ReservationState::committed:
      break;
  }
  const bool committed = reservation->state == ReservationState::committed;
  if ((committed && reservation->committed_by != request.key) ||
      reservation->lines != aggregate_lines(request.lines)) {
    return poison(kCodeKeyReused);
  }
  if (CONVEYOR_SABOTAGE(commit_forgotten)) return succeeded(evidence_of(*reservation));
  if (!committed) store_.commit_reservation(*request.names, request.key, now);
  return succeeded(evidence_of(*reservation));
}

CallResult InventoryService::undo(const UndoRequest& request, Timestamp now) {
  if (request.key.step != kReserve) return poison(kCodeNotUndoable);
  const Effect nothing = request.by_hand ? Effect::by_hand : Effect::none;
  auto reservation = store_.reservation(request.key);
  if (!reservation) {
    if (CONVEYOR_SABOTAGE(tombstone_skipped)) return undone(nothing);
    // The tombstone: a late reserve under this key finds it and holds nothing.
    Reservation tombstone;
    tombstone.key = request.key;
    tombstone.id = new_id<ReservationId>(now, random_);
    tombstone.state = ReservationState::undone;
    tombstone.effect = nothing;
    tombstone.at = now;
    store_.record_reservation(tombstone);
    return undone_of(tombstone);
  }
  switch (reservation->state) {
    case ReservationState::undone:
      break;
    case ReservationState::committed:
      return poison(kCodeAlreadyCommitted);
    case ReservationState::rejected:
      reservation->state = ReservationState::undone;
      reservation->effect = nothing;
      reservation->at = now;
      store_.record_reservation(*reservation);
      break;
    case ReservationState::held:
      // By hand as well: stock is our own record, nobody else could have given it back.
      reservation->effect = request.by_hand ? Effect::by_hand : Effect::reversed;
      store_.release(request.key, reservation->effect, now);
      break;
  }
  return undone_of(*reservation);
}

CallResult InventoryService::resume(const OperationKey&, Action, Timestamp) {
  return in_progress();
}

}  // namespace conveyor
