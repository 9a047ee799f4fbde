// Connection and Statement: the SQLite C API with lifetimes, typed parameters and columns, and
// errors as StoreError. Few files name sqlite3 functions: connection.cpp, database.cpp,
// checkpointer.cpp, data_file.cpp and vfs.cpp.
//
// Threads: a connection and its statements belong to one thread at a time.
// Errors: StoreError; which result code is which kind is said at `kind_of`.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/sha256.h"
#include "base/time.h"
#include "domain/ids.h"
#include "ports/unit_of_work.h"

struct sqlite3;
struct sqlite3_stmt;

namespace conveyor::sqlite {

using Bytes = std::span<const std::uint8_t>;

/// A failed fsync and a damaged file are fatal (after a failed fsync nobody knows what the disk
/// holds, so nothing is retried over it); no space, quota or address space for the shared index is
/// `full`; anything else is `unavailable`. `result_code` is an extended one.
StoreError::Kind kind_of(int result_code, int system_errno);

class Connection {
 public:
  enum class Mode : std::uint8_t { read_only, read_write, create };

  /// Waits up to `busy_timeout_ms` for locks of other connections.
  /// `vfs`: SQLite's name of one, nullptr for the system's.
  Connection(const std::string& path, Mode mode, int busy_timeout_ms, const char* vfs = nullptr);

  sqlite3* handle() const { return handle_.get(); }
  void execute(const std::string& sql);
  /// The first column of the first row; 0 if there is none.
  std::int64_t scalar(const std::string& sql);
  bool in_transaction() const;
  /// Rows that the last statement inserted, changed or deleted.
  std::int64_t changes() const;
  std::int64_t last_insert_rowid() const;
  [[noreturn]] void fail(int result_code, std::string_view what) const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const noexcept;
  };
  std::unique_ptr<sqlite3, Close> handle_;
};

/// The times that are written in RFC 3339: years 0001 to 9999.
inline constexpr Timestamp kEarliestTime = from_unix_ms(-62'135'596'800'000);
inline constexpr Timestamp kLatestTime = from_unix_ms(253'402'300'799'999);

/// A time as the file has it. Throws StoreError (damaged) for one beyond those, which nobody
/// stores.
Timestamp stored_time(std::int64_t unix_ms);

/// Results of one run of a statement; resets it when it goes out of scope.
class Rows {
 public:
  Rows(Connection& connection, sqlite3_stmt* statement)
      : connection_(connection), statement_(statement) {}
  Rows(Rows&& other) noexcept
      : connection_(other.connection_), statement_(std::exchange(other.statement_, nullptr)) {}
  Rows& operator=(Rows&&) = delete;
  ~Rows();

  /// False: no more rows.
  bool next();

  bool is_null(int column) const;
  bool is_blob(int column) const;
  std::int64_t integer(int column) const;
  /// Views are valid until the next `next`.
  std::string_view text(int column) const;
  Bytes blob(int column) const;

  std::string string(int column) const { return std::string{text(column)}; }
  std::optional<std::string> optional_string(int column) const;
  std::uint32_t counter(int column) const { return static_cast<std::uint32_t>(integer(column)); }
  /// Throws StoreError (damaged) for what is no `Number`.
  template <class Number>
  Number number(int column) const {
    const auto value = integer(column);
    if (!std::in_range<Number>(value)) throw_no_number(value);
    return static_cast<Number>(value);
  }
  Timestamp time(int column) const { return stored_time(integer(column)); }
  std::optional<Timestamp> optional_time(int column) const;
  Uuid uuid(int column) const;
  template <class T>
  T id(int column) const {
    return T{uuid(column)};
  }
  Digest digest(int column) const;
  std::optional<Digest> optional_digest(int column) const;

 private:
  [[noreturn]] static void throw_no_number(std::int64_t value);

  Connection& connection_;
  sqlite3_stmt* statement_;
};

/// One SQL text, prepared at its first use and kept.
class Statement {
 public:
  Statement(Connection& connection, std::string sql)
      : connection_(&connection), sql_(std::move(sql)) {}

  /// Parameters are bound by position and copied.
  template <class... Args>
  Rows query(const Args&... args) {
    prepare();
    copies_ = true;
    int index = 0;
    (bind(++index, args), ...);
    return Rows{*connection_, statement_.get()};
  }

  /// Runs to the end; returns the rows changed.
  template <class... Args>
  std::int64_t execute(const Args&... args) {
    prepare();
    copies_ = false;  // the arguments outlive the run
    int index = 0;
    (bind(++index, args), ...);
    return finish();
  }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };

  void prepare();
  std::int64_t finish();

  void bind(int index, std::nullopt_t);
  void bind(int index, std::int64_t value);
  void bind(int index, std::string_view value);
  void bind(int index, Bytes value);
  void bind(int index, const std::string& value) { bind(index, std::string_view{value}); }
  void bind(int index, Timestamp value) { bind(index, to_unix_ms(value)); }
  void bind(int index, const Digest& value) { bind(index, Bytes{value}); }
  template <class Tag>
  void bind(int index, const Id<Tag>& value) {
    bind(index, Bytes{value.uuid().bytes});
  }
  template <std::integral T>
    requires(!std::same_as<T, std::int64_t>)
  void bind(int index, T value) {
    bind(index, static_cast<std::int64_t>(value));
  }
  template <class T>
  void bind(int index, const std::optional<T>& value) {
    if (value) {
      bind(index, *value);
    } else {
      bind(index, std::nullopt);
    }
  }

  Connection* connection_;
  std::string sql_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  bool copies_ = true;
};

}  // namespace conveyor::sqlite
