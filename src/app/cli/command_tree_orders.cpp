// Orders: orders, dead-letters, events and contacts.
#include "app/cli/command_tree.h"

#include <fmt/format.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

#include "app/cli/contacts.h"
#include "app/cli/create_order.h"
#include "app/cli/dead_letters.h"
#include "app/cli/events.h"
#include "app/cli/export_orders.h"
#include "app/cli/import_orders.h"
#include "app/cli/order_actions.h"
#include "app/cli/order_flags.h"
#include "app/cli/orders.h"

namespace conveyor::cli {
namespace {

void add_line_flag(CLI::App* flags, std::vector<std::string>& lines, const std::string& about) {
  flags->add_option("--line", lines, about)
      ->type_name("SKU:QTY:PRICE[:TITLE]")
      ->expected(1)
      ->take_all();
}

void add_ship_to_flags(CLI::App* flags, ShipToFlags& ship_to) {
  for (auto& [member, value] : ship_to) {
    flags
        ->add_option(ship_to_flag(member), value,
                     member == "country" ? "Where to: ISO 3166 code of two letters" : "Where to")
        ->type_name("TEXT");
  }
}

void add_action_flags(CLI::App* command, const OrderAction& action, ActionOptions& options) {
  command->add_option("ID", options.id, "The order's id")->type_name("")->required();
  command->add_option("--reason", options.reason, "A code that the event keeps")->type_name("CODE");
  command->add_option("--if-match", options.if_match, "Only if the order has this version")
      ->type_name("VERSION");
  if (action.takes_external_reference) {
    command
        ->add_option("--external-reference", options.external_reference,
                     "A code that says where the undo by hand is written down")
        ->type_name("CODE")
        ->required();
  }
  if (action.takes_changes) {
    command->add_option("--payment-method", options.payment_method, "Another provider's token")
        ->type_name("TOKEN");
    add_line_flag(command, options.lines, "The articles instead of the order's; repeatable");
    add_ship_to_flags(command, options.ship_to);
  }
  if (action.takes_changes || !action.consequence.empty()) {
    command->add_flag("-y,--yes", options.yes, "Do not ask");
  }
}

void add_file_format(CLI::App* command, const std::string& about,
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

void add_pace(CLI::App* command, ImportOptions& options) {
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

void add_limit(CLI::App* command, std::size_t& limit, bool& all) {
  command->add_option("--limit", limit, "Orders to show")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}).description(""))
      ->capture_default_str();
  command->add_flag("--all", all, "Show all of them, whatever --limit says");
}

}  // namespace

void CommandTree::add_orders() {
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

void CommandTree::add_orders_create(CLI::App* orders) {
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

void CommandTree::add_orders_list(CLI::App* orders) {
  auto* command = add_command(
      orders, "list",
      "List orders, newest first. Terms of QUERY, all of which must match: status:a,b step:\n"
      "customer: reference: sku: failing:true|false created:[<|<=|>|>=]TIME and updated:,\n"
      "the same of the last change; a - before a term excludes (status, step, customer,\n"
      "reference, failing). sku and step match open orders only.",
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

std::pair<CLI::App*, Shared<OrderOptions>> CommandTree::add_order_reader(
    CLI::App* orders, const std::string& name, const std::string& about, const std::string& example,
    ExitCode (*command_function)(Console&, const OrderOptions&)) {
  auto* command = add_command(orders, name, about, example);
  auto options = std::make_shared<OrderOptions>();
  command->add_option("ID", options->id, "The order's id")->type_name("")->required();
  asks_server(command, options, command_function);
  return {command, options};
}

void CommandTree::add_order_action(CLI::App* orders, const OrderAction& action) {
  auto* command = add_command(orders, std::string{action.name}, std::string{action.about},
                              fmt::format("conveyor orders {} ord_01h455vb4pex5vsknk084sn02q {}",
                                          action.name, action.example));
  auto options = std::make_shared<ActionOptions>();
  add_action_flags(command, action, *options);
  add_server(command, options->server);
  add_output(command, options->output);
  on(command, [this, options, &action] { return act_on_order(console_, action, *options); });
}

void CommandTree::add_orders_import(CLI::App* orders) {
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
  asks_server(command, options, import_orders);
}

void CommandTree::add_orders_export(CLI::App* orders) {
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

void CommandTree::add_dead_letters() {
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
  asks_server(list, options, list_dead_letters);

  auto* groups = add_command(group, "groups",
                             "Group dead letters by cause, with the money that waits behind it.",
                             "conveyor dead-letters groups");
  auto group_options = std::make_shared<DeadLetterOptions>();
  asks_server(groups, group_options, group_dead_letters);
}

void CommandTree::add_events() {
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
  asks_server(command, options, tail_events);
}

void CommandTree::add_contacts() {
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
  asks_server(command, options, erase_contacts);
}

}  // namespace conveyor::cli
