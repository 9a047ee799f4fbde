// CommandTree: the program's commands as CLI11 declares them, and the command line that it parses.
// What each command does is elsewhere; here is only what may be written and where it goes.
//
// One thread; used once. CLI11 is heavy: its users are command_line.cpp and command_tree_*.cpp, one
// file per group of commands, and nobody else.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/cli/console.h"
#include "app/config.h"
#include "app/node.h"

namespace conveyor::cli {

struct OrderAction;
struct OrderOptions;
struct StockOptions;

/// Options of a command live as long as its CLI11 node.
template <class Options>
using Shared = std::shared_ptr<Options>;

class CommandTree {
 public:
  /// All of them outlive it. `around`: see app/node.h.
  CommandTree(Console& console, const std::vector<NamedText>& environment,
              const AroundHttp& around);

  /// Runs the command that the arguments spell, or says what is wrong with them.
  ExitCode run(std::vector<std::string> arguments);

 private:
  using Action = std::function<ExitCode()>;

  CLI::App* add_command(CLI::App* parent, const std::string& name, const std::string& about,
                        const std::string& example);
  CLI::App* add_group(const std::string& name, const std::string& about);
  void on(CLI::App* command, Action action);

  /// A command that ends with --server and --output, and what it then does.
  template <class Options>
  void asks_server(CLI::App* command, const Shared<Options>& options,
                   ExitCode (*command_function)(Console&, const Options&)) {
    add_server(command, options->server);
    add_output(command, options->output);
    on(command, [this, options, command_function] { return command_function(console_, *options); });
  }

  // Flags that several groups have.
  void add_server(CLI::App* command, std::string& server);
  void add_output(CLI::App* command, Output& output);
  static void add_consent(CLI::App* command, bool& yes, bool& dry_run);
  template <class Number>
  static void add_number(CLI::App* command, const std::string& name, Number& number, Number least,
                         Number most, const std::string& about) {
    command->add_option(name, number, about)
        ->type_name("N")
        ->check(CLI::Range(least, most).description(""))
        ->capture_default_str();
  }

  // command_tree_orders.cpp
  void add_orders();
  void add_orders_create(CLI::App* orders);
  void add_orders_list(CLI::App* orders);
  std::pair<CLI::App*, Shared<OrderOptions>> add_order_reader(
      CLI::App* orders, const std::string& name, const std::string& about,
      const std::string& example, ExitCode (*command_function)(Console&, const OrderOptions&));
  void add_order_action(CLI::App* orders, const OrderAction& action);
  void add_orders_import(CLI::App* orders);
  void add_orders_export(CLI::App* orders);
  void add_dead_letters();
  void add_events();
  void add_contacts();

  // command_tree_load.cpp
  void add_inventory();
  std::pair<CLI::App*, Shared<StockOptions>> add_stock_command(
      CLI::App* inventory, const std::string& name, const std::string& about,
      const std::string& example, ExitCode (*command_function)(Console&, const StockOptions&));
  void add_inventory_import(CLI::App* inventory);
  void add_load();
  void add_load_generate(CLI::App* load);
  void add_load_run(CLI::App* load);

  // command_tree_server.cpp
  /// --config and a flag for every setting.
  Shared<ConfigSources> add_settings(CLI::App* command);
  ExitCode with_config(const ConfigSources& sources,
                       const std::function<ExitCode(const LoadedConfig&)>& then);
  void add_serve();
  void add_demo();
  void add_config();
  void add_doctor();
  void add_migrate();
  void add_backup();
  void add_restore();
  void add_verify();

  // command_line.cpp
  void add_completion();
  void add_openapi();
  void add_version();
  /// The command as far as it was understood.
  const CLI::App* deepest() const;
  static std::string path_of(const CLI::App* app);
  std::string help_text() const;

  Console& console_;
  const std::vector<NamedText>& environment_;
  const AroundHttp& around_;
  CLI::App app_;
  Action action_;
  /// The words that options may have, for completion.
  std::map<const CLI::Option*, std::vector<std::string>> choices_;
};

}  // namespace conveyor::cli
