#include "app/cli/contacts.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <boost/json.hpp>

#include "app/cli/bulk.h"
#include "app/cli/json_text.h"
#include "app/cli/pages.h"

namespace conveyor::cli {

ExitCode erase_contacts(Console& console, const EraseOptions& options) {
  ApiClient client{options.server};
  const auto customer = encode_component(options.customer_id);
  const auto page =
      client.get(fmt::format("/v1/orders?customer_id={}&limit={}", customer, kMaxPageRows));
  if (!page) return fail(console, page.error().exit_code, page.error().text);
  const auto count = array_member(page->json, "data").size();
  if (count == 0) {
    return fail(console, ExitCode::not_found,
                fmt::format("no order has the customer id {}", printable(options.customer_id)));
  }
  const bool has_more = text_member(page->json, "has_more") == "true";
  const auto what =
      fmt::format("the contacts of {}{} order{} of customer {}", has_more ? "more than " : "",
                  count, count == 1 ? "" : "s", printable(options.customer_id));
  if (options.dry_run) {
    fmt::print(console.err, "would erase {}\n", what);
    return ExitCode::ok;
  }
  if (!options.yes) {
    const auto question = fmt::format("Erase {}? Nothing brings them back.", what);
    if (const auto refused = refuse_consent(console, {}, question)) return *refused;
  }
  const auto answer = client.send(
      {.method = "DELETE", .target = fmt::format("/v1/customers/{}/contact", customer)});
  if (!answer) return fail(console, answer.error().exit_code, answer.error().text);
  if (options.output != Output::text) {
    print_json(console.out, answer->json, options.output);
  } else {
    fmt::print(console.out, "accepted: {} are being erased\n", what);
  }
  return ExitCode::ok;
}

}  // namespace conveyor::cli
