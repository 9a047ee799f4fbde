// Method: transactions over these VFSs and over the system's, side by side. How often the process
// has called write is read from /proc/self/io; syncs are counted, or refused, by a VFS between ours
// and the system's.
#include "adapters/sqlite/vfs.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "adapters/sqlite/connection.h"

namespace conveyor::sqlite {
namespace {

class WalVfs : public testing::Test {
 public:
  WalVfs() {
    std::string name = (std::filesystem::temp_directory_path() / "conveyor-wal-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~WalVfs() override { std::filesystem::remove_all(folder_); }

 protected:
  /// A file with a table t(id, bytes), over the VFS.
  Connection created(const char* vfs = kWalVfs) {
    Connection db{path(), Connection::Mode::create, 0, vfs};
    db.execute("PRAGMA journal_mode = WAL");
    db.execute("PRAGMA synchronous = FULL");
    db.execute("PRAGMA wal_autocheckpoint = 0");
    db.execute("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, bytes BLOB)");
    return db;
  }
  /// So many pages at least, not one of them like another.
  static void fill(Connection& db, int pages) {
    db.execute(
        fmt::format("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i "
                    "< {}) INSERT INTO t(bytes) SELECT randomblob(3900) FROM n",
                    pages));
  }
  std::uintmax_t wal_bytes() const { return std::filesystem::file_size(path() + "-wal"); }
  std::string path() const { return folder_ + "/data.db"; }

 private:
  std::string folder_;
};

std::int64_t writes_so_far() {
  std::ifstream io{"/proc/self/io"};
  for (std::string name; io >> name;) {
    std::int64_t value = 0;
    io >> value;
    if (name == "syscw:") return value;
  }
  return 0;
}

TEST_F(WalVfs, ACommitIsWrittenInFewPieces) {
  constexpr int kPages = 100;
  auto db = created();
  db.execute("BEGIN");
  fill(db, kPages);
  const auto before = writes_so_far();
  db.execute("COMMIT");
  EXPECT_LE(writes_so_far() - before, 5);
  EXPECT_GE(wal_bytes(), std::uintmax_t{kPages} * 4'096);
}

TEST_F(WalVfs, AnotherConnectionSeesWhatIsCommittedAndNothingElse) {
  auto db = created();
  Connection other{path(), Connection::Mode::read_only, 0};
  db.execute("BEGIN");
  fill(db, 10);
  EXPECT_EQ(other.scalar("SELECT count(*) FROM t"), 0);
  db.execute("COMMIT");
  EXPECT_EQ(other.scalar("SELECT count(*) FROM t"), 10);
  EXPECT_EQ(other.scalar("SELECT count(*) FROM t WHERE length(bytes) = 3900"), 10);
}

/// More than the cache and than one piece: pages are spilled, read back and written again.
TEST_F(WalVfs, ATransactionLargerThanEverythingIsWhole) {
  constexpr int kPages = 1'500;
  static_assert(std::size_t{kPages} * 4'096 > 2 * kMaxGatheredBytes);
  {
    auto db = created();
    db.execute("PRAGMA cache_size = 20");
    db.execute("BEGIN");
    fill(db, kPages);
    db.execute("UPDATE t SET bytes = zeroblob(3900) WHERE id % 3 = 0");
    EXPECT_EQ(db.scalar("SELECT count(*) FROM t WHERE bytes = zeroblob(3900)"), kPages / 3);
    db.execute("COMMIT");
    db.execute("BEGIN");
    fill(db, kPages);
    db.execute("ROLLBACK");
    EXPECT_EQ(db.scalar("SELECT count(*) FROM t"), kPages);
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    EXPECT_EQ(wal_bytes(), 0U);
    fill(db, 1);
  }
  Connection db{path(), Connection::Mode::read_only, 0};
  EXPECT_EQ(db.scalar("SELECT count(*) FROM t"), kPages + 1);
  Statement check{db, "PRAGMA integrity_check"};
  auto rows = check.query();
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.text(0), "ok");
}

/// A file must not grow beyond a limit, in a process of its own: the commit fails, and what was
/// there before stays.
TEST_F(WalVfs, ACommitThatCannotBeWrittenFails) {
  auto db = created();
  fill(db, 10);
  const auto child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{wal_bytes() + 40'000, wal_bytes() + 40'000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(2);
    Connection limited{path(), Connection::Mode::read_write, 0, kWalVfs};
    limited.execute("BEGIN");
    fill(limited, 100);
    try {
      limited.execute("COMMIT");
    } catch (const StoreError&) {
      if (limited.in_transaction()) limited.execute("ROLLBACK");
      ::_exit(limited.scalar("SELECT count(*) FROM t") == 10 ? 0 : 3);
    }
    ::_exit(1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(db.scalar("SELECT count(*) FROM t"), 10);
}

/// Is the system's VFS while one lives; one at a time.
class CountedSyncs {
 public:
  CountedSyncs() : vfs_(*below()) {
    vfs_.pNext = nullptr;
    vfs_.zName = "counted-syncs";
    vfs_.xOpen = [](sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
      const int rc = below()->xOpen(below(), name, file, flags, out);
      if (rc != SQLITE_OK || (flags & SQLITE_OPEN_MAIN_DB) == 0) return rc;
      methods() = *file->pMethods;
      methods().xSync = sync;
      real_sync() = file->pMethods->xSync;
      file->pMethods = &methods();
      return rc;
    };
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~CountedSyncs() { sqlite3_vfs_unregister(&vfs_); }
  CountedSyncs(const CountedSyncs&) = delete;
  CountedSyncs& operator=(const CountedSyncs&) = delete;

  static inline int count = 0;         ///< of the data file
  static inline int refused_from = 0;  ///< the n-th and those after it fail; 0: none

 private:
  static sqlite3_vfs* below() { return sqlite3_vfs_find("unix"); }
  static sqlite3_io_methods& methods() {
    static sqlite3_io_methods methods;
    return methods;
  }
  static int (*&real_sync())(sqlite3_file*, int) {
    static int (*sync)(sqlite3_file*, int);
    return sync;
  }
  static int sync(sqlite3_file* file, int flags) {
    if (++count >= refused_from && refused_from > 0) return SQLITE_IOERR_FSYNC;
    return real_sync()(file, flags);
  }

  sqlite3_vfs vfs_;
};

class CheckpointVfs : public WalVfs {
 protected:
  static constexpr int kPages = 1'000;

  /// What SQLite says to a checkpoint over that VFS; the data file gets kPages pages or some more.
  int checkpointed(const char* vfs) {
    auto db = created();
    fill(db, kPages);
    Connection other{path(), Connection::Mode::read_write, 0, vfs};
    other.scalar("PRAGMA user_version");
    CountedSyncs::count = 0;
    const int rc = sqlite3_wal_checkpoint_v2(other.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                             nullptr, nullptr);
    syncs = CountedSyncs::count;
    return rc;
  }

  CountedSyncs counted;
  int syncs = 0;  ///< of the data file in that checkpoint
};

TEST_F(CheckpointVfs, SyncsTheFileWhileItIsWritten) {
  EXPECT_EQ(checkpointed(kCheckpointVfs), SQLITE_OK);
  constexpr auto kLeast = static_cast<int>(std::size_t{kPages} * 4'096 / kMaxUnsyncedBytes);
  EXPECT_GE(syncs, kLeast);
  EXPECT_LE(syncs, kLeast + 2) << "and once at the end";
  Connection db{path(), Connection::Mode::read_only, 0};
  EXPECT_EQ(db.scalar("SELECT count(*) FROM t WHERE length(bytes) = 3900"), kPages);
}

TEST_F(CheckpointVfs, TheSystemsSyncsOnce) {
  EXPECT_EQ(checkpointed(nullptr), SQLITE_OK);
  EXPECT_EQ(syncs, 1);
}

TEST_F(CheckpointVfs, ASyncThatFailsFailsTheCheckpoint) {
  CountedSyncs::refused_from = 3;
  EXPECT_EQ(checkpointed(kCheckpointVfs), SQLITE_IOERR_FSYNC);
  EXPECT_EQ(syncs, 3) << "and nothing is written after it";
  CountedSyncs::refused_from = 0;
}

}  // namespace
}  // namespace conveyor::sqlite
