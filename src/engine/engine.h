// Engine: drives open orders through the saga. Sans-I/O: no threads, locks, sockets or clock;
// inputs in, effects out, and the same inputs give the same effects (chance comes from a Random).
//
// What an order needs is always derived from its fold (`needed_call`, `due_at`), never remembered
// apart from it, so that recovery is nothing but loading: `adopt` an order and the engine goes on.
//
// Protocol with the caller (the core thread, or the simulator):
//  - Every call may push effects. They are executed in sequence: an Append is written before the
//    Call behind it is made, and a participant's answer comes back through `outcome`.
//  - An order is evolved as soon as its events are decided. If the transaction is lost, the caller
//    calls `forget` for every order that it touched and adopts them again from the store.
//  - `tick`, then `release` until it has nothing: one thing at a time, its effects executed before
//    the next, so that each call is made in the light of the answers to those before it.
//  - `settle` once after each batch, before commit: plans wake-ups and drops what needs no memory.
//
// Threads: one. Lifetime: `random` outlives the engine.
#pragma once

#include <array>
#include <expected>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "domain/decide.h"
#include "domain/order.h"
#include "engine/inspection.h"
#include "engine/participant_gate.h"
#include "ports/random.h"

namespace conveyor {

struct EngineOptions {
  RetryPolicy retry;
  Duration call_deadline{10'000};  ///< of each call; then it counts as `unknown`
  Duration in_progress_poll{500};  ///< before a participant that is still at it is asked again
  Duration horizon{60'000};        ///< what is due later waits in the store, not in memory
  GateOptions gate;                ///< of each participant
};

/// Who or what caused an input.
struct Origin {
  Actor actor;
  std::string request_id;  ///< `req_…`; empty: caused by the order's last event
  std::optional<std::string> traceparent;
};

/// What others need of an order, before and after an append.
struct OrderGlance {
  bool exists = false;  ///< false: before its first event
  Status status = Status::pending;
  StepNumber step = 1;
  std::uint32_t contact_version = 1;
  std::optional<std::uint32_t> waiting_contact_version = {};  ///< of a changed address that waits
  bool failing = false;                                       ///< a failure stands
  Timestamp step_since = {};                                  ///< since when it is at the step
  Currency currency = {};
  std::int64_t total_minor = 0;
};
OrderGlance glance_at(const Order& order);

/// Append `events` to the order's stream. Executed at once, inside the open transaction.
struct AppendEffect {
  OrderId order_id;
  std::uint64_t expected_version = 0;
  std::vector<Event> events;
  OrderGlance before;
  OrderGlance after;
  std::optional<std::string> traceparent;  ///< of the request that placed the order
};

/// Call the participant of `call.key.step`.
struct CallEffect {
  OrderId order_id;
  NeededCall call;
  std::uint64_t serial = 0;  ///< comes back with the outcome
};

using EngineEffect = std::variant<AppendEffect, CallEffect>;

/// When the engine has to look at an order again, from the fold alone; nullopt: it is final. An
/// order with a call to make is due at once, so that a restart makes it again: since it was
/// created, so that it is the same from call to call.
std::optional<Timestamp> wake_at_of(const Order& order, const RetryPolicy& policy);

/// What an outcome says of the participant that gave it.
Verdict verdict_of(const Outcome& outcome);

class Engine {
 public:
  Engine(EngineOptions options, Random& random);

  /// A new order with its first event, not yet open: `adopt` it once the store has accepted it.
  struct NewOrder {
    Order order;
    Event created;
  };
  NewOrder create(const OrderId& id, OrderCreated data, std::string correlation_id,
                  const Origin& origin, Timestamp now);

  /// Takes an order (new, or read from the store) and does what it needs.
  void adopt(Order order, Timestamp now, std::vector<EngineEffect>& effects);

  /// The order must be open here (`find`). Refused commands change nothing.
  std::expected<void, Refusal> command(const OrderId& id, const Command& command,
                                       const Origin& origin, Timestamp now,
                                       std::vector<EngineEffect>& effects);

  /// The contact of a final order, which must be open here, is gone.
  void contact_erased(const OrderId& id, const Origin& origin, Timestamp now,
                      std::vector<EngineEffect>& effects);

  /// A participant's answer to the call `serial`. Unknown orders are ignored (they are final or
  /// wait in the store, and the answer is asked for again when they need it). Returns true if the
  /// outcome came too late to count.
  bool outcome(const OrderId& id, std::uint64_t serial, const NeededCall& call,
               const Outcome& outcome, Timestamp now, std::vector<EngineEffect>& effects);

  /// What is due by now: deadlines, retries, timers. At most `limit` orders; returns how many.
  std::size_t tick(Timestamp now, std::size_t limit, std::vector<EngineEffect>& effects);

  /// Makes the call of one order that waits for breaker, retry budget or bulkhead and may go now,
  /// the one that waits longest first; false: there is none.
  bool release(Timestamp now, std::vector<EngineEffect>& effects);

  /// Plans the wake-ups of the orders touched since the last call and drops those that are final or
  /// not due within the horizon.
  void settle(Timestamp now);

  /// Orders that may have changed since the last `settle`.
  const std::unordered_set<OrderId>& touched() const { return touched_; }
  /// Open orders that wait for a planned attempt, as of the last `settle`.
  std::size_t waiting_orders() const { return waiting_; }

  /// Drops an order without a trace.
  void forget(const OrderId& id);

  const Order* find(const OrderId& id) const;
  /// What it would do next for the order, and why not now.
  OrderInspection inspect(const OrderId& id, Timestamp now) const;
  /// By Participant, as of the last `settle`.
  using ParticipantStates = std::array<ParticipantState, kAllParticipants.size()>;
  const ParticipantStates& participants() const { return participants_; }
  /// The participant's state after each move of a breaker since this was last asked.
  std::vector<ParticipantState> take_breaker_moves();
  /// Calls without an answer, undos included, by step, as of the last `settle`.
  using StepCounts = std::array<std::size_t, kStepCount>;
  const StepCounts& calls_in_flight() const { return calls_in_flight_; }
  std::size_t open_orders() const { return entries_.size(); }
  std::optional<Timestamp> next_wake() const;
  const EngineOptions& options() const { return options_; }

 private:
  struct Entry {
    Order order;
    std::uint64_t awaited_serial = 0;  ///< 0: no call is awaited
    NeededCall awaited_call;           ///< the last one made
    Timestamp call_started;
    std::optional<Breaker::Epoch> pass;  ///< of the awaited call; nullopt: it needed none
    struct Held {
      NeededCall call;
      ParticipantGate::Place place;
      Timestamp since;
    };
    std::optional<Held> held;               ///< the call is due and waits at its gate
    std::optional<Timestamp> ask_again_at;  ///< after `in_progress`
    std::optional<Timestamp> at_it_since;   ///< the first `in_progress` of this call
    bool skip_wait = false;                 ///< retry-now: the planned wait does not count
    std::optional<Timestamp> wake;          ///< as it stands in wakes_
    bool counted_as_waiting = false;        ///< in waiting_
    StepNumber counted_in_flight = 0;       ///< in calls_in_flight_; 0: not
  };

  DecideContext context(Timestamp now);
  void append(Entry& entry, std::vector<EventDraft> drafts, const Origin& origin, Timestamp now,
              std::vector<EngineEffect>& effects);
  Event seal(const Order& order, EventDraft draft, const Origin& origin, Timestamp now);
  void advance(Entry& entry, Timestamp now, std::vector<EngineEffect>& effects);
  bool apply_outcome(Entry& entry, std::uint64_t serial, const NeededCall& call,
                     const Outcome& outcome, Timestamp now, std::vector<EngineEffect>& effects);
  std::optional<Timestamp> call_not_before(const Entry& entry) const;
  std::optional<Timestamp> wake_of(const Entry& entry) const;
  void count_in_flight(Entry& entry, StepNumber step);
  void fire_timers(Entry& entry, Timestamp now, std::vector<EngineEffect>& effects);
  void erase(const OrderId& id);

  // Calls and the gates that they pass (engine_calls.cpp).
  ParticipantGate& gate_of(const NeededCall& call);
  static CallKind kind_of(const Entry& entry, const NeededCall& call);
  void request_call(Entry& entry, const NeededCall& call, Timestamp now,
                    std::vector<EngineEffect>& effects);
  void start_call(Entry& entry, const NeededCall& call, std::optional<CallKind> kind, Timestamp now,
                  std::vector<EngineEffect>& effects);
  void end_call(Entry& entry, Verdict verdict, Timestamp now);
  void leave_call(Entry& entry);
  void leave_line(Entry& entry);
  void left_call_ended(std::uint64_t serial, Verdict verdict, Timestamp now);
  void time_out_left_calls(Timestamp now);

  EngineOptions options_;
  Random& random_;
  std::uint64_t last_serial_ = 0;
  std::unordered_map<OrderId, Entry> entries_;
  std::unordered_set<OrderId> touched_;
  std::size_t waiting_ = 0;
  StepCounts calls_in_flight_{};
  std::set<std::pair<Timestamp, OrderId>> wakes_;

  std::array<ParticipantGate, kAllParticipants.size()> gates_;  ///< by Participant
  ParticipantStates participants_;
  std::optional<Timestamp> next_release_;  ///< when a gate may open, as of the last settle
  /// A call that is in flight while its order has gone on without its answer (a cancel).
  struct LeftCall {
    OrderId order_id;
    NeededCall call;
    Breaker::Epoch pass;
    Timestamp deadline;
  };
  std::map<std::uint64_t, LeftCall> left_calls_;  ///< by serial, so also by deadline
};

}  // namespace conveyor
