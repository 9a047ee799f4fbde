// SqliteReader: a read-only connection to the file, with every reading port. It sees committed data
// only, never waits for the writer and never writes, so it serves other threads of the server as
// well as commands that read a file in use.
//
// Threads: one at a time. Errors: StoreError; what stands against opening is a value.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "adapters/sqlite/database.h"
#include "adapters/sqlite/reads.h"

namespace conveyor {

namespace sqlite {

/// A base, so that the connection exists before the statements over it.
struct ReadOnlyConnection {
  explicit ReadOnlyConnection(const std::string& path);
  Connection connection;
};

}  // namespace sqlite

class SqliteReader : private sqlite::ReadOnlyConnection, public sqlite::Reads {
 public:
  /// With `known_keys` of the store that writes the file, a key that is new needs no look into it.
  static std::expected<std::unique_ptr<SqliteReader>, OpenFailure> open(
      const std::string& path, std::shared_ptr<const sqlite::KnownKeys> known_keys = nullptr);

  using Reads::idempotency;
  std::optional<IdempotencyRecord> idempotency(const Digest& scope_hash) override;

  /// While one lives, all reads see the same committed state. It keeps the writer's WAL from
  /// starting over, so it should not live for long.
  class Snapshot {
   public:
    explicit Snapshot(SqliteReader& reader);
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;
    ~Snapshot();

   private:
    SqliteReader& reader_;
  };

 private:
  SqliteReader(const std::string& path, std::shared_ptr<const sqlite::KnownKeys> known_keys)
      : ReadOnlyConnection(path),
        Reads(ReadOnlyConnection::connection),
        known_keys_(std::move(known_keys)) {}

  std::shared_ptr<const sqlite::KnownKeys> known_keys_;
};

}  // namespace conveyor
