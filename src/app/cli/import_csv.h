// The plan of a CSV (app/cli/import_plan.h).
//
// One row is one line item. Rows of one reference are one order wherever they stand; where the file
// has a column `order`, rows with the same value in it are, so that two customers may share a
// reference. Columns are named by the request's paths (`sku`, `ship_to.city`,
// `adjustment.shipping`), or mapped to them. Members of the order (all but sku, title, quantity and
// unit_price) may stand in every row or in some: an empty cell says nothing, two that differ refuse
// the order. An order with a wrong line is refused whole. Amounts are decimal, read by the
// currency's exponent.
//
// A record that cannot even be split into fields belongs to an unknown order. Rather than accept an
// order without one of its lines, every order that its text may name is refused too; and a file
// whose quotes do not close, whose header stands in it twice, or with a record beyond all bounds,
// is refused altogether.
//
// Pure but for reading the CSV. Limit: kMaxImportRows.
#pragma once

#include <expected>
#include <string>

#include "app/cli/import_mapping.h"
#include "app/cli/import_plan.h"
#include "base/csv.h"

namespace conveyor::cli {

// Or why nothing of the file can be taken.
std::expected<ImportPlan, std::string> plan_csv_import(CsvReader& reader,
                                                       const ImportMapping& mapping,
                                                       std::size_t max_rows = kMaxImportRows);

}  // namespace conveyor::cli
