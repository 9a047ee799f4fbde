// The program with a recorder around the server of `serve`; RECORD_EXCHANGES_AS names its file.
#include <cstdlib>

#include "app/cli/command_line.h"
#include "support/exchange_recorder.h"

int main(int argc, char** argv) {
  return conveyor::cli::run_program(
      argc, argv, [](conveyor::http::ServerOptions& options, conveyor::http::Handler& handler) {
        const char* name = std::getenv("RECORD_EXCHANGES_AS");
        conveyor::test::record_exchanges(name == nullptr ? "serve" : name, options, handler);
      });
}
