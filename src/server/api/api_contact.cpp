// The personal data of an order; apart from everything else that tells of orders.
#include <fmt/format.h>

#include "base/json_writer.h"
#include "server/api/api_impl.h"

namespace conveyor::api {
namespace {

void write_ship_to(JsonWriter& w, const ShipTo& to) {
  const auto member_if = [&w](std::string_view name, const std::optional<std::string>& value) {
    if (value) w.member(name, *value);
  };
  w.key("ship_to");
  w.begin_object();
  w.member("name", to.name);
  w.member("line1", to.line1);
  member_if("line2", to.line2);
  w.member("city", to.city);
  member_if("region", to.region);
  w.member("postal_code", to.postal_code);
  w.member("country", to.country);
  member_if("email", to.email);
  member_if("phone", to.phone);
  w.end_object();
}

/// As the request had it: `ship_to` and, in its sequence, `metadata`.
std::string contact_json(const Contact& contact) {
  std::string out;
  JsonWriter w(out, JsonWriter::Order::any);
  w.begin_object();
  w.member("order_id", contact.order_id.to_string());
  w.member("version", contact.version);
  write_ship_to(w, contact.ship_to);
  w.key("metadata");
  w.begin_object();
  for (const auto& [name, value] : contact.metadata) w.member(name, value);
  w.end_object();
  w.end_object();
  return out;
}

http::Response refused_erasure(const Frame& frame, const EraseContacts::Refused& refused) {
  if (const auto* why = std::get_if<Unavailable>(&refused)) {
    return unavailable_response(frame, *why);
  }
  if (const auto* open = std::get_if<EraseContacts::OrderOpen>(&refused)) {
    return frame.problem(
        problem_spec("customer_has_open_orders"),
        fmt::format("order {} is {}", open->order_id.to_string(), to_string(open->status)));
  }
  const auto& spec = problem_spec("customer_not_found");
  return frame.problem(spec, spec.meaning);
}

}  // namespace

void Api::Impl::get_order_contact(Call call) {
  if (refuse_queries(call)) return;
  const auto id = order_id(call);
  if (!id) return;
  read(std::move(call), [id](Readers& readers, const Frame& frame) {
    const auto order = load_order(readers.orders(), *id);
    if (order && order->contact_erased) {
      const auto& spec = problem_spec("contact_erased");
      return frame.problem(spec, spec.meaning);
    }
    const auto contact =
        order ? readers.orders().contact(*id, order->contact_version) : std::nullopt;
    if (!contact) {
      const auto& spec = problem_spec("order_not_found");
      return frame.problem(spec, spec.meaning);
    }
    return json_response(200, contact_json(*contact));
  });
}

void Api::Impl::erase_contacts(Call call) {
  if (refuse_queries(call)) return;
  const auto who = actor(call, ActorKind::operator_);
  if (!who) return;
  EraseContacts input;
  input.customer_id = call.path["customer_id"];
  input.context = context_of(call, *who);
  const auto waiting = wait_for_core(std::move(call), std::nullopt);
  input.answer = [waiting, customer_id = input.customer_id](EraseContacts::Answer answer) {
    waiting->answer([waiting, customer_id, answer = std::move(answer)] {
      if (!answer) return refused_erasure(waiting->frame, answer.error());
      std::string body;
      JsonWriter w(body, JsonWriter::Order::any);
      w.begin_object();
      w.member("customer_id", customer_id);
      w.member("status", "accepted");
      w.end_object();
      return json_response(202, std::move(body));
    });
  };
  parts_.core.submit(std::move(input));
}

}  // namespace conveyor::api
