// BatchProcessor: the core's logic without its thread. It takes whatever inputs wait, opens one
// transaction, lets the engine decide and the store write, makes the calls to participants of the
// same store right there, and commits once. Only after that is durable anything leaves: answers,
// delayed calls.
//
// While one batch is made durable the next one may be decided, on what the first has left. A batch
// that cannot be committed is forgotten, and with it the one that was decided on it: their callers
// are answered `store_unavailable`, and the orders they touched are read again before the next
// batch.
//
// An order of which the store has nonsense must not keep the others from going on: it is left alone
// and reported (CoreProbe::order_unreadable). Commands for it are answered `unreadable`.
//
// Threads: one (the core thread, or the simulator). Lifetime: all parts outlive it.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <set>
#include <vector>

#include "engine/engine.h"
#include "ports/order_store.h"
#include "ports/participant.h"
#include "ports/service_stores.h"
#include "ports/unit_of_work.h"
#include "runtime/core_probe.h"
#include "runtime/inputs.h"

namespace conveyor {

struct CoreParts {
  UnitOfWork& unit;
  OrderStore& orders;
  StockStore& stock;
  std::array<ParticipantPort*, kAllParticipants.size()> participants;  ///< by Participant
  Random& random;
  CoreProbe& probe;
};

struct CoreOptions {
  EngineOptions engine;
  /// Orders in memory (in work, or due within the engine's horizon) with which new ones are
  /// refused. What waits longer waits in the store and does not count.
  std::size_t open_orders_max = 100'000;
};

/// Timers and delayed answers handled in one batch, and orders read from the store.
inline constexpr std::size_t kMaxDuePerBatch = 1'000;
/// Orders of a customer whose contacts one batch erases.
inline constexpr std::size_t kMaxErasedPerBatch = 100;
/// What was erased is also taken out of the store's log; if somebody reads it still, so soon again.
inline constexpr Duration kScrubInterval{1'000};
/// While the disk is full, a write is tried this often.
inline constexpr Duration kProbeInterval{1'000};

class BatchProcessor {
 public:
  BatchProcessor(CoreParts parts, CoreOptions options);

  /// Reads the orders that are due within the horizon and does what they need. Before the first
  /// batch. Throws StoreError if the store cannot be read or written.
  void recover(Timestamp now);

  /// Decides one batch and commits it, once the one before is durable; `finish` waits for it.
  /// Throws StoreError only if it is fatal: the process must stop and recover.
  void run(std::vector<CoreInput> inputs, Timestamp now);

  /// Whether a batch is on its way to the disk, so that `finish` is due.
  bool is_committing() const { return committing_.has_value(); }
  /// Waits until it is durable and lets out what waited for that. Throws as `run`.
  void finish(Timestamp now);

  /// When `run` has to be called even without inputs.
  std::optional<Timestamp> next_wake() const;

  /// Steps of open orders with which the last batch went on: calls that were answered, timers, and
  /// calls that had waited for others.
  std::size_t resumed_steps() const { return resumed_steps_; }

  std::size_t open_orders() const { return engine_.open_orders(); }
  std::size_t waiting_orders() const { return engine_.waiting_orders(); }
  /// How the engine treats each participant, as of the last batch.
  const Engine::ParticipantStates& participants() const { return engine_.participants(); }
  const Engine::StepCounts& calls_in_flight() const { return engine_.calls_in_flight(); }
  /// Why new orders are not taken at the moment; nullopt: they are.
  std::optional<Unavailable> intake_closed() const;

 private:
  struct DelayedCall {
    Timestamp due;
    std::uint64_t serial = 0;
    OrderId order_id;
    NeededCall call;
    friend bool operator>(const DelayedCall& a, const DelayedCall& b) {
      return std::tie(a.due, a.serial) > std::tie(b.due, b.serial);
    }
  };

  /// What a batch leaves behind, and what leaves once it is durable.
  struct Batch {
    std::vector<CoreInput> inputs;
    std::vector<AppendEffect> appended;
    std::vector<DelayedCall> delayed;
    std::vector<std::function<void()>> answers;
    std::vector<std::function<void()>> notes;  ///< for the probe
    std::vector<InspectOrder> inspections;     ///< answered as the batch leaves the orders
    std::set<OrderId> touched;
    std::size_t participant_answers = 0;
    bool scrubbed = false;  ///< before this batch, which says so in the store
    bool walked = false;    ///< by this batch
  };

  void process(PlaceOrder& input, Timestamp now);
  void process(OrderCommand& input, Timestamp now);
  void process(SetStock& input, Timestamp now);
  void process(AdjustStock& input, Timestamp now);
  void process(InspectOrder& input, Timestamp now);
  void process(EraseContacts& input, Timestamp now);
  PlaceOrder::Answer place(PlaceOrder& input, Timestamp now);
  PlaceOrder::Answer replay(const PlaceOrder& input, const IdempotencyRecord& record);
  OrderCommand::Answer command(OrderCommand& input, Timestamp now);
  AdjustStock::Answer adjust(const AdjustStock& input, Timestamp now);

  // Erasing contacts (batch_erasure.cpp).
  EraseContacts::Answer accept_erasure(EraseContacts& input, Timestamp now);
  std::optional<OrderRow> open_order_of(const std::string& customer_id);
  bool is_held_by_erasure(const OrderCommand& input);
  void erase_some(Timestamp now);
  void erase_contact_of(const OrderRow& row, Erasure& erasure, Timestamp now);
  void scrub(Timestamp now);
  void end_scrubbed_erasures();

  void write_batch(Timestamp now);
  void resume_delayed(Timestamp now);
  void run_engine(Timestamp now);
  void report_breakers();
  void read_due(Timestamp now);
  void execute_effects(Timestamp now);
  void execute(AppendEffect& append);
  void put_changed_contact(const OrderId& id, std::uint32_t old_version, ShipTo ship_to);
  void drop_unused_contacts(const AppendEffect& append);
  void execute(const CallEffect& call, Timestamp now);
  void take_result(const CallEffect& call, const CallResult& result, Timestamp now);
  enum class Opened : std::uint8_t { yes, unknown, unreadable };
  Opened open(const OrderId& id, Timestamp now);
  void hand_over();
  void wait_for_commit();
  void let_out();
  void settle_commit();
  void committed(Batch& batch, std::chrono::nanoseconds commit_time);
  void roll_back();
  bool lost(const StoreError& error, Timestamp now);
  void forget(const Batch& batch);
  bool is_of_one_order(const StoreError& error) const;

  CoreParts parts_;
  CoreOptions options_;
  Engine engine_;

  std::deque<EngineEffect> effects_;
  std::vector<EngineEffect> engine_effects_;
  Batch batch_;                      ///< the one that is decided
  std::optional<Batch> committing_;  ///< the one before, on its way to the disk
  /// The one before that: durable, and nobody knows yet. With the time that its commit took.
  std::optional<std::pair<Batch, std::chrono::nanoseconds>> durable_;

  bool erasing_ = false;               ///< an erasure may have to be walked
  std::optional<Timestamp> scrub_at_;  ///< walked ones are not yet scrubbed

  std::priority_queue<DelayedCall, std::vector<DelayedCall>, std::greater<>> delayed_;
  std::set<OrderId> reload_;        ///< touched by a lost batch
  std::optional<OrderId> at_work_;  ///< whose effect is executed: damage that is met is its
  std::set<OrderId> unreadable_;    ///< have made a batch fail; left alone until the next start
  std::size_t resumed_steps_ = 0;
  std::optional<Timestamp> full_until_;
  std::optional<Timestamp> retry_batch_at_;
  Timestamp next_read_;
  std::optional<OrderReader::Due> read_position_;
};

/// What every input is answered when nothing can be done.
void answer_unavailable(CoreInput& input, Unavailable why);

}  // namespace conveyor
