#include "runtime/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "domain/spelling.h"
#include "runtime/inputs.h"
#include "runtime/verify_parts.h"

namespace conveyor {
namespace {

constexpr std::array<std::string_view, kAllRules.size()> kRuleNames{
    "fold",      "stream",       "stock_balance",  "stock_conserved",
    "money",     "dispatch",     "final_is_clean", "completed_is_whole",
    "accounted", "dead_letters", "one_effect",     "one_order"};

}  // namespace

std::string_view to_string(Rule rule) {
  return spelled::name_of(kRuleNames, rule);
}

std::int64_t VerifyReport::total() const {
  return std::reduce(counts.begin(), counts.end());
}

namespace verifying {
namespace {

/// Order ids read at a time.
constexpr std::size_t kIdsPerRead = 1'000;
/// Streams without an order whose ids are kept, so that what hangs on them is not reported again.
constexpr std::size_t kMaxOrphansKept = 100'000;
/// Movements that idempotency keys name, looked up at a time.
constexpr std::size_t kMovementsPerRead = 10'000;

/// The orders of one pass, and what of the tables belongs to it.
struct Pass {
  std::optional<OrderId> after;    ///< ids up to here belonged to earlier passes
  bool last = false;               ///< ids above the last order belong here too
  std::vector<OrderId> ids;        ///< ascending
  std::vector<std::uint8_t> keys;  ///< idempotency keys that lead to the order: 0, 1, or 2 for more

  bool covers(const OrderId& id) const {
    if (after && id <= *after) return false;
    return last || (!ids.empty() && id <= ids.back());
  }
  std::optional<std::size_t> index(const OrderId& id) const {
    const auto at = std::ranges::lower_bound(ids, id);
    if (at == ids.end() || *at != id) return std::nullopt;
    return static_cast<std::size_t>(at - ids.begin());
  }
};

class StoreCheck {
 public:
  StoreCheck(const VerifySource& source, const VerifyOptions& options)
      : source_(source), options_(options) {}

  VerifyReport run() {
    find_orphans();
    std::optional<OrderId> after;
    for (bool more = true; more;) {
      auto pass = read_pass(after);
      for (const auto& id : pass.ids) check_order(id);
      walk_tables(pass);
      more = !pass.last;
      if (!pass.ids.empty()) after = pass.ids.back();
    }
    check_movement_keys();
    report_.skus = check_stock(source_.audit, findings_);
    return std::move(report_);
  }

  VerifyReport run_one(const OrderId& id) {
    check_order(id);
    return std::move(report_);
  }

 private:
  void find_orphans() {
    readable(Rule::accounted, "table event_log", findings_, [&] {
      source_.audit.each_stream_without_order([&](const OrderId& id) {
        findings_.add(Rule::accounted, id, "it has events that no order row knows");
        if (orphans_.size() < kMaxOrphansKept) orphans_.insert(id);
      });
    });
  }

  Pass read_pass(const std::optional<OrderId>& after) {
    Pass pass;
    pass.after = after;
    while (pass.ids.size() < options_.orders_per_pass) {
      const auto limit = std::min(kIdsPerRead, options_.orders_per_pass - pass.ids.size());
      const auto position = pass.ids.empty() ? after : pass.ids.back();
      const auto ids = source_.orders.order_ids(position, limit);
      pass.ids.insert(pass.ids.end(), ids.begin(), ids.end());
      pass.last = ids.size() < limit;
      if (pass.last) break;
    }
    pass.keys.resize(pass.ids.size());
    return pass;
  }

  void check_order(const OrderId& id) {
    ++report_.orders;
    std::optional<OrderRow> row;
    readable(Rule::fold, id.to_string(), findings_, [&] { row = source_.orders.order_row(id); });
    if (row && !is_final(row->status)) ++report_.open_orders;
    const auto facts = read_stream(source_.orders, id, findings_);
    if (!facts) return;
    report_.events += facts->events;
    if (row) check_row(*row, *facts, options_.policy, findings_);
    readable(Rule::accounted, id.to_string(), findings_,
             [&] { check_contact(source_.orders, *facts, findings_); });

    OrderRecords records;
    const bool known = readable(Rule::one_effect, id.to_string(), findings_, [&] {
      records = {source_.stock.reservations(id), source_.payments.payments(id),
                 source_.shipments.shipments(id), source_.sandbox.sandbox_records(id)};
    });
    if (!known) return;
    report_.operation_keys += std::ssize(records.reservations) + std::ssize(records.payments) +
                              std::ssize(records.shipments);
    check_effects(*facts, records, options_.answers, findings_);
    check_money(*facts, records, findings_);
    check_dispatch(*facts, records, findings_);
    check_final(*facts, records, findings_);
    check_completed(*facts, records, findings_);
  }

  /// Reports each order that rows of a table belong to and that does not exist, once a table.
  template <class Walk, class OrderOf>
  void find_strays(const Pass& pass, Rule rule, const std::string& table, Walk walk,
                   OrderOf order_of) {
    std::optional<OrderId> reported;
    readable(rule, "table " + table, findings_, [&] {
      walk([&](const auto& row) {
        const OrderId& id = order_of(row);
        if (reported == id || !pass.covers(id) || pass.index(id) || orphans_.contains(id)) return;
        findings_.add(rule, id, "there is no such order, but rows of it in " + table);
        reported = id;
      });
    });
  }

  void walk_tables(Pass& pass) {
    auto& audit = source_.audit;
    const auto by_key = [](const auto& row) -> const OrderId& { return row.key.order; };
    find_strays(
        pass, Rule::one_effect, "reservations",
        [&](const auto& visit) { audit.each_reservation(visit); }, by_key);
    find_strays(
        pass, Rule::one_effect, "payments", [&](const auto& visit) { audit.each_payment(visit); },
        by_key);
    find_strays(
        pass, Rule::one_effect, "shipments", [&](const auto& visit) { audit.each_shipment(visit); },
        by_key);
    find_strays(
        pass, Rule::one_effect, "sandbox_records",
        [&](const auto& visit) { audit.each_sandbox_record(visit); }, by_key);
    find_strays(
        pass, Rule::accounted, "contacts", [&](const auto& visit) { audit.each_contact(visit); },
        [](const Contact& row) -> const OrderId& { return row.order_id; });
    check_keys(pass);
  }

  void check_keys(Pass& pass) {
    const bool read = readable(Rule::one_order, "table idempotency_keys", findings_, [&] {
      std::optional<ScopePrefix> previous;
      source_.audit.each_idempotency_row([&](const IdempotencyRow& row) {
        check_key(pass, row, row.scope == previous);
        previous = row.scope;
      });
    });
    if (!read) return;
    for (std::size_t i = 0; i < pass.ids.size(); ++i) {
      if (pass.keys[i] == 1) continue;
      findings_.add(Rule::one_order, pass.ids[i],
                    pass.keys[i] == 0 ? "no idempotency key leads to it"
                                      : "more than one idempotency key leads to it");
    }
  }

  void check_key(Pass& pass, const IdempotencyRow& row, bool again) {
    const auto* id = std::get_if<OrderId>(&row.record.subject);
    const bool mine = id == nullptr ? !pass.after : pass.covers(*id);
    if (!mine) return;
    ++report_.idempotency_keys;
    const auto scope = "key " + to_hex(row.scope);
    const auto subject = id != nullptr ? id->to_string() : scope;
    if (again) findings_.add(Rule::one_order, subject, scope + " leads somewhere else, too");
    if (row.record.answer_version < 1 || row.record.answer_version > kAnswerVersion) {
      findings_.add(Rule::one_order, subject,
                    fmt::format("its key's answer has version {}, which cannot be repeated",
                                row.record.answer_version));
    }
    if (id == nullptr) return;
    if (const auto index = pass.index(*id)) {
      auto& keys = pass.keys[*index];
      if (keys < 2) ++keys;
    } else if (!orphans_.contains(*id)) {
      findings_.add(Rule::one_order, *id, scope + " leads to it and there is no such order");
    }
  }

  /// Keys that led to a stock movement, a bounded number at a time.
  void check_movement_keys() {
    std::optional<ScopePrefix> after;
    std::vector<std::int64_t> movements;
    do {
      movements.clear();
      // A table that cannot be read was reported by `check_keys`.
      try {
        source_.audit.each_idempotency_row([&](const IdempotencyRow& row) {
          const auto* id = std::get_if<std::int64_t>(&row.record.subject);
          const bool wanted = id != nullptr && (!after || row.scope > *after);
          if (!wanted || movements.size() == kMovementsPerRead) return;
          movements.push_back(*id);
          after = row.scope;
        });
      } catch (const StoreError& error) {
        if (!is_damage(error)) throw;
        return;
      }
      for (const auto id : movements) check_movement(id);
    } while (movements.size() == kMovementsPerRead);
  }

  void check_movement(std::int64_t id) {
    const auto subject = fmt::format("movement {}", id);
    readable(Rule::one_order, subject, findings_, [&] {
      if (source_.stock.movement(id)) return;
      findings_.add(Rule::one_order, subject, "a key leads to it and there is no such movement");
    });
  }

  const VerifySource& source_;
  const VerifyOptions& options_;
  VerifyReport report_;
  Findings findings_{report_};
  std::set<OrderId> orphans_;
};

}  // namespace

void Findings::add(Rule rule, std::string subject, std::string detail) {
  ++report_.counts.at(static_cast<std::size_t>(rule));
  if (report_.violations.size() >= kMaxViolationsKept) return;
  report_.violations.push_back({rule, std::move(subject), std::move(detail)});
}

std::string key_text(const OperationKey& key) {
  if (key.step >= 1 && key.step <= kStepCount) return key.to_string();
  return fmt::format("{}:{}:step {}:{}", key.order.to_string(), key.run, key.step, key.generation);
}

}  // namespace verifying

VerifyReport verify_store(const VerifySource& source, const VerifyOptions& options) {
  return verifying::StoreCheck{source, options}.run();
}

VerifyReport verify_order(const VerifySource& source, const OrderId& id,
                          const VerifyOptions& options) {
  return verifying::StoreCheck{source, options}.run_one(id);
}

}  // namespace conveyor
