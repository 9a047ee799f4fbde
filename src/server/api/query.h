// QueryReader: the query parameters of one route, read strictly. Unknown parameters, and known ones
// that come twice where one is meant, are refused; everything wrong is reported at once.
//
// Plain value, one thread.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "server/api/limits.h"
#include "server/api/problem.h"
#include "server/http/message.h"

namespace conveyor::api {

class QueryReader {
 public:
  /// Of the known parameters those in `lists` may be repeated.
  QueryReader(std::string_view query, std::initializer_list<std::string_view> known,
              std::initializer_list<std::string_view> lists = {});

  std::optional<std::string> text(std::string_view name) const;
  /// Every value, also those within one parameter separated by commas.
  std::vector<std::string> list(std::string_view name) const;
  /// As is_name(), else an error.
  std::optional<std::string> name(std::string_view name);
  std::optional<Timestamp> time(std::string_view name);
  /// `true` or `false`, else an error.
  std::optional<bool> flag(std::string_view name);
  std::optional<std::uint64_t> number(std::string_view name, std::uint64_t min, std::uint64_t max);
  /// The parameter `limit`, 1 to max_page; kDefaultPage, or less if that is more, if absent.
  std::size_t limit(const RequestLimits& limits = {});

  void add(std::string_view name, std::string_view code, std::string detail);
  const std::vector<FieldError>& errors() const { return errors_; }

 private:
  http::QueryParameters parameters_;
  std::vector<FieldError> errors_;
};

}  // namespace conveyor::api
