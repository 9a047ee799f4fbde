// decide: what an input makes of an order. Pure and total: every order and every input has an
// answer, which is the events to append (none: nothing changes) or a typed refusal. The table that
// it implements is docs/transitions.md.
#pragma once

#include <expected>
#include <string>
#include <variant>
#include <vector>

#include "domain/order.h"

namespace conveyor {

/// When a call is repeated and when it is given up. Defaults are the product's.
struct RetryPolicy {
  Duration base_delay{1'000};
  std::int64_t factor = 2;
  Duration cap{60'000};
  std::uint32_t max_attempts = 8;
  std::optional<Duration> undo_after = std::chrono::hours{24};  ///< dead letters; nullopt: never
  Duration patience = std::chrono::hours{24 * 7};
  Duration undo_patience = std::chrono::hours{24};
};

/// A participant's Retry-After is honoured up to here.
inline constexpr Duration kMaxRetryAfter = std::chrono::hours{1};
/// Late outcomes recorded as EventIgnored per order; further ones are counted only.
inline constexpr std::uint32_t kMaxIgnoredEvents = 16;
/// Characters of a participant's message that are kept.
inline constexpr std::size_t kMaxFailureMessage = 200;
/// After this many attempts a step behind the pivot counts as stuck.
inline constexpr std::uint32_t kStuckAfterAttempts = 8;

struct Command {
  CommandKind kind = CommandKind::cancel;
  std::string reason;              ///< a code, may be empty
  Changes changes;                 ///< retry and restart
  std::string external_reference;  ///< resolve
};

/// What a participant answered, or why there is no answer.
struct Outcome {
  enum class Kind : std::uint8_t { succeeded, rejected, undone, refused, failed, in_progress };

  Kind kind = Kind::in_progress;
  FailureClass failure_class = FailureClass::failed;  ///< of `failed`
  std::string code;                                   ///< of rejected, refused, failed
  std::string message;
  Effect effect = Effect::none;  ///< of undone
  Evidence evidence;
  std::vector<Shortage> shortages;
  std::optional<Duration> retry_after;
};
std::string_view to_string(Outcome::Kind value);

struct OutcomeInput {
  OperationKey key;
  Action action = Action::perform;
  bool awaited = true;  ///< the engine still waits for this very call
  Outcome outcome;
  CallTime call;
};

using Input = std::variant<Command, OutcomeInput, Timer>;

struct DecideContext {
  Timestamp now;
  const RetryPolicy& policy;
  double jitter = 1.0;  ///< drawn from [0, 1): the share of the back-off's ceiling that is waited
};

struct Refusal {
  /// The totals are of changed lines with the order's adjustments.
  enum class Code : std::uint8_t { action_not_allowed, total_negative, total_out_of_range };

  Code code = Code::action_not_allowed;
  std::string detail;  ///< a sentence: what, and what to do instead
};

struct Decision {
  std::vector<EventDraft> events;
  bool ignored = false;  ///< an outcome that did not count (recorded or only counted)
};

std::expected<Decision, Refusal> decide(const Order& order, const Input& input,
                                        const DecideContext& context);

#ifdef CONVEYOR_SABOTEURS
/// Sees every decision of this thread; in the simulator's build only, which counts what was tried.
using DecisionObserver = void (*)(const Order&, const Input&, const DecideContext&,
                                  const std::expected<Decision, Refusal>&);
inline thread_local DecisionObserver decision_observer = nullptr;
#endif

/// Full jitter over the exponential ceiling min(cap, base × factor^(failures − 1)); `failures`
/// counts from 1 within the present budget. Source: M. Brooker, "Exponential Backoff And Jitter",
/// AWS Architecture Blog, 2015.
Duration backoff(const RetryPolicy& policy, std::uint32_t failures, double jitter);

/// When a timer of the order is due; nullopt: the fold does not ask for it.
std::optional<Timestamp> due_at(const Order& order, Timer timer, const RetryPolicy& policy);

/// The call that the order needs now or after `next_attempt_at`; nullopt: none.
struct NeededCall {
  OperationKey key;
  Action action = Action::perform;
  bool by_hand = false;

  friend bool operator==(const NeededCall&, const NeededCall&) = default;
};
std::optional<NeededCall> needed_call(const Order& order);

}  // namespace conveyor
