// The plan of an NDJSON file (app/cli/import_plan.h): a request per line, with minor units, exactly
// as `POST /v1/orders` takes it, and judged by the same parser; `reference` is required, since
// customer and reference give the idempotency key. A byte order mark, CRLF and blank lines are
// skipped. A line that is no valid request is refused by its number; the others are not concerned.
//
// Pure but for reading. No more of a line is held than a request may have. Limits: kMaxImportRows,
// kMaxImportBytes.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <optional>
#include <string>

#include "app/cli/import_plan.h"

namespace conveyor::cli {

// Fills the buffer and returns how many bytes; 0 is the end, std::nullopt a failure to read.
using ReadBytes = std::function<std::optional<std::size_t>(char* buffer, std::size_t size)>;

struct NdjsonLimits {
  std::size_t max_rows = kMaxImportRows;
  std::size_t max_bytes = kMaxImportBytes;
};

// Or why nothing of the file can be taken.
std::expected<ImportPlan, std::string> plan_ndjson_import(const ReadBytes& read,
                                                          const NdjsonLimits& limits = {});

}  // namespace conveyor::cli
