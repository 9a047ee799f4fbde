#include "adapters/sqlite/known_keys.h"

#include <cstring>
#include <functional>
#include <utility>

#include "adapters/sqlite/sqlite_reader.h"
#include "base/thread_name.h"

namespace conveyor::sqlite {
namespace {

/// A scope is the beginning of a SHA-256: evenly distributed as it is.
std::uint64_t hash_of(Bytes scope) {
  std::uint64_t hash = 0;
  if (scope.size() >= sizeof hash) std::memcpy(&hash, scope.data(), sizeof hash);
  return hash;
}

std::uint64_t hash_of(std::string_view customer_id, std::string_view reference) {
  const std::hash<std::string_view> hash;
  return hash(customer_id) * 0x9E3779B97F4A7C15ULL + hash(reference);
}

}  // namespace

KnownKeys::KnownKeys(std::string path) {
  thread_ = std::thread([this, path = std::move(path)] {
    name_this_thread("known-keys");
    load(path);
  });
}

KnownKeys::~KnownKeys() {
  stopping_ = true;
  thread_.join();
}

/// If the file cannot be read, every key may be in it: who looks there has the error.
void KnownKeys::load(const std::string& path) {
  try {
    ReadOnlyConnection file{path};
    Statement scopes{file.connection, "SELECT scope FROM idempotency_keys"};
    for (auto rows = scopes.query(); rows.next();) {
      if (stopping_) return;
      of_file_.add(hash_of(rows.blob(0)));
    }
    Statement references{file.connection,
                         "SELECT customer_id, reference FROM orders INDEXED BY orders_by_reference "
                         "WHERE reference IS NOT NULL"};
    for (auto rows = references.query(); rows.next();) {
      if (stopping_) return;
      of_file_.add(hash_of(rows.text(0), rows.text(1)));
    }
  } catch (const StoreError&) {
    return;
  }
  loaded_.store(true, std::memory_order_release);
}

void KnownKeys::add(const ScopePrefix& scope) {
  added_.add(hash_of(Bytes{scope}));
}

void KnownKeys::add(std::string_view customer_id, std::string_view reference) {
  added_.add(hash_of(customer_id, reference));
}

bool KnownKeys::may_have(std::uint64_t hash) const {
  return !is_loaded() || of_file_.may_have(hash) || added_.may_have(hash);
}

bool KnownKeys::may_have(const ScopePrefix& scope) const {
  return may_have(hash_of(Bytes{scope}));
}

bool KnownKeys::may_have(std::string_view customer_id, std::string_view reference) const {
  return may_have(hash_of(customer_id, reference));
}

}  // namespace conveyor::sqlite
