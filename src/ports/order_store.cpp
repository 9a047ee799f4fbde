#include "ports/order_store.h"

#include "base/sabotage.h"
#include "domain/evolve.h"

namespace conveyor {
namespace {

/// Events read at a time when an order is folded.
constexpr std::size_t kLoadPage = 256;

}  // namespace

void FailureCount::add(Status status, std::int64_t found, std::int64_t limit) {
  if (found > limit) is_complete = false;
  const auto counted = std::min(found, limit);
  orders += counted;
  if (status == Status::dead_lettered) dead_lettered += counted;
}

std::optional<std::string> standing_fingerprint(const Order& order) {
  if (is_final(order.status)) return std::nullopt;
  if (order.status == Status::dead_lettered && order.dead_letter) {
    return order.dead_letter->fingerprint;
  }
  if (order.last_failure) return order.last_failure->fingerprint;
  return std::nullopt;
}

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
  if (!CONVEYOR_SABOTAGE(dead_letter_not_listed)) row.fingerprint = standing_fingerprint(order);
  if (order.status == Status::dead_lettered && order.dead_letter) {
    row.dead_since = order.dead_letter->since;
  }
  row.health = health_of(order);
  row.attempts = attempts_of(order);
  if (!is_final(order.status)) {
    row.wake_at = wake_at;
    row.next_attempt_at = order.next_attempt_at;
    row.step_since = order.step_since;
  }
  row.updated_at = order.updated_at;
  return row;
}

std::optional<Order> load_order(OrderReader& reader, const OrderId& id,
                                std::optional<std::uint64_t> until) {
  std::optional<Order> order;
  while (true) {
    const auto page = reader.events(id, order ? order->version : 0, kLoadPage);
    if (!page.empty() && !order) order.emplace();
    for (const auto& stored : page) {
      if (order->version == until) return order;
      evolve(*order, stored.event);
    }
    if (page.size() < kLoadPage) return order;
  }
}

}  // namespace conveyor
