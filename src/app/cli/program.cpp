#include <unistd.h>

#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/command_line.h"

namespace conveyor::cli {
namespace {

std::vector<NamedText> environment_of_process() {
  std::vector<NamedText> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    environment.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

}  // namespace

int run_program(int argc, char** argv, const AroundHttp& around) {
  std::ios::sync_with_stdio(false);
  Console console{.in = std::cin,
                  .out = std::cout,
                  .err = std::cerr,
                  .in_is_terminal = isatty(STDIN_FILENO) == 1,
                  .err_is_terminal = isatty(STDERR_FILENO) == 1};
  try {
    return static_cast<int>(run(console, std::vector<std::string>(argv + 1, argv + argc),
                                environment_of_process(), around));
  } catch (const std::exception& error) {
    return static_cast<int>(fail(console, ExitCode::error, error.what()));
  }
}

}  // namespace conveyor::cli
