#include "app/cli/order_actions.h"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <fmt/ranges.h>

#include <optional>

#include "app/cli/json_text.h"
#include "app/cli/order_text.h"
#include "base/utf8.h"

namespace conveyor::cli {
namespace {

using Order = boost::json::value;

std::string target_of(std::string_view id, std::string_view rest = {}) {
  return fmt::format("/v1/orders/{}{}", encode_component(id), rest);
}

/// What is wrong with the flags, whatever the order is like.
std::optional<std::string> flag_error(const ActionOptions& options) {
  const bool valid = is_valid_utf8(options.reason) && is_valid_utf8(options.external_reference) &&
                     is_valid_utf8(options.payment_method) && is_valid_text(options.lines) &&
                     is_valid_text(options.ship_to);
  if (!valid) return "the flags are not valid UTF-8";
  const auto missing = missing_flags(options.ship_to);
  if (is_given(options.ship_to) && !missing.empty()) {
    return fmt::format("an address is changed as a whole; it needs {}", fmt::join(missing, ", "));
  }
  return std::nullopt;
}

/// The entry of the order's allowed_actions that decides; null: the server does not say.
const Order* find_offer(const Order& order, const OrderAction& action, bool with_changes) {
  const std::string_view name =
      with_changes && action.name == "retry" ? "retry-with-changes" : action.name;
  for (const auto& entry : array_member(order, "allowed_actions")) {
    if (text_member(entry, "action") == name) return &entry;
  }
  return nullptr;
}

void show_plan(Console& console, const OrderAction& action, const ActionOptions& options,
               const Order& order) {
  fmt::print(console.err, "{} is {} at {}, version {}\n", printable(text_member(order, "id")),
             printable(text_member(order, "status")), printable(text_member(order, "step")),
             printable(text_member(order, "version")));
  std::vector<std::string_view> changed;
  if (!options.payment_method.empty()) changed.emplace_back("payment method");
  if (!options.lines.empty()) changed.emplace_back("lines");
  if (is_given(options.ship_to)) changed.emplace_back("address");
  const auto consequence = action.consequence.empty()
                               ? "undoes the old request if it depends on what changes, and goes on"
                               : action.consequence;
  fmt::print(console.err, "{} {}", action.name, consequence);
  if (!changed.empty()) fmt::print(console.err, ", with another {}", fmt::join(changed, " and "));
  fmt::print(console.err, "\n");
}

/// Shows what is about to be done and asks, unless told not to; ok: go on.
ExitCode agree(Console& console, const OrderAction& action, const ActionOptions& options,
               const Order& order) {
  const auto* offer = find_offer(order, action, options.has_changes());
  if (offer != nullptr && text_member(*offer, "allowed") == "false") {
    return fail(console, ExitCode::not_allowed, text_member(*offer, "because"));
  }
  show_plan(console, action, options, order);
  if (options.yes || ask(console, "Go on?") == Consent::given) return ExitCode::ok;
  fmt::print(console.err, "nothing was done\n");
  return ExitCode::error;
}

FlagResult write_changes(JsonWriter& json, const ActionOptions& options, const Order* order) {
  json.key("changes");
  json.begin_object();
  if (!options.lines.empty()) {
    const auto currency = Currency::from_code(text_member(*order, "currency"));
    if (!currency) return std::unexpected("the order's currency is not known here");
    if (auto written = write_lines(json, options.lines, *currency); !written) return written;
  }
  if (!options.payment_method.empty()) json.member("payment_method", options.payment_method);
  if (is_given(options.ship_to)) write_ship_to(json, options.ship_to);
  json.end_object();
  return {};
}

std::expected<std::string, std::string> action_body(const ActionOptions& options,
                                                    const Order* order) {
  std::string body;
  JsonWriter json{body, JsonWriter::Order::any};
  json.begin_object();
  if (!options.reason.empty()) json.member("reason", options.reason);
  if (!options.external_reference.empty()) {
    json.member("external_reference", options.external_reference);
  }
  if (options.has_changes()) {
    if (auto written = write_changes(json, options, order); !written) {
      return std::unexpected(std::move(written.error()));
    }
  }
  json.end_object();
  return body;
}

}  // namespace

ExitCode act_on_order(Console& console, const OrderAction& action, const ActionOptions& options) {
  if (const auto error = flag_error(options)) return fail(console, ExitCode::usage, *error);
  const bool shows =
      options.if_match.empty() && (!action.consequence.empty() || options.has_changes());
  if (shows && !options.yes && !console.in_is_terminal) {
    return fail(console, ExitCode::usage,
                fmt::format("{} shows the order and asks; without a terminal give --yes, or "
                            "--if-match with the version that was looked at",
                            action.name));
  }
  ApiClient client{options.server};
  std::optional<Order> order;
  if (shows || !options.lines.empty()) {
    const auto answer = client.get(target_of(options.id));
    if (!answer) return fail(console, answer.error().exit_code, answer.error().text);
    order = answer->json;
  }
  const auto body = action_body(options, order ? &*order : nullptr);
  if (!body) return fail(console, ExitCode::usage, body.error());
  auto version = options.if_match;
  if (shows) {
    if (const auto agreed = agree(console, action, options, *order); agreed != ExitCode::ok) {
      return agreed;
    }
    version = text_member(*order, "version");
  }
  ApiRequest request{.method = "POST",
                     .target = target_of(options.id, fmt::format("/{}", action.name)),
                     .body = *body};
  if (!version.empty()) request.headers.push_back({"If-Match", fmt::format("\"{}\"", version)});
  const auto answer = client.send(request);
  if (!answer) return fail(console, answer.error().exit_code, answer.error().text);
  if (options.output == Output::text) {
    print_order(console.out, answer->json);
  } else {
    print_json(console.out, answer->json, options.output);
  }
  return ExitCode::ok;
}

}  // namespace conveyor::cli
