#include "sim/checker.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/sabotage.h"
#include "sim/violation.h"

namespace conveyor::sim {

// --- JoinedStores -------------------------------------------------------------------------------

VerifySource JoinedStores::source() {
  return {stores_.orders,
          stores_.of(Participant::inventory),
          stores_.of(Participant::payment),
          stores_.of(Participant::shipping),
          *this,
          *this};
}

std::vector<MemoryStore*> JoinedStores::all() {
  std::vector<MemoryStore*> all{&stores_.orders};
  for (auto* store : stores_.services) {
    if (std::ranges::find(all, store) == all.end()) all.push_back(store);
  }
  return all;
}

std::optional<SandboxRecord> JoinedStores::sandbox_record(const OperationKey& key) {
  return stores_.of(spec_of(key.step).participant).sandbox_record(key);
}

std::vector<SandboxRecord> JoinedStores::sandbox_records(const OrderId& order) {
  std::vector<SandboxRecord> records;
  for (auto* store : all()) {
    for (auto& record : store->sandbox_records(order)) records.push_back(std::move(record));
  }
  return records;
}

void JoinedStores::each_stock_item(const Visitor<StockItem>& visit) {
  stores_.of(Participant::inventory).each_stock_item(visit);
}
void JoinedStores::each_movement_sum(const Visitor<StockMovementSum>& visit) {
  stores_.of(Participant::inventory).each_movement_sum(visit);
}
void JoinedStores::each_reservation(const Visitor<Reservation>& visit) {
  stores_.of(Participant::inventory).each_reservation(visit);
}
void JoinedStores::each_payment(const Visitor<Payment>& visit) {
  stores_.of(Participant::payment).each_payment(visit);
}
void JoinedStores::each_shipment(const Visitor<Shipment>& visit) {
  stores_.of(Participant::shipping).each_shipment(visit);
}
void JoinedStores::each_sandbox_record(const Visitor<SandboxRecord>& visit) {
  for (auto* store : all()) store->each_sandbox_record(visit);
}
void JoinedStores::each_contact(const Visitor<Contact>& visit) {
  stores_.orders.each_contact(visit);
}
void JoinedStores::each_idempotency_row(const Visitor<IdempotencyRow>& visit) {
  stores_.orders.each_idempotency_row(visit);
}
std::vector<std::pair<Status, std::int64_t>> JoinedStores::order_counts() {
  return stores_.orders.order_counts();
}
void JoinedStores::each_stream_without_order(const Visitor<OrderId>& visit) {
  stores_.orders.each_stream_without_order(visit);
}

// --- Checker ------------------------------------------------------------------------------------

Checker::Checker(const Stores& stores, const Options& options) : stores_(stores), joined_(stores) {
  verify_.policy = options.retry;
  for (const auto site : options.sites) {
    if (site != Site::local) verify_.answers = Answers::by_message;
  }
}

void Checker::acknowledged(const OrderId& id, std::uint64_t version) {
  acknowledged_.insert(id);
  auto& known = acknowledged_versions_[id];
  known = std::max(known, version);
  touched_.insert(id);
}

const Order* Checker::order(const OrderId& id) const {
  const auto at = books_.find(id);
  return at == books_.end() ? nullptr : &at->second.facts.order;
}

void Checker::throw_first(const VerifyReport& report) {
  if (report.clean()) return;
  const auto& first = report.violations.front();
  throw RuleBroken(std::string{to_string(first.rule)},
                   fmt::format("{}: {}", first.subject, first.detail));
}

void Checker::check_touched() {
  const sabotage::Pause pause;
  for (const auto& id : touched_) check_order(id);
  touched_.clear();
  check_moved();
}

void Checker::check_order(const OrderId& id) {
  const auto source = joined_.source();
  const auto row = source.orders.order_row(id);
  if (!row) {
    if (!acknowledged_.contains(id)) return;  // it was never committed
    throw RuleBroken("accounted",
                     fmt::format("{} was acknowledged and is not in the store", id.to_string()));
  }
  const auto known = acknowledged_versions_.find(id);
  if (known != acknowledged_versions_.end() && row->version < known->second) {
    throw RuleBroken("accounted", fmt::format("{}: version {} was acknowledged, the store has {}",
                                              id.to_string(), known->second, row->version));
  }
  VerifyReport report;
  verifying::Findings findings{report};
  auto& book = books_[id];
  if (!verifying::read_on(source.orders, id, book.facts, findings)) return throw_first(report);
  const verifying::OrderRecords records{source.stock.reservations(id), source.payments.payments(id),
                                        source.shipments.shipments(id),
                                        source.sandbox.sandbox_records(id)};
  verifying::check_row(*row, book.facts, verify_.policy, findings);
  verifying::check_contact(source.orders, book.facts, findings);
  verifying::check_effects(book.facts, records, verify_.answers, findings);
  verifying::check_money(book.facts, records, findings);
  verifying::check_dispatch(book.facts, records, findings);
  verifying::check_final(book.facts, records, findings);
  verifying::check_completed(book.facts, records, findings);
  throw_first(report);
  check_total(book.facts.order);
  check_attempts(book.facts.order);
  note_held(book, records.reservations);
}

/// What the client asked for, added up once more and by somebody else.
void Checker::check_total(const Order& order) {
  std::int64_t sum = 0;
  for (const auto& line : order.lines) sum += line.quantity * line.unit_price_minor;
  for (const auto& adjustment : order.adjustments) sum += adjustment.amount_minor;
  if (sum == order.total_minor) return;
  throw RuleBroken("money", fmt::format("{}: its total is {}, its lines and adjustments are {}",
                                        order.id.to_string(), order.total_minor, sum));
}

/// Not for `conveyor verify`: a store may be older than the policy that it is checked under.
void Checker::check_attempts(const Order& order) {
  const bool tries_again = order.status == Status::pending || order.status == Status::processing ||
                           order.status == Status::cancelling ||
                           order.status == Status::compensating;
  if (!tries_again || order.budget_used < verify_.policy->max_attempts) return;
  throw RuleBroken(
      "accounted",
      fmt::format("{}: {} attempts have failed, {} are allowed, and it is tried again",
                  order.id.to_string(), order.budget_used, verify_.policy->max_attempts));
}

void Checker::note_held(Book& book, const std::vector<Reservation>& reservations) {
  std::vector<StockLine> held;
  for (const auto& reservation : reservations) {
    if (reservation.state != ReservationState::held) continue;
    held.insert(held.end(), reservation.lines.begin(), reservation.lines.end());
  }
  if (held == book.held) return;
  for (const auto& line : book.held) held_[line.sku] -= line.quantity;
  for (const auto& line : held) held_[line.sku] += line.quantity;
  for (const auto* lines : {&book.held, &held}) {
    for (const auto& line : *lines) moved_.insert(line.sku);
  }
  book.held = std::move(held);
}

void Checker::check_moved() {
  for (const auto& sku : moved_) {
    const auto item = stores_.of(Participant::inventory).stock(sku);
    const auto reserved = item ? item->reserved : 0;
    if (reserved == held_[sku] && item && item->available() >= 0) continue;
    throw RuleBroken("stock_balance",
                     fmt::format("{}: reserved is {}, held reservations ask for "
                                 "{}, available is {}",
                                 sku, reserved, held_[sku], item ? item->available() : 0));
  }
  moved_.clear();
}

void Checker::check_everything() {
  const sabotage::Pause pause;
  throw_first(verify_store(joined_.source(), verify_));
  for (const auto& id : acknowledged_) {
    if (stores_.orders.order_row(id)) continue;
    throw RuleBroken("accounted", fmt::format("{} was acknowledged and is gone", id.to_string()));
  }
}

}  // namespace conveyor::sim
