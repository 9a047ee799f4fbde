// SelfCheck: a running server holds its own data against the invariants, a little at a time: orders
// that have just changed, and slowly all of them.
//
// `step` does one small piece of work (one order) over one committed state. Recently changed orders
// and the walk over all orders take turns; when more orders change than can be looked at, the
// newest are preferred and the walk comes to the others. A violation is told once and stands until
// a later look at its order finds it gone. What needs a whole table (`stock_conserved` against
// every reservation, `one_order`) is left to `conveyor verify`.
//
// SelfCheckThread gives it a thread that uses at most a share of one core.
//
// Threads: `step` by one; `standing` from any. Lifetime: everything in the parts outlives it.
// Errors: StoreError if the store cannot be read.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "ports/clock.h"
#include "runtime/verify.h"

namespace conveyor {

/// Changed orders that wait for their look; older ones give way.
inline constexpr std::size_t kMaxRecentOrders = 1'000;
/// Commits that are looked through for changed orders at a time; earlier ones are skipped.
inline constexpr std::int64_t kMaxCommitsBehind = 100;
/// Orders and SKUs with violations that are remembered; further ones are told, not counted.
inline constexpr std::size_t kMaxStandingSubjects = 1'000;
/// From the start of one walk over everything to the start of the next.
inline constexpr Duration kWalkInterval = std::chrono::hours{1};
/// From one look at the stock to the next.
inline constexpr Duration kStockInterval = std::chrono::minutes{1};
/// Stock movements that are added up in one step.
inline constexpr std::size_t kMovementsPerStep = 1'000;

struct SelfCheckParts {
  VerifySource source;  ///< on a connection that nobody else uses
  /// While what it returns lives, all reads see the same committed state.
  std::function<std::shared_ptr<void>()> snapshot;
  /// Told each violation when it is first seen.
  std::function<void(const Violation&)> found;
};

class SelfCheck {
 public:
  explicit SelfCheck(SelfCheckParts parts) : parts_(std::move(parts)) {}

  /// One piece of work. False: there is nothing to look at for now.
  bool step(Timestamp now);

  /// Violations of a rule that were seen and not yet seen to be gone.
  std::int64_t standing(Rule rule) const {
    return standing_.at(static_cast<std::size_t>(rule)).load(std::memory_order_relaxed);
  }
  std::int64_t standing() const;

 private:
  void note_changes();
  std::optional<OrderId> next_changed();
  std::optional<OrderId> next_of_walk(Timestamp now);
  void look_at(const OrderId& id);
  bool step_stock(Timestamp now);
  bool add_up_movements();
  void look_at_stock();
  std::map<std::string, std::int64_t> held_quantities();
  void replace(const std::string& subject, const std::vector<Violation>& violations);

  SelfCheckParts parts_;
  std::optional<std::int64_t> position_;  ///< in the feed; nullopt: before the first look
  std::deque<OrderId> changed_;           ///< the newest in front
  bool walk_is_next_ = false;
  std::optional<OrderId> walked_to_;
  std::vector<OrderId> walk_page_;  ///< the next one at the back
  std::optional<Timestamp> next_walk_at_;
  std::map<std::string, std::int64_t> moved_;  ///< per SKU: Σ of its movements so far
  std::int64_t moved_to_ = 0;                  ///< id of the last movement in it
  std::optional<Timestamp> next_stock_at_;
  std::map<std::string, std::set<Rule>> subjects_;
  std::array<std::atomic<std::int64_t>, kAllRules.size()> standing_{};
};

/// How long to rest after `used` of processor time, so that it is at most `percent` of a core.
std::chrono::nanoseconds rest_after(std::chrono::nanoseconds used, std::int64_t percent);

class SelfCheckThread {
 public:
  /// `percent` of one core, 1 to 100. `failed` is told why the store could not be read; the check
  /// then goes on after a pause.
  SelfCheckThread(SelfCheck& check, Clock& clock, std::int64_t percent,
                  std::function<void(const char*)> failed);
  ~SelfCheckThread();  ///< stop()
  SelfCheckThread(const SelfCheckThread&) = delete;
  SelfCheckThread& operator=(const SelfCheckThread&) = delete;

  void start();
  void stop();

 private:
  void loop();
  std::chrono::nanoseconds step_and_rest();

  SelfCheck& check_;
  Clock& clock_;
  std::int64_t percent_;
  std::function<void(const char*)> failed_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  ///< guarded by mutex_
  std::thread thread_;
};

}  // namespace conveyor
