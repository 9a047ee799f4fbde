#include "server/api/feed_page.h"

#include <algorithm>

#include "domain/event_json.h"

namespace conveyor::api {
namespace {

/// Whether anything stands behind the cursor.
bool feed_goes_on(OrderReader& reader, const FeedCursor& cursor) {
  return cursor.position < reader.feed_position();
}

/// Adds the entries of one row from the cursor on; false: the page is full within it.
bool take_row(OrderReader& reader, const FeedRow& row, const std::vector<EventType>& types,
              std::size_t limit, FeedPage& page) {
  // A row that the cursor stands in goes on behind what it has given already.
  for (std::size_t i = page.next.entries; i < row.entries.size(); ++i) {
    if (page.items.size() == limit) {
      page.next.entries = static_cast<std::uint32_t>(i);
      return false;
    }
    const auto& entry = row.entries[i];
    if (!types.empty() && std::ranges::find(types, entry.type) == types.end()) continue;
    const auto events = reader.events(entry.order_id, entry.version - 1, 1);
    if (events.empty()) continue;
    page.items.push_back(event_json(events.front().event, events.front().data_json));
  }
  page.next = {row.position, 0};
  return true;
}

}  // namespace

FeedPage read_feed(OrderReader& reader, FeedCursor from, const std::vector<EventType>& types,
                   std::size_t limit) {
  FeedPage page;
  page.next = from;
  std::size_t looked_at = 0;
  while (looked_at < kMaxFeedRowsPerPage) {
    const auto rows = reader.feed(page.next.position, kFeedRowsPerRead);
    if (rows.empty()) return page;
    for (const auto& row : rows) {
      ++looked_at;
      if (!take_row(reader, row, types, limit, page)) {
        page.has_more = true;
        return page;
      }
    }
    if (page.items.size() == limit) break;
  }
  page.has_more = feed_goes_on(reader, page.next);
  return page;
}

}  // namespace conveyor::api
