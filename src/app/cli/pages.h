// The pages of a list, one after the other, by its cursor.
#pragma once

#include <cstddef>
#include <expected>
#include <string>

#include "app/cli/api_client.h"

namespace conveyor::cli {

// Rows that the server gives at once.
inline constexpr std::size_t kMaxPageRows = 200;

class Pages {
 public:
  // `target` may have a query. Pages are asked for once, or as long as `patience` lasts. Client and
  // patience must outlive this.
  Pages(ApiClient& client, std::string target, Patience* patience = nullptr);

  // The next page: {data, next_cursor, has_more}.
  std::expected<boost::json::value, Failure> next();

  // There is no further page.
  bool is_done() const { return is_done_; }

 private:
  ApiClient& client_;
  std::string target_;
  Patience* patience_;
  std::string cursor_;
  bool is_done_ = false;
};

}  // namespace conveyor::cli
