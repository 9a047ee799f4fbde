// KnownKeys: where in the file an idempotency key may be, and whether a customer's reference may be
// there. Nearly every order comes with new ones, and to find that out in the file costs some pages
// read for each; here it costs nothing, however many orders are stored. What is in the file already
// is read by a thread of its own after opening, the newest first; what it has not read yet may be
// there.
//
// Keys come in no sequence. So that those of one commit are written side by side all the same, a
// key lies in a bucket, beside those that came shortly before and after it.
//
// Threads: any.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "adapters/sqlite/key_filter.h"
#include "ports/store_audit.h"

namespace conveyor::sqlite {

/// Keys after which the next begins a new bucket: few enough for one commit to write most pages of
/// it anyway.
inline constexpr std::int64_t kKeysPerBucket = 4'096;

/// Neighbouring buckets, ends included.
struct KeyBuckets {
  std::int64_t first = 0;
  std::int64_t last = 0;

  friend bool operator==(const KeyBuckets&, const KeyBuckets&) = default;
};

class KnownKeys {
 public:
  /// Begins to read the file at `path`, which is of this program's version. What is written from
  /// now on has to be added.
  explicit KnownKeys(std::string path);
  /// Ends reading.
  ~KnownKeys();
  KnownKeys(const KnownKeys&) = delete;
  KnownKeys& operator=(const KnownKeys&) = delete;

  /// Returns the bucket that the key is to be written to.
  std::int64_t add(const ScopePrefix& scope);
  void add(std::string_view customer_id, std::string_view reference);

  /// Where the key is if it is anywhere, the newest first; none: it is not in the file and was not
  /// added.
  std::vector<KeyBuckets> places_of(const ScopePrefix& scope) const;
  /// False: it is neither in the file nor was it added.
  bool may_have(std::string_view customer_id, std::string_view reference) const;

  /// All of the file has been read.
  bool is_loaded() const;

 private:
  void begin(const std::string& path);
  /// `filters` of scopes that there were when the file was opened.
  void load(const std::string& path, std::size_t filters);
  void load_scopes(const std::string& path, std::size_t filters);
  void load_references(const std::string& path);
  void add_reference(std::uint64_t hash);

  mutable std::mutex mutex_;
  // All guarded by mutex_.
  std::vector<KeyFilter> scopes_;  ///< of kBucketsPerFilter buckets each
  std::size_t unread_ = 0;         ///< so many of them lack keys of the file
  std::int64_t bucket_ = 0;        ///< the newest
  std::int64_t in_bucket_ = 0;     ///< keys
  std::vector<KeyFilter> references_;
  std::size_t in_last_ = KeyFilter::kRoom;  ///< references in the last filter
  bool references_read_ = false;

  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace conveyor::sqlite
