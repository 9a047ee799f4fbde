#include "ports/order_store.h"

#include "domain/evolve.h"

namespace conveyor {
namespace {

/// Events read at a time when an order is folded.
constexpr std::size_t kLoadPage = 256;

}  // namespace

OrderRow row_of(const Order& order, std::optional<Timestamp> wake_at) {
  OrderRow row;
  row.id = order.id;
  row.status = order.status;
  row.customer_id = order.customer_id;
  row.reference = order.reference;
  row.currency = order.currency.code();
  row.total_minor = order.total_minor;
  row.run = order.run;
  row.step = order.step;
  row.generation = order.current().generation;
  row.version = order.version;
  row.hash = order.hash;
  row.correlation_id = order.correlation_id;
  if (order.status == Status::dead_lettered && order.dead_letter) {
    row.fingerprint = order.dead_letter->fingerprint;
  }
  if (!is_final(order.status)) row.wake_at = wake_at;
  row.updated_at = order.updated_at;
  return row;
}

std::optional<Order> load_order(OrderReader& reader, const OrderId& id) {
  std::optional<Order> order;
  while (true) {
    const auto page = reader.events(id, order ? order->version : 0, kLoadPage);
    if (!page.empty() && !order) order.emplace();
    for (const auto& stored : page) evolve(*order, stored.event);
    if (page.size() < kLoadPage) return order;
  }
}

}  // namespace conveyor
