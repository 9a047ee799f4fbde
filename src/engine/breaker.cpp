#include "engine/breaker.h"

#include <algorithm>

#include "base/assert.h"
#include "base/sabotage.h"

namespace conveyor {

void Breaker::pass_time(Timestamp now) {
  if (CONVEYOR_SABOTAGE(breaker_never_half_opens)) return;
  if (state_ == BreakerState::open && now >= *open_until()) go(BreakerState::half_open, now);
}

bool Breaker::admits() const {
  switch (state_) {
    case BreakerState::closed:
      return true;
    case BreakerState::half_open:
      return probes_out_ + probes_worked_ < options_.probes;
    case BreakerState::open:
      return false;
  }
  return false;
}

Breaker::Epoch Breaker::begin() {
  CONVEYOR_ASSERT(admits(), "a call is let through only if the breaker admits it");
  if (state_ == BreakerState::half_open) ++probes_out_;
  return epoch_;
}

void Breaker::end(Epoch epoch, Verdict verdict, Timestamp now) {
  if (epoch != epoch_) return;
  if (state_ == BreakerState::half_open) {
    --probes_out_;
    if (verdict == Verdict::no_word) return;
    if (verdict != Verdict::worked) return go(BreakerState::open, now);
    if (++probes_worked_ == options_.probes) go(BreakerState::closed, now);
    return;
  }
  if (verdict == Verdict::no_word) return;
  count(verdict != Verdict::worked, now);
  if (verdict == Verdict::worked) return;
  const auto seen = window(now);
  const bool too_many =
      seen.calls >= options_.min_calls &&
      std::uint64_t{seen.failures} * 100 >= std::uint64_t{seen.calls} * options_.error_percent;
  if (verdict == Verdict::denied || too_many) go(BreakerState::open, now);
}

std::optional<Timestamp> Breaker::open_until() const {
  if (state_ != BreakerState::open) return std::nullopt;
  return *since_ + options_.open_for;
}

Breaker::Counts Breaker::window(Timestamp now) const {
  Counts sum;
  const auto newest = slot_number(now);
  for (const auto& slot : slots_) {
    if (slot.number + static_cast<std::int64_t>(kWindowSlots) <= newest) continue;
    sum.calls += slot.counts.calls;
    sum.failures += slot.counts.failures;
  }
  return sum;
}

void Breaker::go(BreakerState state, Timestamp now) {
  if (state_ == BreakerState::closed) troubled_since_ = now;
  if (state == BreakerState::closed) {
    troubled_since_.reset();
    slots_ = {};
  }
  state_ = state;
  since_ = now;
  ++epoch_;
  probes_out_ = 0;
  probes_worked_ = 0;
}

void Breaker::count(bool failed, Timestamp now) {
  const auto number = slot_number(now);
  auto& slot = slots_.at(static_cast<std::size_t>(number) % kWindowSlots);
  if (slot.number != number) slot = {number, {}};
  slot.counts.calls += 1;
  if (failed) slot.counts.failures += 1;
}

std::int64_t Breaker::slot_number(Timestamp now) const {
  const auto slot_length = std::max(Duration{1}, options_.window / std::int64_t{kWindowSlots});
  return now.time_since_epoch() / slot_length;
}

}  // namespace conveyor
