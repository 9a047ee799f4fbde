#include "adapters/sqlite/known_keys.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

#include "adapters/sqlite/sqlite_reader.h"
#include "base/thread_name.h"

namespace conveyor::sqlite {
namespace {

/// So many buckets share a filter: fewer filters to ask, more buckets to look into.
constexpr std::int64_t kBucketsPerFilter = KeyFilter::kRoom / kKeysPerBucket;

/// Of more keys than a file has room for.
constexpr std::int64_t kMaxBucket = 16'777'216;

std::size_t filter_of(std::int64_t bucket) {
  return static_cast<std::size_t>(bucket / kBucketsPerFilter);
}

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
  begin(path);
  thread_ = std::thread([this, path = std::move(path), filters = unread_] {
    name_this_thread("known-keys");
    load(path, filters);
  });
}

KnownKeys::~KnownKeys() {
  stopping_ = true;
  thread_.join();
}

/// Finds the newest bucket.
void KnownKeys::begin(const std::string& path) {
  ReadOnlyConnection file{path};
  Statement newest{file.connection,
                   "SELECT bucket, count(*) FROM idempotency_keys WHERE bucket = "
                   "(SELECT max(bucket) FROM idempotency_keys) GROUP BY bucket"};
  if (auto rows = newest.query(); rows.next()) {
    bucket_ = rows.integer(0);
    in_bucket_ = rows.integer(1);
  }
  if (bucket_ < 0 || bucket_ > kMaxBucket) {
    throw StoreError(StoreError::Kind::damaged, "the file holds an idempotency key out of place");
  }
  scopes_.resize(filter_of(bucket_) + 1);
  unread_ = scopes_.size();
}

/// If the file cannot be read, every key may be in it: who looks there has the error.
void KnownKeys::load(const std::string& path, std::size_t filters) {
  try {
    load_scopes(path, filters);
    load_references(path);
  } catch (const StoreError&) {
    return;
  }
}

void KnownKeys::load_scopes(const std::string& path, std::size_t filters) {
  ReadOnlyConnection file{path};
  Statement scopes{file.connection, "SELECT scope FROM idempotency_keys WHERE bucket = ?1"};
  std::vector<std::uint64_t> hashes;
  for (auto filter = filters; filter-- > 0;) {
    hashes.clear();
    const auto first = static_cast<std::int64_t>(filter) * kBucketsPerFilter;
    for (auto bucket = first; bucket < first + kBucketsPerFilter; ++bucket) {
      for (auto rows = scopes.query(bucket); rows.next();) {
        if (stopping_) return;
        hashes.push_back(hash_of(rows.blob(0)));
      }
    }
    const std::lock_guard lock(mutex_);
    for (const auto hash : hashes) scopes_[filter].add(hash);
    unread_ = filter;
  }
}

void KnownKeys::load_references(const std::string& path) {
  ReadOnlyConnection file{path};
  Statement references{file.connection,
                       "SELECT customer_id, reference FROM orders INDEXED BY orders_by_reference "
                       "WHERE reference IS NOT NULL"};
  for (auto rows = references.query(); rows.next();) {
    if (stopping_) return;
    const std::lock_guard lock(mutex_);
    add_reference(hash_of(rows.text(0), rows.text(1)));
  }
  const std::lock_guard lock(mutex_);
  references_read_ = true;
}

std::int64_t KnownKeys::add(const ScopePrefix& scope) {
  const std::lock_guard lock(mutex_);
  if (in_bucket_ >= kKeysPerBucket) {
    ++bucket_;
    in_bucket_ = 0;
    if (filter_of(bucket_) == scopes_.size()) scopes_.emplace_back();
  }
  ++in_bucket_;
  scopes_.back().add(hash_of(Bytes{scope}));
  return bucket_;
}

void KnownKeys::add_reference(std::uint64_t hash) {
  if (in_last_ == KeyFilter::kRoom) {
    references_.emplace_back();
    in_last_ = 0;
  }
  ++in_last_;
  references_.back().add(hash);
}

void KnownKeys::add(std::string_view customer_id, std::string_view reference) {
  const std::lock_guard lock(mutex_);
  add_reference(hash_of(customer_id, reference));
}

std::vector<KeyBuckets> KnownKeys::places_of(const ScopePrefix& scope) const {
  const auto hash = hash_of(Bytes{scope});
  const std::lock_guard lock(mutex_);
  std::vector<KeyBuckets> places;
  for (auto filter = scopes_.size(); filter-- > 0;) {
    if (filter >= unread_ && !scopes_[filter].may_have(hash)) continue;
    const auto first = static_cast<std::int64_t>(filter) * kBucketsPerFilter;
    places.push_back({first, std::min(first + kBucketsPerFilter - 1, bucket_)});
  }
  return places;
}

bool KnownKeys::may_have(std::string_view customer_id, std::string_view reference) const {
  const auto hash = hash_of(customer_id, reference);
  const std::lock_guard lock(mutex_);
  return !references_read_ || std::ranges::any_of(references_, [hash](const KeyFilter& filter) {
    return filter.may_have(hash);
  });
}

bool KnownKeys::is_loaded() const {
  const std::lock_guard lock(mutex_);
  return unread_ == 0 && references_read_;
}

}  // namespace conveyor::sqlite
