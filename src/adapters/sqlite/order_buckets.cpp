#include "adapters/sqlite/order_buckets.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/assert.h"

namespace conveyor::sqlite {

OrderBuckets::OrderBuckets(std::vector<OrderBucket> buckets, std::int64_t in_newest,
                           const OrderId& last)
    : buckets_(std::move(buckets)), in_newest_(in_newest), last_(last) {
  CONVEYOR_ASSERT(!buckets_.empty() && buckets_.front().first == OrderId{},
                  "the first bucket begins before every id");
}

OrderBuckets::Place OrderBuckets::place(const OrderId& id) {
  if (id < buckets_.back().first) {
    const auto next = std::ranges::upper_bound(buckets_, id, {}, &OrderBucket::first);
    return {std::prev(next)->number, false};
  }
  const bool begins = in_newest_ >= kOrdersPerBucket && id > last_;
  if (begins) {
    buckets_.push_back({id, buckets_.back().number + 1});
    in_newest_ = 0;
  }
  ++in_newest_;
  last_ = std::max(last_, id);
  return {buckets_.back().number, begins};
}

}  // namespace conveyor::sqlite
