// One page of the feed: events in commit order from a cursor on. A page looks at no more than so
// many feed rows, so that a filter that matches nothing costs no more than one that does; it then
// says that there is more.
#pragma once

#include <string>
#include <vector>

#include "ports/order_store.h"
#include "server/api/cursor.h"
#include "server/api/limits.h"

namespace conveyor::api {

struct FeedPage {
  std::vector<std::string> items;  ///< events as JSON
  FeedCursor next;                 ///< also where nothing follows yet: what comes is behind it
  bool has_more = false;
};

/// `types`: only these; none: all. Throws StoreError.
FeedPage read_feed(OrderReader& reader, FeedCursor from, const std::vector<EventType>& types,
                   std::size_t limit);

}  // namespace conveyor::api
