// Events for tests of their forms: one of every type with every member present, chained by hash,
// and RapidCheck generators of any event that can be written.
#pragma once

#include <rapidcheck.h>

#include <vector>

#include "domain/event.h"

namespace conveyor::test {

/// One event per type in the sequence of EventType, versions 1, 2, 3 … of one stream. What they say
/// makes no sense as a story.
std::vector<Event> one_of_every_type();

/// Any data that an event of the type may hold, within what JSON can carry.
EventData any_data(EventType type);
/// Any event; draws from RapidCheck, so only inside a property.
Event any_event();

}  // namespace conveyor::test
