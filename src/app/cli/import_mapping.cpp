#include "app/cli/import_mapping.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace conveyor::cli {
namespace {

// "path=value" with a path that there is, once.
std::expected<void, std::string> add_pair(std::map<std::string, std::string>& pairs,
                                          std::string_view flag, std::string_view text) {
  const auto equals = text.find('=');
  const auto path = text.substr(0, equals);
  if (equals == std::string_view::npos || equals + 1 == text.size()) {
    return std::unexpected(
        fmt::format("{} {}: write path={}", flag, text, flag == "--map" ? "Column" : "value"));
  }
  if (std::ranges::find(import_paths(), path) == import_paths().end()) {
    return std::unexpected(fmt::format("{} {}: \"{}\" is no path; there are {}", flag, text, path,
                                       fmt::join(import_paths(), ", ")));
  }
  if (!pairs.try_emplace(std::string{path}, text.substr(equals + 1)).second) {
    return std::unexpected(fmt::format("{} {} is given twice", flag, path));
  }
  return {};
}

}  // namespace

bool is_required_path(std::string_view path) {
  if (path == "title" || path == kOrder) return false;
  const auto* const found = std::ranges::find(kOrderPaths, path, &OrderPath::path);
  return found == kOrderPaths.end() || found->is_required;
}

std::span<const std::string_view> import_paths() {
  static const auto kAll = [] {
    std::vector<std::string_view> paths{kReference, kOrder};
    paths.insert(paths.end(), kLinePaths.begin(), kLinePaths.end());
    for (const auto& order_path : kOrderPaths) paths.push_back(order_path.path);
    return paths;
  }();
  return kAll;
}

std::expected<ImportMapping, std::string> parse_import_mapping(
    const std::vector<std::string>& maps, const std::vector<std::string>& sets) {
  ImportMapping mapping;
  for (const auto& text : maps) {
    if (auto added = add_pair(mapping.columns, "--map", text); !added) {
      return std::unexpected(std::move(added.error()));
    }
  }
  for (const auto& text : sets) {
    if (auto added = add_pair(mapping.constants, "--set", text); !added) {
      return std::unexpected(std::move(added.error()));
    }
  }
  for (const auto& [path, value] : mapping.constants) {
    if (mapping.columns.contains(path)) {
      return std::unexpected(fmt::format("{} is given by --map and by --set", path));
    }
    if (path == kReference || path == kOrder) {
      return std::unexpected(fmt::format("--set {}: every order needs its own", path));
    }
  }
  return mapping;
}

}  // namespace conveyor::cli
