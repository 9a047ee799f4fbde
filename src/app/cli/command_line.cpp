#include "app/cli/command_line.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include "app/cli/command_tree.h"
#include "app/cli/completion.h"
#include "app/cli/json_text.h"
#include "app/file_commands.h"
#include "app/version.h"
#include "server/api/openapi.h"

namespace conveyor::cli {
namespace {

constexpr std::string_view kAbout =
    "Conveyor drives orders through inventory, payment and shipping, to the end or wholly back.\n"
    "Data go to standard output, everything else to standard error.\n"
    "Exit codes: 0 ok, 1 error, 2 usage, 3 not found, 4 conflict, 5 invalid, 6 not allowed,\n"
    "7 unavailable, 8 partly failed, 130 interrupted.";

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

CommandTree::CommandTree(Console& console, const std::vector<NamedText>& environment,
                         const AroundHttp& around)
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

ExitCode CommandTree::run(std::vector<std::string> arguments) {
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

CLI::App* CommandTree::add_command(CLI::App* parent, const std::string& name,
                                   const std::string& about, const std::string& example) {
  auto* command = parent->add_subcommand(name, about);
  command->footer(fmt::format("Example:\n  {}", example));
  return command;
}

CLI::App* CommandTree::add_group(const std::string& name, const std::string& about) {
  auto* group = app_.add_subcommand(name, about);
  group->require_subcommand(1);
  return group;
}

// The callback only notes what to do: exceptions of a command must not look like CLI11's.
void CommandTree::on(CLI::App* command, Action action) {
  command->callback([this, action = std::move(action)] { action_ = action; });
}

void CommandTree::add_server(CLI::App* command, std::string& server) {
  for (const auto& [name, value] : environment_) {
    if (name == kServerVariable && !value.empty()) server = value;
  }
  command->add_option("--server", server, "Base URL of the server (CONVEYOR_SERVER)")
      ->type_name("URL")
      ->capture_default_str();
}

void CommandTree::add_output(CLI::App* command, Output& output) {
  static const std::map<std::string, Output> kNames{
      {"text", Output::text}, {"json", Output::json}, {"jsonl", Output::jsonl}};
  // Without CLI11's Transformer: a check behind it sees the number that it makes of the name.
  auto* option = command->add_option_function<std::string>(
      "-o,--output", [&output](const std::string& name) { output = kNames.at(name); },
      "text, json or jsonl");
  option->type_name("FORMAT")->check(CLI::IsMember(kNames).description(""));
  choices_[option] = {"text", "json", "jsonl"};
}

void CommandTree::add_consent(CLI::App* command, bool& yes, bool& dry_run) {
  command->add_flag("-y,--yes", yes, "Do not ask");
  command->add_flag("--dry-run", dry_run, "Only show what would be done");
}

void CommandTree::add_completion() {
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

void CommandTree::add_openapi() {
  auto* command = add_command(&app_, "openapi",
                              "Print the OpenAPI 3.1 document of the HTTP API, as a server of this "
                              "version\nhas it at /openapi.json",
                              "conveyor openapi > openapi.json");
  on(command, [this] {
    print_indented(console_.out, boost::json::parse(api::openapi_json(program_version())));
    return ExitCode::ok;
  });
}

void CommandTree::add_version() {
  auto* command = add_command(
      &app_, "version", "Print the program's version and that of the data files that it writes",
      "conveyor version -o json");
  auto output = std::make_shared<Output>(Output::text);
  add_output(command, *output);
  on(command, [this, output] { return print_version(console_, *output); });
}

const CLI::App* CommandTree::deepest() const {
  const CLI::App* app = &app_;
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  return app;
}

std::string CommandTree::path_of(const CLI::App* app) {
  if (app->get_parent() == nullptr) return app->get_name();
  return fmt::format("{} {}", path_of(app->get_parent()), app->get_name());
}

std::string CommandTree::help_text() const {
  const auto* app = deepest();
  const auto* parent = app->get_parent();
  return app->help(parent == nullptr ? std::string{} : path_of(parent));
}

ExitCode run(Console& console, std::vector<std::string> arguments,
             const std::vector<NamedText>& environment, const AroundHttp& around) {
  protect_exclusions(arguments);
  const auto code = CommandTree{console, environment, around}.run(std::move(arguments));
  console.out.flush();
  if (!console.out && !console.reader_is_gone)
    return fail(console, ExitCode::error, "cannot write to standard output");
  return code;
}

}  // namespace conveyor::cli
