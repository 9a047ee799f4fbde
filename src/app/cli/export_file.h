// Where an export goes: standard output, or a file that is there whole or not at all.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "app/cli/console.h"

namespace conveyor::cli {

class ExportSink {
 public:
  virtual ~ExportSink() = default;
  virtual std::expected<void, std::string> write(std::string_view text) = 0;
  // Makes what was written count.
  virtual std::expected<void, std::string> finish() = 0;
};

// A reader that goes away is an error whose text is "", and is noted in the console.
std::unique_ptr<ExportSink> export_to_console(Console& console);

// A temporary file beside `path`, readable for its owner only, since it holds personal data;
// finish() makes it durable and renames it. Without finish() nothing is left.
std::expected<std::unique_ptr<ExportSink>, std::string> export_to_file(const std::string& path);

}  // namespace conveyor::cli
