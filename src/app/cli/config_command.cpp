#include "app/cli/config_command.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include <boost/json.hpp>

#include "app/cli/json_text.h"

namespace conveyor::cli {
namespace {

boost::json::value json_value(const Setting& setting, const Config& config) {
  if (const auto* number = std::get_if<std::int64_t Config::*>(&setting.field)) {
    return config.*(*number);
  }
  if (const auto* number = std::get_if<std::optional<std::int64_t> Config::*>(&setting.field);
      number != nullptr && config.*(*number)) {
    return *(config.*(*number));
  }
  return boost::json::string{value_text(setting, config)};
}

boost::json::object row_of(const Setting& setting, const LoadedConfig& loaded, std::size_t index) {
  boost::json::object row;
  row["name"] = setting.name;
  row["value"] = json_value(setting, loaded.config);
  row["origin"] = loaded.origins.at(index);
  row["help"] = setting.help;
  return row;
}

}  // namespace

ExitCode show_config(Console& console, const LoadedConfig& loaded, Output output) {
  Table table({{"SETTING"}, {"VALUE"}, {"ORIGIN"}, {"MEANING"}});
  boost::json::array rows;
  for (std::size_t i = 0; i < settings().size(); ++i) {
    const Setting& setting = settings()[i];
    if (output == Output::text) {
      table.add({std::string{setting.name}, value_text(setting, loaded.config),
                 loaded.origins.at(i), std::string{setting.help}});
    } else if (output == Output::json) {
      rows.push_back(row_of(setting, loaded, i));
    } else {
      print_json(console.out, row_of(setting, loaded, i), output);
    }
  }
  if (output == Output::text) table.print(console.out);
  if (output == Output::json) print_indented(console.out, rows);
  return ExitCode::ok;
}

}  // namespace conveyor::cli
