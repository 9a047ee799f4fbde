#include "app/cli/json_text.h"

#include <cstddef>

#include <boost/json.hpp>

namespace conveyor::cli {
namespace {

void indent(std::ostream& out, std::size_t level) {
  out << '\n' << std::string(2 * level, ' ');
}

// NOLINTNEXTLINE(misc-no-recursion): the reader of the answer has bounded its depth
void print_level(std::ostream& out, const boost::json::value& value, std::size_t level) {
  if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
    char separator = '{';
    for (const auto& [name, content] : *object) {
      out << separator;
      indent(out, level + 1);
      out << boost::json::serialize(name) << ": ";
      print_level(out, content, level + 1);
      separator = ',';
    }
    indent(out, level);
    out << '}';
  } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
    char separator = '[';
    for (const auto& item : *array) {
      out << separator;
      indent(out, level + 1);
      print_level(out, item, level + 1);
      separator = ',';
    }
    indent(out, level);
    out << ']';
  } else {
    out << boost::json::serialize(value);
  }
}

}  // namespace

const boost::json::value* member(const boost::json::value& value, std::string_view name) {
  const auto* object = value.if_object();
  return object == nullptr ? nullptr : object->if_contains(name);
}

std::string text_member(const boost::json::value& value, std::string_view name) {
  const auto* found = member(value, name);
  if (found == nullptr) return {};
  if (const auto* text = found->if_string()) return std::string{std::string_view{*text}};
  if (const auto* number = found->if_int64()) return std::to_string(*number);
  if (const auto* flag = found->if_bool()) return *flag ? "true" : "false";
  return {};
}

std::optional<std::int64_t> integer_member(const boost::json::value& value, std::string_view name) {
  const auto* found = member(value, name);
  const auto* number = found == nullptr ? nullptr : found->if_int64();
  return number == nullptr ? std::nullopt : std::optional{*number};
}

const boost::json::array& array_member(const boost::json::value& value, std::string_view name) {
  static const boost::json::array kNone;
  const auto* found = member(value, name);
  const auto* array = found == nullptr ? nullptr : found->if_array();
  return array == nullptr ? kNone : *array;
}

void print_indented(std::ostream& out, const boost::json::value& value) {
  print_level(out, value, 0);
  out << '\n';
}

void print_json(std::ostream& out, const boost::json::value& value, Output output) {
  if (output == Output::json) return print_indented(out, value);
  out << boost::json::serialize(value) << '\n';
}

}  // namespace conveyor::cli
