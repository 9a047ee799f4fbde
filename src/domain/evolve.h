// evolve: the fold. Pure and total over well-formed streams; a stream that contradicts itself stops
// the process (CONVEYOR_ASSERT), because it cannot have been written by `decide`.
#pragma once

#include <span>

#include "domain/order.h"

namespace conveyor {

/// Applies the next event (`event.version == order.version + 1`).
void evolve(Order& order, const Event& event);

/// The fold of a whole stream, first event first; must not be empty.
Order fold(std::span<const Event> events);

}  // namespace conveyor
