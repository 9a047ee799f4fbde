// One page of the feed: events in commit order from a cursor on. A page looks at no more than so
// many feed rows, so that a filter that matches nothing costs no more than one that does; it then
// says that there is more.
#pragma once

#include <string>
#include <vector>

#include "ports/order_store.h"
#include "server/feed/cursor.h"
#include "server/feed/filter.h"
#include "server/feed/limits.h"

namespace conveyor::feed {

struct Page {
  std::vector<std::string> items;  ///< events as JSON
  Cursor next;                     ///< also where nothing follows yet: what comes is behind it
  bool has_more = false;
};

/// Throws StoreError.
Page read_page(OrderReader& reader, Cursor from, const Filter& filter, std::size_t limit);

}  // namespace conveyor::feed
