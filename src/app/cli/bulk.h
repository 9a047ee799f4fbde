// What the commands that read a file and change many things have in common.
#pragma once

#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "app/cli/console.h"
#include "base/csv.h"

namespace conveyor::cli {

inline constexpr std::string_view kStandardInput = "-";

// A CSV by its path; "-" is the console's input. The console must outlive it.
class CsvFile {
 public:
  CsvFile(Console& console, const std::string& path);
  bool is_open() const { return is_standard_input_ || file_.is_open(); }
  CsvReader& reader() { return reader_; }

 private:
  bool is_standard_input_;
  std::ifstream file_;
  CsvReader reader_;
};

// Asks the question; never assumes yes. nullopt: go on, otherwise how the command ends: error if
// the answer is no, usage if nobody can be asked (no terminal, or the file comes from it).
std::optional<ExitCode> refuse_consent(Console& console, const std::string& path,
                                       std::string_view question);

}  // namespace conveyor::cli
