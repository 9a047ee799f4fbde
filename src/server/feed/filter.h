// Which events of the feed somebody wants.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "ports/order_store.h"

namespace conveyor::feed {

struct Filter {
  std::vector<EventType> types{};     ///< only these; none: all
  std::optional<OrderId> order_id{};  ///< only this order's
  bool entries_only = false;  ///< which events there are is enough, what they say is not read

  bool wants(const FeedEntry& entry) const {
    if (order_id && entry.order_id != *order_id) return false;
    return types.empty() || std::ranges::find(types, entry.type) != types.end();
  }
};

}  // namespace conveyor::feed
