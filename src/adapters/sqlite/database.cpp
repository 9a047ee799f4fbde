#include "adapters/sqlite/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <filesystem>

#include "adapters/sqlite/schema.h"
#include "adapters/sqlite/vfs.h"
#include "base/assert.h"

namespace conveyor::sqlite {
namespace {

/// Opening waits this long for a reader that is just recovering the WAL. Afterwards nobody else
/// writes, so nothing is waited for on the core thread.
constexpr int kOpenTimeoutMs = 5'000;
/// Memory for pages of the writing connection, in KiB.
constexpr int kCacheKib = 64 * 1'024;
constexpr std::uintmax_t kPageBytes = 4'096;
/// So long a reader is waited for that still needs the WAL: new ones do without it.
constexpr int kEmptyWalTimeoutMs = 20;
/// More than what a small batch adds to the file.
constexpr std::int64_t kProbeBytes = 262'144;

OpenFailure failure_of(const StoreError& error) {
  return {OpenFailure::Kind::unavailable, error.what()};
}

std::expected<void, OpenFailure> check_versions(Connection& connection, const std::string& path,
                                                bool for_writing) {
  const auto application = connection.scalar("PRAGMA application_id");
  const auto version = connection.scalar("PRAGMA user_version");
  const auto tables = connection.scalar("SELECT count(*) FROM sqlite_schema");
  const bool is_empty = application == 0 && version == 0 && tables == 0;
  if (for_writing && is_empty) return {};
  if (application != kApplicationId) {
    return std::unexpected{
        OpenFailure{OpenFailure::Kind::not_ours, path + " is not a file of conveyor"}};
  }
  if (version > schema_version()) {
    return std::unexpected{OpenFailure{
        OpenFailure::Kind::newer_version,
        fmt::format("{} has version {}, this program reads up to {}: use a newer conveyor", path,
                    version, schema_version())}};
  }
  if (!for_writing && version < schema_version()) {
    return std::unexpected{OpenFailure{
        OpenFailure::Kind::older_version,
        fmt::format("{} has version {}, this program reads {}: `conveyor migrate` brings "
                    "it up to date, and so does `conveyor serve`",
                    path, version, schema_version())}};
  }
  return {};
}

}  // namespace

std::expected<void, OpenFailure> check_file(const std::string& path, bool for_writing) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (for_writing && (error == std::errc::no_such_file_or_directory || (!error && size == 0))) {
    return {};
  }
  try {
    Connection connection{path, Connection::Mode::read_only, kOpenTimeoutMs};
    return check_versions(connection, path, for_writing);
  } catch (const StoreError& e) {
    auto failure = failure_of(e);
    if (std::string_view{e.what()}.ends_with(fmt::format("(SQLite {})", SQLITE_NOTADB))) {
      failure = {OpenFailure::Kind::not_ours, path + " is not a file of conveyor"};
    }
    return std::unexpected{std::move(failure)};
  }
}

std::expected<std::unique_ptr<Database>, OpenFailure> Database::open(const std::string& path,
                                                                     const SqliteOptions& options) {
  auto lock = FileLock::acquire(path);
  if (!lock) {
    const auto kind =
        lock.error().in_use ? OpenFailure::Kind::in_use : OpenFailure::Kind::unavailable;
    return std::unexpected{OpenFailure{kind, lock.error().message}};
  }
  if (auto checked = check_file(path, true); !checked) return std::unexpected{checked.error()};
  try {
    return std::unique_ptr<Database>{new Database{std::move(*lock), path, options}};
  } catch (const StoreError& error) {
    return std::unexpected{failure_of(error)};
  }
}

Database::Database(FileLock lock, const std::string& path, const SqliteOptions& options)
    : lock_(std::move(lock)),
      connection_(path, Connection::Mode::create, kOpenTimeoutMs, kWalVfs),
      path_(path),
      options_(options),
      next_checkpoint_(options.checkpoint_pages),
      checkpointer_(path) {
  connection_.execute("PRAGMA journal_mode = WAL");
  connection_.execute("PRAGMA synchronous = FULL");  // as kWalVfs needs it, too
  connection_.execute("PRAGMA temp_store = MEMORY");
  // Pages that are given up are written over with zeros: those of the contacts of an older version.
  connection_.execute("PRAGMA secure_delete = ON");
  connection_.execute(fmt::format("PRAGMA cache_size = -{}", kCacheKib));
  sqlite3_wal_autocheckpoint(connection_.handle(), 0);
  sqlite3_wal_hook(
      connection_.handle(),
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<Database*>(self)->wal_pages_ = pages;
        return SQLITE_OK;
      },
      this);
  migrate(connection_);
  limit_pages(options.max_pages);
  sqlite3_busy_timeout(connection_.handle(), 0);
}

void Database::limit_pages(std::int64_t max_pages) {
  constexpr std::int64_t kSqliteMaxPages = 4'294'967'294;
  connection_.execute(
      fmt::format("PRAGMA max_page_count = {}", max_pages > 0 ? max_pages : kSqliteMaxPages));
}

void Database::begin() {
  CONVEYOR_ASSERT(!connection_.in_transaction(), "one transaction at a time");
  connection_.execute("BEGIN IMMEDIATE");
}

void Database::commit() {
  CONVEYOR_ASSERT(connection_.in_transaction(), "a commit ends a transaction");
  try {
    connection_.execute("COMMIT");
  } catch (const StoreError&) {
    rollback();
    throw;
  }
}

void Database::rollback() {
  if (connection_.in_transaction()) connection_.execute("ROLLBACK");
}

bool Database::outgrows_disk() {
  if (wal_pages_ < kSpaceLookPages) next_space_look_ = kSpaceLookPages;
  if (wal_pages_ < next_space_look_) return false;
  next_space_look_ = wal_pages_ + kSpaceLookPages;
  std::error_code error;
  const auto space = std::filesystem::space(path_, error);
  return !error && space.available < static_cast<std::uintmax_t>(wal_pages_) * kPageBytes;
}

void Database::checkpoint_if_due() {
  if (wal_pages_ < options_.checkpoint_pages) {
    next_checkpoint_ = options_.checkpoint_pages;
    passes_ = 0;
  }
  if (outgrows_disk()) {
    checkpointer_.wait_idle();
    checkpoint();
    return;
  }
  if (!checkpointer_.is_idle() || wal_pages_ < next_checkpoint_) return;
  const int left = passes_ == 0 ? wal_pages_ : wal_pages_ - checkpointer_.copied();
  if (left > options_.last_part_pages && passes_ < kMaxCheckpointPasses) {
    ++passes_;
    checkpointer_.start();
    return;
  }
  checkpoint();
}

void Database::checkpoint() {
  passes_ = 0;
  // A reader that holds an old view keeps the WAL from starting over; try again only after it has
  // grown some more, not at every commit.
  next_checkpoint_ = wal_pages_ + options_.checkpoint_pages;
  const int mode = wal_pages_ >= options_.truncate_pages ? SQLITE_CHECKPOINT_TRUNCATE
                                                         : SQLITE_CHECKPOINT_PASSIVE;
  const int rc = sqlite3_wal_checkpoint_v2(connection_.handle(), nullptr, mode, nullptr, nullptr);
  if (rc == SQLITE_OK) return;
  // What was committed is in the WAL, so anything but a failed fsync (or a damaged file) only means
  // that the WAL stays longer.
  if (kind_of(rc, 0) == StoreError::Kind::fatal) connection_.fail(rc, "checkpoint");
}

bool Database::empty_wal() {
  checkpointer_.wait_idle();
  sqlite3_busy_timeout(connection_.handle(), kEmptyWalTimeoutMs);
  const int rc = sqlite3_wal_checkpoint_v2(connection_.handle(), nullptr,
                                           SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  sqlite3_busy_timeout(connection_.handle(), 0);
  if (rc != SQLITE_OK) {
    if (kind_of(rc, 0) == StoreError::Kind::fatal) connection_.fail(rc, "checkpoint");
    return false;
  }
  wal_pages_ = 0;
  next_checkpoint_ = options_.checkpoint_pages;
  return true;
}

bool Database::probe() {
  // What has filled the disk may be the WAL, which takes no space of its own once it can start
  // over.
  empty_wal();
  try {
    begin();
    connection_.execute(
        fmt::format("INSERT OR REPLACE INTO space_probe VALUES(1, zeroblob({}))", kProbeBytes));
    commit();
    checkpoint_if_due();
    begin();
    connection_.execute("DELETE FROM space_probe");
    commit();
    checkpoint_if_due();
    return true;
  } catch (const StoreError& error) {
    rollback();
    if (error.kind() == StoreError::Kind::fatal) throw;
    return false;
  }
}

}  // namespace conveyor::sqlite
