// The feed of all events, in pages.
#include "domain/event_json.h"
#include "server/api/api_impl.h"
#include "server/api/cursor.h"
#include "server/api/order_json.h"
#include "server/api/query.h"

namespace conveyor::api {
namespace {

struct FeedPage {
  std::vector<std::string> items;
  FeedCursor next;
  bool has_more = false;
};

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

}  // namespace

void Api::Impl::list_events(Call call) {
  QueryReader query(call.request.query, {"after", "type", "limit"}, {"type"});
  std::vector<EventType> types;
  for (const auto& word : query.list("type")) {
    if (const auto type = parse_event_type(word)) {
      types.push_back(*type);
    } else {
      query.add("type", field_problem("unknown_value"), "there is no such event type");
    }
  }
  const auto limit = query.limit();
  if (!query.errors().empty()) {
    return call.refuse(problem_spec("invalid_parameter"), "a query parameter is not valid",
                       query.errors());
  }
  FeedCursor from;
  if (const auto after = query.text("after")) {
    const auto cursor = decode_feed_cursor(*after);
    if (!cursor) {
      return call.refuse(problem_spec("invalid_cursor"),
                         "use next_cursor of this list or Conveyor-Cursor of a read");
    }
    from = *cursor;
  }
  read(std::move(call), [from, types = std::move(types), limit](Readers& readers, const Frame&) {
    const auto page = read_feed(readers.orders(), from, types, limit);
    return json_response(200, page_json(page.items, encode_feed_cursor(page.next), page.has_more));
  });
}

}  // namespace conveyor::api
