// The feed of all events, in pages and live.
#include "server/api/api_impl.h"
#include "server/api/event_stream.h"
#include "server/api/order_json.h"
#include "server/api/query.h"
#include "server/feed/page.h"

namespace conveyor::api {
namespace {

std::vector<EventType> event_types(QueryReader& query) {
  std::vector<EventType> types;
  for (const auto& word : query.list("type")) {
    if (const auto type = parse_event_type(word)) {
      types.push_back(*type);
    } else {
      query.add("type", field_problem("unknown_value"), "there is no such event type");
    }
  }
  return types;
}

http::Response cursor_is_ahead(const Frame& frame) {
  const auto& spec = problem_spec("cursor_ahead");
  return frame.problem(spec, spec.meaning);
}

}  // namespace

void Api::Impl::list_events(Call call) {
  QueryReader query(call.request.query, {"after", "type", "limit"}, {"type"});
  feed::Filter filter{.types = event_types(query)};
  const auto limit = query.limit(options_.limits);
  if (!query.errors().empty()) {
    return call.refuse(problem_spec("invalid_parameter"), "a query parameter is not valid",
                       query.errors());
  }
  feed::Cursor from;
  if (const auto after = query.text("after")) {
    const auto cursor = feed::decode_cursor(*after);
    if (!cursor) {
      return call.refuse(problem_spec("invalid_cursor"),
                         "use next_cursor of this list or Conveyor-Cursor of a read");
    }
    from = *cursor;
  }
  read(std::move(call), [from, filter = std::move(filter), limit](Readers& readers,
                                                                  const Frame& frame) {
    if (feed::is_ahead(from, readers.orders().feed_position())) return cursor_is_ahead(frame);
    const auto page = feed::read_page(readers.orders(), from, filter, limit);
    return json_response(200, page_json(page.items, feed::encode_cursor(page.next), page.has_more));
  });
}

void Api::Impl::stream_events(Call call) {
  QueryReader query(call.request.query, {"after", "type", "order_id"}, {"type"});
  feed::Filter filter{.types = event_types(query)};
  if (const auto id = query.text("order_id")) {
    filter.order_id = OrderId::parse(*id);
    if (!filter.order_id) {
      query.add("order_id", field_problem("bad_format"), "this is not an order's id");
    }
  }
  if (!query.errors().empty()) {
    return call.refuse(problem_spec("invalid_parameter"), "a query parameter is not valid",
                       query.errors());
  }
  auto after = query.text("after");
  // What a client has seen since it was told where to begin is further than that.
  const auto* last_seen = call.request.find_header("Last-Event-ID");
  if (last_seen != nullptr && !last_seen->empty()) after = *last_seen;
  std::optional<feed::Cursor> from;
  if (after) {
    from = feed::decode_cursor(*after);
    if (!from) {
      return call.refuse(problem_spec("invalid_cursor"),
                         "use the id of an event of this stream or Conveyor-Cursor of a read");
    }
  }
  read(std::move(call),
       [this, from, filter = std::move(filter)](Readers& readers, const Frame& frame) mutable {
         const auto last = readers.orders().feed_position();
         if (from && feed::is_ahead(*from, last)) return cursor_is_ahead(frame);
         if (filter.order_id && !readers.orders().order_row(*filter.order_id)) {
           const auto& spec = problem_spec("order_not_found");
           return frame.problem(spec, spec.meaning);
         }
         http::Response response{.status = 200};
         response.set_header("Content-Type", "text/event-stream");
         response.set_header("Cache-Control", "no-store");
         response.stream = EventStream::open(parts_.live, std::move(filter),
                                             from.value_or(feed::Cursor{last, 0}));
         return response;
       });
}

}  // namespace conveyor::api
