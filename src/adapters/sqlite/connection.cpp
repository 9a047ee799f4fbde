#include "adapters/sqlite/connection.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <cerrno>

#include "adapters/sqlite/vfs.h"
#include "base/assert.h"

namespace conveyor::sqlite {

StoreError::Kind kind_of(int result_code, int system_errno) {
  const bool no_space = system_errno == ENOSPC || system_errno == EDQUOT || system_errno == EFBIG;
  switch (result_code) {
    case SQLITE_IOERR_FSYNC:
    case SQLITE_IOERR_DIR_FSYNC:
    case SQLITE_IOERR_CORRUPTFS:
    case SQLITE_IOERR_DATA:
      return StoreError::Kind::fatal;
    case SQLITE_IOERR_SHMSIZE:  // the index of the WAL cannot grow
      return StoreError::Kind::full;
    default:
      break;
  }
  switch (result_code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return StoreError::Kind::fatal;
    case SQLITE_FULL:
      return StoreError::Kind::full;
    case SQLITE_IOERR:
      return no_space ? StoreError::Kind::full : StoreError::Kind::unavailable;
    default:
      return StoreError::Kind::unavailable;
  }
}

// --- Connection ---------------------------------------------------------------------------------

namespace {

/// Before the first connection: SQLite does not count its memory, for which it would take a lock at
/// every allocation. Refused, and no loss, if somebody in the process has used SQLite before.
void configure_once() {
  [[maybe_unused]] static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

}  // namespace

void Connection::Close::operator()(sqlite3* handle) const noexcept {
  sqlite3_close_v2(handle);
}

Connection::Connection(const std::string& path, Mode mode, int busy_timeout_ms, const char* vfs) {
  configure_once();
  register_vfs();
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= mode == Mode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (mode == Mode::create) flags |= SQLITE_OPEN_CREATE;
  sqlite3* opened = nullptr;
  const int rc = sqlite3_open_v2(path.c_str(), &opened, flags, vfs);
  handle_.reset(opened);
  if (rc != SQLITE_OK) fail(rc, "open " + path);
  sqlite3_busy_timeout(opened, busy_timeout_ms);
}

void Connection::fail(int result_code, std::string_view what) const {
  const auto kind = kind_of(result_code, handle_ ? sqlite3_system_errno(handle_.get()) : 0);
  const char* message = handle_ ? sqlite3_errmsg(handle_.get()) : sqlite3_errstr(result_code);
  throw StoreError(kind, fmt::format("{}: {} (SQLite {})", what, message, result_code));
}

void Connection::execute(const std::string& sql) {
  const int rc = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (rc != SQLITE_OK) fail(rc, sql.substr(0, sql.find('\n')));
}

std::int64_t Connection::scalar(const std::string& sql) {
  Statement statement{*this, sql};
  auto rows = statement.query();
  return rows.next() ? rows.integer(0) : 0;
}

bool Connection::in_transaction() const {
  return sqlite3_get_autocommit(handle_.get()) == 0;
}
std::int64_t Connection::changes() const {
  return sqlite3_changes64(handle_.get());
}
std::int64_t Connection::last_insert_rowid() const {
  return sqlite3_last_insert_rowid(handle_.get());
}

// --- Rows ---------------------------------------------------------------------------------------

Rows::~Rows() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

bool Rows::next() {
  const int rc = sqlite3_step(statement_);
  if (rc == SQLITE_ROW) return true;
  if (rc != SQLITE_DONE) connection_.fail(rc, sqlite3_sql(statement_));
  return false;
}

bool Rows::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}
bool Rows::is_blob(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_BLOB;
}

std::int64_t Rows::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view Rows::text(int column) const {
  const auto* bytes = sqlite3_column_text(statement_, column);
  const auto size = sqlite3_column_bytes(statement_, column);
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

Bytes Rows::blob(int column) const {
  const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<std::string> Rows::optional_string(int column) const {
  if (is_null(column)) return std::nullopt;
  return string(column);
}

Timestamp stored_time(std::int64_t unix_ms) {
  const auto time = from_unix_ms(unix_ms);
  if (time < kEarliestTime || time > kLatestTime) {
    throw StoreError(StoreError::Kind::damaged,
                     fmt::format("the file holds a time beyond all years: {}", unix_ms));
  }
  return time;
}

void Rows::throw_no_number(std::int64_t value) {
  throw StoreError(StoreError::Kind::damaged,
                   fmt::format("the file holds {}, which is out of range there", value));
}

std::optional<Timestamp> Rows::optional_time(int column) const {
  if (is_null(column)) return std::nullopt;
  return time(column);
}

namespace {

template <class Array>
Array exactly(Bytes bytes) {
  Array out;
  if (bytes.size() != out.size()) {
    throw StoreError(StoreError::Kind::damaged,
                     fmt::format("{} bytes stored where {} belong", bytes.size(), out.size()));
  }
  std::copy_n(bytes.begin(), out.size(), out.begin());
  return out;
}

}  // namespace

Uuid Rows::uuid(int column) const {
  return Uuid{exactly<decltype(Uuid::bytes)>(blob(column))};
}
Digest Rows::digest(int column) const {
  return exactly<Digest>(blob(column));
}
std::optional<Digest> Rows::optional_digest(int column) const {
  if (is_null(column)) return std::nullopt;
  return digest(column);
}

// --- Statement ----------------------------------------------------------------------------------

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

void Statement::prepare() {
  if (statement_) {
    CONVEYOR_ASSERT(sqlite3_stmt_busy(statement_.get()) == 0, "a statement runs once at a time");
    return;
  }
  sqlite3_stmt* prepared = nullptr;
  const int rc =
      sqlite3_prepare_v3(connection_->handle(), sql_.data(), static_cast<int>(sql_.size()),
                         SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
  statement_.reset(prepared);
  if (rc != SQLITE_OK) connection_->fail(rc, sql_);
}

/// What is bound stays so: it is never looked at again before every parameter is bound anew.
std::int64_t Statement::finish() {
  const int rc = sqlite3_step(statement_.get());
  CONVEYOR_ASSERT(rc != SQLITE_ROW, "a write returns no rows");
  const auto changes = connection_->changes();
  // A reset repeats the error of the step, with its message.
  if (sqlite3_reset(statement_.get()) != SQLITE_OK) connection_->fail(rc, sql_);
  return changes;
}

void Statement::bind(int index, std::nullopt_t) {
  sqlite3_bind_null(statement_.get(), index);
}

void Statement::bind(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), index, value);
}

// An empty view may point nowhere, which SQLite would take for NULL.
void Statement::bind(int index, std::string_view value) {
  const int rc =
      sqlite3_bind_text64(statement_.get(), index, value.empty() ? "" : value.data(), value.size(),
                          copies_ ? SQLITE_TRANSIENT : SQLITE_STATIC, SQLITE_UTF8);
  if (rc != SQLITE_OK) connection_->fail(rc, "bind text");
}

void Statement::bind(int index, Bytes value) {
  const void* bytes = value.empty() ? static_cast<const void*>("") : value.data();
  const int rc = sqlite3_bind_blob64(statement_.get(), index, bytes, value.size(),
                                     copies_ ? SQLITE_TRANSIENT : SQLITE_STATIC);
  if (rc != SQLITE_OK) connection_->fail(rc, "bind blob");
}

}  // namespace conveyor::sqlite
