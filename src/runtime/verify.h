// verify_store: checks every invariant of the domain over a whole store, of any kind, behind the
// reading ports. It changes nothing and trusts nothing: what was stored may be damaged in any way,
// and is then reported, never asserted.
//
// The walk goes order by order, so memory is bounded by kOrdersPerPass, by the number of SKUs and
// by the limit of violations kept, not by history. Every violation is counted.
//
// Consistency: all reads must see one committed state. Over a file in use the caller opens a
// snapshot around the call (SqliteReader::Snapshot); over a store that has only one thread nothing
// is needed.
//
// Threads: the caller's. Errors: StoreError if the store cannot be read at all; rows that can be
// read but make no sense are violations.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/decide.h"
#include "ports/order_store.h"
#include "ports/service_stores.h"
#include "ports/store_audit.h"

namespace conveyor {

/// The invariants, in the sequence in which they are listed for people.
enum class Rule : std::uint8_t {
  fold,
  stream,
  stock_balance,
  stock_conserved,
  money,
  dispatch,
  final_is_clean,
  completed_is_whole,
  accounted,
  dead_letters,
  one_effect,
  one_order,
};
inline constexpr std::array kAllRules{
    Rule::fold,      Rule::stream,       Rule::stock_balance,  Rule::stock_conserved,
    Rule::money,     Rule::dispatch,     Rule::final_is_clean, Rule::completed_is_whole,
    Rule::accounted, Rule::dead_letters, Rule::one_effect,     Rule::one_order};
std::string_view to_string(Rule rule);

struct Violation {
  Rule rule = Rule::fold;
  std::string subject;  ///< an order's id, a SKU, or `movement N`, `key HEX`, `table NAME`
  std::string detail;   ///< a sentence; no personal data

  friend bool operator==(const Violation&, const Violation&) = default;
};

/// Violations that a report keeps with their text; further ones are counted only.
inline constexpr std::size_t kMaxViolationsKept = 1'000;
/// Orders whose ids are in memory at a time; the tables are walked once for each so many orders.
inline constexpr std::size_t kOrdersPerPass = 1'000'000;

struct VerifyReport {
  std::int64_t orders = 0;
  std::int64_t open_orders = 0;
  std::int64_t events = 0;
  std::int64_t skus = 0;
  std::int64_t operation_keys = 0;  ///< reservations, payments, shipments
  std::int64_t idempotency_keys = 0;
  std::array<std::int64_t, kAllRules.size()> counts{};  ///< violations by rule
  std::vector<Violation> violations;                    ///< the first kMaxViolationsKept

  std::int64_t total() const;
  bool clean() const { return total() == 0; }
};

struct VerifySource {
  OrderReader& orders;
  StockReader& stock;
  PaymentReader& payments;
  ShipmentReader& shipments;
  SandboxReader& sandbox;
  StoreAudit& audit;
};

/// Every store that implements all reading ports.
template <class Store>
VerifySource verify_source_of(Store& store) {
  return {store, store, store, store, store, store};
}

/// How a participant's answers reach the events.
enum class Answers : std::uint8_t {
  in_the_batch,  ///< written together with what the participant remembers, so both agree
  by_message,    ///< they may be late or lost: a participant may be ahead of the events
};

struct VerifyOptions {
  /// The policy that every `wake_at` was computed with; then it has to be exact. Without it only
  /// what the events themselves say is required: a patience may have been configured differently.
  std::optional<RetryPolicy> policy;
  Answers answers = Answers::in_the_batch;
  std::size_t orders_per_pass = kOrdersPerPass;
};

VerifyReport verify_store(const VerifySource& source, const VerifyOptions& options = {});

/// The same for one order, as far as its own rows and those of its operation keys go: every rule
/// but `stock_balance`, `stock_conserved` and `one_order`. An order that does not exist breaks
/// `stream`.
VerifyReport verify_order(const VerifySource& source, const OrderId& id,
                          const VerifyOptions& options = {});

}  // namespace conveyor
