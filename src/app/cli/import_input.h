// The file of an import: opened, its format found out, and read from its beginning.
//
// The console must outlive it. One thread.
#pragma once

#include <cstddef>
#include <expected>
#include <fstream>
#include <optional>
#include <string>

#include "app/cli/bulk.h"
#include "app/cli/console.h"
#include "app/cli/import_plan.h"

namespace conveyor::cli {

class ImportInput {
 public:
  // `path` as a person wrote it; "-" is standard input. Or why it cannot be opened.
  static std::expected<ImportInput, std::string> open(Console& console, const std::string& path);

  // By the name: `.ndjson` and `.jsonl`. Otherwise by the first byte that is no blank, behind a
  // byte order mark if there is one: a `{` begins NDJSON, anything else a CSV. Reads as far as
  // that, at most kMaxHead.
  ImportFormat find_format();

  // The next bytes; 0 at the end, nullopt if they cannot be read.
  std::optional<std::size_t> read(char* buffer, std::size_t size);

  // Of blanks at the beginning, before it is a CSV whatever follows.
  static constexpr std::size_t kMaxHead = std::size_t{64} << 10;

 private:
  ImportInput(std::string path, std::ifstream file, std::istream* standard_input);
  std::istream& stream() { return standard_input_ != nullptr ? *standard_input_ : file_; }

  std::string path_;
  std::ifstream file_;
  std::istream* standard_input_;  // null: the file
  std::string head_;              // read for find_format() and not yet handed out
};

}  // namespace conveyor::cli
