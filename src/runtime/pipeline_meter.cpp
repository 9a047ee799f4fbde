#include "runtime/pipeline_meter.h"

#include <algorithm>

#include "base/assert.h"

namespace conveyor {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

std::int64_t second_of(Timestamp at) {
  return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

/// One thread writes: no read-modify-write is needed.
template <class Number>
void add(std::atomic<Number>& counter, Number by = 1) {
  counter.store(counter.load(kRelaxed) + by, kRelaxed);
}

std::size_t bucket_of(std::int64_t duration) {
  const auto at = std::ranges::lower_bound(kDurationBuckets, duration);
  return static_cast<std::size_t>(at - kDurationBuckets.begin());
}

template <class Buckets>
DurationCounts counts_of(const Buckets& buckets) {
  DurationCounts out;
  for (std::size_t i = 0; i < buckets.size(); ++i) out.add(i, buckets[i].load(kRelaxed));
  return out;
}

bool is_moving(Status status) {
  return status == Status::pending || status == Status::processing || status == Status::shipped;
}

}  // namespace

void DurationCounts::add(const DurationCounts& other) {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
}

std::uint64_t DurationCounts::total() const {
  std::uint64_t total = 0;
  for (const auto count : counts_) total += count;
  return total;
}

std::optional<std::int64_t> DurationCounts::percentile(std::uint64_t percent) const {
  const auto all = total();
  if (all == 0) return std::nullopt;
  const auto rank = std::max<std::uint64_t>(1, (all * percent + 99) / 100);
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < kDurationBuckets.size(); ++i) {
    below += counts_.at(i);
    if (below >= rank) return kDurationBuckets.at(i);
  }
  return 2 * kDurationBuckets.back();
}

void PipelineMeter::prime(OrderReader& reader) {
  OrderFilter filter;
  for (const auto status : kAllStatuses) {
    if (!is_final(status)) filter.statuses.push_back(status);
  }
  do {
    const auto page = reader.orders(filter, 200);
    for (const auto& row : page.rows) {
      enter(row.id, {.exists = true,
                     .status = row.status,
                     .step = row.step,
                     .failing = row.fingerprint.has_value(),
                     .step_since = row.step_since.value_or(row.updated_at),
                     .currency = Currency::from_code(row.currency).value_or(Currency{}),
                     .total_minor = row.total_minor});
    }
    filter.before = page.next_before;
  } while (filter.before);
}

PipelineMeter::Slot& PipelineMeter::slot_at(Timestamp at) {
  const auto second = second_of(at);
  auto& slot = (*slots_).at(static_cast<std::size_t>(second % kSlots));
  if (slot.second.load(kRelaxed) == second) return slot;
  slot.second.store(-1, std::memory_order_release);
  for (auto& step : slot.steps) {
    for (auto* counter : {&step.in, &step.out, &step.calls, &step.errors}) {
      counter->store(0, kRelaxed);
    }
    for (auto& bucket : step.durations) bucket.store(0, kRelaxed);
  }
  for (auto* counter : {&slot.intake, &slot.completed, &slot.undone, &slot.dead_lettered}) {
    counter->store(0, kRelaxed);
  }
  for (auto& bucket : slot.commits) bucket.store(0, kRelaxed);
  slot.second.store(second, std::memory_order_release);
  return slot;
}

void PipelineMeter::enter(const OrderId& id, const OrderGlance& glance) {
  if (!glance.exists || is_final(glance.status)) return;
  count_standing(glance, 1);
  count_money(glance, 1);
  if (!is_moving(glance.status)) return;
  auto& standing = standing_.at(glance.step - 1U);
  standing.queue.emplace(glance.step_since, id);
  standing.oldest_since.store(to_unix_ms(standing.queue.begin()->first), kRelaxed);
}

void PipelineMeter::leave(const OrderId& id, const OrderGlance& glance) {
  if (!glance.exists || is_final(glance.status)) return;
  count_standing(glance, -1);
  count_money(glance, -1);
  if (!is_moving(glance.status)) return;
  auto& standing = standing_.at(glance.step - 1U);
  standing.queue.erase({glance.step_since, id});
  standing.oldest_since.store(
      standing.queue.empty() ? kNobody : to_unix_ms(standing.queue.begin()->first), kRelaxed);
}

void PipelineMeter::count_standing(const OrderGlance& glance, std::int64_t by) {
  auto& standing = standing_.at(glance.step - 1U);
  if (glance.status == Status::dead_lettered) add(standing.dead, by);
  if (!is_moving(glance.status)) return;
  add(standing.orders, by);
  if (glance.failing) add(standing.retrying, by);
}

void PipelineMeter::count_money(const OrderGlance& glance, std::int64_t by) {
  const auto [at, is_new] = currencies_.try_emplace(glance.currency, currencies_.size());
  CONVEYOR_ASSERT(at->second < kMaxCurrencies, "there are no more currencies than that");
  auto& money = (*money_).at(at->second);
  if (is_new) {
    money.currency = glance.currency;
    known_currencies_.store(currencies_.size(), std::memory_order_release);
  }
  constexpr int kHalf = 32;
  money.high += by * (glance.total_minor >> kHalf);
  money.low += by * (glance.total_minor & ((std::int64_t{1} << kHalf) - 1));
  add(money.orders, by);
  const auto high = money.high + (money.low >> kHalf);
  const auto low = money.low & ((std::int64_t{1} << kHalf) - 1);
  const bool is_money = high <= (kMaxMinor >> kHalf);
  money.total_minor.store(is_money ? (high << kHalf) + low : kBeyondMoney, kRelaxed);
}

void PipelineMeter::appended(const AppendEffect& append) {
  leave(append.order_id, append.before);
  enter(append.order_id, append.after);
  last_event_ = append.events.back().occurred_at;
  for (const auto& event : append.events) count(event);
}

void PipelineMeter::count_call(const Event& event, const CallTime& call, bool failed) {
  auto& step = slot_at(event.occurred_at).steps.at(event.step.value() - 1U);
  add(step.calls, 1U);
  if (failed) add(step.errors, 1U);
  add(step.durations.at(bucket_of(call.duration_ms)), 1U);
}

void PipelineMeter::count(const Event& event) {
  auto& slot = slot_at(event.occurred_at);
  if (const auto* done = std::get_if<StepSucceeded>(&event.data)) {
    const auto step = event.step.value();
    count_call(event, done->call, false);
    add(slot.steps.at(step - 1U).out, 1U);
    if (step < kStepCount) add(slot.steps.at(step).in, 1U);
  } else if (const auto* refused = std::get_if<StepRefused>(&event.data)) {
    count_call(event, refused->call, false);
  } else if (const auto* failed = std::get_if<StepAttemptFailed>(&event.data)) {
    if (failed->action == Action::perform) count_call(event, failed->call, true);
  } else if (std::holds_alternative<OrderCreated>(event.data)) {
    add(slot.intake, 1U);
    add(slot.steps.front().in, 1U);
  } else if (std::holds_alternative<OrderRestarted>(event.data)) {
    add(slot.steps.front().in, 1U);
  } else if (std::holds_alternative<OrderCompleted>(event.data)) {
    add(slot.completed, 1U);
  } else if (std::holds_alternative<OrderCancelled>(event.data) ||
             std::holds_alternative<OrderFailed>(event.data)) {
    add(slot.undone, 1U);
  } else if (std::holds_alternative<OrderDeadLettered>(event.data)) {
    add(slot.dead_lettered, 1U);
  }
}

void PipelineMeter::committed(std::chrono::nanoseconds commit_time) {
  constexpr std::chrono::microseconds kUnit{100};
  const auto begun = (commit_time + kUnit - std::chrono::nanoseconds{1}) / kUnit;
  add(slot_at(last_event_).commits.at(bucket_of(begun)), 1U);
}

PipelineMeter::View PipelineMeter::look(Timestamp now, std::int64_t seconds) const {
  View view;
  const auto count = std::clamp<std::int64_t>(seconds, 1, kSeconds);
  const auto first = second_of(now) - count;
  view.first = Timestamp{std::chrono::seconds{first}};
  view.seconds.resize(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    const auto& slot = (*slots_).at(static_cast<std::size_t>((first + i) % kSlots));
    if (slot.second.load(std::memory_order_acquire) != first + i) continue;
    auto& out = view.seconds.at(static_cast<std::size_t>(i));
    for (std::size_t s = 0; s < kStepCount; ++s) {
      const auto& step = slot.steps.at(s);
      out.steps.at(s) = {step.in.load(kRelaxed), step.out.load(kRelaxed), step.calls.load(kRelaxed),
                         step.errors.load(kRelaxed), counts_of(step.durations)};
    }
    out.intake = slot.intake.load(kRelaxed);
    out.completed = slot.completed.load(kRelaxed);
    out.undone = slot.undone.load(kRelaxed);
    out.dead_lettered = slot.dead_lettered.load(kRelaxed);
    out.commits = counts_of(slot.commits);
  }
  for (std::size_t s = 0; s < kStepCount; ++s) {
    const auto& standing = standing_.at(s);
    view.now.at(s) = {standing.orders.load(kRelaxed), standing.retrying.load(kRelaxed),
                      standing.dead.load(kRelaxed), std::nullopt};
    const auto oldest = standing.oldest_since.load(kRelaxed);
    if (oldest != kNobody) view.now.at(s).oldest_since = from_unix_ms(oldest);
  }
  for (std::size_t i = 0; i < known_currencies_.load(std::memory_order_acquire); ++i) {
    const auto& money = (*money_).at(i);
    const auto orders = money.orders.load(kRelaxed);
    if (orders == 0) continue;
    const auto total = money.total_minor.load(kRelaxed);
    view.money.push_back({money.currency, orders, total});
    if (total == kBeyondMoney) view.money.back().total_minor.reset();
  }
  std::ranges::sort(view.money, {}, [](const OpenMoney& money) { return money.currency.code(); });
  return view;
}

}  // namespace conveyor
