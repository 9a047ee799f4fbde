#include "server/api/query.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ranges>

#include "server/api/body_reader.h"
#include "server/api/limits.h"

namespace conveyor::api {
namespace {

bool contains(std::initializer_list<std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

QueryReader::QueryReader(std::string_view query, std::initializer_list<std::string_view> known,
                         std::initializer_list<std::string_view> lists) {
  // The HTTP core has refused what cannot be decoded.
  if (auto parsed = http::QueryParameters::parse(query)) parameters_ = *std::move(parsed);
  for (const auto& parameter : parameters_.list()) {
    if (!contains(known, parameter.name)) {
      add(parameter.name, field_problem("unknown_member"), "there is no such parameter here");
    } else if (!contains(lists, parameter.name) && parameters_.all(parameter.name).size() > 1) {
      add(parameter.name, field_problem("bad_format"), "may be given once only");
    }
  }
}

std::optional<std::string> QueryReader::text(std::string_view name) const {
  const auto* value = parameters_.find(name);
  if (value == nullptr) return std::nullopt;
  return *value;
}

std::vector<std::string> QueryReader::list(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto value : parameters_.all(name)) {
    for (const auto part : std::views::split(value, ',')) {
      values.emplace_back(std::string_view{part});
    }
  }
  return values;
}

std::optional<std::string> QueryReader::name(std::string_view name) {
  auto value = text(name);
  if (value && !is_name(*value)) {
    add(name, field_problem("bad_format"),
        fmt::format("must be 1 to {} of A-Z a-z 0-9 . _ -", kMaxNameBytes));
    return std::nullopt;
  }
  return value;
}

std::optional<Timestamp> QueryReader::time(std::string_view name) {
  const auto value = text(name);
  if (!value) return std::nullopt;
  const auto time = parse_rfc3339(*value);
  if (!time) {
    add(name, field_problem("bad_format"), "must be a date or an RFC 3339 time");
  }
  return time;
}

std::optional<bool> QueryReader::flag(std::string_view name) {
  const auto value = text(name);
  if (!value) return std::nullopt;
  if (*value == "true") return true;
  if (*value != "false") {
    add(name, field_problem("unknown_value"), "must be true or false");
  }
  return false;
}

std::optional<std::uint64_t> QueryReader::number(std::string_view name, std::uint64_t min,
                                                 std::uint64_t max) {
  const auto value = text(name);
  if (!value) return std::nullopt;
  std::uint64_t number = 0;
  const auto* const end = value->data() + value->size();
  const auto [at, error] = std::from_chars(value->data(), end, number);
  if (error != std::errc{} || at != end || number < min || number > max) {
    add(name, field_problem("out_of_range"),
        fmt::format("must be a whole number from {} to {}", min, max));
    return std::nullopt;
  }
  return number;
}

std::size_t QueryReader::limit(const RequestLimits& limits) {
  const auto max = static_cast<std::size_t>(limits.max_page);
  return number("limit", 1, max).value_or(std::min(kDefaultPage, max));
}

void QueryReader::add(std::string_view name, std::string_view code, std::string detail) {
  if (errors_.size() < kMaxReportedErrors) {
    errors_.push_back({std::string{name}, code, std::move(detail)});
  }
}

}  // namespace conveyor::api
