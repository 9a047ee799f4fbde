// The calls that were made for an order.
#include "server/api/api_impl.h"
#include "server/api/attempts.h"
#include "server/api/order_json.h"
#include "server/api/query.h"

namespace conveyor::api {

void Api::Impl::get_order_attempts(Call call) {
  QueryReader query(call.request.query, {"cursor", "limit"});
  const auto after = query.number("cursor", 0, kMaxMinor).value_or(0);
  const auto limit = query.limit();
  if (!query.errors().empty()) {
    return call.refuse(problem_spec("invalid_parameter"), "a query parameter is not valid",
                       query.errors());
  }
  const auto id = order_id(call);
  if (!id) return;
  read(std::move(call), [id, after, limit](Readers& readers, const Frame& frame) {
    if (!readers.orders().order_row(*id)) return not_found(frame);
    const auto page = read_attempts(readers.orders(), *id, after, limit);
    std::vector<std::string> items;
    items.reserve(page.attempts.size());
    for (const auto& attempt : page.attempts) items.push_back(attempt_json(attempt));
    const auto next = page.next_after ? std::to_string(*page.next_after) : "";
    return json_response(200, page_json(items, next, page.next_after.has_value()));
  });
}

}  // namespace conveyor::api
