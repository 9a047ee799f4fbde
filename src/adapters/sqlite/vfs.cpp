#include "adapters/sqlite/vfs.h"

#include <sqlite3.h>

#include <new>
#include <string>
#include <utility>

#include "base/assert.h"

namespace conveyor::sqlite {
namespace {

using Methods = sqlite3_io_methods;

sqlite3_vfs* system_vfs() {
  return sqlite3_vfs_find(nullptr);
}

// A file of ours stands where SQLite expects one; behind it, in the same memory, is the file of the
// system's VFS.

template <class File>
File& ours(sqlite3_file* file) {
  return *reinterpret_cast<File*>(file);
}
template <class File>
sqlite3_file* real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + sizeof(File));
}

template <class File, auto method, class... Args>
auto passed_on(sqlite3_file* file, Args... args) {
  auto* const to = real<File>(file);
  return (to->pMethods->*method)(to, args...);
}

/// What neither VFS changes of any file.
template <class File>
Methods methods_of_any() {
  Methods methods{};
  methods.iVersion = 1;
  methods.xLock = passed_on<File, &Methods::xLock, int>;
  methods.xUnlock = passed_on<File, &Methods::xUnlock, int>;
  methods.xCheckReservedLock = passed_on<File, &Methods::xCheckReservedLock, int*>;
  methods.xFileControl = passed_on<File, &Methods::xFileControl, int, void*>;
  methods.xSectorSize = passed_on<File, &Methods::xSectorSize>;
  methods.xDeviceCharacteristics = passed_on<File, &Methods::xDeviceCharacteristics>;
  return methods;
}

// --- the WAL, written in pieces -----------------------------------------------------------------

struct WalFile {
  static constexpr int kKind = SQLITE_OPEN_WAL;
  static const Methods kMethods;

  sqlite3_file base{&kMethods};  // first: SQLite sees this
  sqlite3_int64 begin = 0;       // of what is gathered
  std::string gathered;

  WalFile() {
    gathered.reserve(kMaxGatheredBytes);  // here, since no exception may pass through SQLite later
  }
};

int flush(sqlite3_file* file) {
  auto& self = ours<WalFile>(file);
  if (self.gathered.empty()) return SQLITE_OK;
  const int rc = passed_on<WalFile, &Methods::xWrite>(
      file, self.gathered.data(), static_cast<int>(self.gathered.size()), self.begin);
  self.gathered.clear();
  return rc;
}

int gather(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
  auto& self = ours<WalFile>(file);
  const bool follows = at == self.begin + static_cast<sqlite3_int64>(self.gathered.size());
  const auto more = static_cast<std::size_t>(size);
  if (!follows || self.gathered.size() + more > kMaxGatheredBytes) {
    if (const int rc = flush(file); rc != SQLITE_OK) return rc;
  }
  if (self.gathered.empty()) self.begin = at;
  self.gathered.append(static_cast<const char*>(bytes), more);
  return SQLITE_OK;
}

/// A method that first writes what is gathered.
template <auto method, class... Args>
int flushed(sqlite3_file* file, Args... args) {
  if (const int rc = flush(file); rc != SQLITE_OK) return rc;
  return passed_on<WalFile, method>(file, args...);
}

int close_wal(sqlite3_file* file) {
  const int flush_rc = flush(file);
  const int rc = passed_on<WalFile, &Methods::xClose>(file);
  ours<WalFile>(file).~WalFile();
  return flush_rc != SQLITE_OK ? flush_rc : rc;
}

/// Version 1: shared memory and mapped pages belong to the database's own file.
const Methods WalFile::kMethods = [] {
  auto methods = methods_of_any<WalFile>();
  methods.xClose = close_wal;
  methods.xRead = flushed<&Methods::xRead, void*, int, sqlite3_int64>;
  methods.xWrite = gather;
  methods.xTruncate = flushed<&Methods::xTruncate, sqlite3_int64>;
  methods.xSync = flushed<&Methods::xSync, int>;
  methods.xFileSize = flushed<&Methods::xFileSize, sqlite3_int64*>;
  return methods;
}();

// --- the data file, synced as it is written -----------------------------------------------------

struct DataFile {
  static constexpr int kKind = SQLITE_OPEN_MAIN_DB;
  static const Methods kMethods;

  sqlite3_file base{&kMethods};  // first: SQLite sees this
  std::size_t unsynced = 0;
};

int write_and_sync(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
  const int rc = passed_on<DataFile, &Methods::xWrite>(file, bytes, size, at);
  if (rc != SQLITE_OK) return rc;
  auto& unsynced = ours<DataFile>(file).unsynced;
  unsynced += static_cast<std::size_t>(size);
  if (unsynced < kMaxUnsyncedBytes) return SQLITE_OK;
  unsynced = 0;
  return passed_on<DataFile, &Methods::xSync>(file, SQLITE_SYNC_NORMAL);
}

const Methods DataFile::kMethods = [] {
  auto methods = methods_of_any<DataFile>();
  methods.iVersion = 3;
  methods.xClose = passed_on<DataFile, &Methods::xClose>;
  methods.xRead = passed_on<DataFile, &Methods::xRead, void*, int, sqlite3_int64>;
  methods.xWrite = write_and_sync;
  methods.xTruncate = passed_on<DataFile, &Methods::xTruncate, sqlite3_int64>;
  methods.xSync = passed_on<DataFile, &Methods::xSync, int>;
  methods.xFileSize = passed_on<DataFile, &Methods::xFileSize, sqlite3_int64*>;
  methods.xShmMap = passed_on<DataFile, &Methods::xShmMap, int, int, int, void volatile**>;
  methods.xShmLock = passed_on<DataFile, &Methods::xShmLock, int, int, int>;
  methods.xShmBarrier = passed_on<DataFile, &Methods::xShmBarrier>;
  methods.xShmUnmap = passed_on<DataFile, &Methods::xShmUnmap, int>;
  methods.xFetch = passed_on<DataFile, &Methods::xFetch, sqlite3_int64, int, void**>;
  methods.xUnfetch = passed_on<DataFile, &Methods::xUnfetch, sqlite3_int64, void*>;
  return methods;
}();

// --- the VFSs -----------------------------------------------------------------------------------

template <class File>
int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* const vfs = system_vfs();
  if ((flags & File::kKind) == 0) return vfs->xOpen(vfs, name, file, flags, out_flags);
  file->pMethods = nullptr;  // then SQLite does not close it
  auto* const behind = real<File>(file);
  const int rc = vfs->xOpen(vfs, name, behind, flags, out_flags);
  if (rc != SQLITE_OK) return rc;
  try {
    new (file) File;
  } catch (const std::bad_alloc&) {
    behind->pMethods->xClose(behind);
    file->pMethods = nullptr;
    return SQLITE_NOMEM;
  }
  return SQLITE_OK;
}

template <class File>
void register_one(const char* name) {
  static_assert(sizeof(File) % alignof(std::max_align_t) == 0);
  static sqlite3_vfs vfs = *system_vfs();
  vfs.pNext = nullptr;
  vfs.zName = name;
  vfs.szOsFile += sizeof(File);
  vfs.xOpen = open<File>;
  const int rc = sqlite3_vfs_register(&vfs, 0);
  CONVEYOR_ASSERT(rc == SQLITE_OK, "SQLite has room for a VFS");
}

}  // namespace

void register_vfs() {
  [[maybe_unused]] static const bool registered = [] {
    register_one<WalFile>(kWalVfs);
    register_one<DataFile>(kCheckpointVfs);
    return true;
  }();
}

}  // namespace conveyor::sqlite
