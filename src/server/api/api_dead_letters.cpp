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
  list_orders_of(std::move(call), query, std::move(filter));
}

void Api::Impl::group_dead_letters(Call call) {
  if (refuse_queries(call)) return;
  read(std::move(call), [](Readers& readers, const Frame&) {
    auto groups = readers.orders().dead_letter_groups(kMaxDeadLettersGrouped);
    return json_response(200, groups_json(std::move(groups)));
  });
}

}  // namespace conveyor::api
