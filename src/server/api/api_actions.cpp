// What people can do to an order.
#include <fmt/format.h>

#include "server/api/api_impl.h"

namespace conveyor::api {
namespace {

http::Response refused_command(const Frame& frame, const Refusal& refusal) {
  const auto invalid = [&](std::string_view code) {
    return frame.problem(problem_spec("validation_failed"), "one value is not valid",
                         {{"/changes/lines", code, refusal.detail}});
  };
  switch (refusal.code) {
    case Refusal::Code::action_not_allowed:
      break;
    case Refusal::Code::total_negative:
      return invalid(field_problem("total_negative"));
    case Refusal::Code::total_out_of_range:
      return invalid(field_problem("total_out_of_range"));
  }
  return frame.problem(problem_spec("action_not_allowed"), refusal.detail);
}

http::Response refused_command(const Frame& frame, const OrderCommand::Refused& refused) {
  if (const auto* why = std::get_if<Unavailable>(&refused)) {
    return unavailable_response(frame, *why);
  }
  if (const auto* stale = std::get_if<OrderCommand::Stale>(&refused)) {
    auto response = frame.problem(problem_spec("stale_version"),
                                  fmt::format("the order is at version {}", stale->version));
    response.set_header("ETag", etag_of(stale->version));
    return response;
  }
  if (const auto* refusal = std::get_if<Refusal>(&refused)) {
    return refused_command(frame, *refusal);
  }
  return not_found(frame);
}

/// What cannot be taken back, or depends on how far the order has come: somebody must have seen
/// the version that it is done to.
bool needs_version(CommandKind kind, const ActionBody& body) {
  switch (kind) {
    case CommandKind::compensate:
    case CommandKind::resolve:
    case CommandKind::restart:
      return true;
    case CommandKind::retry:
      return body.has_changes();
    case CommandKind::cancel:
    case CommandKind::hold:
    case CommandKind::release:
    case CommandKind::retry_now:
      return false;
  }
  return false;
}

}  // namespace

void Api::Impl::act(Call call, CommandKind kind) {
  if (refuse_queries(call)) return;
  const auto id = order_id(call);
  if (!id) return;
  const auto who = actor(call, ActorKind::operator_);
  if (!who) return;
  OrderCommand input;
  if (const auto* if_match = call.request.find_header("If-Match")) {
    const auto version = parse_if_match(*if_match);
    if (!version) return call.refuse(problem_spec("invalid_header"), version.error());
    input.if_match = *version;
  }
  auto body = parse_action_body(kind, call.request.body, options_.limits);
  if (!body) return call.refuse(body.error());
  if (needs_version(kind, *body) && !input.if_match) {
    return call.refuse(problem_spec("if_match_required"),
                       "read the order and send its ETag as If-Match");
  }
  input.order_id = *id;
  input.command = {kind, std::move(body->reason), std::move(body->changes),
                   std::move(body->external_reference)};
  input.ship_to = std::move(body->ship_to);
  input.context = context_of(call, *who);
  const auto waiting = wait_for_core(std::move(call), std::nullopt);
  input.answer = [self = shared_from_this(), waiting, kind](OrderCommand::Answer answer) {
    waiting->answer([self, waiting, kind, answer = std::move(answer)] {
      if (!answer) return refused_command(waiting->frame, answer.error());
      // A cancel of what is cancelled is done, not accepted.
      const bool done =
          kind == CommandKind::cancel && !answer->changed && is_final(answer->order.status);
      return order_response(done ? 200 : 202, answer->order, self->parts_.clock.now(),
                            self->options_.retry);
    });
  };
  parts_.core.submit(std::move(input));
}

}  // namespace conveyor::api
