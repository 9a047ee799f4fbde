// The query of `orders list`: terms with blanks between them, all of which an order must match.
//
//   status:failed,cancelled   step:book_shipment   customer:c1   reference:R-17   sku:A
//   created:2026-01-31   created:>2026-01-01   created:<=2026-01-31T12:00:00Z
//   updated:>2026-01-01   failing:true
//
// A `-` before a term excludes what it matches. `status:` several times, or with commas, is any of
// them. `updated:` is the time of the last event; `failing:` says whether a failure stands. A bare
// date stands for the whole day (UTC): `created:>2026-01-31` begins on the first of February. The
// server filters what it can; the rest is excluded here, row by row.
#pragma once

#include <boost/json/value.hpp>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "domain/vocabulary.h"

namespace conveyor::cli {

struct OrderQuery {
  std::vector<Status> statuses;  // any of these; empty: all
  std::optional<std::string> step;
  std::optional<std::string> customer_id;
  std::optional<std::string> reference;
  std::optional<std::string> sku;
  std::optional<Timestamp> created_after;   // exclusive
  std::optional<Timestamp> created_before;  // exclusive
  std::optional<Timestamp> updated_after;   // exclusive
  std::optional<Timestamp> updated_before;  // exclusive
  std::optional<bool> failing;              // a failure stands

  // Excluded here.
  std::vector<std::string> not_steps;
  std::vector<std::string> not_customers;
  std::vector<std::string> not_references;
};

// Or what is wrong, as a sentence.
std::expected<OrderQuery, std::string> parse_order_query(std::string_view text);

// As the API's query string, without a leading '?', or "".
std::string query_string(const OrderQuery& query);

// Whether a row of the list survives the exclusions.
bool is_wanted(const OrderQuery& query, const boost::json::value& row);

}  // namespace conveyor::cli
