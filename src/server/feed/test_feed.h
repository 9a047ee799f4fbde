// FeedOnly: a feed in memory whose rows the test chooses, for tests of what reads it.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <vector>

#include "ports/order_store.h"

namespace conveyor::feed {

inline const OrderId kOrder{make_uuid_v7(from_unix_ms(1'770'000'000'000), 1, 2)};

/// Rows 1, 2, 3 …; of every event only what the page needs.
class FeedOnly : public OrderReader {
 public:
  std::vector<FeedRow> rows;
  std::size_t rows_read = 0;

  void add(std::initializer_list<EventType> types) {
    FeedRow row;
    row.position = static_cast<std::int64_t>(rows.size()) + 1;
    for (const auto type : types) row.entries.push_back({kOrder, ++last_version_, type});
    rows.push_back(std::move(row));
  }

  std::int64_t feed_position() override { return static_cast<std::int64_t>(rows.size()); }
  std::vector<FeedRow> feed(std::int64_t after, std::size_t limit) override {
    const auto begin = rows.begin() + std::min<std::int64_t>(after, feed_position());
    const auto left = static_cast<std::size_t>(rows.end() - begin);
    const auto count = std::min(limit, left);
    rows_read += count;
    return {begin, begin + static_cast<std::ptrdiff_t>(count)};
  }
  std::vector<StoredEvent> events(const OrderId& id, std::uint64_t after, std::size_t) override {
    StoredEvent stored;
    stored.event.order_id = id;
    stored.event.version = after + 1;
    stored.event.type = EventType::OrderCompleted;
    stored.event.data = OrderCompleted{};
    stored.data_json = "{}";
    return {stored};
  }

  std::optional<OrderRow> order_row(const OrderId&) override { return std::nullopt; }
  std::optional<Contact> contact(const OrderId&, std::uint32_t) override { return std::nullopt; }
  OrderPage orders(const OrderFilter&, std::size_t) override { return {}; }
  std::vector<Due> due_orders(Timestamp, std::optional<Due>, std::size_t) override { return {}; }
  std::optional<IdempotencyRecord> idempotency(const Digest&) override { return std::nullopt; }
  std::vector<std::pair<Status, std::int64_t>> open_order_counts() override { return {}; }
  DeadLetterGroups dead_letter_groups(std::int64_t) override { return {}; }
  FailureCount failures(std::string_view, std::int64_t) override { return {}; }
  std::vector<OrderId> order_ids(std::optional<OrderId>, std::size_t) override { return {}; }

 private:
  std::uint64_t last_version_ = 0;
};

}  // namespace conveyor::feed
