#include "sim/environment.h"

#include <algorithm>

namespace conveyor::sim {

// Streams of chance: 0 the options, 1 and 2 here, 100 and on the faults, 1000 and on the orders.
Environment::Environment(Options options, const Reduction& reduction, Trace& trace,
                         Coverage& coverage)
    : options_(std::move(options)),
      reduction_(reduction),
      trace_(trace),
      coverage_(coverage),
      dice_(options_.seed, 1),
      process_(options_.seed, 2) {
  for (std::size_t i = 0; i < kFaultCount; ++i) fault_dice_.emplace_back(options_.seed, 100 + i);
}

void Environment::after(Duration delay, std::function<void()> action) {
  actions_.push_back({elapsed_ + delay, ++last_serial_, std::move(action)});
  std::ranges::push_heap(actions_, later);
}

std::optional<Duration> Environment::next_action() const {
  if (actions_.empty()) return std::nullopt;
  return actions_.front().at;
}

void Environment::advance_to(Duration until) {
  while (!actions_.empty() && actions_.front().at <= until) {
    std::ranges::pop_heap(actions_, later);
    auto action = std::move(actions_.back());
    actions_.pop_back();
    elapsed_ = std::max(elapsed_, action.at);
    action.act();
  }
  elapsed_ = std::max(elapsed_, until);
}

bool Environment::strikes(Fault fault) {
  const auto index = static_cast<std::size_t>(fault);
  if (!faults_on_ || reduction_.no_faults.test(index)) return false;
  if (!fault_dice_.at(index).chance(options_.rates.at(index))) return false;
  ++faults_struck_;
  note_fault(fault);
  return true;
}

void Environment::note_fault(Fault fault) {
  coverage_.count(fault);
  mix(0xfa00U + static_cast<std::uint64_t>(fault));
  line([&] { return fmt::format("! {}", to_string(fault)); });
}

}  // namespace conveyor::sim
