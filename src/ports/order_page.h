// One page of an order list, built from the rows of an index. Every store finds the rows in its own
// way; what belongs on the page, where the next one starts and how far one page may look are
// decided here, so that all stores answer alike.
//
// The driving part of a filter is what an index answers: the reference (with its customer, if both
// are given), else the customer, else the fingerprint with its statuses, else those that fail with
// their statuses, else the statuses, else all orders. A store offers every row that the driving
// part and the range of ids allow, newest first, until the builder has enough.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ports/order_store.h"

namespace conveyor {

/// The SKUs of an open order as stores keep them for the `sku` filter: ` A B `; empty when final.
std::string open_skus(const Order& order);

/// The statuses that a page of this filter can show; `step`, `sku`, `fingerprint` and `failing`
/// look at open orders only.
std::vector<Status> statuses_of(const OrderFilter& filter);

/// Ids of the page: `first` ≤ id < `end`. From the keyset and the times within ids; nothing changes
/// before it is created.
struct OrderIdRange {
  OrderId first;               ///< the smallest id if nothing bounds it
  std::optional<OrderId> end;  ///< nullopt: no bound
  bool empty = false;
};
OrderIdRange id_range_of(const OrderFilter& filter);

/// Groups dead letters that come by fingerprint, at most `limit` of them.
class DeadLetterGrouper {
 public:
  explicit DeadLetterGrouper(std::int64_t limit) : limit_(limit) {}

  /// False: it was one too many, offer no more.
  bool offer(std::string_view fingerprint, Timestamp since, std::string_view currency,
             std::int64_t total_minor);

  DeadLetterGroups take() { return std::move(result_); }

 private:
  std::int64_t limit_;
  std::int64_t offered_ = 0;
  DeadLetterGroups result_;
};

class OrderPageBuilder {
 public:
  OrderPageBuilder(const OrderFilter& filter, std::size_t limit);

  /// Rows newest first. False: the page is complete, offer no more.
  bool offer(OrderRow row, std::string_view skus);

  OrderPage take() { return std::move(page_); }

 private:
  bool matches(const OrderRow& row, std::string_view skus) const;

  const OrderFilter& filter_;
  std::vector<Status> statuses_;
  std::string sku_pattern_;
  std::size_t limit_;
  std::size_t scanned_ = 0;
  OrderId last_scanned_;
  OrderPage page_;
};

}  // namespace conveyor
