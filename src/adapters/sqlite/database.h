// Database: the file, the lock that makes this process its only writer, and the writing connection
// with its transaction and checkpoints. WAL, synchronous=FULL: a commit has been fsynced when it
// returns.
//
// SQLite's automatic checkpoint is off, because it swallows a failed fsync; the store checkpoints
// by itself once the WAL has grown, after the transaction is durable, and looks at the result.
//
// Threads: one. Errors: StoreError; what stands against opening is a value.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "adapters/sqlite/checkpointer.h"
#include "adapters/sqlite/connection.h"
#include "adapters/sqlite/file_lock.h"

namespace conveyor {

struct OpenFailure {
  enum class Kind : std::uint8_t {
    in_use,         ///< another process owns the file
    not_ours,       ///< some other file
    newer_version,  ///< written by a newer program; untouched
    older_version,  ///< only readers: has to be migrated first
    unavailable,    ///< cannot be opened, read or written
  };
  Kind kind = Kind::unavailable;
  std::string message;  ///< a sentence for people
};

/// Pages of the WAL (4 KiB each) from which it is copied into the file, beside the commits that
/// follow (a Checkpointer); from which the last part is copied after a commit, which lets the WAL
/// start over; and from which that also tries to cut the WAL.
inline constexpr int kCheckpointPages = 16'000;
inline constexpr int kLastPartPages = 1'000;
inline constexpr int kTruncatePages = 40'000;
/// So often the part that has come meanwhile is copied beside the commits, too, before it is made
/// the last one however long it is.
inline constexpr int kMaxCheckpointPasses = 4;
/// After so many further pages of the WAL the free space is looked at: a checkpoint may need as
/// much as the WAL has, so it is made before less is left, however small the disk.
inline constexpr int kSpaceLookPages = 256;

struct SqliteOptions {
  std::int64_t max_pages = 0;  ///< of the file, 0: as many as there is space for
  int checkpoint_pages = kCheckpointPages;
  int last_part_pages = kLastPartPages;
  int truncate_pages = kTruncatePages;
};

namespace sqlite {

class Database {
 public:
  /// Opens or creates, then migrates.
  static std::expected<std::unique_ptr<Database>, OpenFailure> open(const std::string& path,
                                                                    const SqliteOptions& options);

  Connection& connection() { return connection_; }

  void begin();
  /// Throws after rolling back.
  void commit();
  /// Outside a transaction: a checkpoint or a part of one, if it is due. Throws, with kind fatal,
  /// when it, or what has gone on beside commits, failed to fsync.
  void checkpoint_if_due();
  /// Does nothing without a transaction (SQLite rolls some errors back by itself).
  void rollback();
  /// Writes as much as a batch needs, durably, and takes it away again.
  bool probe();
  /// Copies the WAL into the file and cuts it to nothing; false: somebody still reads it, or there
  /// is no space. Outside a transaction. Throws StoreError only if it is fatal.
  bool empty_wal();

  void limit_pages(std::int64_t max_pages);
  int wal_pages() const { return wal_pages_; }

 private:
  Database(FileLock lock, const std::string& path, const SqliteOptions& options);

  bool outgrows_disk();
  void checkpoint();

  FileLock lock_;
  Connection connection_;
  std::string path_;
  SqliteOptions options_;
  int wal_pages_ = 0;  ///< after the last commit
  int next_checkpoint_;
  int next_space_look_ = kSpaceLookPages;
  int passes_ = 0;  ///< of this checkpoint, beside commits
  Checkpointer checkpointer_;
};

/// Says what stands against reading the file; it is opened read-only and left as it is.
std::expected<void, OpenFailure> check_file(const std::string& path, bool for_writing);

}  // namespace sqlite
}  // namespace conveyor
