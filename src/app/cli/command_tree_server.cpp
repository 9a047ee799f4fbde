// A server and its data file: serve, demo, config, doctor, migrate, backup, restore and verify.
#include "app/cli/command_tree.h"

#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "app/cli/config_command.h"
#include "app/doctor.h"
#include "app/file_commands.h"
#include "app/serve.h"
#include "app/verify_command.h"

namespace conveyor::cli {
namespace {

void add_data(CLI::App* command, std::string& data) {
  data = Config{}.data;
  command->add_option("--data", data, "The data file")->type_name("FILE")->capture_default_str();
}

}  // namespace

Shared<ConfigSources> CommandTree::add_settings(CLI::App* command) {
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

ExitCode CommandTree::with_config(const ConfigSources& sources,
                                  const std::function<ExitCode(const LoadedConfig&)>& then) {
  const auto loaded = load_config(sources);
  if (loaded) return then(*loaded);
  for (const auto& error : loaded.error()) fail(console_, ExitCode::usage, error);
  return ExitCode::usage;
}

void CommandTree::add_serve() {
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

void CommandTree::add_demo() {
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

void CommandTree::add_config() {
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

void CommandTree::add_doctor() {
  auto* command =
      add_command(&app_, "doctor",
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

void CommandTree::add_migrate() {
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

void CommandTree::add_backup() {
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

void CommandTree::add_restore() {
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

void CommandTree::add_verify() {
  auto* command =
      add_command(&app_, "verify",
                  "Check every invariant over a data file, also while a server uses it.\n"
                  "Names each violation by rule and by order or SKU; exit code 1 if there is one.",
                  "conveyor verify --data conveyor.db -o json");
  auto options = std::make_shared<VerifyCommandOptions>();
  add_data(command, options->data);
  add_output(command, options->output);
  on(command, [this, options] { return run_verify(console_, *options); });
}

}  // namespace conveyor::cli
