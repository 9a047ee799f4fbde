// conveyor-sim: runs histories. sim/README.md says what they are, docs/proof.md what they prove.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <string>

#include "sim/report.h"
#include "sim/run.h"
#include "sim/saboteurs.h"
#include "sim/shrink.h"
#include "sim/transition_page.h"

namespace conveyor::sim {
namespace {

constexpr std::uint64_t kDefaultSeeds = 100;
constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;

struct Arguments {
  std::uint64_t seed = 0;
  bool one_seed = false;
  bool trace = false;
  bool calm = false;
  bool hashes = false;
  bool tables = false;
  bool hunt = false;
  bool shrink = true;
  std::string transitions = "docs/transitions.md";
  std::vector<std::string> no_faults;
  std::vector<std::string> no_acts;
  std::vector<std::size_t> only_orders;
  RunOptions run;
};

std::string unknown_saboteur(const std::string& name) {
  const auto all = saboteurs();
  const bool known = std::ranges::any_of(all, [&](const Saboteur& s) { return s.name == name; });
  return known ? "" : "no such saboteur: " + name;
}

void add_options(CLI::App& app, Arguments& arguments) {
  auto* const seed = app.add_option("--seed", arguments.seed, "Run this seed alone");
  app.add_option("--seeds", arguments.run.seeds, "Run so many seeds")->excludes(seed);
  app.add_option("--first", arguments.run.first, "The first of them");
  app.add_option("--jobs", arguments.run.jobs, "Threads")->check(CLI::Range(1U, 256U));
  app.add_flag("--trace", arguments.trace, "With --seed: say what happens, line by line")
      ->needs(seed);
  app.add_flag("--hashes", arguments.hashes, "Print each seed's trace hash and nothing else");
  app.add_flag("--tables", arguments.tables, "Print how often everything was met");
  app.add_option("--saboteur", arguments.run.saboteur, "A fault inside the product is at work")
      ->check([](const std::string& name) { return unknown_saboteur(name); });
  app.add_flag("--sabotage", arguments.hunt,
               "Every saboteur in turn: is it caught, when, by what?");
  app.add_flag("!--no-shrink", arguments.shrink, "Do not look for the smallest failing history");
  app.add_flag("--calm", arguments.calm, "No faults at all: every history then fails, and says so");
  app.add_option("--no-faults", arguments.no_faults, "Leave these kinds of faults out")
      ->delimiter(',');
  app.add_option("--no-acts", arguments.no_acts, "Leave out what clients do")->delimiter(',');
  app.add_option("--only-orders", arguments.only_orders, "Only these orders, by number")
      ->delimiter(',');
  app.add_option("--transitions", arguments.transitions, "The page of transitions")
      ->capture_default_str();
}

Reduction reduction_of(const Arguments& arguments) {
  Reduction reduction;
  for (const auto& name : arguments.no_faults) {
    const auto fault = parse_fault(name);
    if (!fault) throw CLI::ValidationError("--no-faults", "no such fault: " + name);
    reduction.no_faults.set(static_cast<std::size_t>(*fault));
  }
  for (const auto& name : arguments.no_acts) {
    const auto act = parse_client_act(name);
    if (!act) throw CLI::ValidationError("--no-acts", "no such act: " + name);
    reduction.no_acts.set(static_cast<std::size_t>(*act));
  }
  if (!arguments.only_orders.empty()) reduction.only_orders = arguments.only_orders;
  return reduction;
}

void print_failure(const SeedResult& seed) {
  fmt::print("seed {}: {}: {}\n", seed.seed, seed.failure->rule, seed.failure->detail);
}

std::string command_of(std::uint64_t seed, const RunOptions& options, const Reduction& reduction) {
  const auto saboteur = options.saboteur.empty() ? "" : " --saboteur " + options.saboteur;
  const auto* const calm = options.weather == Weather::calm ? " --calm" : "";
  return fmt::format("conveyor-sim --seed {} --trace{}{}{}", seed, saboteur, calm,
                     arguments_of(reduction));
}

/// The smallest history of a failing seed: its command and its trace.
void print_smallest(const SeedResult& failed, const RunOptions& options) {
  const auto shrunk = shrink(failed, options);
  fmt::print("\nThe smallest of {} histories that breaks the rule:\n", shrunk.runs);
  run_seed(failed.seed, options, shrunk.reduction, stdout);
  print_failure(shrunk.result);
  fmt::print("  {}\n", command_of(failed.seed, options, shrunk.reduction));
}

int one_seed(const Arguments& arguments) {
  fmt::print("{}", describe(draw_options(arguments.seed)));
  const auto result = run_seed(arguments.seed, arguments.run, arguments.run.reduction,
                               arguments.trace ? stdout : nullptr);
  if (result.failure) {
    print_failure(result);
  } else {
    const auto& history = result.history;
    fmt::print("{} orders, {} completed, {} undone, {} faults, {} steps\n", history.orders,
               history.completed, history.undone, history.faults, history.steps);
  }
  fmt::print("trace hash {:016x}\n", result.trace_hash);
  if (result.failure && arguments.shrink && !arguments.trace) {
    print_smallest(result, arguments.run);
  }
  return result.failure ? kExitFailed : 0;
}

int hashes(const Arguments& arguments) {
  bool failed = false;
  for (std::uint64_t i = 0; i < arguments.run.seeds; ++i) {
    const auto seed = arguments.run.first + i;
    const auto result = run_seed(seed, arguments.run, arguments.run.reduction, nullptr);
    fmt::print("{} {:016x}\n", seed, result.trace_hash);
    failed = failed || result.failure;
  }
  return failed ? kExitFailed : 0;
}

int many_seeds(const Arguments& arguments) {
  const auto result = run_seeds(arguments.run);
  for (const auto& failure : result.failures) {
    fmt::print("{}", describe(draw_options(failure.seed)));
    print_failure(failure);
    fmt::print("  {}\n", command_of(failure.seed, arguments.run, arguments.run.reduction));
  }
  if (!result.failures.empty() && arguments.shrink) {
    print_smallest(result.failures.front(), arguments.run);
  }
  if (arguments.tables || result.seeds >= kSeedsOfABigRun) {
    fmt::print("{}", coverage_tables(result.coverage));
  }
  fmt::print("{}", summary(result));
  const auto missing = shortfalls(result);
  for (const auto& what : missing) fmt::print("not shown: {}\n", what);
  return result.failed > 0 || !missing.empty() ? kExitFailed : 0;
}

int run(int argc, char** argv) {
  CLI::App app{"Simulates Conveyor: histories with faults, checked against its invariants."};
  Arguments arguments;
  arguments.run.seeds = kDefaultSeeds;
  add_options(app, arguments);
  try {
    app.parse(argc, argv);
    arguments.run.reduction = reduction_of(arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  arguments.one_seed = app.count("--seed") > 0;
  if (arguments.calm) arguments.run.weather = Weather::calm;
  arguments.run.shows_progress = true;
  TransitionPage::load(arguments.transitions);
  if (arguments.hunt) {
    const auto seeds = app.count("--seeds") > 0 ? arguments.run.seeds : kSeedsToCatch;
    return hunt_all(seeds, arguments.run.jobs, stdout) ? 0 : kExitFailed;
  }
  if (arguments.hashes) return hashes(arguments);
  return arguments.one_seed ? one_seed(arguments) : many_seeds(arguments);
}

}  // namespace
}  // namespace conveyor::sim

int main(int argc, char** argv) {
  try {
    return conveyor::sim::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "conveyor-sim: {}\n", error.what());
    return 2;
  }
}
