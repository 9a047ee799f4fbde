// What a step asks its participant for, made from the order.
#pragma once

#include "domain/order.h"
#include "ports/participant.h"

namespace conveyor {

/// The request of the order's current step. Views into `order` and `ship_to`, which must outlive
/// it; `ship_to` may be null for steps that do not use it.
StepRequest request_for(const Order& order, const ShipTo* ship_to);

/// The undo that `call` asks for.
UndoRequest undo_request_for(const Order& order, const OperationKey& key, bool by_hand);

}  // namespace conveyor
