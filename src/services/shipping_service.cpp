#include "services/shipping_service.h"

#include <algorithm>

#include "base/assert.h"
#include "base/sabotage.h"
#include "domain/steps.h"
#include "services/outcomes.h"

namespace conveyor {

namespace {

constexpr StepNumber kBook = *parse_step("book_shipment");
constexpr StepNumber kDispatch = *parse_step("dispatch_shipment");

CarrierCall call_of(const Shipment& shipment, Action action) {
  CarrierVerb verb = CarrierVerb::cancel;
  if (action == Action::perform) {
    verb = shipment.key.step == kBook ? CarrierVerb::book : CarrierVerb::dispatch;
  }
  return CarrierCall{verb, shipment.key, shipment.booking, shipment.postal_code, shipment.country};
}

}  // namespace

std::optional<Shipment> ShippingService::load(const OperationKey& key) {
  return store_.shipment(key);
}

void ShippingService::store(const Shipment& shipment) {
  const bool may_be_booked_yet =
      shipment.state == OperationState::bound || shipment.state == OperationState::uncertain;
  if (may_be_booked_yet) return store_.put_shipment(shipment);
  // Nobody needs the address any more, and what is kept of it here no erasure would find.
  Shipment settled = shipment;
  settled.postal_code.clear();
  settled.country.clear();
  store_.put_shipment(settled);
}

Shipment ShippingService::make_record(const OperationKey& key, const StepRequest* request,
                                      const Shipment* named, Timestamp now) {
  CONVEYOR_ASSERT(key.step == kBook || key.step == kDispatch, "a step of shipping");
  Shipment shipment;
  shipment.key = key;
  shipment.id = named ? named->id : new_id<ShipmentId>(now, random_);
  shipment.at = now;
  if (!request) return shipment;
  if (key.step == kDispatch) shipment.booking = request->names;
  if (key.step == kBook && request->ship_to) {
    shipment.postal_code = request->ship_to->postal_code;
    shipment.country = request->ship_to->country;
  }
  return shipment;
}

bool ShippingService::has_work(const Shipment&) const {
  return true;
}

Duration ShippingService::latency(const Shipment& shipment, Action action) {
  return carrier_.latency(call_of(shipment, action));
}

ProviderAnswer ShippingService::call(const Shipment& shipment, Action action, Timestamp now) {
  return carrier_.call(call_of(shipment, action), now);
}

ProviderAnswer ShippingService::look_up(const OperationKey& key, Timestamp now) {
  return carrier_.look_up(key, now);
}

void ShippingService::keep(Shipment& shipment, const ProviderAnswer& answer) {
  shipment.provider_reference = answer.reference;
  shipment.carrier = answer.carrier;
  shipment.tracking = answer.tracking;
  if (!shipment.booking) return;
  // What was handed over was not cancelled, whatever a cancel that is on its way will answer.
  auto booking = store_.shipment(*shipment.booking);
  if (!booking || !booking->undo_uncertain) return;
  booking->undo_uncertain = false;
  store(*booking);
}

Evidence ShippingService::evidence_of(const Shipment& shipment) const {
  Evidence evidence;
  evidence.shipment_id = shipment.id;
  evidence.provider_reference = shipment.provider_reference;
  evidence.carrier = shipment.carrier;
  evidence.tracking = shipment.tracking;
  return evidence;
}

std::vector<Shipment> ShippingService::dispatches_of(const Shipment& shipment) {
  if (shipment.key.step == kDispatch) return {shipment};
  std::vector<Shipment> shipments = store_.shipments(shipment.key.order);
  std::erase_if(shipments, [&](const Shipment& other) { return other.booking != shipment.key; });
  return shipments;
}

Outcome ShippingService::already_dispatched(const Shipment& dispatch) const {
  return refused(kCodeAlreadyDispatched, evidence_of(dispatch));
}

std::expected<ShippingService::Remainder, Outcome> ShippingService::before_undo(
    const Shipment& shipment, Timestamp now) {
  for (Shipment& dispatch : dispatches_of(shipment)) {
    // One in flight is no obstacle: the carrier settles who comes first.
    if (dispatch.state == OperationState::uncertain && !in_flight(dispatch.key)) {
      if (auto unclear = clarify(dispatch, now)) return std::unexpected(*unclear);
    }
    if (dispatch.state == OperationState::succeeded) {
      return std::unexpected(already_dispatched(dispatch));
    }
  }
  return Remainder::something;
}

Outcome ShippingService::undo_refused(const Shipment& shipment, const ProviderAnswer& answer) {
  if (answer.code != kCodeAlreadyDispatched) return refused(answer.code);
  // Ours would have been seen before the cancel was sent; what is in flight may be what it means.
  const auto dispatches = dispatches_of(shipment);
  const bool may_be_ours = std::ranges::any_of(
      dispatches, [this](const Shipment& dispatch) { return in_flight(dispatch.key); });
  return may_be_ours ? in_progress() : refused(kCodeCancelRefused);
}

std::optional<Outcome> ShippingService::before_undo_by_hand(const Shipment& shipment) {
  for (const Shipment& dispatch : dispatches_of(shipment)) {
    if (dispatch.state == OperationState::succeeded) return already_dispatched(dispatch);
  }
  return std::nullopt;
}

void ShippingService::after_succeeded(const Shipment& shipment) {
  if (!shipment.booking) return;
  // The carrier has settled the race: a cancel that is on its way, or was not answered, has lost.
  auto booking = load(*shipment.booking);
  if (!booking || !booking->undo_uncertain) return;
  booking->undo_uncertain = false;
  store(*booking);
}

void ShippingService::after_undone(const Shipment& shipment, Timestamp now) {
  if (shipment.key.step != kBook) return;
  if (CONVEYOR_SABOTAGE(dispatch_not_stopped_by_its_bookings_undo)) return;
  for (Shipment& dispatch : dispatches_of(shipment)) {
    const bool open =
        dispatch.state == OperationState::bound || dispatch.state == OperationState::uncertain;
    if (open) mark_undone(dispatch, Effect::none, now);
  }
}

}  // namespace conveyor
