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

// A number, and its words if it may be `never`.
boost::json::object number_schema(const Setting& setting) {
  boost::json::object number{
      {"type", "integer"}, {"minimum", setting.min}, {"maximum", setting.max}};
  if (std::holds_alternative<std::int64_t Config::*>(setting.field)) return number;
  return {{"anyOf", {std::move(number), {{"const", "never"}}}}};
}

boost::json::object text_schema(const Setting& setting) {
  boost::json::object text{{"type", "string"}};
  if (setting.choices.empty()) return text;
  boost::json::array choices;
  for (const auto choice : setting.choices) choices.emplace_back(choice);
  text["enum"] = std::move(choices);
  return text;
}

boost::json::object schema_of(const Setting& setting) {
  const bool is_text = std::holds_alternative<std::string Config::*>(setting.field);
  auto schema = is_text ? text_schema(setting) : number_schema(setting);
  schema["description"] = setting.unit.empty() ? std::string{setting.help}
                                               : fmt::format("{} ({})", setting.help, setting.unit);
  schema["default"] = json_value(setting, Config{});
  return schema;
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

ExitCode print_config_schema(Console& console) {
  boost::json::object properties;
  for (const Setting& setting : settings()) properties[setting.name] = schema_of(setting);
  const boost::json::object schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                                   {"title", "Configuration of conveyor serve"},
                                   {"type", "object"},
                                   {"properties", std::move(properties)},
                                   {"additionalProperties", false}};
  print_indented(console.out, schema);
  return ExitCode::ok;
}

}  // namespace conveyor::cli
