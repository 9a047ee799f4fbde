// Stock: what there is, setting it, adjusting it.
#include <fmt/format.h>

#include "server/api/api_impl.h"
#include "server/api/body_reader.h"
#include "server/api/cursor.h"
#include "server/api/order_json.h"
#include "server/api/query.h"

namespace conveyor::api {
namespace {

http::Response stock_refused(const Frame& frame, StockRefusal refusal) {
  const auto& spec = [refusal]() -> const ProblemSpec& {
    switch (refusal) {
      case StockRefusal::unknown_sku:
        return problem_spec("sku_not_found");
      case StockRefusal::below_reserved:
        return problem_spec("stock_below_reserved");
      case StockRefusal::out_of_range:
        return problem_spec("stock_out_of_range");
    }
    return problem_spec("internal");
  }();
  return frame.problem(spec, spec.meaning);
}

http::Response set_response(const Frame& frame, const SetStock::Answer& answer) {
  if (answer) return json_response(200, stock_item_json(*answer));
  if (const auto* why = std::get_if<Unavailable>(&answer.error())) {
    return unavailable_response(frame, *why);
  }
  return stock_refused(frame, std::get<StockRefusal>(answer.error()));
}

http::Response adjusted_response(const Frame& frame, const AdjustStock::Answer& answer) {
  if (answer) {
    auto response = json_response(200, movement_json(answer->movement));
    if (answer->replayed) response.set_header("Idempotent-Replayed", "true");
    return response;
  }
  if (const auto* why = std::get_if<Unavailable>(&answer.error())) {
    return unavailable_response(frame, *why);
  }
  if (const auto* refusal = std::get_if<StockRefusal>(&answer.error())) {
    return stock_refused(frame, *refusal);
  }
  const auto& spec = problem_spec("idempotency_key_reused");
  return frame.problem(spec, spec.meaning);
}

}  // namespace

void Api::Impl::list_stock(Call call) {
  QueryReader query(call.request.query, {"limit", "cursor"});
  const auto limit = query.limit(options_.limits);
  if (!query.errors().empty()) {
    return call.refuse(problem_spec("invalid_parameter"), "a query parameter is not valid",
                       query.errors());
  }
  std::string after;
  if (const auto cursor = query.text("cursor")) {
    const auto sku = decode_stock_cursor(*cursor);
    if (!sku) return call.refuse(problem_spec("invalid_cursor"), "use next_cursor of this list");
    after = *sku;
  }
  read(std::move(call), [after, limit](Readers& readers, const Frame&) {
    auto page = readers.stock().stock_page(after, limit + 1);
    const bool has_more = page.size() > limit;
    if (has_more) page.pop_back();
    std::vector<std::string> items;
    items.reserve(page.size());
    for (const auto& item : page) items.push_back(stock_item_json(item));
    const auto next = has_more ? encode_stock_cursor(page.back().sku) : "";
    return json_response(200, page_json(items, next, has_more));
  });
}

void Api::Impl::get_stock(Call call) {
  if (refuse_queries(call)) return;
  auto sku = call.path["sku"];
  read(std::move(call), [sku = std::move(sku)](Readers& readers, const Frame& frame) {
    const auto item = readers.stock().stock(sku);
    if (!item) return stock_refused(frame, StockRefusal::unknown_sku);
    return json_response(200, stock_item_json(*item));
  });
}

void Api::Impl::put_stock(Call call) {
  if (refuse_queries(call)) return;
  if (!is_name(call.path["sku"])) {
    return call.refuse(problem_spec("validation_failed"),
                       "a SKU must be 1 to 64 of A-Z a-z 0-9 . _ -");
  }
  auto body = parse_stock_body(call.request.body, options_.limits);
  if (!body) return call.refuse(body.error());
  SetStock input;
  input.sku = call.path["sku"];
  input.on_hand = body->on_hand;
  input.title = std::move(body->title);
  const auto waiting = wait_for_core(std::move(call), std::nullopt);
  input.answer = [waiting](SetStock::Answer answer) {
    waiting->answer(
        [waiting, answer = std::move(answer)] { return set_response(waiting->frame, answer); });
  };
  parts_.core.submit(std::move(input));
}

void Api::Impl::adjust_stock(Call call) {
  if (refuse_queries(call)) return;
  const auto scope = idempotency_scope(call, "/v1/inventory/{sku}/adjust");
  if (!scope) return;
  auto body = parse_adjust_body(call.request.body, options_.limits);
  if (!body) return call.refuse(body.error());
  AdjustStock input;
  input.sku = call.path["sku"];
  input.key = {*scope, sha256(input.sku + "\n" + body->canonical)};
  input.delta = body->delta;
  input.reason = std::move(body->reason);
  const auto waiting = wait_for_core(std::move(call), scope);
  input.answer = [waiting](AdjustStock::Answer answer) {
    waiting->answer([waiting, answer = std::move(answer)] {
      return adjusted_response(waiting->frame, answer);
    });
  };
  parts_.core.submit(std::move(input));
}

void Api::Impl::list_reservations(Call call) {
  QueryReader query(call.request.query, {"sku", "order_id", "limit", "cursor"});
  const auto sku = query.name("sku");
  const auto limit = query.limit(options_.limits);
  std::optional<OrderId> order;
  if (const auto text = query.text("order_id")) {
    order = OrderId::parse(*text);
    if (!order) query.add("order_id", field_problem("bad_format"), "must be an order's id");
    if (sku) query.add("sku", field_problem("bad_format"), "stands instead of order_id");
  }
  if (!query.errors().empty()) {
    return call.refuse(problem_spec("invalid_parameter"), "a query parameter is not valid",
                       query.errors());
  }
  std::optional<OperationKey> after;
  if (const auto cursor = query.text("cursor")) {
    after = order ? std::nullopt : decode_reservation_cursor(*cursor, sku);
    if (!after) return call.refuse(problem_spec("invalid_cursor"), "use next_cursor of this list");
  }
  read(std::move(call), [=](Readers& readers, const Frame&) {
    // An order has as many as it has runs and edits: all of them, also those that hold no more.
    const auto page = order ? ReservationPage{readers.stock().reservations(*order), {}}
                            : readers.stock().held_page(after, sku, limit);
    std::vector<std::string> items;
    items.reserve(page.items.size());
    for (const auto& item : page.items) items.push_back(reservation_json(item));
    const auto next = page.next_after ? encode_reservation_cursor(sku, *page.next_after) : "";
    return json_response(200, page_json(items, next, page.next_after.has_value()));
  });
}

}  // namespace conveyor::api
