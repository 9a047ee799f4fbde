// Dead letters: the list, and by cause.
#include "server/api/api_impl.h"
#include "server/api/cursor.h"
#include "server/api/dead_letters.h"
#include "server/api/order_json.h"
#include "server/api/query.h"

namespace conveyor::api {

void Api::Impl::list_dead_letters(Call call) {
  QueryReader query(call.request.query, {"fingerprint", "limit", "cursor"});
  OrderFilter filter;
  filter.statuses = {Status::dead_lettered};
  filter.fingerprint = query.text("fingerprint");
  const auto limit = query.limit(options_.limits);
  if (!query.errors().empty()) {
    return call.refuse(problem_spec("invalid_parameter"), "a query parameter is not valid",
                       query.errors());
  }
  if (const auto cursor = query.text("cursor")) {
    filter.before = decode_order_cursor(*cursor, filter);
    if (!filter.before) {
      return call.refuse(problem_spec("invalid_cursor"), "use next_cursor of the same list");
    }
  }
  read(std::move(call), [filter = std::move(filter), limit](Readers& readers, const Frame&) {
    return orders_page_response(readers.orders(), filter, limit);
  });
}

void Api::Impl::group_dead_letters(Call call) {
  if (refuse_queries(call)) return;
  read(std::move(call), [](Readers& readers, const Frame&) {
    auto groups = readers.orders().dead_letter_groups(kMaxDeadLettersGrouped);
    return json_response(200, groups_json(std::move(groups)));
  });
}

}  // namespace conveyor::api
