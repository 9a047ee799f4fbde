// Writing CSV (RFC 4180, lines end with LF): what CsvReader reads back is exactly what was written.
// Nothing is added for programs that take a field for a formula. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace conveyor {

// A field with its quotes if it needs them: for separators, quotes, line ends, spaces at its ends.
void append_csv_field(std::string& out, std::string_view field);

// The fields with commas between them and a line end behind them. One empty field is written `""`,
// since an empty line would be none.
void append_csv_row(std::string& out, std::span<const std::string> fields);

}  // namespace conveyor
