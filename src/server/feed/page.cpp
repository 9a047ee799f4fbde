#include "server/feed/page.h"

#include "server/feed/row_events.h"

namespace conveyor::feed {
namespace {

/// Whether anything stands behind the cursor.
bool goes_on(OrderReader& reader, const Cursor& cursor) {
  return cursor.position < reader.feed_position();
}

/// Adds the entries of one row from the cursor on; false: the page is full within it.
bool take_row(OrderReader& reader, const FeedRow& row, const Filter& filter, std::size_t limit,
              Page& page) {
  RowEvents events(reader, row);
  // A row that the cursor stands in goes on behind what it has given already.
  for (std::size_t i = page.next.entries; i < row.entries.size(); ++i) {
    if (page.items.size() == limit) {
      page.next.entries = static_cast<std::uint32_t>(i);
      return false;
    }
    if (!filter.wants(row.entries[i])) continue;
    if (auto json = events.json(i)) page.items.push_back(*std::move(json));
  }
  page.next = {row.position, 0};
  return true;
}

}  // namespace

Page read_page(OrderReader& reader, Cursor from, const Filter& filter, std::size_t limit) {
  Page page;
  page.next = from;
  std::size_t looked_at = 0;
  while (looked_at < kMaxRowsPerPage) {
    const auto rows = reader.feed(page.next.position, kRowsPerRead);
    if (rows.empty()) return page;
    for (const auto& row : rows) {
      ++looked_at;
      if (!take_row(reader, row, filter, limit, page)) {
        page.has_more = true;
        return page;
      }
    }
    if (page.items.size() == limit) break;
  }
  page.has_more = goes_on(reader, page.next);
  return page;
}

}  // namespace conveyor::feed
