#include "adapters/sqlite/checkpointer.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include "adapters/sqlite/connection.h"
#include "adapters/sqlite/vfs.h"
#include "base/assert.h"
#include "base/thread_name.h"

namespace conveyor::sqlite {

Checkpointer::~Checkpointer() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Checkpointer::rethrow() const {
  if (error_) std::rethrow_exception(error_);
}

void Checkpointer::start() {
  {
    const std::lock_guard lock(mutex_);
    CONVEYOR_ASSERT(!working_, "one pass at a time");
    rethrow();
    working_ = true;
  }
  if (thread_.joinable()) {
    changed_.notify_all();
    return;
  }
  thread_ = std::thread([this] {
    name_this_thread("checkpointer");
    loop();
  });
}

bool Checkpointer::is_idle() {
  const std::lock_guard lock(mutex_);
  rethrow();
  return !working_;
}

void Checkpointer::wait_idle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !working_; });
  rethrow();
}

int Checkpointer::copied() {
  const std::lock_guard lock(mutex_);
  return copied_;
}

void Checkpointer::loop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || working_; });
    if (!working_) return;
    lock.unlock();
    int copied = 0;
    std::exception_ptr error;
    try {
      copied = pass();
    } catch (const StoreError& e) {
      if (e.kind() == StoreError::Kind::fatal) error = std::current_exception();
    }
    lock.lock();
    copied_ = copied;
    error_ = std::move(error);
    working_ = false;
    changed_.notify_all();
  }
}

namespace {

void sync(Connection& connection) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(connection.handle(), "main", SQLITE_FCNTL_FILE_POINTER,
                       static_cast<void*>(&file));
  if (const int rc = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL); rc != SQLITE_OK) {
    throw StoreError(kind_of(rc, 0),
                     fmt::format("sync of the data file: {} (SQLite {})", sqlite3_errstr(rc), rc));
  }
}

}  // namespace

int Checkpointer::pass() const {
  // A connection for each pass: one that stays open would keep its view of the file in memory.
  Connection connection{path_, Connection::Mode::read_write, 0, kCheckpointVfs};
  sqlite3_wal_autocheckpoint(connection.handle(), 0);
  // An unused connection does not know yet that the file has a WAL.
  connection.scalar("PRAGMA user_version");
  int copied = 0;
  const int rc = sqlite3_wal_checkpoint_v2(connection.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                           nullptr, &copied);
  if (rc != SQLITE_OK) connection.fail(rc, "checkpoint");
  // SQLite syncs the file only with the last part of the WAL, while every commit waits: by then
  // most of it should be on the disk.
  sync(connection);
  return copied;
}

}  // namespace conveyor::sqlite
