// Method: transactions over this VFS and over the system's, side by side; how often the process has
// called write is read from /proc/self/io.
#include "adapters/sqlite/wal_vfs.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
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

}  // namespace
}  // namespace conveyor::sqlite
