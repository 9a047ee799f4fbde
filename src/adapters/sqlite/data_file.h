// What is done with a data file as a whole: bringing it forward, copying it while a server uses it,
// putting another one in its place, looking at its health. For commands; a server opens a
// SqliteStore.
//
// Threads: any, nothing is shared. Errors are values.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>

#include "adapters/sqlite/database.h"

namespace conveyor {

/// The version of data files that this program writes; it reads it and every older one.
std::int64_t newest_data_version();

/// Pages of a data file that are copied between two looks at what else is going on: 4 MiB.
inline constexpr int kCopiedPagesPerStep = 1'024;

struct Migration {
  std::int64_t from = 0;
  std::int64_t to = 0;  ///< equal to `from`: nothing was to be done, nothing was written
};
/// Brings an existing file forward, whole or not at all. A newer one is left untouched.
std::expected<Migration, OpenFailure> migrate_data_file(const std::string& path);

struct CopyFailure {
  enum class Kind : std::uint8_t {
    stopped,    ///< `go_on` said so
    wal_grows,  ///< the server has written more meanwhile than the copy may cost it
    failed,     ///< cannot be read or written
  };
  Kind kind = Kind::failed;
  std::string message;  ///< a sentence for people
};

struct CopyOptions {
  /// Bytes that the WAL of the source may have, because it cannot start over during the copy.
  std::int64_t max_wal_bytes = 0;
  /// After each step, with the pages that are copied and those that there are. False: stop.
  std::function<bool(std::int64_t done, std::int64_t total)> go_on;
};

/// Copies one committed state of `from`, whoever uses it, to `to`, which must not exist: a file of
/// its own without a WAL, made durable, with the permissions of `from`. It is one read transaction,
/// so that what the server writes meanwhile does not make it begin again. After a failure `to` does
/// not exist. Returns the bytes of the copy.
std::expected<std::int64_t, CopyFailure> copy_data_file(const std::string& from,
                                                        const std::string& to,
                                                        const CopyOptions& options);

/// Gives the file its name, durably. Without `replace` it is an error if there is one.
std::expected<void, std::string> publish_file(const std::string& temporary, const std::string& path,
                                              bool replace);

/// Everything that `PRAGMA integrity_check` finds, at most 20 lines; with `quick` without comparing
/// indexes with tables. nullopt: nothing is wrong.
std::expected<std::optional<std::string>, OpenFailure> find_damage(const std::string& path,
                                                                   bool quick);

/// Version of the tables of any file of ours, older or newer.
std::expected<std::int64_t, OpenFailure> data_version_of(const std::string& path);

}  // namespace conveyor
