// Order rows made anew from their events, after a migration that adds what rows hold.
#pragma once

#include "adapters/sqlite/connection.h"

namespace conveyor::sqlite {

/// Fills `health`, `attempts`, `next_attempt_at` and `step_since` of every open order from the fold
/// of its events. What is final has their defaults. The tables are those of `schema_version()`.
void refill_open_orders(Connection& connection);

}  // namespace conveyor::sqlite
