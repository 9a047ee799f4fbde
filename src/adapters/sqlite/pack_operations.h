// Brings the operations of version 5 of the file, a row of one of four tables each, to those of
// version 6, one row per order.
#pragma once

#include "adapters/sqlite/connection.h"

namespace conveyor::sqlite {

/// From the tables former_reservations, former_payments, former_shipments and
/// former_sandbox_records into `operations`. Throws StoreError; damaged, with the
/// order, for what was never written.
void pack_operations(Connection& connection);

}  // namespace conveyor::sqlite
