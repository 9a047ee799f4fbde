// An order as `orders export` writes it, from the API's order and contact: as rows of a CSV with
// the columns of `orders import`, or as a line of NDJSON. Both are what the import takes. Pure.
#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>

#include "app/cli/import_plan.h"

namespace conveyor::cli {

struct ExportedOrder {
  std::string text;
  // The format could not carry all of it: labels, metadata, several adjustments of one kind.
  bool has_lost = false;
};

// The line of titles; "" for NDJSON.
std::string export_header(ImportFormat format);

// What belongs to the order stands in each of its rows, adjustments in the first one only, so that
// a column of them can be added up. An order without a reference gets its id for one. Or why the
// order cannot be written.
std::expected<ExportedOrder, std::string> export_order(ImportFormat format,
                                                       const boost::json::value& order,
                                                       const boost::json::value& contact);

}  // namespace conveyor::cli
