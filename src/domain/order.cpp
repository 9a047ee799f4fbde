#include "domain/order.h"

#include <algorithm>

#include "base/sabotage.h"
#include "domain/decide.h"

namespace conveyor {
namespace {

/// nullopt: it leaves the range of money.
std::optional<std::int64_t> sum_of(const std::vector<Line>& lines,
                                   const std::vector<Adjustment>& adjustments) {
  std::int64_t sum = 0;
  const auto add = [&sum](std::optional<std::int64_t> amount) {
    const auto more = amount ? checked_add(sum, *amount) : std::nullopt;
    if (more) sum = *more;
    return more.has_value();
  };
  for (const auto& line : lines) {
    if (!add(checked_multiply(line.quantity, line.unit_price_minor))) return std::nullopt;
  }
  for (const auto& adjustment : adjustments) {
    if (CONVEYOR_SABOTAGE(total_without_adjustments)) break;
    if (!add(adjustment.amount_minor)) return std::nullopt;
  }
  return sum;
}

}  // namespace

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

std::uint32_t attempts_of(const Order& order) {
  if (is_final(order.status)) return 0;
  const bool undoing = order.undo && !order.undo->outstanding.empty();
  return undoing ? order.state_of(order.undo->outstanding.front()).undo_attempts
                 : order.current().perform_attempts;
}

std::optional<std::int64_t> total_of(const std::vector<Line>& lines,
                                     const std::vector<Adjustment>& adjustments) {
  const auto sum = sum_of(lines, adjustments);
  return sum && *sum >= 0 ? sum : std::nullopt;
}

bool is_total_negative(const std::vector<Line>& lines, const std::vector<Adjustment>& adjustments) {
  const auto sum = sum_of(lines, adjustments);
  return sum && *sum < 0;
}

std::vector<StepNumber> undos_for(const Order& order) {
  std::vector<StepNumber> outstanding;
  for (StepNumber s = order.step; s >= 1; --s) {
    const auto kind = order.state_of(s).kind;
    const bool may_exist =
        kind == StepState::Kind::succeeded || (s == order.step && kind == StepState::Kind::open);
    if (!may_exist || !spec_of(s).undone) continue;
    if (CONVEYOR_SABOTAGE(current_step_not_undone) && kind == StepState::Kind::open) continue;
    if (spec_of(s).undone_first && !CONVEYOR_SABOTAGE(booking_not_undone_first)) {
      outstanding.insert(outstanding.begin(), s);
    } else {
      outstanding.push_back(s);
    }
  }
  if (CONVEYOR_SABOTAGE(undo_order_reversed)) std::ranges::reverse(outstanding);
  return outstanding;
}

}  // namespace conveyor
