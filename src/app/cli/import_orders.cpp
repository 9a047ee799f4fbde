#include "app/cli/import_orders.h"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <expected>
#include <memory>
#include <utility>

#include "app/cli/bulk.h"
#include "app/cli/import_csv.h"
#include "app/cli/import_input.h"
#include "app/cli/import_ndjson.h"
#include "app/cli/import_run.h"
#include "app/cli/interrupt.h"

namespace conveyor::cli {
namespace {

std::unexpected<Failure> refuse(ExitCode code, std::string text) {
  return std::unexpected(Failure{.exit_code = code, .text = std::move(text)});
}

std::expected<ImportPlan, Failure> read_plan(Console& console, const ImportOptions& options) {
  const auto mapping = parse_import_mapping(options.maps, options.sets);
  if (!mapping) return refuse(ExitCode::usage, mapping.error());
  auto input = ImportInput::open(console, options.file);
  if (!input) return refuse(ExitCode::error, input.error());
  const auto format = options.format.value_or(input->find_format());
  const bool has_mapping = !options.maps.empty() || !options.sets.empty();
  if (format == ImportFormat::ndjson && has_mapping) {
    return refuse(ExitCode::usage,
                  fmt::format("{} is NDJSON, whose lines are whole requests: --map and --set are "
                              "for the columns of a CSV",
                              printable(options.file)));
  }
  const auto read = [&input](char* buffer, std::size_t size) { return input->read(buffer, size); };
  CsvReader csv{read};
  auto plan =
      format == ImportFormat::ndjson ? plan_ndjson_import(read) : plan_csv_import(csv, *mapping);
  if (plan) return std::move(*plan);
  return refuse(ExitCode::invalid, fmt::format("{}: {}", printable(options.file), plan.error()));
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
  if (import.rejects_error) return ExitCode::error;
  const bool is_complete = !wait || std::ranges::all_of(import.sent, [](const Sent& s) {
    return s.status == "completed";
  });
  return is_whole(import) && is_complete ? ExitCode::ok : ExitCode::partly_failed;
}

void run_import(Console& console, const ImportOptions& options, Import& import,
                RejectsFile* rejects) {
  Progress progress{console};
  Patience patience{options.patience, [&](std::string_view text) { progress.say(text); }};
  send_orders(options, import, patience, progress, rejects);
  if (rejects != nullptr) {
    if (auto done = rejects->finish(); !done) import.rejects_error = std::move(done.error());
  }
  if (options.wait) wait_for_orders(options, import, patience, progress);
}

}  // namespace

ExitCode import_orders(Console& console, const ImportOptions& options) {
  auto plan = read_plan(console, options);
  if (!plan) return fail(console, plan.error().exit_code, plan.error().text);
  if (!plan->unused_columns.empty()) {
    fmt::print(console.err, "columns not used: {}\n",
               printable(fmt::format("{}", fmt::join(plan->unused_columns, ", "))));
  }
  if (!options.yes && !options.dry_run && !plan->orders.empty()) {
    const auto end = refuse_consent(console, options.file, import_question(*plan, options.server));
    if (end) return *end;
  }
  std::unique_ptr<RejectsFile> rejects;
  if (!options.rejects.empty()) {
    auto created = RejectsFile::create(options.rejects, options.file, *plan);
    if (!created) return fail(console, ExitCode::error, created.error());
    rejects = std::move(*created);
  }
  if (options.dry_run) {
    print_import_plan(console, *plan, options.output);
    const bool is_clean = plan->refused.empty() && plan->loose.empty();
    return is_clean ? ExitCode::ok : ExitCode::partly_failed;
  }
  stop_on_signal();
  survive_closed_pipes();
  Import import{std::move(*plan), {}, {}, {}};
  run_import(console, options, import, rejects.get());
  print_import_summary(console, import, options);
  if (import.rejects_error) {
    fail(console, ExitCode::error, *import.rejects_error + "; what is refused stands above");
  }
  return exit_code_of(console, import, options.wait);
}

}  // namespace conveyor::cli
