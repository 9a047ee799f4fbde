#include "app/cli/import_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>

namespace conveyor::cli {
namespace {

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr std::string_view kBlanks = " \t\r\n";

}  // namespace

std::expected<ImportInput, std::string> ImportInput::open(Console& console,
                                                          const std::string& path) {
  if (path == kStandardInput) return ImportInput{path, {}, &console.in};
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return std::unexpected(fmt::format("{} is a directory; name the file", printable(path)));
  }
  errno = 0;
  std::ifstream file{path, std::ios::binary};
  if (file.is_open()) return ImportInput{path, std::move(file), nullptr};
  return std::unexpected(
      fmt::format("{} cannot be opened: {}", printable(path), std::strerror(errno)));
}

ImportInput::ImportInput(std::string path, std::ifstream file, std::istream* standard_input)
    : path_(std::move(path)), file_(std::move(file)), standard_input_(standard_input) {}

ImportFormat ImportInput::find_format() {
  if (path_.ends_with(".ndjson") || path_.ends_with(".jsonl")) return ImportFormat::ndjson;
  while (head_.size() < kMaxHead) {
    std::string_view text{head_};
    if (text.starts_with(kUtf8Mark)) text.remove_prefix(kUtf8Mark.size());
    const auto first = text.find_first_not_of(kBlanks);
    const bool is_part_of_mark = kUtf8Mark.starts_with(head_);
    if (first != std::string_view::npos && !is_part_of_mark) {
      return text[first] == '{' ? ImportFormat::ndjson : ImportFormat::csv;
    }
    const int byte = stream().get();  // a pipe may not have more yet
    if (byte == std::istream::traits_type::eof()) break;
    head_ += static_cast<char>(byte);
  }
  return ImportFormat::csv;
}

std::optional<std::size_t> ImportInput::read(char* buffer, std::size_t size) {
  if (!head_.empty()) {
    const auto taken = std::min(size, head_.size());
    std::ranges::copy_n(head_.begin(), static_cast<std::ptrdiff_t>(taken), buffer);
    head_.erase(0, taken);
    return taken;
  }
  stream().read(buffer, static_cast<std::streamsize>(size));
  if (stream().bad()) return std::nullopt;
  return static_cast<std::size_t>(stream().gcount());
}

}  // namespace conveyor::cli
