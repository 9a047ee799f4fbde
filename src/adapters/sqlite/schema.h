// The tables of the file and how they came to be: migrations forward only, each once, all that are
// due in one transaction with the version that they lead to. docs/formats.md describes every
// column.
#pragma once

#include <string>

#include "adapters/sqlite/connection.h"

namespace conveyor::sqlite {

/// `PRAGMA application_id` of our files: "Cnvy".
inline constexpr std::int64_t kApplicationId = 0x436e7679;

/// `PRAGMA user_version` that this program reads and writes.
std::int64_t schema_version();

/// Brings an empty file or one of an older version to `schema_version()`.
void migrate(Connection& connection);

}  // namespace conveyor::sqlite
