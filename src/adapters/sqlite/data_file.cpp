#include "adapters/sqlite/data_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>

#include "adapters/sqlite/schema.h"

namespace conveyor {
namespace {

using sqlite::Connection;

constexpr int kTimeoutMs = 5'000;
constexpr int kMaxDamageLines = 20;

std::string reason() {
  return std::generic_category().message(errno);
}

OpenFailure unavailable(const StoreError& error) {
  return {OpenFailure::Kind::unavailable, error.what()};
}

std::expected<void, std::string> sync(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) return std::unexpected{fmt::format("cannot open {}: {}", path, reason())};
  const bool synced = ::fsync(fd) == 0;
  const auto why = reason();
  ::close(fd);
  if (!synced) return std::unexpected{fmt::format("cannot make {} durable: {}", path, why)};
  return {};
}

/// An empty file that nobody else had, with the permissions of `model`.
std::expected<void, std::string> make_file_like(const std::string& model, const std::string& path) {
  struct stat status{};
  const mode_t mode = ::stat(model.c_str(), &status) == 0 ? status.st_mode & 0777U : 0600U;
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) return std::unexpected{fmt::format("cannot make {}: {}", path, reason())};
  ::close(fd);
  return {};
}

void remove_with_sidecars(const std::string& path) {
  std::error_code ignored;
  for (const auto* end : {"", "-wal", "-shm", "-journal"}) {
    std::filesystem::remove(path + end, ignored);
  }
}

std::int64_t size_of(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : static_cast<std::int64_t>(size);
}

struct FinishBackup {
  void operator()(sqlite3_backup* backup) const noexcept { sqlite3_backup_finish(backup); }
};

/// Throws StoreError.
std::expected<void, CopyFailure> copy_pages(const std::string& from, const std::string& to,
                                            const CopyOptions& options) {
  Connection source{from, Connection::Mode::read_only, kTimeoutMs};
  Connection target{to, Connection::Mode::read_write, 0};
  // Half a copy is worth nothing, so it needs no journal; it is made durable once, at its end.
  target.execute("PRAGMA journal_mode = OFF");
  target.execute("PRAGMA synchronous = OFF");
  source.execute("BEGIN");
  source.scalar("SELECT count(*) FROM sqlite_schema");  // the first read takes the view
  const std::unique_ptr<sqlite3_backup, FinishBackup> backup{
      sqlite3_backup_init(target.handle(), "main", source.handle(), "main")};
  if (!backup) target.fail(sqlite3_errcode(target.handle()), "copy");
  for (;;) {
    const int rc = sqlite3_backup_step(backup.get(), kCopiedPagesPerStep);
    if (rc != SQLITE_OK && rc != SQLITE_DONE) target.fail(rc, "copy");
    const auto total = sqlite3_backup_pagecount(backup.get());
    const auto done = total - sqlite3_backup_remaining(backup.get());
    if (options.go_on && !options.go_on(done, total)) {
      return std::unexpected{CopyFailure{CopyFailure::Kind::stopped, "stopped"}};
    }
    if (rc == SQLITE_DONE) return {};
    if (const auto wal = size_of(from + "-wal"); wal > options.max_wal_bytes) {
      return std::unexpected{CopyFailure{
          CopyFailure::Kind::wal_grows,
          fmt::format("{}-wal has grown to {} MiB, because the server writes faster than its file "
                      "is copied: try again when it has less to do, or allow more",
                      from, wal >> 20U)}};
    }
  }
}

/// The pages say that there is a WAL; whoever reads the copy should need no file beside it.
void leave_wal_mode(const std::string& path) {
  Connection copy{path, Connection::Mode::read_write, 0};
  copy.execute("PRAGMA journal_mode = DELETE");
}

}  // namespace

std::int64_t newest_data_version() {
  return sqlite::schema_version();
}

std::expected<std::int64_t, OpenFailure> data_version_of(const std::string& path) {
  try {
    Connection connection{path, Connection::Mode::read_only, kTimeoutMs};
    if (connection.scalar("PRAGMA application_id") == sqlite::kApplicationId) {
      return connection.scalar("PRAGMA user_version");
    }
  } catch (const StoreError& error) {
    if (!is_damage(error)) return std::unexpected{unavailable(error)};
  }
  return std::unexpected{
      OpenFailure{OpenFailure::Kind::not_ours, path + " is not a file of conveyor"}};
}

std::expected<Migration, OpenFailure> migrate_data_file(const std::string& path) {
  const auto version = data_version_of(path);
  if (!version) return std::unexpected{version.error()};
  if (*version == newest_data_version()) return Migration{*version, *version};
  auto database = sqlite::Database::open(path, {});  // refuses what is newer
  if (!database) return std::unexpected{database.error()};
  if (!(*database)->empty_wal()) {
    return std::unexpected{OpenFailure{
        OpenFailure::Kind::unavailable,
        fmt::format("{} has been brought to version {}, but {}-wal could not be emptied: either "
                    "somebody reads the file or its disk is full",
                    path, newest_data_version(), path)}};
  }
  return Migration{*version, newest_data_version()};
}

std::expected<std::int64_t, CopyFailure> copy_data_file(const std::string& from,
                                                        const std::string& to,
                                                        const CopyOptions& options) {
  const auto failed = [](std::string message) {
    return std::unexpected{CopyFailure{CopyFailure::Kind::failed, std::move(message)}};
  };
  if (auto made = make_file_like(from, to); !made) return failed(made.error());
  try {
    auto copied = copy_pages(from, to, options);
    if (!copied) {
      remove_with_sidecars(to);
      return std::unexpected{copied.error()};
    }
    leave_wal_mode(to);
  } catch (const StoreError& error) {
    remove_with_sidecars(to);
    return failed(fmt::format("{} cannot be copied to {}: {}", from, to, error.what()));
  }
  if (auto synced = sync(to, O_RDWR); !synced) {
    remove_with_sidecars(to);
    return failed(synced.error());
  }
  return size_of(to);
}

std::expected<void, std::string> publish_file(const std::string& temporary, const std::string& path,
                                              bool replace) {
  const unsigned flags = replace ? 0U : RENAME_NOREPLACE;
  if (::renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), flags) != 0) {
    return std::unexpected{fmt::format("cannot rename {} to {}: {}", temporary, path, reason())};
  }
  auto folder = std::filesystem::path{path}.parent_path().string();
  if (folder.empty()) folder = ".";
  return sync(folder, O_RDONLY | O_DIRECTORY);
}

std::expected<std::optional<std::string>, OpenFailure> find_damage(const std::string& path,
                                                                   bool quick) {
  try {
    Connection connection{path, Connection::Mode::read_only, kTimeoutMs};
    sqlite::Statement check{
        connection,
        fmt::format("PRAGMA {}_check({})", quick ? "quick" : "integrity", kMaxDamageLines)};
    std::string found;
    for (auto rows = check.query(); rows.next();) {
      if (!found.empty()) found += '\n';
      found += rows.text(0);
    }
    if (found == "ok") return std::nullopt;
    return found;
  } catch (const StoreError& error) {
    if (is_damage(error)) return std::string{error.what()};
    return std::unexpected{unavailable(error)};
  }
}

}  // namespace conveyor
