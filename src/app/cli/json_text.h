// Reading members of a server's JSON without caring whether they are there, and printing JSON.
// A server may be newer or older than this program: what is missing reads as nothing.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "app/cli/console.h"

namespace conveyor::cli {

// The member, or null if `value` is no object or has none of that name.
const boost::json::value* member(const boost::json::value& value, std::string_view name);

// A string as it is, an integer in decimal, a bool as true or false; anything else is "".
std::string text_member(const boost::json::value& value, std::string_view name);
std::optional<std::int64_t> integer_member(const boost::json::value& value, std::string_view name);
// Empty if it is not an array.
const boost::json::array& array_member(const boost::json::value& value, std::string_view name);

// Two spaces per level, members in their sequence, a line end behind it.
void print_indented(std::ostream& out, const boost::json::value& value);

// A value as `output` says; text is not for this.
void print_json(std::ostream& out, const boost::json::value& value, Output output);

}  // namespace conveyor::cli
