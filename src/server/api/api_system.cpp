// Health, metrics, version and the OpenAPI document.
#include <algorithm>

#include "base/json_writer.h"
#include "server/api/api_impl.h"
#include "server/api/openapi.h"
#include "server/api/query.h"

namespace conveyor::api {
namespace {

http::Response not_ready(const Frame& frame, const std::vector<std::string>& missing) {
  std::vector<FieldError> errors;
  std::string detail = "missing: ";
  for (const auto& what : missing) {
    errors.push_back({"", field_problem("missing"), what});
    detail += (errors.size() > 1 ? ", " : "") + what;
  }
  return frame.problem(problem_spec("not_ready"), detail, errors);
}

}  // namespace

void Api::Impl::get_live(Call call) {
  call.answer(json_response(200, R"({"status":"live"})"));
}

void Api::Impl::get_ready(Call call) {
  const auto missing = parts_.missing();
  if (!missing.empty()) return call.answer(not_ready(call.frame, missing));
  call.answer(json_response(200, R"({"status":"ready"})"));
}

void Api::Impl::get_health(Call call) {
  const auto missing = parts_.missing();
  if (!missing.empty()) return call.answer(not_ready(call.frame, missing));
  std::string body;
  JsonWriter w(body, JsonWriter::Order::any);
  w.begin_object();
  w.member("status", "ready");
  w.member("version", parts_.build.version);
  w.member("orders_in_memory", parts_.core.open_orders());
  w.member("queued_inputs", parts_.core.queued());
  w.member("queued_reads", parts_.readers.queued());
  w.end_object();
  call.answer(json_response(200, std::move(body)));
}

void Api::Impl::get_metrics(Call call) {
  read(std::move(call), [this](Readers& readers, const Frame&) {
    parts_.metrics.set_reservations_open(readers.stock().held_reservations());
    http::Response response{.body = parts_.metrics.render(parts_.clock.now())};
    response.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    response.set_header("Cache-Control", "no-store");
    return response;
  });
}

void Api::Impl::get_version(Call call) {
  std::string body;
  JsonWriter w(body, JsonWriter::Order::any);
  w.begin_object();
  w.member("name", "conveyor");
  w.member("version", parts_.build.version);
  if (!parts_.build.commit.empty()) w.member("commit", parts_.build.commit);
  w.end_object();
  call.answer(json_response(200, std::move(body)));
}

void Api::Impl::get_openapi(Call call) {
  call.respond.later([self = shared_from_this()] {
    return json_response(200, openapi_json(self->parts_.build.version));
  });
}

void Api::Impl::get_pipeline(Call call) {
  QueryReader query(call.request.query, {"seconds"});
  const auto seconds = query.number("seconds", 1, PipelineMeter::kSeconds);
  if (!query.errors().empty()) {
    return call.refuse(problem_spec("invalid_parameter"), "a query parameter is not valid",
                       query.errors());
  }
  const auto shown = static_cast<std::int64_t>(seconds.value_or(PipelineMeter::kSeconds));
  call.respond.later([self = shared_from_this(), shown] {
    const auto now = self->parts_.clock.now();
    const auto looked = std::max(shown, kPipelineWindow);
    return json_response(200, pipeline_json({self->parts_.metrics.pipeline().look(now, looked),
                                             self->parts_.core.participants(),
                                             self->parts_.core.calls_in_flight(), now, shown}));
  });
}

void Api::Impl::get_services(Call call) {
  if (refuse_queries(call)) return;
  call.respond.later([self = shared_from_this()] {
    const auto& parts = self->parts_;
    const auto now = parts.clock.now();
    DurationCounts commits;
    for (const auto& second : parts.metrics.pipeline().look(now, PipelineMeter::kSeconds).seconds) {
      commits.add(second.commits);
    }
    return json_response(
        200, services_json({.version = parts.build.version,
                            .started_at = self->started_at_,
                            .now = now,
                            .missing = parts.missing(),
                            .participants = parts.core.participants(),
                            .queues = {{"core", parts.core.queued(), kMaxQueuedInputs},
                                       {"reads", parts.readers.queued(), kMaxQueuedReads}},
                            .commits = commits,
                            .settings = parts.settings}));
  });
}

}  // namespace conveyor::api
