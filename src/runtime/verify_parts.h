// Pieces of the store's check, shared by its files (verify.cpp: the walks; verify_stream.cpp: one
// order's stream; verify_order.cpp, verify_effects.cpp: one order; verify_stock.cpp: the stock).
// Not for use elsewhere but in the self-check, and in the simulator, which checks after every step
// what that step has touched.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domain/order.h"
#include "ports/unit_of_work.h"
#include "runtime/verify.h"

namespace conveyor::verifying {

/// Counts every violation and keeps the first ones.
class Findings {
 public:
  explicit Findings(VerifyReport& report) : report_(report) {}
  void add(Rule rule, std::string subject, std::string detail);
  void add(Rule rule, const OrderId& order, std::string detail) {
    add(rule, order.to_string(), std::move(detail));
  }

 private:
  VerifyReport& report_;
};

/// What the events say about one operation key.
struct KeyFact {
  StepState::Kind kind = StepState::Kind::open;
  std::optional<std::int64_t> amount_minor;
  bool by_hand = false;    ///< undone by a person's word
  bool hearsay = false;    ///< undone, because a participant said so when asked to perform
  bool contested = false;  ///< an undo or an edit has put it in doubt: an answer may be unrecorded
  bool last_run = false;

  friend bool operator==(const KeyFact&, const KeyFact&) = default;
};

/// What the events say about one run: money moved and what it led to.
struct RunFact {
  std::uint32_t run = 1;
  MoneyMoved money;
  std::uint32_t captures = 0;
  bool dispatched = false;
  bool dispatched_without_capture = false;
  bool refunded_after_dispatch = false;
};

/// The fold of one order's stream with what the fold itself forgets.
struct OrderFacts {
  Order order;
  std::map<OperationKey, KeyFact> keys;  ///< every key that was ever the current step's
  std::vector<RunFact> runs;             ///< ascending; the last one is the present run
  std::int64_t events = 0;
};

/// Why `evolve` must not be given this event; nullopt: it may. Everything that `evolve` asserts is
/// covered, and what no decision leads to: an event in a status that does not allow it.
std::optional<std::string> misfit(const Order& order, const Event& event);

/// Why the event's JSON cannot be made, so that it has no hash; nullopt: it can.
std::optional<std::string> unwritable(const Event& event);

/// Reads, checks (`stream`) and folds an order's stream. nullopt: it cannot be folded to its end;
/// that is among the findings.
std::optional<OrderFacts> read_stream(OrderReader& orders, const OrderId& id, Findings& findings);

/// Goes on with a stream whose beginning is in `facts` (none of it: `facts` is fresh). False: it
/// cannot be folded to its end.
bool read_on(OrderReader& orders, const OrderId& id, OrderFacts& facts, Findings& findings);

/// Everything that the services and the sandbox remember of one order.
struct OrderRecords {
  std::vector<Reservation> reservations;
  std::vector<Payment> payments;
  std::vector<Shipment> shipments;
  std::vector<SandboxRecord> sandbox;
};

/// `fold`, `accounted`, `dead_letters`: the order's row and contact.
void check_row(const OrderRow& row, const OrderFacts& facts,
               const std::optional<RetryPolicy>& policy, Findings& findings);
void check_contact(OrderReader& orders, const OrderFacts& facts, Findings& findings);

/// `money`, `dispatch`, `final_is_clean`, `completed_is_whole`.
void check_money(const OrderFacts& facts, const OrderRecords& records, Findings& findings);
void check_dispatch(const OrderFacts& facts, const OrderRecords& records, Findings& findings);
void check_final(const OrderFacts& facts, const OrderRecords& records, Findings& findings);
void check_completed(const OrderFacts& facts, const OrderRecords& records, Findings& findings);

/// `one_effect`: every key at its participant and in the sandbox against the events.
void check_effects(const OrderFacts& facts, const OrderRecords& records, Answers answers,
                   Findings& findings);

/// Everything that counts for one SKU.
struct SkuBook {
  std::optional<StockItem> item;
  std::int64_t held = 0;       ///< Σ lines of held reservations
  std::int64_t committed = 0;  ///< the same of committed ones
  StockMovementSum sum;
};
void check_sku(const std::string& sku, const SkuBook& book, Findings& findings);

/// Damaged quantities may be anything: a sum stops at the end of the range.
std::int64_t saturating_add(std::int64_t left, std::int64_t right);

/// `stock_balance`, `stock_conserved` over all SKUs. Returns the number of SKUs.
std::int64_t check_stock(StoreAudit& audit, Findings& findings);

/// A key as text even if its step is none of ours.
std::string key_text(const OperationKey& key);

/// Runs `read`; rows that make no sense become a violation of `rule`. False: they did.
template <class Read>
bool readable(Rule rule, const std::string& subject, Findings& findings, Read&& read) {
  try {
    read();
    return true;
  } catch (const StoreError& error) {
    if (!is_damage(error)) throw;
    findings.add(rule, subject, std::string{"it cannot be read: "} + error.what());
    return false;
  }
}

}  // namespace conveyor::verifying
