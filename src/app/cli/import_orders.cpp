#include "app/cli/import_orders.h"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "app/cli/bulk.h"
#include "app/cli/import_plan.h"
#include "app/cli/interrupt.h"
#include "app/cli/json_text.h"
#include "app/cli/order_text.h"
#include "app/cli/parallel.h"
#include "domain/vocabulary.h"

namespace conveyor::cli {
namespace {

// How often `--wait` looks at the orders that are not final, and says how many there are.
constexpr Duration kWaitInterval{200};
constexpr Duration kWaitNotice{5'000};

// What became of a planned order.
struct Sent {
  enum class Result : std::uint8_t { not_sent, created, replayed, refused };
  Result result = Result::not_sent;
  std::string id;
  std::string status;  // with --wait: the last one seen
  std::vector<LineProblem> problems;
};

struct Import {
  ImportPlan plan;
  std::vector<Sent> sent;          // one per planned order
  std::optional<Failure> stopped;  // why the rest was not sent or not waited for
};

std::vector<LineProblem> problems_of(const PlannedOrder& order, const Failure& failure) {
  std::vector<LineProblem> problems;
  const bool is_invalid = failure.exit_code == ExitCode::invalid;
  for (const auto& field : failure.fields) {
    if (!is_invalid) break;
    problems.push_back(place_problem(order.lines, field.pointer, field.detail));
  }
  if (problems.empty()) {
    problems.push_back(
        {order.lines.front(), printable(failure.detail.empty() ? failure.text : failure.detail)});
  }
  std::ranges::sort(problems);
  return problems;
}

void send_all(const std::string& server, Import& import) {
  std::mutex mutex;
  import.sent.resize(import.plan.orders.size());
  for_each_in_flight(
      server, false, import.plan.orders.size(), [&](std::size_t i, ApiClient& client) {
        const auto& order = import.plan.orders[i];
        const auto answer =
            client.send_patiently({.method = "POST",
                                   .target = "/v1/orders",
                                   .headers = {idempotency_header(import_key(order))},
                                   .body = order.body});
        Sent& sent = import.sent[i];
        if (answer) {
          const bool is_replay = answer->find_header("Idempotent-Replayed") != nullptr;
          sent.result = is_replay ? Sent::Result::replayed : Sent::Result::created;
          sent.id = text_member(answer->json, "id");
          sent.status = text_member(answer->json, "status");
          return true;
        }
        const bool is_refused = answer.error().status >= 400 && answer.error().status < 500 &&
                                !answer.error().may_pass &&
                                answer.error().exit_code != ExitCode::not_found &&
                                !answer.error().code.empty();
        if (is_refused) {
          sent.result = Sent::Result::refused;
          sent.problems = problems_of(order, answer.error());
          return true;
        }
        const std::scoped_lock lock{mutex};
        if (!import.stopped) import.stopped = answer.error();
        return false;
      });
}

bool is_final_status(const std::string& status) {
  const auto known = parse_status(status);
  return known && is_final(*known);
}

std::map<std::string, std::size_t> count_statuses(const Import& import) {
  std::map<std::string, std::size_t> counts;
  for (const auto& sent : import.sent) {
    if (!sent.id.empty()) ++counts[sent.status];
  }
  return counts;
}

void print_waiting(Console& console, const Import& import) {
  std::vector<std::string> parts;
  for (const auto& [status, count] : count_statuses(import)) {
    if (!is_final_status(status)) parts.push_back(fmt::format("{} {}", count, status));
  }
  fmt::print(console.err, "waiting: {}\n", printable(fmt::format("{}", fmt::join(parts, ", "))));
}

// Looks at each order that is not final until none is left.
void wait_for_all(Console& console, const std::string& server, Import& import) {
  auto last_notice = std::chrono::steady_clock::now();
  while (!import.stopped && !is_interrupted()) {
    std::vector<Sent*> open;
    for (auto& sent : import.sent) {
      if (!sent.id.empty() && !is_final_status(sent.status)) open.push_back(&sent);
    }
    if (open.empty()) return;
    std::mutex mutex;
    for_each_in_flight(server, true, open.size(), [&](std::size_t i, ApiClient& client) {
      const auto answer = client.send_patiently(
          {.method = "GET", .target = fmt::format("/v1/orders/{}", encode_component(open[i]->id))});
      if (answer) {
        open[i]->status = text_member(answer->json, "status");
        return true;
      }
      const std::scoped_lock lock{mutex};
      if (!import.stopped) import.stopped = answer.error();
      return false;
    });
    const auto now = std::chrono::steady_clock::now();
    if (now - last_notice >= kWaitNotice) {
      print_waiting(console, import);
      last_notice = now;
    }
    sleep_unless_interrupted(kWaitInterval);
  }
}

// --- the summary ---------------------------------------------------------------------------------

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

void print_summary(Console& console, const Import& import, bool wait) {
  const auto print_count = [&](std::string_view name, Count count) {
    fmt::print(console.out, "{:<10}{}, {}\n", name, counted(count.orders, "order"),
               counted(count.lines, "line"));
  };
  const auto refused = all_refused(import);
  print_count("created", count_of(import, Sent::Result::created));
  print_count("replayed", count_of(import, Sent::Result::replayed));
  print_count("refused", {refused.size(), lines_of(refused, import.plan)});
  print_refused(console.out, refused, import.plan);
  if (const auto left = count_of(import, Sent::Result::not_sent); left.orders > 0) {
    print_count("not sent", left);
  }
  const auto accepted = accepted_orders(import);
  if (!accepted.empty()) fmt::print(console.out, "{:<10}{}\n", "total", totals_text(accepted));
  if (!wait) return;
  for (const auto& [status, count] : count_statuses(import)) {
    fmt::print(console.out, "{:<10}{}\n", printable(status), counted(count, "order"));
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

ExitCode exit_code_of(Console& console, const Import& import, bool wait) {
  if (is_interrupted()) {
    fmt::print(console.err, "interrupted; run it again to go on: nothing is placed twice\n");
    return ExitCode::interrupted;
  }
  if (import.stopped) {
    fail(console, import.stopped->exit_code, import.stopped->text);
    fmt::print(console.err, "stopped; run it again to go on: nothing is placed twice\n");
    return import.stopped->exit_code;
  }
  const bool is_whole = all_refused(import).empty() && import.plan.loose.empty();
  const bool is_complete = !wait || std::ranges::all_of(import.sent, [](const Sent& s) {
    return s.status == "completed";
  });
  return is_whole && is_complete ? ExitCode::ok : ExitCode::partly_failed;
}

// --- before sending ------------------------------------------------------------------------------

std::expected<ImportPlan, Failure> read_plan(Console& console, const ImportOptions& options) {
  const auto mapping = parse_import_mapping(options.maps, options.sets);
  if (!mapping) {
    return std::unexpected(Failure{.exit_code = ExitCode::usage, .text = mapping.error()});
  }
  CsvFile file{console, options.file};
  if (!file.is_open()) {
    return std::unexpected(Failure{.exit_code = ExitCode::error,
                                   .text = fmt::format("{} cannot be opened", options.file)});
  }
  auto plan = plan_import(file.reader(), *mapping);
  if (plan) return std::move(*plan);
  return std::unexpected(Failure{.exit_code = ExitCode::invalid,
                                 .text = fmt::format("{}: {}", options.file, plan.error())});
}

void print_plan(std::ostream& out, const ImportPlan& plan) {
  fmt::print(out, "{:<10}{}, {}\n", "to place", counted(plan.orders.size(), "order"),
             counted(planned_lines(plan), "line"));
  if (!plan.orders.empty()) fmt::print(out, "{:<10}{}\n", "total", totals_text(plan.orders));
  fmt::print(out, "{:<10}{}, {}\n", "refused", counted(plan.refused.size(), "order"),
             counted(refused_lines(plan), "line"));
  print_refused(out, plan.refused, plan);
}

std::string question_of(const ImportOptions& options, const ImportPlan& plan) {
  return fmt::format("Place {} with {} ({}) at {}?", counted(plan.orders.size(), "order"),
                     counted(planned_lines(plan), "line"), totals_text(plan.orders),
                     options.server);
}

}  // namespace

ExitCode import_orders(Console& console, const ImportOptions& options) {
  auto plan = read_plan(console, options);
  if (!plan) return fail(console, plan.error().exit_code, plan.error().text);
  if (!plan->unused_columns.empty()) {
    fmt::print(console.err, "columns not used: {}\n",
               printable(fmt::format("{}", fmt::join(plan->unused_columns, ", "))));
  }
  const bool is_whole = plan->refused.empty() && plan->loose.empty();
  if (options.dry_run) {
    if (options.output == Output::text) {
      print_plan(console.out, *plan);
    } else {
      Import import{std::move(*plan), {}, {}};
      import.sent.resize(import.plan.orders.size());
      print_json(console.out, summary_json(import, false), options.output);
    }
    return is_whole ? ExitCode::ok : ExitCode::partly_failed;
  }
  if (!options.yes && !plan->orders.empty()) {
    const auto end = refuse_consent(console, options.file, question_of(options, *plan));
    if (end) return *end;
  }
  stop_on_signal();
  Import import{std::move(*plan), {}, {}};
  send_all(options.server, import);
  if (options.wait) wait_for_all(console, options.server, import);
  if (options.output == Output::text) {
    print_summary(console, import, options.wait);
  } else {
    print_json(console.out, summary_json(import, options.wait), options.output);
  }
  return exit_code_of(console, import, options.wait);
}

}  // namespace conveyor::cli
