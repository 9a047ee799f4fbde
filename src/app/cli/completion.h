// Completion of the command line by a shell, generated from the tree of commands itself: what there
// is is completed, and nothing else.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
class Option;
}  // namespace CLI

namespace conveyor::cli {

enum class Shell : std::uint8_t { bash, zsh, fish };

// The words that an option may have as its value; empty: any.
using ChoicesOf = std::function<std::vector<std::string>(const CLI::Option&)>;

// A script that the shell reads. Commands, flags, the words of options that have some, and files
// where an option or an argument is one (by its type: FILE, PATH, LEDGER or BACKUP).
std::string completion_script(const CLI::App& root, Shell shell, const ChoicesOf& choices_of);

}  // namespace conveyor::cli
