#include "server/api/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "base/idempotency_header.h"
#include "base/trace_context.h"
#include "runtime/log.h"
#include "server/api/api_impl.h"
#include "server/api/body_reader.h"
#include "server/api/query.h"
#include "server/feed/cursor.h"
#include "server/live/live_path.h"

namespace conveyor::api {
namespace {

// The router hands on a request and nothing else, so the frame travels in headers of our own: those
// that the client sent are replaced before it.

void put_frame(http::Request& request, const Frame& frame) {
  std::erase_if(request.headers, [](const http::Header& header) {
    for (const std::string_view name :
         {"Request-Id", "X-Correlation-Id", "traceparent", "tracestate"}) {
      if (http::equal_ignoring_case(header.name, name)) return true;
    }
    return false;
  });
  request.headers.push_back({"Request-Id", frame.request_id});
  request.headers.push_back({"X-Correlation-Id", frame.correlation_id});
  request.headers.push_back({"traceparent", frame.traceparent});
}

Frame take_frame(const http::Request& request) {
  Frame frame;
  frame.request_id = *request.find_header("Request-Id");
  frame.correlation_id = *request.find_header("X-Correlation-Id");
  frame.traceparent = *request.find_header("traceparent");
  frame.instance = request.path;
  return frame;
}

http::Respond framed(const Frame& frame, http::Respond respond) {
  return http::Respond(
      [frame, respond = std::move(respond)](http::Answer answer, std::string route) mutable {
        respond.set_route(std::move(route));
        if (auto* response = std::get_if<http::Response>(&answer)) {
          frame.apply(*response);
          respond(std::move(*response));
        } else if (auto* make = std::get_if<http::MakeResponse>(&answer)) {
          respond.later([frame, make = std::move(*make)]() mutable {
            auto response = make();
            frame.apply(response);
            return response;
          });
        } else if (auto* watch = std::get_if<http::Watch>(&answer)) {
          respond.when_gone(std::move(watch->gone));
        }
      });
}

/// For labels: what clients make up is one word.
std::string_view known_method(std::string_view method) {
  for (const std::string_view known :
       {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}) {
    if (method == known) return known;
  }
  return "other";
}

}  // namespace

http::Response json_response(int status, std::string json) {
  http::Response response{.status = status};
  response.body = std::move(json);
  response.body.push_back('\n');
  response.set_header("Content-Type", "application/json");
  response.set_header("Cache-Control", "no-store");
  return response;
}

http::Response unavailable_response(const Frame& frame, Unavailable why) {
  const auto& spec = [why]() -> const ProblemSpec& {
    switch (why) {
      case Unavailable::queue_full:
        return problem_spec("queue_full");
      case Unavailable::too_many_open_orders:
        return problem_spec("too_many_open_orders");
      case Unavailable::out_of_space:
        return problem_spec("out_of_space");
      case Unavailable::store_unavailable:
        return problem_spec("store_unavailable");
      case Unavailable::stopping:
        return problem_spec("stopping");
      case Unavailable::unreadable:
        return problem_spec("internal");
    }
    return problem_spec("internal");
  }();
  return frame.problem(spec, spec.meaning);
}

Api::Api(ApiParts parts, ApiOptions options)
    : impl_(std::make_shared<Impl>(std::move(parts), options)) {}
Api::~Api() = default;

http::Handler Api::handler() const {
  return [impl = impl_](http::Request request, http::Respond respond) {
    impl->handle(std::move(request), std::move(respond));
  };
}

std::vector<std::pair<std::string, std::string>> Api::routes() const {
  return impl_->routes();
}

void Api::configure(http::ServerOptions& server) const {
  server.max_body_bytes = static_cast<std::size_t>(impl_->limits().max_body_bytes);
  server.on_protocol_error = [impl = impl_](int status, std::string_view code,
                                            std::string_view detail) {
    return impl->protocol_error(status, code, detail);
  };
  server.on_complete = [impl = impl_](const http::RequestInfo& info) { impl->completed(info); };
  server.on_handler_exception = [](std::string_view path, std::string_view what) {
    log_error("request handler failed", {{"path", path}, {"error", what}});
  };
}

void Api::Impl::completed(const http::RequestInfo& info) {
  const auto route = info.route.empty() ? std::string_view{"none"} : info.route;
  parts_.metrics.http_request(route, known_method(info.method), info.status, info.duration);
  const auto level = info.status >= 500 ? LogLevel::warning : LogLevel::debug;
  if (!is_logged(level)) return;
  const auto header = [&](std::string_view name) {
    const auto* value = http::find_header(info.response_headers, name);
    return value == nullptr ? std::string_view{} : std::string_view{*value};
  };
  const auto trace = parse_traceparent(header("traceparent"));
  log(level, "request",
      {{"request_id", header("Request-Id")},
       {"correlation_id", header("X-Correlation-Id")},
       {"trace_id", trace ? std::string_view{trace->trace_id} : std::string_view{}},
       {"method", known_method(info.method)},
       {"route", route},
       {"status", info.status},
       {"duration_ms",
        std::chrono::duration_cast<std::chrono::milliseconds>(info.duration).count()}});
}

Api::Impl::Impl(ApiParts parts, ApiOptions options)
    : parts_(std::move(parts)),
      options_(options),
      started_at_(parts_.clock.now()),
      frames_(options.seed, options.limits) {
  add_routes();
}

void Api::Impl::add_routes() {
  add("POST", "/v1/orders", &Impl::place_order);
  add("GET", "/v1/orders", &Impl::list_orders);
  add("GET", "/v1/orders/{id}", &Impl::get_order);
  add("GET", "/v1/orders/{id}/events", &Impl::get_order_events);
  add("GET", "/v1/orders/{id}/attempts", &Impl::get_order_attempts);
  add("GET", "/v1/orders/{id}/contact", &Impl::get_order_contact);
  add("DELETE", "/v1/customers/{customer_id}/contact", &Impl::erase_contacts);
  add("GET", "/v1/orders/{id}/diagnosis", &Impl::get_order_diagnosis);
  add("POST", "/v1/orders/{id}/cancel", &Impl::act<CommandKind::cancel>);
  add("POST", "/v1/orders/{id}/hold", &Impl::act<CommandKind::hold>);
  add("POST", "/v1/orders/{id}/release", &Impl::act<CommandKind::release>);
  add("POST", "/v1/orders/{id}/retry", &Impl::act<CommandKind::retry>);
  add("POST", "/v1/orders/{id}/retry-now", &Impl::act<CommandKind::retry_now>);
  add("POST", "/v1/orders/{id}/compensate", &Impl::act<CommandKind::compensate>);
  add("POST", "/v1/orders/{id}/resolve", &Impl::act<CommandKind::resolve>);
  add("POST", "/v1/orders/{id}/restart", &Impl::act<CommandKind::restart>);
  add("GET", "/v1/inventory", &Impl::list_stock);
  add("GET", "/v1/inventory/{sku}", &Impl::get_stock);
  add("PUT", "/v1/inventory/{sku}", &Impl::put_stock);
  add("POST", "/v1/inventory/{sku}/adjust", &Impl::adjust_stock);
  add("GET", "/v1/reservations", &Impl::list_reservations);
  add("GET", "/v1/dead-letters", &Impl::list_dead_letters);
  add("GET", "/v1/dead-letters/groups", &Impl::group_dead_letters);
  add("GET", "/v1/events", &Impl::list_events);
  add("GET", "/v1/pipeline", &Impl::get_pipeline);
  add("GET", "/v1/services", &Impl::get_services);
  add("GET", "/v1/events/stream", &Impl::stream_events);
  add("GET", "/health/live", &Impl::get_live);
  add("GET", "/health/ready", &Impl::get_ready);
  add("GET", "/health", &Impl::get_health);
  add("GET", "/metrics", &Impl::get_metrics);
  add("GET", "/version", &Impl::get_version);
  add("GET", "/openapi.json", &Impl::get_openapi);
}

void Api::Impl::add(std::string_view method, std::string_view pattern, Route route) {
  router_.add(
      method, pattern,
      [this, route](http::Request request, http::PathParameters path, http::Respond respond) {
        auto frame = take_frame(request);
        Call call{std::move(request), std::move(path), std::move(frame), std::move(respond)};
        const auto* type = call.request.find_header("Content-Type");
        const bool is_write = call.request.method == "POST" || call.request.method == "PUT";
        if (is_write && !call.request.body.empty() &&
            (type == nullptr || !is_json_content_type(*type))) {
          call.refuse(problem_spec("unsupported_media_type"),
                      "Content-Type must be application/json");
          return;
        }
        if (call.request.find_header("Content-Encoding") != nullptr) {
          call.refuse(problem_spec("unsupported_media_type"), "a body must not be encoded");
          return;
        }
        (this->*route)(std::move(call));
      });
}

void Api::Impl::handle(http::Request request, http::Respond respond) {
  const auto frame = frames_.make(&request, parts_.clock.now());
  auto answer = framed(frame, std::move(respond));
  if (const auto denial = deny(request, options_.limits)) {
    answer(frame.problem(*denial->problem, denial->detail));
    return;
  }
  if (parts_.live_updates && request.path == live::kPath) {
    parts_.live_updates(std::move(request), std::move(answer));
    return;
  }
  if (parts_.dashboard) {
    if (auto page = parts_.dashboard(request)) {
      answer.set_route("dashboard");
      answer(std::move(*page));
      return;
    }
  }
  put_frame(request, frame);
  router_.dispatch(std::move(request), std::move(answer),
                   [&frame](int, std::string_view code, std::string_view detail) {
                     const auto* spec = find_problem(code);
                     return frame.problem(spec == nullptr ? problem_spec("internal") : *spec,
                                          detail);
                   });
}

http::Response Api::Impl::protocol_error(int, std::string_view code, std::string_view detail) {
  const auto frame = frames_.make(nullptr, parts_.clock.now());
  const auto* spec = find_problem(code);
  auto response = frame.problem(spec == nullptr ? problem_spec("internal") : *spec, detail);
  frame.apply(response);
  return response;
}

void Api::Impl::read(Call call, ReadJob job) {
  const auto frame = call.frame;
  const auto ticket = pending_.add(std::move(call.respond), options_.answer_deadline, [frame] {
    const auto& spec = problem_spec("answer_timeout");
    return frame.problem(spec, "the read took too long");
  });
  const auto self = shared_from_this();
  const bool taken =
      parts_.readers.submit([self, ticket, frame, job = std::move(job)](Readers& readers) mutable {
        auto response = run_read(readers, frame, job);
        if (auto respond = self->pending_.take(ticket)) (*respond)(std::move(response));
      });
  if (taken) return;
  if (auto respond = pending_.take(ticket)) {
    (*respond)(unavailable_response(frame, Unavailable::queue_full));
  }
}

std::shared_ptr<const Waiting> Api::Impl::wait_for_core(Call call, std::optional<Digest> scope) {
  const bool is_second = scope && keys_.enter(*scope);
  const auto wait = is_second ? std::min(options_.in_flight_wait, options_.answer_deadline)
                              : options_.answer_deadline;
  const auto ticket = pending_.add(std::move(call.respond), wait, [frame = call.frame, is_second] {
    const auto& spec =
        is_second ? problem_spec("idempotency_key_in_flight") : problem_spec("answer_timeout");
    return frame.problem(spec, spec.meaning);
  });
  return std::make_shared<Waiting>(shared_from_this(), std::move(call.frame), scope, ticket);
}

void Waiting::answer(http::MakeResponse make) const {
  if (scope_) api_->keys_.leave(*scope_);
  if (auto respond = api_->pending_.take(ticket_)) respond->later(std::move(make));
}

std::optional<Digest> Api::Impl::idempotency_scope(Call& call, std::string_view route) {
  const auto* header = call.request.find_header("Idempotency-Key");
  if (header == nullptr) {
    call.refuse(problem_spec("idempotency_key_missing"),
                "send Idempotency-Key with a value that is new for each new request");
    return std::nullopt;
  }
  const auto key = parse_idempotency_key(
      *header, static_cast<std::size_t>(options_.limits.max_idempotency_key_bytes));
  if (!key) {
    call.refuse(problem_spec("idempotency_key_invalid"), key.error());
    return std::nullopt;
  }
  // Until there is sign-in there is one principal. No part but the last can hold a line feed.
  return sha256("local\n" + call.request.method + "\n" + std::string{route} + "\n" + *key);
}

std::optional<OrderId> Api::Impl::order_id(Call& call) {
  const auto id = OrderId::parse(call.path["id"]);
  if (!id) call.refuse(problem_spec("order_not_found"), "there is no order with this id");
  return id;
}

std::optional<Actor> Api::Impl::actor(Call& call, ActorKind kind) {
  const auto* header = call.request.find_header("Conveyor-Actor");
  if (header == nullptr) return Actor{kind, "local"};
  const auto max = options_.limits.max_name_bytes;
  if (!is_name(*header) || std::cmp_greater(header->size(), max)) {
    call.refuse(problem_spec("invalid_header"),
                fmt::format("Conveyor-Actor must be 1 to {} of A-Z a-z 0-9 . _ -", max));
    return std::nullopt;
  }
  return Actor{kind, *header};
}

bool Api::Impl::refuse_queries(Call& call) {
  const QueryReader query(call.request.query, {});
  if (query.errors().empty()) return false;
  call.refuse(problem_spec("invalid_parameter"), "this resource takes no query parameters",
              query.errors());
  return true;
}

RequestContext Api::Impl::context_of(const Call& call, Actor actor) const {
  return {call.frame.request_id, call.frame.correlation_id, call.frame.traceparent,
          std::move(actor)};
}

}  // namespace conveyor::api
