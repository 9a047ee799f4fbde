#include "adapters/sqlite/wal_vfs.h"

#include <sqlite3.h>

#include <new>
#include <string>
#include <utility>

#include "base/assert.h"

namespace conveyor::sqlite {
namespace {

/// Stands where SQLite expects a file; behind it, in the same memory, the file of the system's VFS.
struct WalFile {
  sqlite3_file base;        // first: SQLite sees this
  sqlite3_int64 begin = 0;  // of what is gathered
  std::string gathered;
};
static_assert(sizeof(WalFile) % alignof(std::max_align_t) == 0);

WalFile& wal(sqlite3_file* file) {
  return *reinterpret_cast<WalFile*>(file);
}
sqlite3_file* real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + sizeof(WalFile));
}

int flush(sqlite3_file* file) {
  auto& self = wal(file);
  if (self.gathered.empty()) return SQLITE_OK;
  const int rc = real(file)->pMethods->xWrite(real(file), self.gathered.data(),
                                              static_cast<int>(self.gathered.size()), self.begin);
  self.gathered.clear();
  return rc;
}

int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
  auto& self = wal(file);
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
  return (real(file)->pMethods->*method)(real(file), args...);
}
template <auto method, class... Args>
int passed_on(sqlite3_file* file, Args... args) {
  return (real(file)->pMethods->*method)(real(file), args...);
}

int close(sqlite3_file* file) {
  const int flush_rc = flush(file);
  const int rc = real(file)->pMethods->xClose(real(file));
  wal(file).~WalFile();
  return flush_rc != SQLITE_OK ? flush_rc : rc;
}

using Methods = sqlite3_io_methods;
/// Version 1: shared memory and mapped pages belong to the database's own file.
const Methods kWalMethods = [] {
  Methods methods{};
  methods.iVersion = 1;
  methods.xClose = close;
  methods.xRead = flushed<&Methods::xRead, void*, int, sqlite3_int64>;
  methods.xWrite = write;
  methods.xTruncate = flushed<&Methods::xTruncate, sqlite3_int64>;
  methods.xSync = flushed<&Methods::xSync, int>;
  methods.xFileSize = flushed<&Methods::xFileSize, sqlite3_int64*>;
  methods.xLock = passed_on<&Methods::xLock, int>;
  methods.xUnlock = passed_on<&Methods::xUnlock, int>;
  methods.xCheckReservedLock = passed_on<&Methods::xCheckReservedLock, int*>;
  methods.xFileControl = passed_on<&Methods::xFileControl, int, void*>;
  methods.xSectorSize = passed_on<&Methods::xSectorSize>;
  methods.xDeviceCharacteristics = passed_on<&Methods::xDeviceCharacteristics>;
  return methods;
}();

sqlite3_vfs* system_vfs() {
  static sqlite3_vfs* const found = sqlite3_vfs_find(nullptr);
  return found;
}

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* const vfs = system_vfs();
  if ((flags & SQLITE_OPEN_WAL) == 0) return vfs->xOpen(vfs, name, file, flags, out_flags);
  file->pMethods = nullptr;  // then SQLite does not close it
  const int rc = vfs->xOpen(vfs, name, real(file), flags, out_flags);
  if (rc != SQLITE_OK) return rc;
  std::string gathered;
  try {
    gathered.reserve(kMaxGatheredBytes);  // here, since no exception may pass through SQLite later
  } catch (const std::bad_alloc&) {
    real(file)->pMethods->xClose(real(file));
    return SQLITE_NOMEM;
  }
  new (file) WalFile{.base = {&kWalMethods}, .gathered = std::move(gathered)};
  return SQLITE_OK;
}

}  // namespace

void register_wal_vfs() {
  static sqlite3_vfs vfs = [] {
    auto made = *system_vfs();
    made.pNext = nullptr;
    made.zName = kWalVfs;
    made.szOsFile += sizeof(WalFile);
    made.xOpen = open;
    return made;
  }();
  [[maybe_unused]] static const int registered = [] {
    const int rc = sqlite3_vfs_register(&vfs, 0);
    CONVEYOR_ASSERT(rc == SQLITE_OK, "SQLite has room for a VFS");
    return rc;
  }();
}

}  // namespace conveyor::sqlite
