#include "domain/order.h"

#include <algorithm>

#include "domain/decide.h"

namespace conveyor {

FieldSet Changes::fields() const {
  FieldSet set = 0;
  if (lines) set |= kFieldLines;
  if (payment_method) set |= kFieldPaymentMethod;
  if (contact_version) set |= kFieldShipTo;
  return set;
}

Status forward_status(const Order& order) {
  const bool any = std::ranges::any_of(
      order.steps, [](const StepState& s) { return s.kind == StepState::Kind::succeeded; });
  return any ? Status::processing : Status::pending;
}

Health health_of(const Order& order) {
  if (order.status == Status::dead_lettered) return Health::dead;
  if (order.status == Status::needs_attention) return Health::attention;
  if (is_final(order.status)) return Health::ok;
  if (order.status == Status::shipped && order.current().perform_attempts >= kStuckAfterAttempts) {
    return Health::stuck;
  }
  return order.budget_used > 0 ? Health::retrying : Health::ok;
}

std::optional<std::int64_t> total_of(const std::vector<Line>& lines,
                                     const std::vector<Adjustment>& adjustments) {
  std::int64_t total = 0;
  for (const auto& line : lines) {
    const auto amount = checked_multiply(line.quantity, line.unit_price_minor);
    if (!amount) return std::nullopt;
    const auto sum = checked_add(total, *amount);
    if (!sum) return std::nullopt;
    total = *sum;
  }
  for (const auto& adjustment : adjustments) {
    const auto sum = checked_add(total, adjustment.amount_minor);
    if (!sum) return std::nullopt;
    total = *sum;
  }
  if (total < 0) return std::nullopt;
  return total;
}

std::vector<StepNumber> undos_for(const Order& order) {
  std::vector<StepNumber> outstanding;
  for (StepNumber s = order.step; s >= 1; --s) {
    const auto kind = order.state_of(s).kind;
    const bool may_exist =
        kind == StepState::Kind::succeeded || (s == order.step && kind == StepState::Kind::open);
    if (!may_exist || !spec_of(s).undone) continue;
    if (spec_of(s).undone_first) {
      outstanding.insert(outstanding.begin(), s);
    } else {
      outstanding.push_back(s);
    }
  }
  return outstanding;
}

}  // namespace conveyor
