// A server in the process and the command line in front of it, with its streams as strings.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "api/api_server.h"
#include "app/cli/command_line.h"
#include "contract/temporary_directory.h"

namespace conveyor::test {

struct Ran {
  int code = -1;
  std::string out;
  std::string err;

  boost::json::value json() const {
    boost::system::error_code error;
    auto value = boost::json::parse(out, error);
    EXPECT_FALSE(error) << out << err;
    return value;
  }
};

struct Terminal {
  std::string input = {};
  bool is_terminal = false;
};

// The command line as main() runs it.
inline Ran run_command(std::vector<std::string> arguments, const Terminal& terminal = {},
                       const std::vector<NamedText>& environment = {}) {
  std::istringstream in{terminal.input};
  std::ostringstream out;
  std::ostringstream err;
  cli::Console console{in, out, err, terminal.is_terminal};
  const auto code = cli::run(console, std::move(arguments), environment);
  return {static_cast<int>(code), out.str(), err.str()};
}

class CliTest : public ApiTest {
 protected:
  // A command that is told where the server is by its environment.
  Ran conveyor(std::vector<std::string> arguments, const Terminal& terminal = {}) {
    return run_command(std::move(arguments), terminal, {{"CONVEYOR_SERVER", server.url()}});
  }

  std::string write(const std::string& name, std::string_view text) {
    const auto path = files.file(name);
    std::ofstream{path, std::ios::binary} << text;
    return path;
  }

  TemporaryDirectory files;
};

}  // namespace conveyor::test
