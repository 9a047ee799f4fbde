// What must hold of CSV files: how the bytes arrive makes no difference, and the reader comes to an
// end.
#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "base/csv.h"
#include "target.h"

namespace conveyor::fuzz {
namespace {

/// Everything that the reader says of `text` if it arrives in pieces of `piece` bytes.
std::vector<std::string> said(std::string_view text, std::size_t piece) {
  CsvReader reader{[text, piece](char* buffer, std::size_t size) mutable {
    const auto count = std::min({piece, size, text.size()});
    std::copy_n(text.data(), count, buffer);
    text.remove_prefix(count);
    return std::optional{count};
  }};
  std::vector<std::string> out;
  std::size_t line = 0;
  for (std::size_t records = 0;; ++records) {
    must(records <= text.size() + 1, "there are no more records than bytes");
    const auto record = reader.next();
    if (!record) {
      must(record.error().line >= line, "lines go up");
      line = record.error().line;
      out.push_back(fmt::format("{}: {}", line, to_string(record.error().code)));
      if (!record.error().is_recoverable) return out;
      continue;
    }
    if (!record->has_value()) return out;
    must((*record)->line >= line, "lines go up");
    line = (*record)->line;
    std::string text_of_record = std::to_string(line);
    for (const auto& field : (*record)->fields) text_of_record += '\x1f' + field;
    out.push_back(std::move(text_of_record));
  }
}

}  // namespace

FUZZ_TARGET(csv) {
  const auto whole = said(input, input.size() + 1);
  must(said(input, 1) == whole, "byte by byte it is the same");
  must(said(input, 7) == whole, "in pieces it is the same");
}

}  // namespace conveyor::fuzz
