#include "app/cli/command_line.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json/parse.hpp>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include "app/cli/completion.h"
#include "app/cli/config_command.h"
#include "app/cli/contacts.h"
#include "app/cli/create_order.h"
#include "app/cli/dead_letters.h"
#include "app/cli/events.h"
#include "app/cli/export_orders.h"
#include "app/cli/import_orders.h"
#include "app/cli/inventory.h"
#include "app/cli/json_text.h"
#include "app/cli/order_actions.h"
#include "app/cli/order_flags_cli11.h"
#include "app/cli/orders.h"
#include "app/doctor.h"
#include "app/file_commands.h"
#include "app/load/check.h"
#include "app/load/generate.h"
#include "app/load/run.h"
#include "app/serve.h"
#include "app/verify_command.h"
#include "app/version.h"
#include "server/api/openapi.h"

namespace conveyor::cli {
namespace {

constexpr std::string_view kAbout =
    "Conveyor drives orders through inventory, payment and shipping, to the end or wholly back.\n"
    "Data go to standard output, everything else to standard error.\n"
    "Exit codes: 0 ok, 1 error, 2 usage, 3 not found, 4 conflict, 5 invalid, 6 not allowed,\n"
    "7 unavailable, 8 partly failed, 130 interrupted.";

// Options of a command live as long as its CLI11 node.
template <class Options>
using Shared = std::shared_ptr<Options>;

class Tree {
 public:
  Tree(Console& console, const std::vector<NamedText>& environment, const AroundHttp& around)
      : console_(console),
        environment_(environment),
        around_(around),
        app_(std::string{kAbout}, "conveyor") {
    app_.require_subcommand(1);
    app_.set_help_flag("-h,--help", "Print this help and exit");
    app_.get_formatter()->column_width(34);
    add_serve();
    add_demo();
    add_orders();
    add_dead_letters();
    add_events();
    add_contacts();
    add_inventory();
    add_load();
    add_verify();
    add_migrate();
    add_backup();
    add_restore();
    add_doctor();
    add_config();
    add_completion();
    add_openapi();
    add_version();
  }

  ExitCode run(std::vector<std::string> arguments) {
    std::ranges::reverse(arguments);  // as CLI11 takes them
    try {
      app_.parse(std::move(arguments));
    } catch (const CLI::CallForHelp&) {
      fmt::print(console_.out, "{}", help_text());
      return ExitCode::ok;
    } catch (const CLI::ParseError& error) {
      const auto unknown = deepest()->remaining();
      fail(console_, ExitCode::usage,
           unknown.empty() ? error.what()
                           : fmt::format("{} does not take \"{}\"", path_of(deepest()),
                                         printable(unknown.front())));
      fmt::print(console_.err, "see `{} --help`\n", path_of(deepest()));
      return ExitCode::usage;
    }
    return action_();
  }

 private:
  using Action = std::function<ExitCode()>;

  CLI::App* add_command(CLI::App* parent, const std::string& name, const std::string& about,
                        const std::string& example) {
    auto* command = parent->add_subcommand(name, about);
    command->footer(fmt::format("Example:\n  {}", example));
    return command;
  }

  CLI::App* add_group(const std::string& name, const std::string& about) {
    auto* group = app_.add_subcommand(name, about);
    group->require_subcommand(1);
    return group;
  }

  // The callback only notes what to do: exceptions of a command must not look like CLI11's.
  void on(CLI::App* command, Action action) {
    command->callback([this, action = std::move(action)] { action_ = action; });
  }

  void add_server(CLI::App* command, std::string& server) {
    for (const auto& [name, value] : environment_) {
      if (name == kServerVariable && !value.empty()) server = value;
    }
    command->add_option("--server", server, "Base URL of the server (CONVEYOR_SERVER)")
        ->type_name("URL")
        ->capture_default_str();
  }

  void add_output(CLI::App* command, Output& output) {
    static const std::map<std::string, Output> kNames{
        {"text", Output::text}, {"json", Output::json}, {"jsonl", Output::jsonl}};
    // Without CLI11's Transformer: a check behind it sees the number that it makes of the name.
    auto* option = command->add_option_function<std::string>(
        "-o,--output", [&output](const std::string& name) { output = kNames.at(name); },
        "text, json or jsonl");
    option->type_name("FORMAT")->check(CLI::IsMember(kNames).description(""));
    choices_[option] = {"text", "json", "jsonl"};
  }

  void add_orders() {
    auto* orders = add_group("orders", "Place, find, follow and steer orders");
    add_orders_create(orders);
    add_orders_list(orders);
    auto [get, get_options] =
        add_order_reader(orders, "get", "Show an order, or why it waits",
                         "conveyor orders get ord_01h455vb4pex5vsknk084sn02q --why", get_order);
    get->add_flag("--why", get_options->why,
                  "What it waits for, the cause, what happens next and what you can do");
    add_order_reader(orders, "events", "Show what happened to an order, event by event",
                     "conveyor orders events ord_01h455vb4pex5vsknk084sn02q", list_events);
    add_order_reader(
        orders, "watch",
        "Print events as they come until the order is final; exit code 0 if it completed,\n"
        "1 if it failed or was cancelled (json prints one event per line, as jsonl)",
        "conveyor orders watch ord_01h455vb4pex5vsknk084sn02q", watch_order);
    for (const auto& action : kOrderActions) add_order_action(orders, action);
    add_orders_import(orders);
    add_orders_export(orders);
  }

  void add_events() {
    auto* events = add_group("events", "Follow what happens to all orders");
    auto* command = add_command(
        events, "tail",
        "Print events as they come, until Ctrl-C (exit code 130). A lost connection is taken up\n"
        "again behind the last event that came, as often as it takes (json prints one event per\n"
        "line, as jsonl)",
        "conveyor events tail --type OrderFailed --type OrderDeadLettered");
    auto options = std::make_shared<TailOptions>();
    command->add_option("--type", options->types, "Only events of this type; repeatable")
        ->type_name("TYPE")
        ->expected(1)
        ->take_all();
    command->add_option("--order", options->order_id, "Only events of this order")->type_name("ID");
    command
        ->add_option("--after", options->after,
                     "From this cursor on: Conveyor-Cursor of an answer, or the id of an event;\n"
                     "without it from now on")
        ->type_name("CURSOR");
    add_server(command, options->server);
    add_output(command, options->output);
    on(command, [this, options] { return tail_events(console_, *options); });
  }

  void add_orders_import(CLI::App* orders) {
    auto* command = add_command(
        orders, "import",
        "Place the orders of a CSV: a row per line item, rows of one reference are one order\n"
        "(or rows with the same value in a column `order`, if there is one).\n"
        "Columns are called as in the API's request (reference, customer_id, currency,\n"
        "payment_method, sku, title, quantity, unit_price, ship_to.name, ship_to.line1,\n"
        "ship_to.line2, ship_to.city, ship_to.region, ship_to.postal_code, ship_to.country,\n"
        "ship_to.email, ship_to.phone, adjustment.shipping|tax|discount|fee), or mapped.\n"
        "Amounts are decimal. What belongs to the order (all but sku, title, quantity and\n"
        "unit_price) is the same in all its rows, or empty. An order with a wrong line is\n"
        "refused whole. Or of NDJSON: a request of the API per line, in minor units.\n"
        "The idempotency key is import:CUSTOMER:REFERENCE, so the same file can be imported\n"
        "again, after an interruption too, and places nothing twice.\n"
        "Exit code 8 if something was refused or, with --wait, did not complete.",
        "conveyor orders import orders.csv --map reference=InvoiceNo --map sku=StockCode \\\n"
        "    --set currency=GBP --set payment_method=pm_ok --rejects bad.csv --wait");
    auto options = std::make_shared<ImportOptions>();
    command->add_option("FILE", options->file, "The CSV or NDJSON; - is standard input")
        ->type_name("")
        ->required();
    add_file_format(command, "csv or ndjson; without it as the file looks",
                    [options](ImportFormat format) { options->format = format; });
    command->add_option("--map", options->maps, "Take a path from this column; repeatable")
        ->type_name("PATH=COLUMN")
        ->expected(1)
        ->take_all();
    command->add_option("--set", options->sets, "The same value for every order; repeatable")
        ->type_name("PATH=VALUE")
        ->expected(1)
        ->take_all();
    command
        ->add_option("--rejects", options->rejects,
                     "Write what is refused as CSV: line, reference, reason")
        ->type_name("FILE");
    command->add_flag("--wait", options->wait,
                      "Wait until all orders are final, or need a person to go on");
    add_pace(command, *options);
    add_consent(command, options->yes, options->dry_run);
    add_server(command, options->server);
    add_output(command, options->output);
    on(command, [this, options] { return import_orders(console_, *options); });
  }

  void add_orders_export(CLI::App* orders) {
    auto* command = add_command(
        orders, "export",
        "Write orders as a file that `orders import` takes, oldest first. QUERY is that of\n"
        "`orders list`. A CSV has a row per line item and decimal amounts; adjustments of one\n"
        "kind are added up, their labels and metadata left out. NDJSON keeps everything.\n"
        "The file holds personal data. No field is changed for spreadsheets: what begins with\n"
        "= or - is a formula to them.",
        "conveyor orders export 'created:>=2026-01-01' --output-file orders.csv");
    auto options = std::make_shared<ExportOptions>();
    auto terms = std::make_shared<std::vector<std::string>>();
    command->add_option("QUERY", *terms, "Terms")->type_name("");
    add_file_format(command, "csv or ndjson; csv without it",
                    [options](ImportFormat format) { options->format = format; });
    command
        ->add_option("--output-file", options->output_file,
                     "Where to; standard output without it. It is there when it is whole")
        ->type_name("FILE");
    add_server(command, options->server);
    on(command, [this, options, terms] {
      for (const auto& term : *terms) options->query += term + ' ';
      return export_orders(console_, *options);
    });
  }

  static void add_file_format(CLI::App* command, const std::string& about,
                              const std::function<void(ImportFormat)>& set) {
    command
        ->add_option_function<std::string>(
            "--format",
            [set](const std::string& name) {
              set(name == "csv" ? ImportFormat::csv : ImportFormat::ndjson);
            },
            about)
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"csv", "ndjson"}).description(""));
  }

  static void add_pace(CLI::App* command, ImportOptions& options) {
    command->add_option("--in-flight", options.in_flight, "Requests at the same time")
        ->type_name("N")
        ->check(CLI::Range(std::size_t{1}, kMaxInFlight).description(""))
        ->capture_default_str();
    command
        ->add_option_function<std::int64_t>(
            "--patience",
            [&options](std::int64_t seconds) { options.patience = std::chrono::seconds{seconds}; },
            "How long to wait for a server that is busy or gone")
        ->type_name("SECONDS")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{kMaxPatience.count()}).description(""))
        ->default_str(std::to_string(kPatience.count()));
  }

  static void add_consent(CLI::App* command, bool& yes, bool& dry_run) {
    command->add_flag("-y,--yes", yes, "Do not ask");
    command->add_flag("--dry-run", dry_run, "Only show what would be done");
  }

  void add_dead_letters() {
    auto* group = add_group("dead-letters", "See the orders whose automatic tries have ended");
    auto* list = add_command(
        group, "list",
        "List dead-lettered orders, newest first, with the time at which each is undone by itself.",
        "conveyor dead-letters list --fingerprint "
        "payment/authorize_payment/failed/issuer_unavailable");
    auto options = std::make_shared<DeadLetterOptions>();
    list->add_option("--fingerprint", options->fingerprint, "Only those of this cause")
        ->type_name("FINGERPRINT");
    add_limit(list, options->limit, options->all);
    add_server(list, options->server);
    add_output(list, options->output);
    on(list, [this, options] { return list_dead_letters(console_, *options); });

    auto* groups = add_command(group, "groups",
                               "Group dead letters by cause, with the money that waits behind it.",
                               "conveyor dead-letters groups");
    auto group_options = std::make_shared<DeadLetterOptions>();
    add_server(groups, group_options->server);
    add_output(groups, group_options->output);
    on(groups, [this, group_options] { return group_dead_letters(console_, *group_options); });
  }

  static void add_limit(CLI::App* command, std::size_t& limit, bool& all) {
    command->add_option("--limit", limit, "Orders to show")
        ->type_name("N")
        ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}).description(""))
        ->capture_default_str();
    command->add_flag("--all", all, "Show all of them, whatever --limit says");
  }

  void add_contacts() {
    auto* contacts = add_group("contacts", "The personal data of customers");
    auto* command = add_command(
        contacts, "erase",
        "Erase the names, addresses, e-mails, phones and metadata of all orders of a customer, "
        "for\n"
        "good. Refused while one of the orders is open. The orders and their events stay.",
        "conveyor contacts erase c-4711");
    auto options = std::make_shared<EraseOptions>();
    command->add_option("CUSTOMER", options->customer_id, "The shop's id of the customer")
        ->type_name("")
        ->required();
    add_consent(command, options->yes, options->dry_run);
    add_server(command, options->server);
    add_output(command, options->output);
    on(command, [this, options] { return erase_contacts(console_, *options); });
  }

  void add_inventory() {
    auto* inventory = add_group("inventory", "See and change the stock");
    auto* list = add_command(inventory, "list", "List the stock of every SKU",
                             "conveyor inventory list -o json");
    auto list_options = std::make_shared<StockListOptions>();
    add_server(list, list_options->server);
    add_output(list, list_options->output);
    on(list, [this, list_options] { return list_stock(console_, *list_options); });

    add_stock_command(inventory, "get", "Show the stock of a SKU", "conveyor inventory get MUG-1",
                      get_stock);
    auto [set, set_options] = add_stock_command(
        inventory, "set", "Set what is on hand; makes the SKU if it is new",
        "conveyor inventory set MUG-1 --on-hand 100 --title 'Blue mug'", set_stock);
    set->add_option("--on-hand", set_options->on_hand, "Pieces")->type_name("N")->required();
    set->add_option("--title", set_options->title, "What it is called")->type_name("TEXT");

    auto [adjust, adjust_options] = add_stock_command(
        inventory, "adjust", "Add to what is on hand, or take from it",
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

  std::pair<CLI::App*, Shared<StockOptions>> add_stock_command(
      CLI::App* inventory, const std::string& name, const std::string& about,
      const std::string& example, ExitCode (*command_function)(Console&, const StockOptions&)) {
    auto* command = add_command(inventory, name, about, example);
    auto options = std::make_shared<StockOptions>();
    command->add_option("SKU", options->sku, "The article")->type_name("")->required();
    add_server(command, options->server);
    add_output(command, options->output);
    on(command, [this, options, command_function] { return command_function(console_, *options); });
    return {command, options};
  }

  void add_inventory_import(CLI::App* inventory) {
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
    add_server(command, options->server);
    add_output(command, options->output);
    on(command, [this, options] { return import_stock(console_, *options); });
  }

  void add_orders_create(CLI::App* orders) {
    auto* command = add_command(
        orders, "create",
        "Place an order from flags, or from a request as JSON.\n"
        "Prices and amounts are decimal, with at most the currency's decimals: 12.50 in EUR,\n"
        "1250 in JPY. A lost connection is tried again with the same idempotency key.",
        "conveyor orders create --customer c1 --currency EUR --line MUG-1:2:12.50 \\\n"
        "    --payment-method pm_ok --ship-name 'Ada Byron' --ship-line1 'Main St 1' \\\n"
        "    --ship-city Berlin --ship-postal-code 10115 --ship-country DE");
    auto options = std::make_shared<CreateOptions>();
    add_server(command, options->server);
    add_output(command, options->output);
    auto* flags = command->add_option_group("From flags");
    flags->add_option("--customer", options->customer_id, "The shop's id of the customer")
        ->type_name("ID");
    flags->add_option("--reference", options->reference, "The shop's own number of the order")
        ->type_name("REFERENCE");
    flags->add_option("--currency", options->currency, "ISO 4217 code")->type_name("CODE");
    add_line_flag(flags, options->lines, "An article; repeatable");
    flags
        ->add_option("--adjustment", options->adjustments,
                     "shipping, tax, discount or fee; repeatable")
        ->type_name("KIND:AMOUNT[:LABEL]")
        ->expected(1)
        ->take_all();
    flags->add_option("--payment-method", options->payment_method, "The provider's token")
        ->type_name("TOKEN");
    flags->add_option("--metadata", options->metadata, "Kept with the order; repeatable")
        ->type_name("NAME=VALUE")
        ->expected(1)
        ->take_all();
    add_ship_to_flags(flags, options->ship_to);
    auto* file = command->add_option("--file", options->file,
                                     "The request as JSON with minor units; - is standard input");
    file->type_name("PATH");
    command
        ->add_option("--idempotency-key", options->idempotency_key,
                     "The same key places the order once; without it one is made and printed")
        ->type_name("KEY");
    on(command, [this, options] { return create_order(console_, *options); });
  }

  void add_orders_list(CLI::App* orders) {
    auto* command = add_command(
        orders, "list",
        "List orders, newest first. Terms of QUERY, all of which must match: status:a,b step:\n"
        "customer: reference: sku: created:[<|<=|>|>=]TIME; a - before a term excludes\n"
        "(status, step, customer, reference). sku and step match open orders only.",
        "conveyor orders list 'status:failed -customer:c1 created:>2026-01-01' --limit 20");
    auto options = std::make_shared<ListOptions>();
    auto terms = std::make_shared<std::vector<std::string>>();
    command->add_option("QUERY", *terms, "Terms")->type_name("");
    add_server(command, options->server);
    add_output(command, options->output);
    add_limit(command, options->limit, options->all);
    on(command, [this, options, terms] {
      for (const auto& term : *terms) options->query += term + ' ';
      return list_orders(console_, *options);
    });
  }

  std::pair<CLI::App*, Shared<OrderOptions>> add_order_reader(
      CLI::App* orders, const std::string& name, const std::string& about,
      const std::string& example, ExitCode (*command_function)(Console&, const OrderOptions&)) {
    auto* command = add_command(orders, name, about, example);
    auto options = std::make_shared<OrderOptions>();
    command->add_option("ID", options->id, "The order's id")->type_name("")->required();
    add_server(command, options->server);
    add_output(command, options->output);
    on(command, [this, options, command_function] { return command_function(console_, *options); });
    return {command, options};
  }

  void add_order_action(CLI::App* orders, const OrderAction& action) {
    auto* command = add_command(orders, std::string{action.name}, std::string{action.about},
                                fmt::format("conveyor orders {} ord_01h455vb4pex5vsknk084sn02q {}",
                                            action.name, action.example));
    auto options = std::make_shared<ActionOptions>();
    add_action_flags(command, action, *options);
    add_server(command, options->server);
    add_output(command, options->output);
    on(command, [this, options, &action] { return act_on_order(console_, action, *options); });
  }

  // --config and a flag for every setting.
  Shared<ConfigSources> add_settings(CLI::App* command) {
    auto sources = std::make_shared<ConfigSources>();
    sources->environment = environment_;
    command->add_option("--config", sources->toml_path, "Settings as TOML (CONVEYOR_CONFIG)")
        ->type_name("PATH");
    const Config defaults;
    for (const Setting& setting : settings()) {
      const auto value = value_text(setting, defaults);
      auto* option = command->add_option_function<std::string>(
          flag_of(setting),
          [sources, &setting](const std::string& text) {
            sources->flags.emplace_back(setting.name, text);
          },
          std::string{setting.help});
      option->type_name(value.empty() ? "PATH" : fmt::format("[{}]", value));
      choices_[option] = {setting.choices.begin(), setting.choices.end()};
    }
    return sources;
  }

  ExitCode with_config(const ConfigSources& sources,
                       const std::function<ExitCode(const LoadedConfig&)>& then) {
    const auto loaded = load_config(sources);
    if (loaded) return then(*loaded);
    for (const auto& error : loaded.error()) fail(console_, ExitCode::usage, error);
    return ExitCode::usage;
  }

  void add_serve() {
    auto* command = add_command(&app_, "serve",
                                "Run a server until SIGTERM or Ctrl-C. Logs go to standard error.",
                                "conveyor serve --listen 127.0.0.1:8080 --data shop.db");
    auto sources = add_settings(command);
    on(command, [this, sources] {
      return with_config(*sources, [this](const LoadedConfig& loaded) {
        return static_cast<ExitCode>(run_serve(loaded, around_));
      });
    });
  }

  void add_demo() {
    auto* command = add_command(
        &app_, "demo",
        "Run a server with a seeded catalogue and steady sandbox traffic with some of every\n"
        "outcome, and say what there is to see.",
        "conveyor demo --data demo.db --rate 5");
    auto sources = add_settings(command);
    auto options = std::make_shared<DemoOptions>();
    command->add_option("--rate", options->orders_per_second, "Demo orders a second")
        ->type_name("N")
        ->check(CLI::Range(0.01, 1'000.0).description(""))
        ->capture_default_str();
    for (const auto& [name, value] : environment_) {
      if (name == kProgramVariable && !value.empty()) options->program = value;
    }
    on(command, [this, sources, options] {
      return with_config(*sources, [&](const LoadedConfig& loaded) {
        return static_cast<ExitCode>(run_demo(loaded, *options, console_.out));
      });
    });
  }

  void add_config() {
    auto* config = add_group("config", "The settings of a server");
    auto* command =
        add_command(config, "show",
                    "Show every setting with its value and where that comes from. Flags win over\n"
                    "CONVEYOR_* in the environment, that over the file, that over the defaults.",
                    "CONVEYOR_LOG_LEVEL=debug conveyor config show --config conveyor.toml --listen "
                    "127.0.0.1:0");
    auto sources = add_settings(command);
    auto output = std::make_shared<Output>(Output::text);
    add_output(command, *output);
    on(command, [this, sources, output] {
      return with_config(*sources, [&](const LoadedConfig& loaded) {
        return show_config(console_, loaded, *output);
      });
    });
    auto* check = add_command(config, "check",
                              "Say what is wrong with the settings; silent, with exit code 0, if "
                              "nothing is.",
                              "conveyor config check --config conveyor.toml");
    auto checked = add_settings(check);
    on(check, [this, checked] {
      return with_config(*checked, [](const LoadedConfig&) { return ExitCode::ok; });
    });
    auto* schema = add_command(config, "schema",
                               "Print a JSON Schema of the file, for editors and other checkers.",
                               "conveyor config schema > conveyor.schema.json");
    on(schema, [this] { return print_config_schema(console_); });
  }

  static void add_data(CLI::App* command, std::string& data) {
    data = Config{}.data;
    command->add_option("--data", data, "The data file")->type_name("FILE")->capture_default_str();
  }

  void add_migrate() {
    auto* command =
        add_command(&app_, "migrate",
                    "Bring a data file to this program's version, as serve does at its start.\n"
                    "There is no way back: take a backup first. A newer file is left untouched.",
                    "conveyor migrate --data conveyor.db");
    auto options = std::make_shared<MigrateOptions>();
    add_data(command, options->data);
    add_output(command, options->output);
    on(command, [this, options] { return run_migrate(console_, *options); });
  }

  void add_backup() {
    auto* command = add_command(
        &app_, "backup",
        "Copy a data file, also while a server uses it. The copy is one state of the file, whole\n"
        "or not there at all. Meanwhile the server's FILE-wal cannot start over: it grows by what\n"
        "the server writes.",
        "conveyor backup --data conveyor.db backup-2026-11-26.db");
    auto options = std::make_shared<BackupOptions>();
    command->add_option("BACKUP", options->to, "Where to; it must not be there")
        ->type_name("")
        ->required();
    add_data(command, options->data);
    command->add_flag("--force", options->force, "Replace a backup that is there");
    add_number(command, "--max-wal", options->max_wal_mib, std::int64_t{1}, std::int64_t{1'048'576},
               "MiB of FILE-wal at which to give way to the server");
    add_output(command, options->output);
    on(command, [this, options] { return run_backup(console_, *options); });
  }

  void add_restore() {
    auto* command = add_command(
        &app_, "restore",
        "Make a data file of a backup. It is brought forward and checked, as by verify, before\n"
        "anything is replaced. With --force the file that is there stays as FILE.replaced.",
        "conveyor restore backup-2026-11-26.db --data conveyor.db");
    auto options = std::make_shared<RestoreOptions>();
    command->add_option("BACKUP", options->backup, "The backup")->type_name("")->required();
    add_data(command, options->data);
    command->add_flag("--force", options->force, "Replace the data file");
    add_output(command, options->output);
    on(command, [this, options] { return run_restore(console_, *options); });
  }

  void add_doctor() {
    auto* command = add_command(
        &app_, "doctor",
        "Look at the configuration, the data file, its disk, the server, the clock and\n"
        "the limits of the process. Exit code 1 if something must be mended.",
        "conveyor doctor --data conveyor.db --server http://127.0.0.1:8080");
    auto sources = add_settings(command);
    auto options = std::make_shared<DoctorOptions>();
    for (const auto& [name, value] : environment_) {
      if (name == kServerVariable && !value.empty()) options->server = value;
    }
    command->add_option("--server", options->server, "Base URL of the server (CONVEYOR_SERVER)")
        ->type_name("URL");
    add_output(command, options->output);
    on(command, [this, sources, options] { return run_doctor(console_, *sources, *options); });
  }

  void add_completion() {
    static const std::map<std::string, Shell> kShells{
        {"bash", Shell::bash}, {"fish", Shell::fish}, {"zsh", Shell::zsh}};
    auto* command = add_command(&app_, "completion",
                                "Print a script with which a shell completes this command line.",
                                "source <(conveyor completion bash)");
    auto shell = std::make_shared<std::string>();
    auto* option = command->add_option("SHELL", *shell, "bash, zsh or fish");
    option->type_name("")->required()->check(CLI::IsMember(kShells).description(""));
    choices_[option] = {"bash", "zsh", "fish"};
    on(command, [this, shell] {
      fmt::print(console_.out, "{}",
                 completion_script(app_, kShells.at(*shell), [this](const CLI::Option& asked) {
                   const auto found = choices_.find(&asked);
                   return found == choices_.end() ? std::vector<std::string>{} : found->second;
                 }));
      return ExitCode::ok;
    });
  }

  void add_load() {
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
    add_server(command, options->server);
    add_output(command, options->output);
    on(command, [this, options] { return load::check(console_, *options); });
  }

  template <class Number>
  static void add_number(CLI::App* command, const std::string& name, Number& number, Number least,
                         Number most, const std::string& about) {
    command->add_option(name, number, about)
        ->type_name("N")
        ->check(CLI::Range(least, most).description(""))
        ->capture_default_str();
  }

  void add_load_generate(CLI::App* load) {
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

  void add_load_run(CLI::App* load) {
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
    add_number(command, "--connections", options->connections, std::size_t{1},
               load::kMaxConnections, "Connections, each with one order at a time");
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
    command->add_option("--seed", options->seed, "What chance begins with; random if not given")
        ->type_name("N");
    command->add_option("--ledger", options->ledger, "Write what became of each order, for check")
        ->type_name("FILE");
    add_server(command, options->server);
    add_output(command, options->output);
    on(command, [this, options] { return load::run(console_, *options); });
  }

  void add_verify() {
    auto* command = add_command(
        &app_, "verify",
        "Check every invariant over a data file, also while a server uses it.\n"
        "Names each violation by rule and by order or SKU; exit code 1 if there is one.",
        "conveyor verify --data conveyor.db -o json");
    auto options = std::make_shared<VerifyCommandOptions>();
    add_data(command, options->data);
    add_output(command, options->output);
    on(command, [this, options] { return run_verify(console_, *options); });
  }

  void add_openapi() {
    auto* command =
        add_command(&app_, "openapi",
                    "Print the OpenAPI 3.1 document of the HTTP API, as a server of this "
                    "version\nhas it at /openapi.json",
                    "conveyor openapi > openapi.json");
    on(command, [this] {
      print_indented(console_.out, boost::json::parse(api::openapi_json(program_version())));
      return ExitCode::ok;
    });
  }

  void add_version() {
    auto* command = add_command(
        &app_, "version", "Print the program's version and that of the data files that it writes",
        "conveyor version -o json");
    auto output = std::make_shared<Output>(Output::text);
    add_output(command, *output);
    on(command, [this, output] { return print_version(console_, *output); });
  }

  // The command as far as it was understood.
  const CLI::App* deepest() const {
    const CLI::App* app = &app_;
    while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
    return app;
  }
  static std::string path_of(const CLI::App* app) {
    if (app->get_parent() == nullptr) return app->get_name();
    return fmt::format("{} {}", path_of(app->get_parent()), app->get_name());
  }
  std::string help_text() const {
    const auto* app = deepest();
    const auto* parent = app->get_parent();
    return app->help(parent == nullptr ? std::string{} : path_of(parent));
  }

  Console& console_;
  const std::vector<NamedText>& environment_;
  const AroundHttp& around_;
  CLI::App app_;
  Action action_;
  // The words that options may have, for completion.
  std::map<const CLI::Option*, std::vector<std::string>> choices_;
};

// A query may begin with an exclusion, `-status:failed`, which is no flag: a blank before it says
// so.
void protect_exclusions(std::vector<std::string>& arguments) {
  for (auto& argument : arguments) {
    const bool is_term = argument.size() > 2 && argument[0] == '-' && argument[1] >= 'a' &&
                         argument[1] <= 'z' && argument[2] >= 'a' && argument[2] <= 'z' &&
                         argument.contains(':');
    if (is_term) argument.insert(0, 1, ' ');
  }
}

}  // namespace

ExitCode run(Console& console, std::vector<std::string> arguments,
             const std::vector<NamedText>& environment, const AroundHttp& around) {
  protect_exclusions(arguments);
  const auto code = Tree{console, environment, around}.run(std::move(arguments));
  console.out.flush();
  if (!console.out && !console.reader_is_gone)
    return fail(console, ExitCode::error, "cannot write to standard output");
  return code;
}

}  // namespace conveyor::cli
