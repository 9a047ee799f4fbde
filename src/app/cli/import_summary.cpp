// What people and programs are told at the end of an import, or instead of one.
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "app/cli/console.h"
#include "app/cli/import_run.h"
#include "app/cli/json_text.h"
#include "app/cli/order_text.h"

namespace conveyor::cli {
namespace {

struct Count {
  std::size_t orders = 0;
  std::size_t lines = 0;
};

Count count_of(const Import& import, Sent::Result result) {
  Count count;
  for (std::size_t i = 0; i < import.sent.size(); ++i) {
    if (import.sent[i].result != result) continue;
    ++count.orders;
    count.lines += import.plan.orders[i].lines.size();
  }
  return count;
}

// Everything that is refused, before and after sending, by first line.
std::vector<RefusedOrder> all_refused(const Import& import) {
  auto refused = import.plan.refused;
  for (std::size_t i = 0; i < import.sent.size(); ++i) {
    if (import.sent[i].result != Sent::Result::refused) continue;
    const auto& order = import.plan.orders[i];
    refused.push_back({order.reference, order.lines, import.sent[i].problems});
  }
  std::ranges::sort(refused, {}, [](const RefusedOrder& o) { return o.lines.front(); });
  return refused;
}

std::size_t lines_of(const std::vector<RefusedOrder>& refused, const ImportPlan& plan) {
  std::size_t count = plan.loose.size();
  for (const auto& order : refused) count += order.lines.size();
  return count;
}

std::vector<PlannedOrder> accepted_orders(const Import& import) {
  std::vector<PlannedOrder> accepted;
  for (std::size_t i = 0; i < import.sent.size(); ++i) {
    if (!import.sent[i].id.empty()) accepted.push_back(import.plan.orders[i]);
  }
  return accepted;
}

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string totals_text(const std::vector<PlannedOrder>& orders) {
  std::vector<std::string> parts;
  for (const auto& [currency, sum] : totals_of(orders)) {
    parts.push_back(sum ? money_text(*sum, currency)
                        : fmt::format("more {} than can be added up", currency));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

void print_refused(std::ostream& out, const std::vector<RefusedOrder>& refused,
                   const ImportPlan& plan) {
  for (const auto& order : refused) {
    fmt::print(out, "  {} ({})\n", order.reference, counted(order.lines.size(), "line"));
    for (const auto& problem : order.problems) {
      fmt::print(out, "    line {}: {}\n", problem.line, problem.reason);
    }
  }
  if (!plan.loose.empty()) fmt::print(out, "  lines of no order\n");
  for (const auto& problem : plan.loose) {
    fmt::print(out, "    line {}: {}\n", problem.line, problem.reason);
  }
}

void print_text(Console& console, const Import& import, bool wait) {
  const auto print_count = [&](std::string_view name, Count count) {
    fmt::print(console.out, "{:<10}{}, {}\n", name, counted(count.orders, "order"),
               counted(count.lines, "line"));
  };
  const auto refused = all_refused(import);
  print_count("created", count_of(import, Sent::Result::created));
  print_count("replayed", count_of(import, Sent::Result::replayed));
  print_count("refused", {refused.size(), lines_of(refused, import.plan)});
  print_refused(console.out, refused, import.plan);
  if (const auto unknown = count_of(import, Sent::Result::unanswered); unknown.orders > 0) {
    print_count("no answer", unknown);
  }
  if (const auto left = count_of(import, Sent::Result::not_sent); left.orders > 0) {
    print_count("not sent", left);
  }
  const auto accepted = accepted_orders(import);
  if (!accepted.empty()) fmt::print(console.out, "{:<10}{}\n", "total", totals_text(accepted));
  if (!wait) return;
  for (const auto& [status, count] : count_statuses(import)) {
    fmt::print(console.out, "{:<9} {}\n", printable(status), counted(count, "order"));
  }
}

boost::json::array json_of(const std::vector<LineProblem>& problems) {
  boost::json::array out;
  for (const auto& problem : problems) {
    out.push_back({{"line", problem.line}, {"reason", problem.reason}});
  }
  return out;
}

boost::json::object json_of(Count count) {
  return {{"orders", count.orders}, {"lines", count.lines}};
}

boost::json::object summary_json(const Import& import, bool wait) {
  const auto refused = all_refused(import);
  boost::json::object out;
  out["created"] = json_of(count_of(import, Sent::Result::created));
  out["replayed"] = json_of(count_of(import, Sent::Result::replayed));
  out["refused"] = json_of({refused.size(), lines_of(refused, import.plan)});
  out["unanswered"] = json_of(count_of(import, Sent::Result::unanswered));
  out["not_sent"] = json_of(count_of(import, Sent::Result::not_sent));
  boost::json::array refused_orders;
  for (const auto& order : refused) {
    refused_orders.push_back({{"reference", order.reference},
                              {"lines", boost::json::value_from(order.lines)},
                              {"problems", json_of(order.problems)}});
  }
  out["refused_orders"] = std::move(refused_orders);
  out["lines_of_no_order"] = json_of(import.plan.loose);
  boost::json::object totals;
  for (const auto& [currency, sum] : totals_of(accepted_orders(import))) {
    totals[currency] = sum ? boost::json::value(*sum) : boost::json::value(nullptr);
  }
  out["totals"] = std::move(totals);
  if (wait) {
    boost::json::object statuses;
    for (const auto& [status, count] : count_statuses(import)) statuses[status] = count;
    out["statuses"] = std::move(statuses);
  }
  return out;
}

void print_plan_text(std::ostream& out, const ImportPlan& plan) {
  fmt::print(out, "{:<10}{}, {}\n", "to place", counted(plan.orders.size(), "order"),
             counted(planned_lines(plan), "line"));
  if (!plan.orders.empty()) fmt::print(out, "{:<10}{}\n", "total", totals_text(plan.orders));
  fmt::print(out, "{:<10}{}, {}\n", "refused", counted(plan.refused.size(), "order"),
             counted(refused_lines(plan), "line"));
  print_refused(out, plan.refused, plan);
}

}  // namespace

bool is_whole(const Import& import) {
  return all_refused(import).empty() && import.plan.loose.empty();
}

void print_import_plan(Console& console, const ImportPlan& plan, Output output) {
  if (output == Output::text) {
    print_plan_text(console.out, plan);
    return;
  }
  Import import{plan, {}, {}, {}};
  import.sent.resize(import.plan.orders.size());
  print_json(console.out, summary_json(import, false), output);
}

void print_import_summary(Console& console, const Import& import, const ImportOptions& options) {
  if (options.output == Output::text) {
    print_text(console, import, options.wait);
  } else {
    print_json(console.out, summary_json(import, options.wait), options.output);
  }
}

std::string import_question(const ImportPlan& plan, const std::string& server) {
  return fmt::format("Place {} with {} ({}) at {}?", counted(plan.orders.size(), "order"),
                     counted(planned_lines(plan), "line"), totals_text(plan.orders), server);
}

}  // namespace conveyor::cli
