// The feed of all events, in pages.
#include "server/api/api_impl.h"
#include "server/api/cursor.h"
#include "server/api/feed_page.h"
#include "server/api/order_json.h"
#include "server/api/query.h"

namespace conveyor::api {

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
