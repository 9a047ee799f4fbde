#include "adapters/sqlite/sqlite_reader.h"

namespace conveyor {
namespace {

/// A reader waits this long for the moments in which SQLite locks everybody out (recovery of the
/// WAL, the last close).
constexpr int kReaderTimeoutMs = 5'000;

}  // namespace

sqlite::ReadOnlyConnection::ReadOnlyConnection(const std::string& path)
    : connection(path, Connection::Mode::read_only, kReaderTimeoutMs) {}

std::expected<std::unique_ptr<SqliteReader>, OpenFailure> SqliteReader::open(
    const std::string& path, std::shared_ptr<const sqlite::KnownKeys> known_keys) {
  if (auto checked = sqlite::check_file(path, false); !checked) {
    return std::unexpected{checked.error()};
  }
  try {
    return std::unique_ptr<SqliteReader>{new SqliteReader{path, std::move(known_keys)}};
  } catch (const StoreError& error) {
    return std::unexpected{OpenFailure{OpenFailure::Kind::unavailable, error.what()}};
  }
}

std::optional<IdempotencyRecord> SqliteReader::idempotency(const Digest& scope_hash) {
  if (!known_keys_) return Reads::idempotency(scope_hash);
  const auto scope = scope_prefix(scope_hash);
  return Reads::idempotency(scope, known_keys_->places_of(scope));
}

SqliteReader::Snapshot::Snapshot(SqliteReader& reader) : reader_(reader) {
  reader_.db.execute("BEGIN");
  reader_.feed_position();  // the first read takes the view
}

SqliteReader::Snapshot::~Snapshot() {
  try {
    reader_.db.execute("COMMIT");
  } catch (const StoreError&) {
    // The end of a read changes nothing; a broken connection shows at the next read.
    return;
  }
}

}  // namespace conveyor
