#include "app/cli/bulk.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

namespace conveyor::cli {
namespace {

std::ifstream open_file(const std::string& path) {
  if (path == kStandardInput) return {};
  return std::ifstream{path, std::ios::binary};
}

}  // namespace

CsvFile::CsvFile(Console& console, const std::string& path)
    : is_standard_input_(path == kStandardInput),
      file_(open_file(path)),
      reader_(is_standard_input_ ? console.in : file_) {}

std::optional<ExitCode> refuse_consent(Console& console, const std::string& path,
                                       std::string_view question) {
  const auto consent = path == kStandardInput ? Consent::nobody_to_ask : ask(console, question);
  switch (consent) {
    case Consent::given:
      return std::nullopt;
    case Consent::refused:
      fmt::print(console.err, "nothing was done\n");
      return ExitCode::error;
    case Consent::nobody_to_ask:
      return fail(
          console, ExitCode::usage,
          fmt::format("{} Nobody can be asked here: say --yes, or --dry-run to look", question));
  }
  return ExitCode::usage;
}

}  // namespace conveyor::cli
