#include "app/file_commands.h"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <expected>
#include <filesystem>
#include <limits>
#include <optional>

#include "adapters/sqlite/data_file.h"
#include "adapters/sqlite/file_lock.h"
#include "adapters/sqlite/sqlite_reader.h"
#include "app/cli/interrupt.h"
#include "app/cli/json_text.h"
#include "app/cli/progress.h"
#include "app/version.h"
#include "runtime/verify.h"

namespace conveyor::cli {
namespace {

// Left free on the disk that a copy is written to.
constexpr std::int64_t kSpaceToLeave = std::int64_t{16} << 20;
// Violations that a refused restore names.
constexpr std::size_t kViolationsNamed = 5;

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

std::int64_t size_of(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : static_cast<std::int64_t>(size);
}

std::optional<std::string> no_space_for(const std::string& path, std::int64_t bytes) {
  const auto folder = std::filesystem::absolute(path).parent_path();
  std::error_code error;
  const auto space = std::filesystem::space(folder, error);
  if (error) return fmt::format("there is no folder {}", folder.string());
  if (static_cast<std::int64_t>(space.available) >= bytes + kSpaceToLeave) return std::nullopt;
  return fmt::format(
      "{} has {} MiB left and the copy needs {} MiB: make space, or choose another "
      "disk",
      folder.string(), space.available >> 20U, (bytes + kSpaceToLeave) >> 20U);
}

// A name beside `path` that nobody else uses meanwhile.
std::string temporary_for(const std::string& path) {
  return fmt::format("{}.partial-{}", path, ::getpid());
}

// A file that goes away unless it was given its name.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string path) : path_(std::move(path)) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    std::error_code ignored;
    for (const auto* end : {"", "-wal", "-shm", ".lock"}) {
      std::filesystem::remove(path_ + end, ignored);
    }
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

ExitCode exit_code_of(CopyFailure::Kind kind) {
  switch (kind) {
    case CopyFailure::Kind::stopped:
      return ExitCode::interrupted;
    case CopyFailure::Kind::wal_grows:
      return ExitCode::unavailable;
    case CopyFailure::Kind::failed:
      break;
  }
  return ExitCode::error;
}

std::expected<std::int64_t, CopyFailure> copy(Console& console, const std::string& from,
                                              const std::string& to, std::int64_t max_wal_bytes) {
  Progress progress{console};
  bool begun = false;
  CopyOptions options;
  options.max_wal_bytes = max_wal_bytes;
  options.go_on = [&](std::int64_t done, std::int64_t total) {
    if (!begun) progress.begin("copying", static_cast<std::size_t>(total));
    begun = true;
    progress.set(static_cast<std::size_t>(done));
    return !is_interrupted();
  };
  return copy_data_file(from, to, options);
}

// A copy that would replace it would not replace its WAL.
std::optional<std::string> unfit_target(const BackupOptions& options) {
  std::error_code ignored;
  if (std::filesystem::equivalent(options.data, options.to, ignored)) {
    return fmt::format("{} is the data file itself", options.to);
  }
  if (exists(options.to) && !options.force) {
    return fmt::format("{} is there already: choose another name, or --force to replace it",
                       options.to);
  }
  if (exists(options.to + "-wal")) {
    return fmt::format("{0}-wal is there, so {0} is a data file and no backup: choose another name",
                       options.to);
  }
  return std::nullopt;
}

// Damage of the file, then its invariants. nullopt: nothing is wrong.
std::optional<std::string> fault_of(const std::string& path) {
  const auto damage = find_damage(path, false);
  if (!damage) return damage.error().message;
  if (*damage) return fmt::format("it is damaged:\n{}", **damage);
  const auto reader = SqliteReader::open(path);
  if (!reader) return reader.error().message;
  VerifyReport report;
  try {
    report = verify_store(verify_source_of(**reader));
  } catch (const StoreError& error) {
    return fmt::format("it cannot be read to its end: {}", error.what());
  }
  if (report.clean()) return std::nullopt;
  auto text = fmt::format("it breaks {} invariants:", report.total());
  for (const auto& violation : report.violations) {
    if (&violation == &report.violations.front() + kViolationsNamed) break;
    text +=
        fmt::format("\n{} {}: {}", to_string(violation.rule), violation.subject, violation.detail);
  }
  return text;
}

// Moves the file that is there, with its WAL, out of the way; a WAL without a file would be taken
// for one of the new file.
std::expected<void, std::string> set_aside(const std::string& data) {
  const auto aside = data + ".replaced";
  for (const auto* end : {"-wal", ""}) {
    if (!exists(data + end)) continue;
    if (exists(aside + end)) {
      return std::unexpected(
          fmt::format("{}{} is there from an earlier restore: remove it first", aside, end));
    }
  }
  std::error_code error;
  for (const auto* end : {"-wal", ""}) {
    if (!exists(data + end)) continue;
    std::filesystem::rename(data + end, aside + end, error);
    if (error) return std::unexpected(fmt::format("cannot rename {}: {}", data, error.message()));
  }
  std::filesystem::remove(data + "-shm", error);
  return {};
}

void report(Console& console, Output output, const boost::json::object& result,
            const std::string& text) {
  if (output == Output::text) {
    fmt::print(console.out, "{}\n", printable(text));
  } else {
    print_json(console.out, result, output);
  }
}

}  // namespace

ExitCode exit_code_of(OpenFailure::Kind kind) {
  switch (kind) {
    case OpenFailure::Kind::not_ours:
    case OpenFailure::Kind::newer_version:
    case OpenFailure::Kind::older_version:
      return ExitCode::invalid;
    case OpenFailure::Kind::in_use:
    case OpenFailure::Kind::unavailable:
      break;
  }
  return ExitCode::unavailable;
}

ExitCode print_version(Console& console, Output output) {
  report(console, output,
         {{"name", "conveyor"},
          {"version", program_version()},
          {"data_version", newest_data_version()}},
         fmt::format("conveyor {} (data version {})", program_version(), newest_data_version()));
  return ExitCode::ok;
}

ExitCode run_migrate(Console& console, const MigrateOptions& options) {
  if (!exists(options.data)) {
    return fail(console, ExitCode::not_found, fmt::format("there is no file {}", options.data));
  }
  const auto done = migrate_data_file(options.data);
  if (!done) return fail(console, exit_code_of(done.error().kind), done.error().message);
  report(console, options.output,
         {{"data", options.data},
          {"from", done->from},
          {"to", done->to},
          {"migrated", done->from != done->to}},
         done->from == done->to
             ? fmt::format("{} has version {}: nothing to do", options.data, done->to)
             : fmt::format("{}: from version {} to {}", options.data, done->from, done->to));
  return ExitCode::ok;
}

ExitCode run_backup(Console& console, const BackupOptions& options) {
  stop_on_signal();
  if (!exists(options.data)) {
    return fail(console, ExitCode::not_found, fmt::format("there is no file {}", options.data));
  }
  const auto version = data_version_of(options.data);
  if (!version) return fail(console, exit_code_of(version.error().kind), version.error().message);
  if (auto ours = sqlite::check_file(options.data, true); !ours) {
    return fail(console, exit_code_of(ours.error().kind), ours.error().message);
  }
  if (const auto why = unfit_target(options)) return fail(console, ExitCode::conflict, *why);
  const auto needed = size_of(options.data) + size_of(options.data + "-wal");
  if (const auto why = no_space_for(options.to, needed)) {
    return fail(console, ExitCode::error, *why);
  }
  const TemporaryFile temporary{temporary_for(options.to)};
  const auto bytes = copy(console, options.data, temporary.path(), options.max_wal_mib << 20);
  if (!bytes) return fail(console, exit_code_of(bytes.error().kind), bytes.error().message);
  if (auto named = publish_file(temporary.path(), options.to, options.force); !named) {
    return fail(console, ExitCode::error, named.error());
  }
  report(console, options.output,
         {{"data", options.data}, {"backup", options.to}, {"version", *version}, {"bytes", *bytes}},
         fmt::format("{}: {} bytes, version {}", options.to, *bytes, *version));
  return ExitCode::ok;
}

ExitCode run_restore(Console& console, const RestoreOptions& options) {
  stop_on_signal();
  if (!exists(options.backup)) {
    return fail(console, ExitCode::not_found, fmt::format("there is no file {}", options.backup));
  }
  if (auto ours = sqlite::check_file(options.backup, true); !ours) {
    return fail(console, exit_code_of(ours.error().kind), ours.error().message);
  }
  const auto version = data_version_of(options.backup);
  if (!version) return fail(console, exit_code_of(version.error().kind), version.error().message);
  // Before the lock: nothing is made where nothing will be restored.
  if (exists(options.data) && !options.force) {
    return fail(console, ExitCode::conflict,
                fmt::format("{} is there already: choose another name, or --force to replace it",
                            options.data));
  }
  if (const auto why = no_space_for(options.data, size_of(options.backup))) {
    return fail(console, ExitCode::error, *why);
  }
  const auto lock = sqlite::FileLock::acquire(options.data);
  if (!lock) return fail(console, ExitCode::unavailable, lock.error().message);
  const TemporaryFile temporary{temporary_for(options.data)};
  constexpr auto kAnyWal = std::numeric_limits<std::int64_t>::max();  // nobody else uses a backup
  const auto bytes = copy(console, options.backup, temporary.path(), kAnyWal);
  if (!bytes) return fail(console, exit_code_of(bytes.error().kind), bytes.error().message);
  if (const auto moved = migrate_data_file(temporary.path()); !moved) {
    return fail(console, exit_code_of(moved.error().kind), moved.error().message);
  }
  if (const auto fault = fault_of(temporary.path())) {
    return fail(
        console, ExitCode::error,
        fmt::format("{} is not restored, and nothing was changed: {}", options.backup, *fault));
  }
  if (auto moved = set_aside(options.data); !moved) {
    return fail(console, ExitCode::conflict, moved.error());
  }
  if (auto named = publish_file(temporary.path(), options.data, false); !named) {
    return fail(console, ExitCode::error, named.error());
  }
  report(console, options.output,
         {{"backup", options.backup},
          {"data", options.data},
          {"from", *version},
          {"version", newest_data_version()},
          {"bytes", size_of(options.data)}},
         fmt::format("{}: {} bytes, version {}, no violation", options.data, size_of(options.data),
                     newest_data_version()));
  return ExitCode::ok;
}

}  // namespace conveyor::cli
