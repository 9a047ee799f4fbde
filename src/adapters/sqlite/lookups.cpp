#include "adapters/sqlite/lookups.h"

namespace conveyor::sqlite {

std::optional<Lookups::LastEvent> Lookups::last_event(const OrderId& id) {
  LastEvent last;
  {
    auto rows = places_.query(id);
    if (!rows.next()) return std::nullopt;
    last.places = decode_places(rows.blob(0));
    last.version = static_cast<std::uint64_t>(rows.integer(1));
  }
  if (last.places.empty()) misplaced(id);
  auto run = run_at(id, last.places.back());
  while (run.has_next()) last.id = EventId{run.next().id};
  if (run.version() != last.version + 1) misplaced(id);
  return last;
}

std::int64_t Lookups::newest_log_chunk() {
  auto rows = newest_chunk_.query();
  return rows.next() ? rows.integer(0) : 0;
}

std::optional<OrderId> Lookups::order_with_reference(const std::string& customer_id,
                                                     const std::string& reference) {
  auto rows = order_of_reference_.query(customer_id, reference);
  if (!rows.next()) return std::nullopt;
  return rows.id<OrderId>(0);
}

OrderBuckets Lookups::order_buckets() {
  std::vector<OrderBucket> buckets;
  for (auto rows = order_buckets_.query(); rows.next();) {
    buckets.push_back({rows.id<OrderId>(0), rows.integer(1)});
  }
  if (buckets.empty() || buckets.front().first != OrderId{}) {
    throw StoreError(StoreError::Kind::damaged, "the file lacks its first bucket of orders");
  }
  auto rows = newest_bucket_.query(buckets.back().number);
  rows.next();
  const auto last = rows.is_null(1) ? OrderId{} : rows.id<OrderId>(1);
  return OrderBuckets{std::move(buckets), rows.integer(0), last};
}

}  // namespace conveyor::sqlite
