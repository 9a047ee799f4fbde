#include "app/verify_command.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <boost/json.hpp>
#include <chrono>
#include <filesystem>

#include "adapters/sqlite/sqlite_reader.h"
#include "app/cli/json_text.h"
#include "app/file_commands.h"
#include "runtime/verify.h"

namespace conveyor::cli {
namespace {

boost::json::object json_of(const Violation& violation) {
  return {{"rule", to_string(violation.rule)},
          {"subject", violation.subject},
          {"detail", violation.detail}};
}

boost::json::object summary_of(const VerifyReport& report, std::chrono::milliseconds duration) {
  boost::json::object by_rule;
  for (const auto rule : kAllRules) {
    by_rule[to_string(rule)] = report.counts.at(static_cast<std::size_t>(rule));
  }
  return {{"clean", report.clean()},
          {"violations_total", report.total()},
          {"violations_by_rule", std::move(by_rule)},
          {"orders", report.orders},
          {"open_orders", report.open_orders},
          {"events", report.events},
          {"operation_keys", report.operation_keys},
          {"idempotency_keys", report.idempotency_keys},
          {"skus", report.skus},
          {"duration_ms", duration.count()}};
}

void print_text(Console& console, const VerifyReport& report, const std::string& data,
                std::chrono::milliseconds duration) {
  if (!report.clean()) {
    Table table({{"RULE"}, {"SUBJECT"}, {"DETAIL"}});
    for (const auto& v : report.violations) {
      table.add({std::string{to_string(v.rule)}, v.subject, v.detail});
    }
    table.print(console.out);
    const auto more = report.total() - std::ssize(report.violations);
    if (more > 0) fmt::print(console.out, "and {} more\n", more);
  }
  fmt::print(console.out,
             "{}: {} orders ({} open), {} events, {} operation keys, {} idempotency keys, {} SKUs "
             "in {} ms\n{}\n",
             printable(data), report.orders, report.open_orders, report.events,
             report.operation_keys, report.idempotency_keys, report.skus, duration.count(),
             report.clean() ? "no violation" : fmt::format("{} violations", report.total()));
}

void print_report(Console& console, const VerifyReport& report, const VerifyCommandOptions& options,
                  std::chrono::milliseconds duration) {
  if (options.output == Output::text) return print_text(console, report, options.data, duration);
  auto summary = summary_of(report, duration);
  if (options.output == Output::jsonl) {
    for (const auto& v : report.violations) print_json(console.out, json_of(v), options.output);
    return print_json(console.out, summary, options.output);
  }
  boost::json::array violations;
  for (const auto& v : report.violations) violations.push_back(json_of(v));
  summary["violations"] = std::move(violations);
  print_json(console.out, summary, options.output);
}

}  // namespace

ExitCode run_verify(Console& console, const VerifyCommandOptions& options) {
  std::error_code ignored;
  if (!std::filesystem::exists(options.data, ignored)) {
    return fail(console, ExitCode::not_found, fmt::format("there is no file {}", options.data));
  }
  const auto start = std::chrono::steady_clock::now();
  const auto reader = SqliteReader::open(options.data);
  if (!reader) {
    return fail(console, exit_code_of(reader.error().kind), reader.error().message);
  }
  try {
    const SqliteReader::Snapshot snapshot{**reader};
    const auto report = verify_store(verify_source_of(**reader));
    const auto duration = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - start);
    print_report(console, report, options, duration);
    return report.clean() ? ExitCode::ok : ExitCode::error;
  } catch (const StoreError& error) {
    return fail(console, ExitCode::error,
                fmt::format("{} cannot be read to its end: {}", options.data, error.what()));
  }
}

}  // namespace conveyor::cli
