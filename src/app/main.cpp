#include "app/cli/command_line.h"

int main(int argc, char** argv) {
  return conveyor::cli::run_program(argc, argv);
}
