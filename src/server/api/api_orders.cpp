// Orders: placing, listing and reading.
#include <fmt/format.h>

#include "domain/event_json.h"
#include "server/api/api_impl.h"
#include "server/api/cursor.h"
#include "server/api/order_json.h"
#include "server/api/query.h"

namespace conveyor::api {

std::string etag_of(std::uint64_t version) {
  return fmt::format("\"{}\"", version);
}

http::Response order_response(int status, const Order& order, Timestamp now,
                              const RetryPolicy& policy) {
  auto response = json_response(status, order_json(order, now, policy));
  response.set_header("ETag", etag_of(order.version));
  return response;
}

namespace {

http::Response placed_response(const Frame& frame, const PlaceOrder::Answer& answer) {
  if (answer) {
    auto response = json_response(201, placed_order_json(answer->created, answer->answer_version));
    response.set_header("Location", "/v1/orders/" + answer->created.order_id.to_string());
    response.set_header("ETag", etag_of(answer->created.version));
    if (answer->replayed) response.set_header("Idempotent-Replayed", "true");
    return response;
  }
  if (const auto* why = std::get_if<Unavailable>(&answer.error())) {
    return unavailable_response(frame, *why);
  }
  if (const auto* taken = std::get_if<ReferenceTaken>(&answer.error())) {
    const auto id = taken->order_id.to_string();
    return frame.problem(problem_spec("reference_taken"),
                         fmt::format("order {} of this customer has this reference", id),
                         {{"/reference", field_problem("taken_by"), id}});
  }
  const auto& spec = problem_spec("idempotency_key_reused");
  return frame.problem(spec, spec.meaning);
}

/// The filter of a list; what is wrong is in `query`.
OrderFilter read_filter(QueryReader& query) {
  OrderFilter filter;
  for (const auto& word : query.list("status")) {
    if (const auto status = parse_status(word)) {
      filter.statuses.push_back(*status);
    } else {
      query.add("status", field_problem("unknown_value"), "there is no such status");
    }
  }
  filter.customer_id = query.name("customer_id");
  filter.reference = query.name("reference");
  filter.sku = query.name("sku");
  filter.fingerprint = query.text("fingerprint");
  filter.failing = query.flag("failing");
  if (const auto step = query.text("step")) {
    filter.step = parse_step(*step);
    if (!filter.step) query.add("step", field_problem("unknown_value"), "there is no such step");
  }
  filter.created_after = query.time("created_after");
  filter.created_before = query.time("created_before");
  filter.updated_after = query.time("updated_after");
  filter.updated_before = query.time("updated_before");
  return filter;
}

}  // namespace

http::Response not_found(const Frame& frame) {
  const auto& spec = problem_spec("order_not_found");
  return frame.problem(spec, spec.meaning);
}

http::Response orders_page_response(OrderReader& reader, const OrderFilter& filter,
                                    std::size_t limit) {
  const auto page = reader.orders(filter, limit);
  std::vector<std::string> items;
  items.reserve(page.rows.size());
  for (const auto& row : page.rows) items.push_back(order_row_json(row));
  const auto next = page.next_before ? encode_order_cursor(filter, *page.next_before) : "";
  return json_response(200, page_json(items, next, page.next_before.has_value()));
}

void Api::Impl::place_order(Call call) {
  if (refuse_queries(call)) return;
  const auto scope = idempotency_scope(call, "/v1/orders");
  if (!scope) return;
  const auto closed = parts_.core.intake_closed();
  if (!closed) return take_order(std::move(call), *scope);
  // The body is not even read. Only too many open orders leave the core able to answer for an order
  // that it has already: whoever repeats a key gets its answer, after one look by that key.
  if (closed == Unavailable::too_many_open_orders) {
    return take_known_order(std::move(call), *scope);
  }
  call.answer(unavailable_response(call.frame, *closed));
}

void Api::Impl::take_known_order(Call call, const Digest& scope) {
  const auto shared = std::make_shared<Call>(std::move(call));
  const bool taken =
      parts_.readers.submit([self = shared_from_this(), shared, scope](Readers& readers) {
        auto why = Unavailable::too_many_open_orders;
        try {
          if (readers.orders().idempotency(scope))
            return self->take_order(std::move(*shared), scope);
        } catch (const StoreError&) {
          why = Unavailable::store_unavailable;
        }
        shared->answer(unavailable_response(shared->frame, why));
      });
  if (!taken) shared->answer(unavailable_response(shared->frame, Unavailable::queue_full));
}

void Api::Impl::take_order(Call call, const Digest& scope) {
  const auto who = actor(call, ActorKind::client);
  if (!who) return;
  auto body = parse_order_body(call.request.body, options_.limits);
  if (!body) return call.refuse(body.error());

  PlaceOrder input;
  input.key = {scope, body->request_hash};
  input.order = std::move(body->order);
  input.ship_to = std::move(body->ship_to);
  input.metadata = std::move(body->metadata);
  input.context = context_of(call, *who);
  const auto waiting = wait_for_core(std::move(call), scope);
  input.answer = [waiting](PlaceOrder::Answer answer) {
    waiting->answer(
        [waiting, answer = std::move(answer)] { return placed_response(waiting->frame, answer); });
  };
  parts_.core.submit(std::move(input));
}

void Api::Impl::list_orders(Call call) {
  QueryReader query(
      call.request.query,
      {"status", "customer_id", "reference", "step", "sku", "fingerprint", "failing",
       "created_after", "created_before", "updated_after", "updated_before", "limit", "cursor"},
      {"status"});
  auto filter = read_filter(query);
  list_orders_of(std::move(call), query, std::move(filter));
}

void Api::Impl::list_orders_of(Call call, QueryReader& query, OrderFilter filter) {
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

void Api::Impl::get_order(Call call) {
  QueryReader query(call.request.query, {"version"});
  const auto version = query.number("version", 1, kMaxMinor);
  if (!query.errors().empty()) {
    return call.refuse(problem_spec("invalid_parameter"), "a query parameter is not valid",
                       query.errors());
  }
  const auto id = order_id(call);
  if (!id) return;
  read(std::move(call), [this, id, version](Readers& readers, const Frame& frame) {
    const auto order = load_order(readers.orders(), *id, version);
    if (!order) return not_found(frame);
    if (!version) return order_response(200, *order, parts_.clock.now(), options_.retry);
    if (order->version != *version) {
      return frame.problem(problem_spec("version_not_found"),
                           fmt::format("the order is at version {}", order->version));
    }
    auto response = json_response(200, past_order_json(*order));
    response.set_header("ETag", etag_of(order->version));
    return response;
  });
}

void Api::Impl::get_order_events(Call call) {
  QueryReader query(call.request.query, {"after", "cursor", "limit"});
  // Within one stream the version is the place: `after` names one, `cursor` is next_cursor.
  const auto given = query.number("after", 0, kMaxMinor);
  const auto cursor = query.number("cursor", 0, kMaxMinor);
  if (given && cursor) {
    query.add("cursor", field_problem("bad_format"), "stands instead of after, not beside it");
  }
  const auto after = cursor.value_or(given.value_or(0));
  const auto limit = query.limit(options_.limits);
  if (!query.errors().empty()) {
    return call.refuse(problem_spec("invalid_parameter"), "a query parameter is not valid",
                       query.errors());
  }
  const auto id = order_id(call);
  if (!id) return;
  read(std::move(call), [id, after, limit](Readers& readers, const Frame& frame) {
    auto events = readers.orders().events(*id, after, limit + 1);
    if (events.empty() && !readers.orders().order_row(*id)) return not_found(frame);
    const bool has_more = events.size() > limit;
    if (has_more) events.pop_back();
    std::vector<std::string> items;
    items.reserve(events.size());
    for (const auto& stored : events) items.push_back(event_json(stored.event, stored.data_json));
    const auto next = has_more ? std::to_string(events.back().event.version) : "";
    return json_response(200, page_json(items, next, has_more));
  });
}

}  // namespace conveyor::api
