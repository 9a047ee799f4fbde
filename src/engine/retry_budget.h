// RetryBudget: bounds what repeated calls add to the load of a participant. A bucket of tokens: a
// retry takes one; time fills it with `per_second`, each first attempt with `percent` hundredths;
// it holds what one second gives, at least one. So in any t seconds
//
//   retries ≤ per_second × (t + 1) + percent % of the first attempts in them
//
// It starts full. First attempts are not bounded here: the breaker and the bulkhead bound them. The
// idea and the two terms are Finagle's RetryBudget.
//
// Pure: no clock, no threads; all arithmetic in thousandths of a token, exact.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"

namespace conveyor {

struct RetryBudgetOptions {
  std::uint32_t percent = 20;     ///< 0 to 100
  std::uint32_t per_second = 10;  ///< at least 1, so that every retry is made at last

  friend bool operator==(const RetryBudgetOptions&, const RetryBudgetOptions&) = default;
};

class RetryBudget {
 public:
  explicit RetryBudget(RetryBudgetOptions options) : options_(options), thousandths_(capacity()) {}

  void first_attempt(Timestamp now);
  /// Takes a token; false: there is none.
  bool take(Timestamp now);
  /// Whole tokens.
  std::uint32_t available(Timestamp now) const;
  /// When `tokens` are there, by time alone; beyond what the bucket holds as if each were taken as
  /// soon as it is there. At least 1.
  Timestamp when(std::uint64_t tokens, Timestamp now) const;

 private:
  std::int64_t capacity() const { return std::int64_t{options_.per_second} * 1'000; }
  std::int64_t at(Timestamp now) const;

  RetryBudgetOptions options_;
  std::int64_t thousandths_;
  std::optional<Timestamp> as_of_;  ///< of thousandths_; nullopt: full since ever
};

}  // namespace conveyor
