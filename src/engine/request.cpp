#include "engine/request.h"

namespace conveyor {

StepRequest request_for(const Order& order, const ShipTo* ship_to) {
  const auto& spec = spec_of(order.step);
  StepRequest request;
  request.key = order.key_of(order.step);
  if (spec.names) request.names = order.key_of(*spec.names);
  request.lines = order.lines;
  request.currency = order.currency;
  request.amount_minor = order.total_minor;
  request.payment_method = order.payment_method;
  if ((spec.uses & kFieldShipTo) != 0) request.ship_to = ship_to;
  request.correlation_id = order.correlation_id;
  return request;
}

UndoRequest undo_request_for(const Order& order, const OperationKey& key, bool by_hand) {
  UndoRequest request;
  request.key = key;
  if (by_hand && order.undo) request.by_hand = order.undo->external_reference;
  request.correlation_id = order.correlation_id;
  return request;
}

}  // namespace conveyor
