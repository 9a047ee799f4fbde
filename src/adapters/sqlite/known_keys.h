// KnownKeys: whether an idempotency key, or a customer's reference, may be in the file. Nearly
// every order comes with new ones, and to find that out in the file costs some pages read for each;
// here it costs nothing, however many orders are stored. What is in the file already is read by a
// thread of its own after opening; until it is through, everything may be there.
//
// Threads: that of the store.
#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <thread>

#include "adapters/sqlite/key_filter.h"
#include "ports/store_audit.h"

namespace conveyor::sqlite {

class KnownKeys {
 public:
  /// Begins to read the file at `path`, which is of this program's version. What is written from
  /// now on has to be added.
  explicit KnownKeys(std::string path);
  /// Ends reading.
  ~KnownKeys();
  KnownKeys(const KnownKeys&) = delete;
  KnownKeys& operator=(const KnownKeys&) = delete;

  void add(const ScopePrefix& scope);
  void add(std::string_view customer_id, std::string_view reference);

  /// False: it is neither in the file nor was it added.
  bool may_have(const ScopePrefix& scope) const;
  bool may_have(std::string_view customer_id, std::string_view reference) const;

  /// All of the file has been read.
  bool is_loaded() const { return loaded_.load(std::memory_order_acquire); }

 private:
  void load(const std::string& path);
  bool may_have(std::uint64_t hash) const;

  KeyFilter added_;
  KeyFilter of_file_;  ///< the thread's own until `loaded_`, and from then on only asked
  std::atomic<bool> loaded_{false};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace conveyor::sqlite
