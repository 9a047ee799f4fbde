// TestOrder: an order for store tests, driven by the decider, sealed as the engine seals events.
// Deterministic: ids come from a counter, time from the caller.
#pragma once

#include <string>
#include <vector>

#include "domain/decide.h"
#include "domain/order.h"
#include "ports/order_store.h"

namespace conveyor::test {

inline constexpr std::int64_t kStartMs = 1'770'000'000'000;

struct OrderSpec {
  std::int64_t created_ms = kStartMs;
  std::uint64_t number = 1;  ///< makes the id unique
  std::string customer_id = "customer-1";
  std::optional<std::string> reference = std::nullopt;
  std::vector<Line> lines = {{1, "SKU-A", "A thing", 2, 1'250}, {2, "SKU-B", std::nullopt, 1, 700}};
  std::int64_t shipping_minor = 490;
  std::string currency = "EUR";
};

class TestOrder {
 public:
  explicit TestOrder(const OrderSpec& spec);

  const Order& order() const { return order_; }
  const OrderId& id() const { return order_.id; }
  /// Every event so far.
  const std::vector<Event>& events() const { return events_; }

  /// Each returns the events that it led to; never empty.
  std::vector<Event> command(CommandKind kind, Changes changes = {});
  std::vector<Event> succeed();  ///< the needed call succeeds (or its effect is undone)
  std::vector<Event> reject();
  std::vector<Event> refuse();  ///< the undo of the booking
  std::vector<Event> fail(FailureClass failure_class, std::string code = "issuer_unavailable");
  /// After so long that the timer is due.
  std::vector<Event> expire(Timer timer);

  std::vector<Event> note(EventDraft draft);  ///< appends what no input leads to

  /// All calls succeed until nothing is needed any more.
  std::vector<Event> finish();

 private:
  std::vector<Event> apply(const Input& input);
  std::vector<Event> outcome(Outcome outcome);
  std::vector<Event> seal(std::vector<EventDraft> drafts);

  Order order_;
  std::vector<Event> events_;
  std::uint64_t next_id_;
  std::int64_t now_ms_;
};

Contact contact_of(const TestOrder& order);
IdempotencyKey key_number(std::uint64_t number);
OperationKey operation(std::uint64_t order_number, StepNumber step = 1, std::uint32_t run = 1,
                       std::uint32_t generation = 1);

}  // namespace conveyor::test
