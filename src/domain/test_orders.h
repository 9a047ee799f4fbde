// Orders for tests, in every status and situation that there is. Each is made by running inputs
// through decide and evolve, never by writing its members, so that what tests start from can
// happen. One order, one virtual clock; values, so that a test may branch by copying.
#pragma once

#include <string>
#include <vector>

#include "domain/decide.h"
#include "domain/evolve.h"

namespace conveyor::test {

class TestOrder {
 public:
  explicit TestOrder(RetryPolicy policy = {});

  const Order& order() const { return order_; }
  const std::vector<Event>& events() const { return events_; }
  Timestamp now() const { return now_; }
  RetryPolicy& policy() { return policy_; }

  void advance(Duration by) { now_ += by; }
  void set_jitter(double jitter) { jitter_ = jitter; }

  /// Decides and appends what was decided.
  std::expected<Decision, Refusal> give(const Input& input);
  /// The same for an input that must lead to at least one event.
  TestOrder& must(const Input& input);
  /// Advances the clock to the timer, which must be due at some time, and gives it.
  TestOrder& must_expire(Timer timer);
  void append(const EventDraft& draft);

 private:
  RetryPolicy policy_;
  Timestamp now_;
  double jitter_ = 1.0;
  Order order_;
  std::vector<Event> events_;
};

/// `draft` as the next event after `order`, with its hash.
Event seal(const EventDraft& draft, const Order& order, Timestamp now);
EventDraft created();
OrderId order_id();

// --- inputs -------------------------------------------------------------------------------------

Command command(CommandKind kind, Changes changes = {});
Changes changed_lines();
Changes changed_payment_method();
Changes changed_ship_to();

Outcome succeeded(std::int64_t amount_minor);
Outcome rejected();
Outcome undone(Effect effect = Effect::reversed);
Outcome refused(std::string code = "too_late");
Outcome failed(FailureClass failure_class = FailureClass::transient);
Outcome in_progress();

/// The answer to perform of the current step.
OutcomeInput performed(const Order& order, Outcome outcome);
/// The answer to the undo that is outstanding: of the first of U, or of the old key of an edit.
OutcomeInput undid(const Order& order, Outcome outcome);

/// What comes of an input, such as "OrderHeld -> on_hold"; "409" if it is refused.
std::string outcome_of(TestOrder order, const Input& input);

// --- orders -------------------------------------------------------------------------------------

/// All steps before `step` have succeeded: pending, processing or shipped.
TestOrder at_step(StepNumber step);
TestOrder completed();
TestOrder held(TestOrder from);
TestOrder exhausted(StepNumber step);
TestOrder poisoned(StepNumber step);

/// A retry with changes of what the step's request uses (steps 1 to 3) waits for the undo.
TestOrder editing(StepNumber step);
TestOrder edit_undo_exhausted(StepNumber step);
TestOrder edit_undo_poisoned(StepNumber step);
TestOrder edit_refused();

/// Undo after a cancel; `at` is the current step.
TestOrder cancelling(StepNumber at);
TestOrder cancelling(TestOrder from);
/// Undo after a rejection by `at` (2 to 5), so that it is not itself in U.
TestOrder compensating(StepNumber at);
/// Undo after a dead letter was given up: `at` is in U.
TestOrder compensating_open(StepNumber at);
/// The first undo of `from` is poison.
TestOrder attention(TestOrder from);
/// The first undo of `from` was poison and a person has resolved it.
TestOrder by_hand(TestOrder from);

TestOrder cancelled();
TestOrder failed_order();

}  // namespace conveyor::test
