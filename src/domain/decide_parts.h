// Pieces that the two halves of the decider share (decide.cpp: commands and timers;
// decide_outcome.cpp: what participants answer). Not for use elsewhere.
#pragma once

#include "domain/decide.h"

namespace conveyor::decider {

/// A draft about the order as a whole.
EventDraft about_order(const Order& order, EventType type, EventData data);
/// A draft about one step of the present run.
EventDraft about_step(const Order& order, StepNumber step, EventType type, EventData data);

/// CompensationStarted and, if nothing has to be undone, OrderFailed in the same append.
/// `outstanding` are the undos owed after whatever `events` holds already.
void start_compensation(const Order& order, std::vector<StepNumber> outstanding, UndoCause cause,
                        std::string code, std::string reason, std::vector<EventDraft>& events);

/// The event that ends an undo: OrderCancelled or OrderFailed.
EventDraft undo_finished(const Order& order, UndoCause cause, std::string code,
                         std::vector<StepNumber> undone);

Decision on_outcome(const Order& order, const OutcomeInput& input, const DecideContext& context);

}  // namespace conveyor::decider
