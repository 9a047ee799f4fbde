#include <fmt/format.h>

#include <algorithm>

#include "engine/engine.h"
#include "runtime/verify_parts.h"
#include "services/inventory_service.h"

namespace conveyor::verifying {
namespace {

constexpr StepNumber kReserve = *parse_step("reserve_inventory");
constexpr StepNumber kAuthorize = *parse_step("authorize_payment");
constexpr StepNumber kBook = *parse_step("book_shipment");
constexpr StepNumber kCapture = *parse_step("capture_payment");
constexpr StepNumber kDispatch = *parse_step("dispatch_shipment");

template <class Record>
const Record* find(const std::vector<Record>& records, const std::optional<OperationKey>& key) {
  const auto at = std::ranges::find_if(records, [&](const Record& r) { return r.key == key; });
  return at == records.end() ? nullptr : &*at;
}

bool is_by_hand(const OrderFacts& facts, const OperationKey& key) {
  const auto at = facts.keys.find(key);
  return at != facts.keys.end() && at->second.by_hand;
}

/// Nothing more happens under this key: its run is over.
bool is_closed(const OrderFacts& facts, const OperationKey& key) {
  return is_final(facts.order.status) || key.run < facts.order.run;
}
/// It belongs to the run that completed the order.
bool is_of_completed(const OrderFacts& facts, const OperationKey& key) {
  return facts.order.status == Status::completed && key.run == facts.order.run;
}

std::string text_of(std::optional<Timestamp> time) {
  return time ? format_rfc3339(*time) : "none";
}

// --- the row ------------------------------------------------------------------------------------

void check_fold(const OrderRow& row, const Order& order, Findings& findings) {
  const auto expected = row_of(order, std::nullopt);
  const auto compare = [&](std::string_view column, const auto& stored, const auto& folded) {
    if (stored == folded) return;
    findings.add(
        Rule::fold, order.id,
        fmt::format("{} is {} in the order's row and {} by its events", column, stored, folded));
  };
  compare("status", to_string(row.status), to_string(expected.status));
  compare("version", row.version, expected.version);
  compare("run", row.run, expected.run);
  compare("step", row.step, expected.step);
  compare("generation", row.generation, expected.generation);
  compare("currency", row.currency, expected.currency);
  compare("total_minor", row.total_minor, expected.total_minor);
  compare("hash", to_hex(row.hash), to_hex(expected.hash));
  compare("customer_id", row.customer_id, expected.customer_id);
  compare("reference", row.reference.value_or("none"), expected.reference.value_or("none"));
  compare("correlation_id", row.correlation_id, expected.correlation_id);
  compare("updated_at", to_unix_ms(row.updated_at), to_unix_ms(expected.updated_at));
  compare("health", to_string(row.health), to_string(expected.health));
  compare("attempts", row.attempts, expected.attempts);
  compare("next_attempt_at", text_of(row.next_attempt_at), text_of(expected.next_attempt_at));
  compare("step_since", text_of(row.step_since), text_of(expected.step_since));
}

/// What of `wake_at_of` does not depend on how long patience is configured.
void check_wake_without_policy(const OrderRow& row, const Order& order, Findings& findings) {
  const RetryPolicy any;
  std::optional<Timestamp> latest = due_at(order, Timer::undo_at, any);
  if (needed_call(order)) {
    const auto call = order.next_attempt_at.value_or(order.updated_at);
    latest = std::min(latest.value_or(call), call);
  }
  const bool waits = wake_at_of(order, any).has_value();
  const bool right = waits ? row.wake_at && (!latest || *row.wake_at <= *latest) : !row.wake_at;
  if (right) return;
  findings.add(Rule::accounted, order.id,
               fmt::format("it is {} and its wake_at is {}, but its next automatic step {}",
                           to_string(order.status), text_of(row.wake_at),
                           !waits   ? "does not exist"
                           : latest ? "is due at " + text_of(latest)
                                    : "needs one"));
}

void check_wake(const OrderRow& row, const Order& order, const std::optional<RetryPolicy>& policy,
                Findings& findings) {
  if (is_undoing(order.status) && order.undo->outstanding.empty()) {
    findings.add(Rule::accounted, order.id, "all is undone, but the event that ends it is missing");
    return;
  }
  if (!policy) return check_wake_without_policy(row, order, findings);
  const auto expected = wake_at_of(order, *policy);
  if (row.wake_at == expected) return;
  findings.add(Rule::accounted, order.id,
               fmt::format("it is {} and its wake_at is {} instead of {}", to_string(order.status),
                           text_of(row.wake_at), text_of(expected)));
}

void check_dead_letter(const OrderRow& row, const Order& order, Findings& findings) {
  const bool dead = order.status == Status::dead_lettered;
  if ((row.status == Status::dead_lettered) != dead) {
    findings.add(Rule::dead_letters, order.id,
                 dead ? "it is dead-lettered by its events and not listed as such"
                      : "it is listed as dead-lettered and is not by its events");
  }
  const auto expected = row_of(order, std::nullopt);
  if (row.fingerprint != expected.fingerprint) {
    findings.add(
        Rule::dead_letters, order.id,
        fmt::format("its fingerprint is {} instead of {}", row.fingerprint.value_or("none"),
                    expected.fingerprint.value_or("none")));
  }
  if (row.dead_since != expected.dead_since) {
    findings.add(Rule::dead_letters, order.id,
                 fmt::format("its dead_since is {} instead of {}", text_of(row.dead_since),
                             text_of(expected.dead_since)));
  }
}

// --- money --------------------------------------------------------------------------------------

void check_money_of_events(const OrderFacts& facts, Findings& findings) {
  const auto& order = facts.order;
  const auto report = [&](std::uint32_t run, std::string_view what) {
    findings.add(Rule::money, order.id, fmt::format("run {}: {} by its events", run, what));
  };
  for (const auto& run : facts.runs) {
    const auto& money = run.money;
    if (money.captured_minor > money.authorized_minor) report(run.run, "captured > authorized");
    if (money.refunded_minor > money.captured_minor) report(run.run, "refunded > captured");
    if (money.voided_minor > money.authorized_minor) report(run.run, "voided > authorized");
    if (run.captures > 1) report(run.run, "more than one capture");
  }
  const auto& money = order.order_money;
  if (money.captured_minor - money.refunded_minor > order.total_minor) {
    findings.add(Rule::money, order.id, "captured - refunded > total by its events");
  }
}

/// Captures that exist, as one book keeps them.
struct CaptureBook {
  std::string_view name;
  std::map<std::uint32_t, int> per_run = {};
  std::int64_t sum_minor = 0;

  void add(std::uint32_t run, std::int64_t amount_minor) {
    ++per_run[run];
    // Damaged amounts may be anything; beyond the range of money the sum is too large anyway.
    sum_minor = checked_add(sum_minor, amount_minor).value_or(kMaxMinor);
  }

  void check(const Order& order, Findings& findings) const {
    for (const auto& [run, captures] : per_run) {
      if (captures <= 1) continue;
      findings.add(Rule::money, order.id,
                   fmt::format("run {}: {} captures exist by {}", run, captures, name));
    }
    if (sum_minor > order.total_minor) {
      findings.add(
          Rule::money, order.id,
          fmt::format("{} is captured by {}, the total is {}", sum_minor, name, order.total_minor));
    }
  }
};

void check_payment_amount(const OrderFacts& facts, const Payment& payment, Findings& findings) {
  const auto fact = facts.keys.find(payment.key);
  if (fact == facts.keys.end() || fact->second.kind != StepState::Kind::succeeded) return;
  const auto amount_minor = fact->second.amount_minor.value_or(0);
  if (payment.amount_minor != amount_minor || payment.currency != facts.order.currency) {
    findings.add(Rule::money, facts.order.id,
                 fmt::format("{}: the payment says {} {}, its event {} {}", key_text(payment.key),
                             payment.amount_minor, payment.currency.code(), amount_minor,
                             facts.order.currency.code()));
  }
}

void check_payments(const OrderFacts& facts, const std::vector<Payment>& payments,
                    Findings& findings) {
  CaptureBook book{"the payments"};
  for (const auto& payment : payments) {
    if (payment.state != OperationState::succeeded) continue;
    check_payment_amount(facts, payment, findings);
    if (payment.key.step != kCapture) continue;
    book.add(payment.key.run, payment.amount_minor);
    const auto* authorization = find(payments, payment.authorization);
    const bool covered = authorization != nullptr &&
                         authorization->state == OperationState::succeeded &&
                         authorization->amount_minor >= payment.amount_minor;
    if (!covered) {
      findings.add(Rule::money, facts.order.id,
                   key_text(payment.key) + ": no live authorization covers the capture");
    }
  }
  book.check(facts.order, findings);
}

void check_sandbox_money(const OrderFacts& facts, const OrderRecords& records, Findings& findings) {
  CaptureBook book{"the provider's books"};
  for (const auto& record : records.sandbox) {
    const auto* payment = find(records.payments, record.key);
    if (payment != nullptr && payment->state == OperationState::succeeded && record.effects > 0 &&
        payment->amount_minor != record.amount_minor) {
      findings.add(Rule::money, facts.order.id,
                   fmt::format("{}: the payment says {}, the provider {}", key_text(record.key),
                               payment->amount_minor, record.amount_minor));
    }
    // What a person has undone the provider need not know.
    if (record.key.step != kCapture || !record.effect_exists) continue;
    if (is_by_hand(facts, record.key)) continue;
    book.add(record.key.run, record.amount_minor);
    const auto* authorization = find(records.sandbox, record.names);
    if (authorization == nullptr || authorization->effects == 0 ||
        authorization->amount_minor < record.amount_minor) {
      findings.add(Rule::money, facts.order.id,
                   key_text(record.key) + ": the provider's authorization does not cover it");
    }
  }
  book.check(facts.order, findings);
}

// --- final orders -------------------------------------------------------------------------------

void check_final_events(const OrderFacts& facts, Findings& findings) {
  const auto& order = facts.order;
  for (const auto& run : facts.runs) {
    const OperationKey key{order.id, run.run, kStepCount, 1};
    if (!is_closed(facts, key)) continue;
    const auto& money = run.money;
    const auto report = [&](std::string_view what, std::int64_t amount_minor) {
      findings.add(Rule::final_is_clean, order.id,
                   fmt::format("run {} is over and {} of {} is left by its events", run.run, what,
                               amount_minor));
    };
    const auto left = money.authorized_minor - money.captured_minor - money.voided_minor;
    if (left > 0) report("an authorization", left);
    const auto captured = money.captured_minor - money.refunded_minor;
    if (captured != 0 && !is_of_completed(facts, key)) report("a capture", captured);
  }
}

/// What of a succeeded payment is still there that should not be.
std::int64_t left_of(const OrderFacts& facts, const std::vector<Payment>& payments,
                     const Payment& payment) {
  if (payment.state != OperationState::succeeded) return 0;
  if (!is_of_completed(facts, payment.key)) return payment.amount_minor;
  if (payment.key.step != kAuthorize) return 0;
  auto left = payment.amount_minor;
  for (const auto& other : payments) {
    const bool live = other.state == OperationState::succeeded;
    if (live && other.authorization == payment.key) left -= std::min(left, other.amount_minor);
  }
  return left;
}

bool is_left(const OrderFacts& facts, const std::vector<Shipment>& shipments,
             const Shipment& shipment) {
  if (shipment.key.step != kBook || shipment.state != OperationState::succeeded) return false;
  if (!is_of_completed(facts, shipment.key)) return true;
  return std::ranges::none_of(shipments, [&](const Shipment& other) {
    return other.state == OperationState::succeeded && other.booking == shipment.key;
  });
}

template <class Record>
bool is_unclear(const Record& record) {
  return record.state == OperationState::uncertain || record.undo_uncertain;
}

bool is_left_at_provider(const OrderFacts& facts, const SandboxRecord& record) {
  if (!record.effect_exists || is_by_hand(facts, record.key)) return false;
  const auto fact = facts.keys.find(record.key);
  if (fact == facts.keys.end()) return false;  // `one_effect` says so
  // An authorization stays with a provider whose capture a person has undone.
  const bool capture_by_hand = std::ranges::any_of(facts.keys, [&](const auto& other) {
    return other.first.run == record.key.run && other.first.step == kCapture &&
           other.second.by_hand;
  });
  if (record.key.step == kAuthorize && capture_by_hand) return false;
  return !is_of_completed(facts, record.key) || fact->second.kind != StepState::Kind::succeeded;
}

}  // namespace

void check_row(const OrderRow& row, const OrderFacts& facts,
               const std::optional<RetryPolicy>& policy, Findings& findings) {
  check_fold(row, facts.order, findings);
  check_wake(row, facts.order, policy, findings);
  check_dead_letter(row, facts.order, findings);
}

void check_contact(OrderReader& orders, const OrderFacts& facts, Findings& findings) {
  const auto& order = facts.order;
  const bool is_there = orders.contact(order.id, order.contact_version).has_value();
  if (is_there != order.contact_erased) return;
  if (is_there) {
    return findings.add(Rule::accounted, order.id, "its contact is there, but was erased");
  }
  findings.add(Rule::accounted, order.id,
               fmt::format("its contact (version {}) is missing", order.contact_version));
}

void check_money(const OrderFacts& facts, const OrderRecords& records, Findings& findings) {
  check_money_of_events(facts, findings);
  check_payments(facts, records.payments, findings);
  check_sandbox_money(facts, records, findings);
}

void check_dispatch(const OrderFacts& facts, const OrderRecords& records, Findings& findings) {
  const auto report = [&](std::string detail) {
    findings.add(Rule::dispatch, facts.order.id, std::move(detail));
  };
  for (const auto& run : facts.runs) {
    if (run.dispatched_without_capture) {
      report(fmt::format("run {} was dispatched before its total was captured", run.run));
    }
    if (run.refunded_after_dispatch)
      report(
          fmt::format("run {} was refunded after it was "
                      "dispatched",
                      run.run));
  }
  for (const auto& shipment : records.shipments) {
    if (shipment.key.step != kDispatch || shipment.state != OperationState::succeeded) continue;
    const auto* booking = find(records.shipments, shipment.booking);
    if (booking == nullptr || booking->state != OperationState::succeeded) {
      report(key_text(shipment.key) + ": dispatched without a live booking");
    }
    const bool captured = std::ranges::any_of(records.payments, [&](const Payment& payment) {
      return payment.key.step == kCapture && payment.key.run == shipment.key.run &&
             payment.state == OperationState::succeeded;
    });
    if (!captured) report(key_text(shipment.key) + ": dispatched without a live capture");
  }
  for (const auto& record : records.sandbox) {
    const auto* booking = find(records.sandbox, record.names);
    const bool both = record.key.step == kDispatch && record.effect_exists && booking != nullptr &&
                      booking->undone;
    if (both) report(key_text(record.key) + ": the carrier has it dispatched and cancelled");
  }
}

void check_final(const OrderFacts& facts, const OrderRecords& records, Findings& findings) {
  const auto report = [&](const OperationKey& key, std::string_view what) {
    findings.add(Rule::final_is_clean, facts.order.id,
                 fmt::format("{}: {}, but run {} is over", key_text(key), what, key.run));
  };
  check_final_events(facts, findings);
  for (const auto& reservation : records.reservations) {
    const bool held = reservation.state == ReservationState::held;
    if (held && is_closed(facts, reservation.key)) report(reservation.key, "stock is held");
  }
  for (const auto& payment : records.payments) {
    if (!is_closed(facts, payment.key)) continue;
    if (is_unclear(payment)) report(payment.key, "nobody knows whether the payment exists");
    if (const auto left = left_of(facts, records.payments, payment); left > 0) {
      report(payment.key, fmt::format("{} is {}", left,
                                      payment.key.step == kCapture ? "captured" : "authorized"));
    }
  }
  for (const auto& shipment : records.shipments) {
    if (!is_closed(facts, shipment.key)) continue;
    if (is_unclear(shipment)) report(shipment.key, "nobody knows whether the shipment exists");
    if (is_left(facts, records.shipments, shipment)) report(shipment.key, "a booking is live");
  }
  for (const auto& record : records.sandbox) {
    if (!is_closed(facts, record.key) || !is_left_at_provider(facts, record)) continue;
    report(record.key, "its effect is in the provider's books");
  }
}

void check_completed(const OrderFacts& facts, const OrderRecords& records, Findings& findings) {
  const auto& order = facts.order;
  if (order.status != Status::completed) return;
  const auto report = [&](std::string detail) {
    findings.add(Rule::completed_is_whole, order.id, std::move(detail));
  };
  const auto by_events = order.run_money.captured_minor - order.run_money.refunded_minor;
  if (by_events != order.total_minor) {
    report(
        fmt::format("{} is captured by its events, the total is {}", by_events, order.total_minor));
  }
  std::int64_t captured_minor = 0;
  for (const auto& payment : records.payments) {
    const bool counts = payment.key.run == order.run && payment.key.step == kCapture &&
                        payment.state == OperationState::succeeded;
    if (!counts) continue;
    captured_minor = checked_add(captured_minor, payment.amount_minor).value_or(kMaxMinor);
  }
  if (captured_minor != order.total_minor) {
    report(fmt::format("{} is captured by the payments, the total is {}", captured_minor,
                       order.total_minor));
  }
  const auto* reservation = find(records.reservations, order.key_of(kReserve));
  if (reservation == nullptr || reservation->state != ReservationState::committed) {
    report("its stock is not committed");
  } else if (reservation->lines != aggregate_lines(order.lines)) {
    report("the committed lines are not the order's lines");
  }
  const auto dispatched = std::ranges::count_if(records.shipments, [&](const Shipment& shipment) {
    return shipment.key.run == order.run && shipment.key.step == kDispatch &&
           shipment.state == OperationState::succeeded;
  });
  if (dispatched != 1) report(fmt::format("{} of its shipments are dispatched", dispatched));
}

}  // namespace conveyor::verifying
