#include "server/api/body_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <ranges>
#include <utility>

#include "base/json.h"
#include "server/api/limits.h"

namespace conveyor::api {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Unicode code points of valid UTF-8.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

}  // namespace

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxNameBytes && std::ranges::all_of(text, [](char c) {
    return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-';
  });
}

bool looks_like_card_number(std::string_view text) {
  std::vector<int> digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      digits.push_back(c - '0');
    } else if (c != '.' && c != '-' && c != '_' && c != ' ') {
      return false;
    }
  }
  if (digits.size() < kMinCardDigits || digits.size() > kMaxCardDigits) return false;
  int sum = 0;
  bool doubled = false;
  for (const int digit : digits | std::views::reverse) {
    const int counted = doubled ? digit * 2 : digit;
    sum += counted > 9 ? counted - 9 : counted;
    doubled = !doubled;
  }
  return sum % 10 == 0;
}

std::string child(const std::string& pointer, std::string_view name) {
  return pointer + "/" + escape_json_pointer(name);
}

void BodyReader::add(std::string pointer, std::string_view code, std::string detail) {
  ++count_;
  if (errors_.size() < kMaxReportedErrors) {
    errors_.push_back({std::move(pointer), code, std::move(detail)});
  }
}

const BodyReader::Object* BodyReader::object(const Value& value, const std::string& pointer,
                                             std::initializer_list<std::string_view> known) {
  if (!value.is_object()) {
    add(pointer, field_problem("wrong_type"), "must be an object");
    return nullptr;
  }
  for (const auto& entry : value.get_object()) {
    const std::string_view key{entry.key().data(), entry.key().size()};
    if (std::ranges::find(known, key) == known.end()) {
      add(child(pointer, key), field_problem("unknown_member"), "there is no such member");
    }
  }
  return &value.get_object();
}

const BodyReader::Value* BodyReader::member(const Object& o, std::string_view name,
                                            const std::string& pointer, bool required) {
  const auto* found = o.if_contains(name);
  if (found == nullptr && required) {
    add(child(pointer, name), field_problem("required"), "is missing");
  }
  return found;
}

const boost::json::array* BodyReader::array(const Object& o, std::string_view name,
                                            const std::string& pointer, std::int64_t min,
                                            std::int64_t max, bool required) {
  const auto* value = member(o, name, pointer, required);
  if (value == nullptr) return nullptr;
  if (!value->is_array()) {
    add(child(pointer, name), field_problem("wrong_type"), "must be an array");
    return nullptr;
  }
  const auto& list = value->get_array();
  const auto size = static_cast<std::int64_t>(list.size());
  if (size < min) {
    add(child(pointer, name), field_problem("too_short"),
        fmt::format("must have at least {} elements", min));
    return nullptr;
  }
  if (size > max) {
    add(child(pointer, name), field_problem("too_long"),
        fmt::format("must have at most {} elements", max));
    return nullptr;
  }
  return &list;
}

std::optional<std::int64_t> BodyReader::integer(const Object& o, std::string_view name,
                                                const std::string& pointer, std::int64_t min,
                                                std::int64_t max) {
  const auto* value = member(o, name, pointer, true);
  if (value == nullptr) return std::nullopt;
  if (value->is_double()) {
    add(child(pointer, name), field_problem("not_an_integer"), "must be an integer");
    return std::nullopt;
  }
  if (!value->is_int64()) {
    add(child(pointer, name), field_problem("wrong_type"), "must be a number");
    return std::nullopt;
  }
  const auto number = value->get_int64();
  if (number < min || number > max) {
    add(child(pointer, name), field_problem("out_of_range"),
        fmt::format("must be between {} and {}", min, max));
    return std::nullopt;
  }
  return number;
}

std::optional<std::string_view> BodyReader::string(const Object& o, std::string_view name,
                                                   const std::string& pointer, bool required) {
  const auto* value = member(o, name, pointer, required);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    add(child(pointer, name), field_problem("wrong_type"), "must be a string");
    return std::nullopt;
  }
  return std::string_view{value->get_string().data(), value->get_string().size()};
}

std::optional<std::string> BodyReader::text(const Object& o, std::string_view name,
                                            const std::string& pointer, std::int64_t max,
                                            bool required) {
  const auto found = string(o, name, pointer, required);
  if (!found) return std::nullopt;
  if (found->find_first_not_of(' ') == found->npos) {
    add(child(pointer, name), field_problem("too_short"), "must not be empty");
    return std::nullopt;
  }
  if (std::cmp_greater(characters(*found), max)) {
    add(child(pointer, name), field_problem("too_long"),
        fmt::format("must have at most {} characters", max));
    return std::nullopt;
  }
  if (std::ranges::any_of(*found, is_control)) {
    add(child(pointer, name), field_problem("bad_format"), "must not have control characters");
    return std::nullopt;
  }
  return std::string{*found};
}

std::optional<std::string> BodyReader::name(const Object& o, std::string_view name,
                                            const std::string& pointer, bool required) {
  const auto found = string(o, name, pointer, required);
  if (!found) return std::nullopt;
  if (!is_name(*found) || std::cmp_greater(found->size(), limits_.max_name_bytes)) {
    add(child(pointer, name), field_problem("bad_format"),
        fmt::format("must be 1 to {} of A-Z a-z 0-9 . _ -", limits_.max_name_bytes));
    return std::nullopt;
  }
  return std::string{*found};
}

}  // namespace conveyor::api
