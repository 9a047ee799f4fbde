// Brings the events of version 5 of the file, a row each, into the event log of version 6.
#pragma once

#include "adapters/sqlite/connection.h"

namespace conveyor::sqlite {

/// From the table former_events into `event_log` and `orders.events`. Throws StoreError; damaged,
/// with the order, for what was never written.
void pack_events(Connection& connection);

}  // namespace conveyor::sqlite
