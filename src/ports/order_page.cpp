#include "ports/order_page.h"

#include <algorithm>

#include "base/assert.h"

namespace conveyor {
namespace {

constexpr std::int64_t kMaxIdMs = (std::int64_t{1} << 48) - 1;

/// The smallest id made at or after `ms`, which is within 48 bits.
OrderId first_id_of(std::int64_t ms) {
  Uuid uuid;
  for (std::size_t i = 0; i < 6; ++i) {
    uuid.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  }
  return OrderId{uuid};
}

bool contains(const std::vector<Status>& statuses, Status status) {
  return std::ranges::find(statuses, status) != statuses.end();
}

}  // namespace

std::string open_skus(const Order& order) {
  std::string out;
  if (is_final(order.status)) return out;
  for (const auto& line : order.lines) {
    out += ' ';
    out += line.sku;
  }
  out += ' ';
  return out;
}

std::vector<Status> statuses_of(const OrderFilter& filter) {
  std::vector<Status> out;
  for (const auto status : kAllStatuses) {
    if (!filter.statuses.empty() && !contains(filter.statuses, status)) continue;
    const bool open_only =
        filter.step || filter.sku || filter.fingerprint || filter.failing.value_or(false);
    if (open_only && is_final(status)) continue;
    out.push_back(status);
  }
  return out;
}

OrderIdRange id_range_of(const OrderFilter& filter) {
  OrderIdRange range;
  range.end = filter.before;
  if (filter.created_after) {
    const auto ms = to_unix_ms(*filter.created_after);
    if (ms >= kMaxIdMs) range.empty = true;
    if (ms >= 0 && !range.empty) range.first = first_id_of(ms + 1);
  }
  for (const auto& before : {filter.created_before, filter.updated_before}) {
    if (!before) continue;
    const auto ms = to_unix_ms(*before);
    if (ms <= 0) range.empty = true;
    if (ms > 0 && ms <= kMaxIdMs) {
      const auto end = first_id_of(ms);
      range.end = range.end ? std::min(*range.end, end) : end;
    }
  }
  if (range.end && *range.end <= range.first) range.empty = true;
  return range;
}

bool DeadLetterGrouper::offer(std::string_view fingerprint, Timestamp since,
                              std::string_view currency, std::int64_t total_minor) {
  if (offered_ == limit_) {
    result_.is_complete = false;
    return false;
  }
  ++offered_;
  auto& groups = result_.groups;
  if (groups.empty() || groups.back().fingerprint != fingerprint) {
    CONVEYOR_ASSERT(groups.empty() || groups.back().fingerprint < fingerprint,
                    "dead letters come by fingerprint");
    groups.push_back({std::string{fingerprint}, 0, since, since, {}});
  }
  auto& group = groups.back();
  ++group.count;
  group.first_seen = std::min(group.first_seen, since);
  group.last_seen = std::max(group.last_seen, since);
  const auto at = std::ranges::lower_bound(
      group.money, currency, {}, [](const auto& m) { return std::string_view{m.currency}; });
  if (at == group.money.end() || at->currency != currency) {
    group.money.insert(at, {std::string{currency}, total_minor});
  } else if (at->total_minor) {
    at->total_minor = checked_add(*at->total_minor, total_minor);
  }
  return true;
}

OrderPageBuilder::OrderPageBuilder(const OrderFilter& filter, std::size_t limit)
    : filter_(filter), statuses_(statuses_of(filter)), limit_(limit) {
  CONVEYOR_ASSERT(limit > 0, "a page holds at least one row");
  if (filter.sku) sku_pattern_ = ' ' + *filter.sku + ' ';
}

bool OrderPageBuilder::matches(const OrderRow& row, std::string_view skus) const {
  return contains(statuses_, row.status) &&
         (!filter_.customer_id || row.customer_id == *filter_.customer_id) &&
         (!filter_.reference || row.reference == filter_.reference) &&
         (!filter_.step || row.step == *filter_.step) &&
         (!filter_.fingerprint || row.fingerprint == filter_.fingerprint) &&
         (!filter_.failing || row.fingerprint.has_value() == *filter_.failing) &&
         (!filter_.updated_after || row.updated_at > *filter_.updated_after) &&
         (!filter_.updated_before || row.updated_at < *filter_.updated_before) &&
         (!filter_.sku || skus.contains(sku_pattern_));
}

bool OrderPageBuilder::offer(OrderRow row, std::string_view skus) {
  if (scanned_ == kMaxRowsScannedPerPage) {
    page_.next_before = last_scanned_;
    return false;
  }
  ++scanned_;
  last_scanned_ = row.id;
  if (!matches(row, skus)) return true;
  if (page_.rows.size() == limit_) {
    page_.next_before = page_.rows.empty() ? row.id : page_.rows.back().id;
    return false;
  }
  page_.rows.push_back(std::move(row));
  return true;
}

}  // namespace conveyor
