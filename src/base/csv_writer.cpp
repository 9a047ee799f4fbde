#include "base/csv_writer.h"

namespace conveyor {
namespace {

bool needs_quotes(std::string_view field) {
  return field.find_first_of(",;\t\"\r\n") != std::string_view::npos || field.starts_with(' ') ||
         field.ends_with(' ');
}

}  // namespace

void append_csv_field(std::string& out, std::string_view field) {
  if (!needs_quotes(field)) {
    out += field;
    return;
  }
  out += '"';
  for (const char c : field) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void append_csv_row(std::string& out, std::span<const std::string> fields) {
  const auto begin = out.size();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out += ',';
    append_csv_field(out, fields[i]);
  }
  if (out.size() == begin) out += "\"\"";
  out += '\n';
}

}  // namespace conveyor
