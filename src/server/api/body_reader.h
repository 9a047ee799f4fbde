// BodyReader: reads a JSON body strictly and collects everything that is wrong with it, each with
// its place, so that a client sees all mistakes at once. At most kMaxReportedErrors are kept.
//
// Plain value, one thread. The parsed document outlives the reader.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/api/limits.h"
#include "server/api/problem.h"

namespace conveyor::api {

/// `[A-Za-z0-9._-]{1,64}`: sku, customer_id, reference, reason codes, actors.
bool is_name(std::string_view text);

/// 13 to 19 digits that pass Luhn (ISO/IEC 7812-1), separators left out, and nothing else.
bool looks_like_card_number(std::string_view text);

class BodyReader {
 public:
  using Object = boost::json::object;
  using Value = boost::json::value;

  /// The limits outlive the reader.
  explicit BodyReader(const RequestLimits& limits) : limits_(limits) {}

  const RequestLimits& limits() const { return limits_; }

  void add(std::string pointer, std::string_view code, std::string detail);
  bool ok() const { return count_ == 0; }
  std::size_t count() const { return count_; }
  std::vector<FieldError> take_errors() { return std::move(errors_); }

  /// The value as an object whose members are all among `known`, else null and an error (for
  /// unknown members only errors).
  const Object* object(const Value& value, const std::string& pointer,
                       std::initializer_list<std::string_view> known);
  const boost::json::array* array(const Object& o, std::string_view name,
                                  const std::string& pointer, std::int64_t min, std::int64_t max,
                                  bool required);
  /// Null without an error if it is absent and not required.
  const Value* member(const Object& o, std::string_view name, const std::string& pointer,
                      bool required);
  /// An integer within [min, max].
  std::optional<std::int64_t> integer(const Object& o, std::string_view name,
                                      const std::string& pointer, std::int64_t min,
                                      std::int64_t max);
  /// 1 to `max` characters, none of them a control character, not only white space.
  std::optional<std::string> text(const Object& o, std::string_view name,
                                  const std::string& pointer, std::int64_t max, bool required);
  /// A name as is_name() has it, of at most max_name_bytes.
  std::optional<std::string> name(const Object& o, std::string_view name,
                                  const std::string& pointer, bool required);
  /// The member as a string, whatever it holds.
  std::optional<std::string_view> string(const Object& o, std::string_view name,
                                         const std::string& pointer, bool required);

 private:
  const RequestLimits& limits_;
  std::vector<FieldError> errors_;
  std::size_t count_ = 0;
};

/// A pointer one level deeper.
std::string child(const std::string& pointer, std::string_view name);

}  // namespace conveyor::api
