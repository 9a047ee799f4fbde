// What must hold of NDJSON files of orders: how the bytes arrive makes no difference, every line is
// accounted for, and a line is judged alone as it is among others.
#include <fmt/format.h>

#include <algorithm>
#include <expected>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "app/cli/import_ndjson.h"
#include "server/api/order_request.h"
#include "target.h"

namespace conveyor::fuzz {
namespace {

using Plan = std::expected<cli::ImportPlan, std::string>;

/// What is made of `text` if it arrives in pieces of `piece` bytes.
Plan plan_of(std::string_view text, std::size_t piece) {
  return cli::plan_ndjson_import([text, piece](char* buffer, std::size_t size) mutable {
    const auto count = std::min({piece, size, text.size()});
    std::copy_n(text.data(), count, buffer);
    text.remove_prefix(count);
    return std::optional{count};
  });
}

/// All that a plan says.
std::string words(const Plan& plan) {
  if (!plan) return "error: " + plan.error();
  std::string out = fmt::format("{} rows\n", plan->rows);
  for (const auto& order : plan->orders) {
    out += fmt::format("{} {} {} {} {} {}\n", order.lines.front(), order.reference,
                       order.customer_id, order.currency, order.total_minor, order.body);
  }
  for (const auto& order : plan->refused) {
    out += fmt::format("{}! {}\n", order.lines.front(), order.reference);
    for (const auto& problem : order.problems) {
      out += fmt::format("  {}: {}\n", problem.line, problem.reason);
    }
  }
  for (const auto& problem : plan->loose) {
    out += fmt::format("! {}: {}\n", problem.line, problem.reason);
  }
  return out;
}

void must_be_whole(const cli::ImportPlan& plan) {
  std::set<std::size_t> lines;
  std::set<std::pair<std::string, std::string>> names;
  for (const auto& order : plan.orders) {
    must(order.lines.size() == 1 && lines.insert(order.lines.front()).second,
         "an order is one line");
    must(names.emplace(order.customer_id, order.reference).second,
         "customer and reference name one order");
    const auto body = api::parse_order_body(order.body);
    must(body && body->order.reference == order.reference &&
             body->order.total_minor == order.total_minor,
         "what will be sent is what was read");
  }
  for (const auto& order : plan.refused) {
    must(!order.problems.empty(), "a refusal says why");
    for (const auto line : order.lines) {
      must(lines.insert(line).second, "a refused line is nothing else");
    }
  }
  for (const auto& problem : plan.loose) {
    must(!problem.reason.empty(), "a refusal says why");
    lines.insert(problem.line);
  }
  must(lines.size() == plan.rows, "every line is an order, refused or loose");
}

}  // namespace

FUZZ_TARGET(ndjson) {
  const auto whole = plan_of(input, input.size() + 1);
  const auto said = words(whole);
  must(words(plan_of(input, 1)) == said, "byte by byte it is the same");
  must(words(plan_of(input, 7)) == said, "in pieces it is the same");
  if (!whole) {
    must(!whole.error().empty(), "a refusal says why");
    return;
  }
  must_be_whole(*whole);
  for (const auto& order : whole->orders) {
    const auto alone = plan_of(order.body, order.body.size());
    must(alone && alone->orders.size() == 1 && alone->orders.front().body == order.body,
         "a line is an order also alone");
  }
}

}  // namespace conveyor::fuzz
