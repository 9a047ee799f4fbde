// What is sold, and a load of orders for it: inventory and load.
#include "app/cli/command_tree.h"

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "app/cli/inventory.h"
#include "app/load/check.h"
#include "app/load/generate.h"
#include "app/load/run.h"

namespace conveyor::cli {

void CommandTree::add_inventory() {
  auto* inventory = add_group("inventory", "See and change the stock");
  auto* list = add_command(inventory, "list", "List the stock of every SKU",
                           "conveyor inventory list -o json");
  auto list_options = std::make_shared<StockListOptions>();
  asks_server(list, list_options, list_stock);

  add_stock_command(inventory, "get", "Show the stock of a SKU", "conveyor inventory get MUG-1",
                    get_stock);
  auto [set, set_options] =
      add_stock_command(inventory, "set", "Set what is on hand; makes the SKU if it is new",
                        "conveyor inventory set MUG-1 --on-hand 100 --title 'Blue mug'", set_stock);
  set->add_option("--on-hand", set_options->on_hand, "Pieces")->type_name("N")->required();
  set->add_option("--title", set_options->title, "What it is called")->type_name("TEXT");

  auto [adjust, adjust_options] =
      add_stock_command(inventory, "adjust", "Add to what is on hand, or take from it",
                        "conveyor inventory adjust MUG-1 --delta -2 --reason broken", adjust_stock);
  adjust->add_option("--delta", adjust_options->delta, "Pieces, with a sign")
      ->type_name("N")
      ->required();
  adjust->add_option("--reason", adjust_options->reason, "A code that the movement keeps")
      ->type_name("CODE")
      ->required();
  adjust
      ->add_option("--idempotency-key", adjust_options->idempotency_key,
                   "The same key adjusts once; without it one is made and printed")
      ->type_name("KEY");
  add_inventory_import(inventory);
}

std::pair<CLI::App*, Shared<StockOptions>> CommandTree::add_stock_command(
    CLI::App* inventory, const std::string& name, const std::string& about,
    const std::string& example, ExitCode (*command_function)(Console&, const StockOptions&)) {
  auto* command = add_command(inventory, name, about, example);
  auto options = std::make_shared<StockOptions>();
  command->add_option("SKU", options->sku, "The article")->type_name("")->required();
  asks_server(command, options, command_function);
  return {command, options};
}

void CommandTree::add_inventory_import(CLI::App* inventory) {
  auto* command = add_command(
      inventory, "import",
      "Set the stock of every SKU of a CSV with the columns sku, on_hand and, if you like,\n"
      "title. Exit code 8 if some lines were refused.",
      "conveyor inventory import stock.csv --dry-run");
  auto options = std::make_shared<StockImportOptions>();
  command->add_option("FILE", options->file, "The CSV; - is standard input")
      ->type_name("")
      ->required();
  add_consent(command, options->yes, options->dry_run);
  asks_server(command, options, import_stock);
}

void CommandTree::add_load() {
  auto* load = add_group("load", "Make order files, put a server under load, check what it kept");
  add_load_generate(load);
  add_load_run(load);
  auto* command = add_command(
      load, "check",
      "Compare a ledger of load run with the server: every acknowledged order is there, once,\n"
      "with its id and total; one that was never answered at most once. Names each discrepancy\n"
      "(the first 50); exit code 1 if there is one.",
      "conveyor load check ledger.ndjson --wait");
  auto options = std::make_shared<load::CheckOptions>();
  command->add_option("LEDGER", options->ledger, "The ledger")->type_name("")->required();
  command->add_flag("--wait", options->wait, "Wait until all orders are final or need a person");
  add_number(command, "--patience", options->patience_s, 0.0, 86'400.0,
             "Seconds to wait without any progress");
  asks_server(command, options, load::check);
}

void CommandTree::add_load_generate(CLI::App* load) {
  auto* command = add_command(
      load, "generate",
      "Print made orders, as orders import reads them: few articles sell most, several\n"
      "currencies and scripts, and a share for each outcome of the sandbox. The same seed and\n"
      "options give the same bytes.",
      "conveyor load generate --orders 10000 --seed 7 --stock stock.csv > orders.csv\n"
      "  conveyor inventory import stock.csv --yes\n"
      "  conveyor orders import orders.csv --yes --wait");
  auto options = std::make_shared<load::GenerateOptions>();
  auto& maker = options->maker;
  static const std::map<std::string, load::FileFormat> kFormats{
      {"csv", load::FileFormat::csv}, {"ndjson", load::FileFormat::ndjson}};
  command
      ->add_option_function<std::string>(
          "--format", [options](const std::string& name) { options->format = kFormats.at(name); },
          "csv (a row per line item, decimal amounts) or ndjson (requests, minor units)")
      ->type_name("[csv]")
      ->check(CLI::IsMember(kFormats).description(""));
  command->add_option("--seed", maker.seed, "What chance begins with")
      ->type_name("N")
      ->capture_default_str();
  add_number(command, "--orders", options->orders, std::uint64_t{0}, load::kMaxGeneratedOrders,
             "How many");
  add_number(command, "--skus", maker.articles, std::size_t{1}, load::kMaxArticles,
             "Articles that are sold");
  add_number(command, "--lines", maker.max_lines, std::size_t{1}, std::size_t{200},
             "Lines of an order at most; fewer are more frequent");
  add_number(command, "--outcomes", maker.outcomes_percent, 0, 100,
             "Orders of 100 that are no plain success");
  command
      ->add_option("--stock", options->stock_file,
                   "Also write the stock that all of them need, for inventory import")
      ->type_name("FILE");
  add_number(command, "--on-hand", options->on_hand, std::int64_t{0}, kMaxMinor,
             "In that file, pieces of every article at least");
  on(command, [this, options] { return load::generate(console_, *options); });
}

void CommandTree::add_load_run(CLI::App* load) {
  auto* command = add_command(
      load, "run",
      "Place orders at a rate that is fixed in advance; latency counts from when an order was\n"
      "due. Requests without an answer, or answered 429 or 503, are repeated with their key.\n"
      "Mixes: plain (pm_ok), async (every call takes 20 to 200 ms), sandbox (half of the orders\n"
      "ask for its other outcomes), settling (as sandbox, without what needs a person). With\n"
      "the same seed, mix, lines and skus the same orders are placed again, under the same "
      "keys.\n"
      "Exit code 8 if some orders were not acknowledged, 7 if the server never answered.",
      "conveyor load generate --orders 0 --stock stock.csv --on-hand 1000000\n"
      "  conveyor inventory import stock.csv --yes\n"
      "  conveyor load run --rate 500 --connections 64 --duration 30 --ledger ledger.ndjson");
  auto options = std::make_shared<load::RunOptions>();
  static const std::map<std::string, load::Mix> kMixes{{"plain", load::Mix::plain},
                                                       {"async", load::Mix::async},
                                                       {"sandbox", load::Mix::sandbox},
                                                       {"settling", load::Mix::settling}};
  command->add_option("--rate", options->rate, "Orders a second, or max: the next at each answer")
      ->type_name("N")
      ->capture_default_str();
  add_number(command, "--connections", options->connections, std::size_t{1}, load::kMaxConnections,
             "Connections, each with one order at a time");
  command
      ->add_option_function<std::string>(
          "--mix", [options](const std::string& name) { options->mix = kMixes.at(name); },
          "plain, async, sandbox or settling")
      ->type_name("[plain]")
      ->check(CLI::IsMember(kMixes).description(""));
  add_number(command, "--lines", options->lines, std::size_t{1}, std::size_t{200},
             "Lines of each order");
  add_number(command, "--skus", options->articles, std::size_t{1}, load::kMaxArticles,
             "Articles that are sold");
  add_number(command, "--duration", options->duration_s, 0.001, 86'400.0, "Seconds");
  command->add_option("--orders", options->orders, "Stop after so many")->type_name("N");
  add_number(command, "--patience", options->patience_s, 0.0, 86'400.0,
             "Seconds to wait for answers after the last order was begun");
  command->add_flag_callback(
      "--no-repeat", [options] { options->repeat_refused = false; },
      "Do not repeat what is answered 429 or 503: the order counts as refused");
  command->add_option("--seed", options->seed, "What chance begins with; random if not given")
      ->type_name("N");
  command->add_option("--ledger", options->ledger, "Write what became of each order, for check")
      ->type_name("FILE");
  asks_server(command, options, load::run);
}

}  // namespace conveyor::cli
