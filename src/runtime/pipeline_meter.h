// PipelineMeter: what went through each step in the last 15 minutes, second by second, how many
// orders stand at each now and since when, and how much money is in open orders. Told by the core
// after each commit: a few additions per event, in memory that does not grow but for one entry per
// order that stands at a step.
//
// Threads: `prime`, `appended` and `committed` on the core thread; `look` on any, without ever
// holding that one up. A second is shown once it is over, so what is shown does not change any
// more.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "ports/order_store.h"

namespace conveyor {

/// Upper ends of the buckets that durations are counted in; the last one has none. A percentile is
/// its bucket's upper end, so it is at most half too high.
inline constexpr std::array<std::int64_t, 28> kDurationBuckets{
    0,   1,   2,   3,   4,   6,   8,     12,    16,    24,    32,    48,    64,    96,
    128, 192, 256, 384, 512, 768, 1'024, 1'536, 2'048, 3'072, 4'096, 6'144, 8'192, 12'288};

/// Durations by bucket.
class DurationCounts {
 public:
  void add(std::size_t bucket, std::uint64_t count) { counts_.at(bucket) += count; }
  void add(const DurationCounts& other);
  std::uint64_t total() const;
  /// The duration that `percent` of 100 do not exceed; nullopt: there is none. What is longer than
  /// every bucket counts as twice the last end.
  std::optional<std::int64_t> percentile(std::uint64_t percent) const;

 private:
  std::array<std::uint64_t, kDurationBuckets.size() + 1> counts_{};
};

class PipelineMeter {
 public:
  static constexpr std::int64_t kSeconds = 900;

  /// Open orders, from the store, before the first batch.
  void prime(OrderReader& reader);
  void appended(const AppendEffect& append);
  /// A transaction that had inputs; counted in the second of the last event told.
  void committed(std::chrono::nanoseconds commit_time);

  struct StepSecond {
    std::uint32_t in = 0;      ///< orders that came to the step
    std::uint32_t out = 0;     ///< that succeeded in it
    std::uint32_t calls = 0;   ///< of the step itself, not of its undo, that had an outcome
    std::uint32_t errors = 0;  ///< of them failed ones; a refusal is none
    DurationCounts durations;  ///< of the calls, in ms
  };
  struct Second {
    std::array<StepSecond, kStepCount> steps;
    std::uint32_t intake = 0;
    std::uint32_t completed = 0;
    std::uint32_t undone = 0;  ///< cancelled or failed
    std::uint32_t dead_lettered = 0;
    DurationCounts commits;  ///< of the core's transactions, in units of 100 µs
  };
  struct StepNow {
    std::int64_t orders = 0;    ///< pending, processing or shipped and at this step
    std::int64_t retrying = 0;  ///< of them those with a failure that stands
    std::int64_t dead = 0;      ///< dead-lettered at it
    /// Since when the one of `orders` that came to the step first stands there; nullopt: none does.
    std::optional<Timestamp> oldest_since;
  };
  /// Of the orders that are not final, whatever their status.
  struct OpenMoney {
    Currency currency;
    std::int64_t orders = 0;
    std::optional<std::int64_t> total_minor;  ///< Σ totals; nullopt: beyond the range of money
  };
  struct View {
    Timestamp first;  ///< the second that `seconds` begins with
    std::vector<Second> seconds;
    std::array<StepNow, kStepCount> now;
    std::vector<OpenMoney> money;  ///< by currency; only those of open orders
  };
  /// The last `seconds` whole seconds before `now`, at most kSeconds.
  View look(Timestamp now, std::int64_t seconds) const;

 private:
  using Counter = std::atomic<std::uint32_t>;
  using Buckets = std::array<Counter, kDurationBuckets.size() + 1>;
  struct StepSlot {
    Counter in, out, calls, errors;
    Buckets durations;
  };
  struct Slot {
    std::atomic<std::int64_t> second{-1};
    std::array<StepSlot, kStepCount> steps;
    Counter intake, completed, undone, dead_lettered;
    Buckets commits;
  };
  /// More than is shown, so that a second that is shown is not yet being counted anew.
  static constexpr std::int64_t kSlots = 1'024;

  Slot& slot_at(Timestamp at);
  void count(const Event& event);
  void count_call(const Event& event, const CallTime& call, bool failed);
  void leave(const OrderId& id, const OrderGlance& glance);
  void enter(const OrderId& id, const OrderGlance& glance);
  void count_standing(const OrderGlance& glance, std::int64_t by);
  void count_money(const OrderGlance& glance, std::int64_t by);

  std::unique_ptr<std::array<Slot, kSlots>> slots_ = std::make_unique<std::array<Slot, kSlots>>();
  static constexpr std::int64_t kNobody = std::numeric_limits<std::int64_t>::max();
  struct Standing {
    std::atomic<std::int64_t> orders{0}, retrying{0}, dead{0};
    std::atomic<std::int64_t> oldest_since{kNobody};  ///< in ms since 1970
    std::set<std::pair<Timestamp, OrderId>> queue;    ///< the core thread's, as `orders`
  };
  std::array<Standing, kStepCount> standing_;

  /// More than ISO 4217 has currencies.
  static constexpr std::size_t kMaxCurrencies = 256;
  struct Money {
    Currency currency;
    /// The total in two halves, so that no number of orders overflows it; the core thread's.
    std::int64_t high = 0, low = 0;
    std::atomic<std::int64_t> orders{0};
    std::atomic<std::int64_t> total_minor{0};  ///< kBeyondMoney: beyond its range
  };
  static constexpr std::int64_t kBeyondMoney = -1;
  std::map<Currency, std::size_t> currencies_;  ///< places in `money_`; the core thread's
  std::unique_ptr<std::array<Money, kMaxCurrencies>> money_ =
      std::make_unique<std::array<Money, kMaxCurrencies>>();
  std::atomic<std::size_t> known_currencies_{0};
  Timestamp last_event_;
};

}  // namespace conveyor
