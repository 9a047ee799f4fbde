#include "runtime/self_check.h"

#include <time.h>

#include <algorithm>
#include <numeric>

#include "base/thread_name.h"
#include "ports/unit_of_work.h"
#include "runtime/verify_parts.h"

namespace conveyor {
namespace {

/// Ids of the walk that are read at a time.
constexpr std::size_t kIdsPerRead = 200;
constexpr std::size_t kHeldPerRead = 1'000;
constexpr std::size_t kSkusPerRead = 1'000;
/// Between two looks for something to do.
constexpr std::chrono::seconds kIdlePause{1};
/// After a read that failed.
constexpr std::chrono::seconds kFailurePause{60};

std::chrono::nanoseconds processor_time() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

}  // namespace

std::int64_t SelfCheck::standing() const {
  std::int64_t sum = 0;
  for (const auto& count : standing_) sum += count.load(std::memory_order_relaxed);
  return sum;
}

bool SelfCheck::step(Timestamp now) {
  if (step_stock(now)) return true;
  note_changes();
  walk_is_next_ = !walk_is_next_;
  auto id = walk_is_next_ ? next_of_walk(now) : next_changed();
  if (!id) id = walk_is_next_ ? next_changed() : next_of_walk(now);
  if (!id) return false;
  look_at(*id);
  return true;
}

void SelfCheck::note_changes() {
  auto& orders = parts_.source.orders;
  const auto latest = orders.feed_position();
  // What changed before this process began is the walk's.
  const auto after = std::max(position_.value_or(latest), latest - kMaxCommitsBehind);
  position_ = latest;
  if (after == latest) return;
  for (const auto& row : orders.feed(after, static_cast<std::size_t>(latest - after))) {
    for (const auto& entry : row.entries) {
      // Several events of an order stand together.
      if (changed_.empty() || changed_.front() != entry.order_id) {
        changed_.push_front(entry.order_id);
      }
    }
  }
  if (changed_.size() > kMaxRecentOrders) changed_.resize(kMaxRecentOrders);
}

std::optional<OrderId> SelfCheck::next_changed() {
  if (changed_.empty()) return std::nullopt;
  const auto id = changed_.front();
  changed_.pop_front();
  return id;
}

std::optional<OrderId> SelfCheck::next_of_walk(Timestamp now) {
  if (walk_page_.empty()) {
    if (!walked_to_) {
      if (next_walk_at_ && now < *next_walk_at_) return std::nullopt;
      next_walk_at_ = now + kWalkInterval;
    }
    walk_page_ = parts_.source.orders.order_ids(walked_to_, kIdsPerRead);
    std::ranges::reverse(walk_page_);
    if (walk_page_.empty()) {
      walked_to_.reset();
      return std::nullopt;
    }
  }
  walked_to_ = walk_page_.back();
  walk_page_.pop_back();
  return walked_to_;
}

void SelfCheck::look_at(const OrderId& id) {
  const auto state = parts_.snapshot();
  replace(id.to_string(), verify_order(parts_.source, id).violations);
}

/// Adds up what has moved since the last look, then looks. False: it is not time yet.
bool SelfCheck::step_stock(Timestamp now) {
  if (next_stock_at_ && now < *next_stock_at_) return false;
  if (!add_up_movements()) return true;
  look_at_stock();
  next_stock_at_ = now + kStockInterval;
  return true;
}

/// True: that was all there is.
bool SelfCheck::add_up_movements() {
  const auto movements = parts_.source.stock.movements(moved_to_, kMovementsPerStep);
  for (const auto& movement : movements) {
    auto& sum = moved_[movement.sku];
    sum = verifying::saturating_add(sum, movement.delta);
    moved_to_ = movement.id;
  }
  return movements.size() < kMovementsPerStep;
}

std::map<std::string, std::int64_t> SelfCheck::held_quantities() {
  std::map<std::string, std::int64_t> held;
  std::optional<OperationKey> after;
  do {
    const auto page = parts_.source.stock.held_page(after, std::nullopt, kHeldPerRead);
    for (const auto& reservation : page.items) {
      for (const auto& line : reservation.lines) {
        auto& quantity = held[line.sku];
        quantity = verifying::saturating_add(quantity, line.quantity);
      }
    }
    after = page.next_after;
  } while (after);
  return held;
}

void SelfCheck::look_at_stock() {
  const auto state = parts_.snapshot();
  while (!add_up_movements()) {
  }
  const auto held = held_quantities();
  const auto of = [](const auto& sums, const std::string& sku) {
    const auto found = sums.find(sku);
    return found == sums.end() ? 0 : found->second;
  };
  std::string after;
  for (;;) {
    const auto items = parts_.source.stock.stock_page(after, kSkusPerRead);
    for (const auto& item : items) {
      VerifyReport report;
      verifying::Findings findings{report};
      verifying::SkuBook book;
      book.item = item;
      book.held = of(held, item.sku);
      book.sum.added = of(moved_, item.sku);
      verifying::check_sku(item.sku, book, findings);
      replace(item.sku, report.violations);
    }
    if (items.size() < kSkusPerRead) return;
    after = items.back().sku;
  }
}

void SelfCheck::replace(const std::string& subject, const std::vector<Violation>& violations) {
  const auto before = subjects_.find(subject);
  std::set<Rule> known;
  if (before != subjects_.end()) {
    known = std::move(before->second);
    subjects_.erase(before);
    for (const auto rule : known) --standing_.at(static_cast<std::size_t>(rule));
  }
  std::set<Rule> now;
  for (const auto& violation : violations) {
    if (now.insert(violation.rule).second && !known.contains(violation.rule)) {
      parts_.found(violation);
    }
  }
  if (now.empty() || subjects_.size() >= kMaxStandingSubjects) return;
  for (const auto rule : now) ++standing_.at(static_cast<std::size_t>(rule));
  subjects_.emplace(subject, std::move(now));
}

std::chrono::nanoseconds rest_after(std::chrono::nanoseconds used, std::int64_t percent) {
  return used * (100 - percent) / percent;
}

SelfCheckThread::SelfCheckThread(SelfCheck& check, Clock& clock, std::int64_t percent,
                                 std::function<void(const char*)> failed)
    : check_(check), clock_(clock), percent_(percent), failed_(std::move(failed)) {}

SelfCheckThread::~SelfCheckThread() {
  stop();
}

void SelfCheckThread::start() {
  thread_ = std::thread([this] {
    name_this_thread("self-check");
    loop();
  });
}

void SelfCheckThread::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void SelfCheckThread::loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    const auto rest = step_and_rest();
    lock.lock();
    wake_.wait_for(lock, rest, [this] { return stopping_; });
  }
}

std::chrono::nanoseconds SelfCheckThread::step_and_rest() {
  const auto start = processor_time();
  try {
    const bool worked = check_.step(clock_.now());
    const auto rest = rest_after(processor_time() - start, percent_);
    return worked ? rest : std::max<std::chrono::nanoseconds>(rest, kIdlePause);
  } catch (const StoreError& error) {
    failed_(error.what());
    return kFailurePause;
  }
}

}  // namespace conveyor
