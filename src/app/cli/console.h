// Where a command reads and writes, and how text looks there: data on `out`, everything else on
// `err`, questions only where a person can answer them.
//
// One console, one thread. Text that comes from elsewhere passes through printable(), so that no
// order's title can drive the reader's terminal.
#pragma once

#include <cstdint>
#include <istream>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/exit_code.h"

namespace conveyor::cli {

enum class Output : std::uint8_t {
  text,   // for people; may change
  json,   // one indented document
  jsonl,  // one value per line
};

struct Console {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool in_is_terminal = false;
  bool err_is_terminal = false;
  bool reader_is_gone = false;  // a command has noticed that nobody reads `out` any more
};

// `text` with each control character (C0, C1, DEL) as a '?'.
std::string printable(std::string_view text);

// "error: " and the text on `err`; returns `code`, so that a command can end with it.
ExitCode fail(Console& console, ExitCode code, std::string_view text);

// Asks "QUESTION [y/N] " on `err`. Only y and yes agree. Without a terminal nobody is asked.
enum class Consent : std::uint8_t { given, refused, nobody_to_ask };
Consent ask(Console& console, std::string_view question);

// Rows in columns two spaces apart, each as wide as its widest cell, counted in code points; no
// spaces at the ends of lines. Cells pass through printable().
class Table {
 public:
  enum class Align : std::uint8_t { left, right };
  struct Column {
    std::string_view title;
    Align align = Align::left;
  };

  explicit Table(std::vector<Column> columns);
  void add(std::vector<std::string> cells);  // as many as columns
  void print(std::ostream& out) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace conveyor::cli
