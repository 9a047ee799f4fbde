#include "adapters/sqlite/lookups.h"

namespace conveyor::sqlite {

std::optional<Lookups::LastEvent> Lookups::last_event(const OrderId& id) {
  auto rows = last_event_.query(id);
  if (!rows.next()) return std::nullopt;
  return LastEvent{static_cast<std::uint64_t>(rows.integer(0)), rows.id<EventId>(1)};
}

std::optional<OrderId> Lookups::order_with_reference(const std::string& customer_id,
                                                     const std::string& reference) {
  auto rows = order_of_reference_.query(customer_id, reference);
  if (!rows.next()) return std::nullopt;
  return rows.id<OrderId>(0);
}

}  // namespace conveyor::sqlite
