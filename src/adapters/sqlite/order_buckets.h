// OrderBuckets: which bucket a new order belongs to. An index that begins with the bucket has few
// pages that change, in whatever sequence its other columns come: those of the newest bucket.
//
// Buckets part the ids, each holds those from its first up to the first of the next. So an order
// whose id is older than what came last (its clock was set back) goes to an older bucket, which
// grows beyond the usual size meanwhile.
//
// Threads: that of the store.
#pragma once

#include <cstdint>
#include <vector>

#include "domain/ids.h"

namespace conveyor::sqlite {

/// Orders after which the next begins a new bucket.
inline constexpr std::int64_t kOrdersPerBucket = 4'096;

struct OrderBucket {
  OrderId first;
  std::int64_t number = 0;
};

class OrderBuckets {
 public:
  /// `buckets` of the file, ascending, the first of which begins before every id; the newest has so
  /// many orders, up to `last`.
  OrderBuckets(std::vector<OrderBucket> buckets, std::int64_t in_newest, const OrderId& last);

  struct Place {
    std::int64_t bucket = 0;
    bool begins = false;  ///< the bucket: it has to be written, too
  };
  /// Of an order that is written now.
  Place place(const OrderId& id);

 private:
  std::vector<OrderBucket> buckets_;
  std::int64_t in_newest_;
  OrderId last_;  ///< of the newest bucket
};

}  // namespace conveyor::sqlite
