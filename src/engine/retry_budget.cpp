#include "engine/retry_budget.h"

#include <algorithm>

namespace conveyor {
namespace {

constexpr std::int64_t kToken = 1'000;

}  // namespace

void RetryBudget::first_attempt(Timestamp now) {
  thousandths_ = std::min(capacity(), at(now) + std::int64_t{options_.percent} * (kToken / 100));
  as_of_ = now;
}

bool RetryBudget::take(Timestamp now) {
  thousandths_ = at(now);
  as_of_ = now;
  if (thousandths_ < kToken) return false;
  thousandths_ -= kToken;
  return true;
}

std::uint32_t RetryBudget::available(Timestamp now) const {
  return static_cast<std::uint32_t>(at(now) / kToken);
}

Timestamp RetryBudget::when(std::uint64_t tokens, Timestamp now) const {
  const auto missing = static_cast<std::int64_t>(tokens) * kToken - at(now);
  if (missing <= 0) return now;
  // per_second tokens in a second are as many thousandths in a millisecond.
  const auto rate = std::int64_t{options_.per_second};
  return now + Duration{(missing + rate - 1) / rate};
}

std::int64_t RetryBudget::at(Timestamp now) const {
  if (!as_of_ || now <= *as_of_) return thousandths_;
  // A second fills it; more time makes no difference and could not be multiplied safely.
  const auto passed = std::min(now - *as_of_, Duration{1'000});
  return std::min(capacity(), thousandths_ + passed.count() * options_.per_second);
}

}  // namespace conveyor
