#include "app/cli/console.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/assert.h"

namespace conveyor::cli {
namespace {

std::size_t width_of(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(
      utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool is_c1 = byte == 0xC2 && i + 1 < text.size() &&
                       static_cast<unsigned char>(text[i + 1]) < 0xA0;  // U+0080 to U+009F
    if (is_c1) ++i;
    out += is_c1 || byte < 0x20 || byte == 0x7F ? '?' : text[i];
  }
  return out;
}

ExitCode fail(Console& console, ExitCode code, std::string_view text) {
  fmt::print(console.err, "error: {}\n", text);
  return code;
}

Consent ask(Console& console, std::string_view question) {
  if (!console.in_is_terminal) return Consent::nobody_to_ask;
  fmt::print(console.err, "{} [y/N] ", question);
  console.err.flush();
  std::string answer;
  std::getline(console.in, answer);
  return answer == "y" || answer == "Y" || answer == "yes" ? Consent::given : Consent::refused;
}

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::add(std::vector<std::string> cells) {
  CONVEYOR_ASSERT(cells.size() == columns_.size(), "a cell per column");
  for (auto& cell : cells) cell = printable(cell);
  rows_.push_back(std::move(cells));
}

void Table::print(std::ostream& out) const {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t width = columns_[c].title.size();
    for (const auto& row : rows_) width = std::max(width, width_of(row[c]));
    widths.push_back(width);
  }
  const auto print_row = [&](const auto& cell_of) {
    std::string line;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const std::string_view cell = cell_of(c);
      const std::string padding(widths[c] - width_of(cell), ' ');
      if (c > 0) line += "  ";
      line += columns_[c].align == Align::right ? padding : "";
      line += cell;
      line += columns_[c].align == Align::left ? padding : "";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    fmt::print(out, "{}\n", line);
  };
  print_row([&](std::size_t c) { return columns_[c].title; });
  for (const auto& row : rows_) {
    print_row([&](std::size_t c) { return std::string_view{row[c]}; });
  }
}

}  // namespace conveyor::cli
