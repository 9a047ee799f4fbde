#include "ports/participant.h"

#include "base/decimal.h"

namespace conveyor {
namespace {

// The hashed text: one `name:length:value` line per part, absent parts left out. The length makes
// it unambiguous whatever the value holds.
void add(std::string& out, std::string_view name, std::int64_t value) {
  out += name;
  out += ':';
  append_decimal(out, value);
  out += '\n';
}
void add(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ':';
  append_decimal(out, value.size());
  out += ':';
  out += value;
  out += '\n';
}
void add(std::string& out, std::string_view name, const std::optional<std::string>& value) {
  if (value) add(out, name, std::string_view{*value});
}

void add_ship_to(std::string& out, const ShipTo& to) {
  add(out, "name", std::string_view{to.name});
  add(out, "line1", std::string_view{to.line1});
  add(out, "line2", to.line2);
  add(out, "city", std::string_view{to.city});
  add(out, "region", to.region);
  add(out, "postal_code", std::string_view{to.postal_code});
  add(out, "country", std::string_view{to.country});
  add(out, "email", to.email);
  add(out, "phone", to.phone);
}

}  // namespace

Digest request_hash(const StepRequest& request) {
  const auto& spec = spec_of(request.key.step);
  thread_local std::string text;
  text.clear();
  add(text, "step", spec.name);
  if (request.names) add(text, "names", std::string_view{request.names->to_string()});
  if (spec.participant == Participant::inventory) {
    for (const auto& line : request.lines) {
      add(text, "sku", std::string_view{line.sku});
      add(text, "quantity", line.quantity);
    }
  }
  if (spec.participant == Participant::payment) {
    add(text, "currency", request.currency.code());
    add(text, "amount", request.amount_minor);
  }
  if ((spec.uses & kFieldPaymentMethod) != 0) add(text, "payment_method", request.payment_method);
  if ((spec.uses & kFieldShipTo) != 0 && request.ship_to != nullptr) {
    add_ship_to(text, *request.ship_to);
  }
  return sha256(text);
}

}  // namespace conveyor
