// `migrate`, `backup`, `restore`: what is done with a data file as a whole. What goes wrong is said
// on standard error and is the exit code; json and jsonl print one object.
#pragma once

#include <cstdint>
#include <string>

#include "adapters/sqlite/database.h"
#include "app/cli/console.h"

namespace conveyor::cli {

struct MigrateOptions {
  std::string data;
  Output output = Output::text;
};

// Brings a data file to the version of this program. ok also if it has it already; not_found;
// invalid: not ours, or newer, and then untouched; unavailable: in use, or cannot be written.
ExitCode run_migrate(Console& console, const MigrateOptions& options);

// MiB that the WAL of a server may have before a backup gives way, unless --max-wal says otherwise.
inline constexpr std::int64_t kDefaultMaxWalMib = 1'024;

struct BackupOptions {
  std::string data;
  std::string to;
  std::int64_t max_wal_mib = kDefaultMaxWalMib;
  bool force = false;
  Output output = Output::text;
};

// Copies one committed state of a data file, also while a server uses it, to a file that is there
// whole or not at all. conflict: there is such a file, and no --force; unavailable: the WAL grew
// beyond its limit; interrupted.
ExitCode run_backup(Console& console, const BackupOptions& options);

struct RestoreOptions {
  std::string backup;
  std::string data;
  bool force = false;
  Output output = Output::text;
};

// Puts a backup in the place of a data file, after it was brought forward and checked: damage and
// broken invariants are exit code error, and nothing is changed. With --force the file that was
// there stays as FILE.replaced. conflict: there is a file, and no --force; unavailable: a process
// uses it.
ExitCode run_restore(Console& console, const RestoreOptions& options);

// The program's version and that of the data files that it writes.
ExitCode print_version(Console& console, Output output);

// What stands against opening a file, as an exit code.
ExitCode exit_code_of(OpenFailure::Kind kind);

}  // namespace conveyor::cli
