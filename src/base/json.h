// Strict reading of JSON (RFC 8259 within I-JSON, RFC 7493) and its canonical form (RFC 8785).
//
// Boost.JSON alone keeps the last of two equal members, reads 1e400 as infinity and integers beyond
// 64 bits as doubles; here each of these is an error that says where it is. Pure functions, any
// thread; nothing is thrown.
//
// JsonError::code is one of
//   parse_json:      too_large, empty, byte_order_mark, invalid_utf8, syntax, incomplete,
//                    lone_surrogate, duplicate_member, number_out_of_range, too_deep,
//                    too_many_members, trailing_bytes
//   canonical_json:  not_an_integer, number_out_of_range, too_deep
#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace conveyor {

struct JsonLimits {
  std::size_t max_bytes;  // of the whole text
  int max_depth;          // 1 allows [] but not [[]]; 0 allows no object or array
  std::size_t max_members =
      1024;  // of one object: bounds the cost of look-ups among colliding keys
};

struct JsonError {
  std::string code;
  std::string pointer;  // RFC 6901, to the value (or the twice named member) that is wrong, or to
                        // the innermost one around it; "" is the whole document
  std::string detail;   // for people
  std::size_t offset;   // bytes of the text before the place where reading stopped; 0 from
                        // canonical_json()
};

// One JSON text. Numbers without fraction and exponent become std::int64_t and must fit one; all
// others become double.
std::expected<boost::json::value, JsonError> parse_json(std::string_view text,
                                                        const JsonLimits& limits);

// The canonical form. Only integers within +-kMaxJsonInteger: a double is `not_an_integer`,
// whatever its value, so that no result depends on how floating point is printed. All text in it
// must be UTF-8, as it is in what parse_json() and Boost.JSON's parser give; anything else stops
// the process.
std::expected<std::string, JsonError> canonical_json(const boost::json::value& value);

// `name` with ~ and / as RFC 6901 section 3 writes them, to be appended to a pointer after a '/'.
std::string escape_json_pointer(std::string_view name);

}  // namespace conveyor
