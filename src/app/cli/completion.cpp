#include "app/cli/completion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

namespace conveyor::cli {
namespace {

struct Flag {
  std::vector<std::string> names;  // with their dashes
  std::string about;
  bool has_value = false;
  bool is_file = false;
  std::vector<std::string> choices;
};

struct Command {
  std::string path;                                           // "conveyor orders list"
  std::vector<std::pair<std::string, std::string>> children;  // name and what it is
  std::vector<Flag> flags;
  std::vector<std::string> words;  // of an argument
  bool takes_file = false;         // as an argument
};

std::string first_line(const std::string& text) {
  auto line = text.substr(0, text.find('\n'));
  if (line.size() < text.size() || line.ends_with('.')) {
    line.erase(line.find_last_not_of(" .,;:") + 1);
  }
  return line;
}

bool is_file_type(std::string_view name) {
  constexpr std::array<std::string_view, 4> kFiles{"FILE", "PATH", "LEDGER", "BACKUP"};
  return std::ranges::find(kFiles, name) != kFiles.end();
}

Flag flag_of(const CLI::Option& option, const ChoicesOf& choices_of) {
  Flag flag;
  for (const auto& name : option.get_snames()) flag.names.push_back("-" + name);
  for (const auto& name : option.get_lnames()) flag.names.push_back("--" + name);
  flag.about = first_line(option.get_description());
  flag.has_value = option.get_items_expected_max() > 0;
  // A setting shows its default for a type.
  flag.is_file =
      flag.has_value && (is_file_type(option.get_type_name()) || option.check_lname("data"));
  flag.choices = choices_of(option);
  return flag;
}

void add_options(const CLI::App& app, const ChoicesOf& choices_of, Command& command) {
  for (const auto* option : app.get_options()) {
    if (option->get_positional()) {
      command.takes_file = command.takes_file || is_file_type(option->get_name(true));
      for (auto& word : choices_of(*option)) command.words.push_back(std::move(word));
    } else {
      command.flags.push_back(flag_of(*option, choices_of));
    }
  }
}

void collect(const CLI::App& app, const std::string& path, const ChoicesOf& choices_of,
             std::vector<Command>& commands) {
  Command command;
  command.path = path;
  add_options(app, choices_of, command);
  std::vector<const CLI::App*> children;
  for (const auto* child : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (child->get_name().empty()) {  // a group of options
      add_options(*child, choices_of, command);
      continue;
    }
    command.children.emplace_back(child->get_name(), first_line(child->get_description()));
    children.push_back(child);
  }
  commands.push_back(std::move(command));
  for (const auto* child : children) {
    collect(*child, path + " " + child->get_name(), choices_of, commands);
  }
}

// For single quotes of a shell.
std::string quoted(std::string_view text, std::string_view escaped_quote) {
  std::string out{"'"};
  for (const char c : text) {
    if (c == '\'') {
      out += escaped_quote;
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string posix_quoted(std::string_view text) {
  return quoted(text, R"('\'')");
}
std::string fish_quoted(std::string_view text) {
  return quoted(text, R"(\')");
}

std::string alternatives(const std::vector<std::string>& patterns) {
  return fmt::format("{}", fmt::join(patterns, " | "));
}

std::string bash_function(const std::vector<Command>& commands) {
  std::string steps;
  std::string values;
  std::string words;
  std::vector<std::string> file_flags;
  std::vector<std::string> value_flags;
  for (const auto& command : commands) {
    std::vector<std::string> offered;
    for (const auto& [name, about] : command.children) {
      steps +=
          fmt::format("      '{} {}') path='{} {}' ;;\n", command.path, name, command.path, name);
      offered.push_back(name);
    }
    offered.insert(offered.end(), command.words.begin(), command.words.end());
    for (const auto& flag : command.flags) {
      for (const auto& name : flag.names) {
        const auto pattern = fmt::format("'{} {}'", command.path, name);
        offered.push_back(name);
        if (!flag.choices.empty()) {
          values += fmt::format("    {}) words={} ;;\n", pattern,
                                posix_quoted(fmt::format("{}", fmt::join(flag.choices, " "))));
        } else if (flag.is_file) {
          file_flags.push_back(pattern);
        } else if (flag.has_value) {
          value_flags.push_back(pattern);
        }
      }
    }
    words += fmt::format("      '{}') words={}{} ;;\n", command.path,
                         posix_quoted(fmt::format("{}", fmt::join(offered, " "))),
                         command.takes_file ? " files=1" : "");
  }
  return fmt::format(R"(_conveyor() {{
  local path=conveyor previous='' words='' files='' value='' word i
  local current=${{COMP_WORDS[COMP_CWORD]}}
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${{COMP_WORDS[i]}}
    case "$path $word" in
{0}    esac
  done
  if ((COMP_CWORD > 1)); then previous=${{COMP_WORDS[COMP_CWORD - 1]}}; fi
  case "$path $previous" in
{1}    {2}) files=1 ;;
    {3}) value=1 ;;
    *)
      case "$path" in
{4}      esac
      ;;
  esac
  COMPREPLY=()
  if [[ -n $words ]]; then
    for word in $(compgen -W "$words" -- "$current"); do COMPREPLY+=("$word"); done
  fi
  if [[ -n $files && $current != -* ]]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current")
  fi
}}
)",
                     steps, values, alternatives(file_flags), alternatives(value_flags), words);
}

std::string fish_script(const std::vector<Command>& commands) {
  std::string steps;
  std::string rest;
  for (const auto& command : commands) {
    const auto here =
        fmt::format("complete -c conveyor -n {}",
                    fish_quoted(fmt::format("test (__conveyor_path) = \"{}\"", command.path)));
    if (command.takes_file) rest += fmt::format("{} -F\n", here);
    for (const auto& word : command.words) rest += fmt::format("{} -a {}\n", here, word);
    for (const auto& [name, about] : command.children) {
      steps +=
          fmt::format("      case '{} {}'\n        set path \"$path $word\"\n", command.path, name);
      rest += fmt::format("{} -a {} -d {}\n", here, name, fish_quoted(about));
    }
    for (const auto& flag : command.flags) {
      rest += here;
      for (const auto& name : flag.names) {
        rest += name.starts_with("--") ? fmt::format(" -l {}", name.substr(2))
                                       : fmt::format(" -s {}", name.substr(1));
      }
      if (flag.is_file) rest += " -r -F";
      if (flag.has_value && !flag.is_file) rest += " -x";
      if (!flag.choices.empty()) {
        rest += " -a " + fish_quoted(fmt::format("{}", fmt::join(flag.choices, " ")));
      }
      rest += fmt::format(" -d {}\n", fish_quoted(flag.about));
    }
  }
  return fmt::format(R"(# Completion of conveyor in fish:
#   conveyor completion fish > ~/.config/fish/completions/conveyor.fish
function __conveyor_path
  set -l path conveyor
  for word in (commandline -opc)[2..-1]
    switch "$path $word"
{}    end
  end
  echo $path
end
complete -c conveyor -f
{})",
                     steps, rest);
}

}  // namespace

std::string completion_script(const CLI::App& root, Shell shell, const ChoicesOf& choices_of) {
  std::vector<Command> commands;
  collect(root, root.get_name(), choices_of, commands);
  switch (shell) {
    case Shell::bash:
      return fmt::format(
          "# Completion of conveyor in bash: source <(conveyor completion bash)\n{}"
          "complete -F _conveyor conveyor\n",
          bash_function(commands));
    case Shell::zsh:
      return fmt::format(
          "#compdef conveyor\n"
          "# Completion of conveyor in zsh: source <(conveyor completion zsh)\n"
          "autoload -U +X compinit bashcompinit\n"
          "(( $+functions[compdef] )) || compinit\n"
          "bashcompinit\n{}"
          "complete -F _conveyor conveyor\n",
          bash_function(commands));
    case Shell::fish:
      return fish_script(commands);
  }
  return {};
}

}  // namespace conveyor::cli
