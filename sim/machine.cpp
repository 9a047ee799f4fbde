#include "sim/machine.h"

#include <fmt/format.h>

#include <cstring>

#include "base/sabotage.h"
#include "sim/words.h"

namespace conveyor::sim {
namespace {

/// From the end of a process to the start of the next.
constexpr Duration kDownFrom{50};
constexpr Duration kDownTo{std::chrono::minutes{10}};
constexpr Duration kSlowCommitFrom{20};
constexpr Duration kSlowCommitTo{20'000};
constexpr Duration kDiskFullTo{std::chrono::minutes{30}};
/// A saboteur may make the process stop at an assertion; after so many starts it will never work.
constexpr int kMaxAssertions = 20;
/// A wake-up that far away is the regular look into the store.
constexpr Duration kIdle{400};

}  // namespace

/// A participant of the core's own store, in whose calls the process may stop.
class Machine::Local final : public ParticipantPort {
 public:
  Local(Environment& environment, Watcher& watcher, ParticipantPort& port)
      : environment_(environment), watcher_(watcher), port_(port) {}

  CallResult perform(const StepRequest& request, Timestamp now) override {
    return guarded(Fault::crash_in_call, request.key, [&] { return port_.perform(request, now); });
  }
  CallResult undo(const UndoRequest& request, Timestamp now) override {
    return guarded(Fault::crash_in_undo, request.key, [&] { return port_.undo(request, now); });
  }
  CallResult resume(const OperationKey& key, Action action, Timestamp now) override {
    const auto fault = action == Action::undo ? Fault::crash_in_undo : Fault::crash_in_call;
    return guarded(fault, key, [&] { return port_.resume(key, action, now); });
  }
  void forget_in_flight() override { port_.forget_in_flight(); }

 private:
  template <class Call>
  CallResult guarded(Fault fault, const OperationKey& key, Call&& call) {
    watcher_.touched(key.order);
    const bool stops = environment_.strikes(fault);
    const bool before = stops && environment_.dice().chance(0.5);
    if (before) throw Crash{fault};
    auto result = call();
    if (stops) throw Crash{fault};
    return result;
  }

  Environment& environment_;
  Watcher& watcher_;
  ParticipantPort& port_;
};

struct Machine::Process {
  explicit Process(Machine& m) : services(m.store_, m.environment_.process_random()) {
    CoreOptions options;
    options.engine.retry = m.environment_.options().retry;
    options.engine.gate = m.environment_.options().gate;
    options.engine.horizon = m.environment_.options().horizon;
    options.open_orders_max = m.environment_.options().open_orders_max;
    std::array<ParticipantPort*, kAllParticipants.size()> chosen{};
    for (const auto participant : kAllParticipants) {
      const auto index = static_cast<std::size_t>(participant);
      if (m.networks_.at(index) != nullptr) {
        ports.push_back(
            std::make_unique<RemoteParticipant>(m.environment_, *m.networks_.at(index)));
      } else {
        ports.push_back(
            std::make_unique<Local>(m.environment_, m.watcher_, services.of(participant)));
      }
      chosen.at(index) = ports.back().get();
    }
    processor = std::make_unique<BatchProcessor>(
        CoreParts{m.store_, m.store_, m.store_, chosen, m.environment_.process_random(), m},
        options);
  }

  Services services;
  std::vector<std::unique_ptr<ParticipantPort>> ports;
  std::unique_ptr<BatchProcessor> processor;
};

Machine::Machine(Environment& environment, SimStore& store, Networks networks, Watcher& watcher)
    : environment_(environment), store_(store), networks_(networks), watcher_(watcher) {
  store_.set_fates(this);
}

Machine::~Machine() {
  store_.set_fates(nullptr);
}

template <class Work>
bool Machine::survives(Work&& work) {
  try {
    work();
    return true;
  } catch (const Crash& crash) {
    if (crash.where == Fault::crash_between_answers) {
      stop("crash between answers");
    } else {
      stop(to_string(crash.where));
    }
  } catch (const StoreError& error) {
    stop(error.what());
  } catch (const AssertionFailed& failure) {
    asserted(failure);
    stop(failure.what());
  }
  return false;
}

void Machine::asserted(const AssertionFailed& failure) {
  if (sabotage::active.empty()) throw RuleBroken(kRuleAsserts, failure.what());
  if (++assertions_ < kMaxAssertions) return;
  throw RuleBroken(kRuleSettles,
                   fmt::format("the process stops again and again: {}", failure.what()));
}

void Machine::stop(std::string_view why) {
  environment_.line([&] { return fmt::format("# process stops: {}", why); });
  store_.crash();
  process_.reset();
  inbox_.clear();
  recovering_ = false;
  const auto pause =
      environment_.faults_on() ? environment_.dice().log_uniform(kDownFrom, kDownTo) : kDownFrom;
  environment_.after(pause, [this] { start(); });
}

void Machine::start() {
  if (is_up()) return;
  environment_.line([] { return std::string{"# process starts"}; });
  process_ = std::make_unique<Process>(*this);
  recovering_ = true;
  if (survives([&] { process_->processor->recover(environment_.now()); })) recovering_ = false;
}

void Machine::submit(CoreInput input) {
  if (is_up()) inbox_.push_back(std::move(input));
}

std::optional<Duration> Machine::next_wake() const {
  if (!is_up()) return std::nullopt;
  if (!inbox_.empty()) return std::max(busy_until_, environment_.elapsed());
  const auto wake = process_->processor->next_wake();
  if (!wake) return std::nullopt;
  auto at = environment_.steady_of(*wake);
  if (at > environment_.elapsed() + kIdle && process_->processor->open_orders() == 0) {
    // Nobody is in memory: it would look into the store in vain until something there is due.
    const auto due =
        store_.due_orders(environment_.now() + std::chrono::hours{24 * 365}, std::nullopt, 1);
    const auto soonest =
        due.empty() ? at + std::chrono::hours{1}
                    : environment_.steady_of(due.front().wake_at) - environment_.options().horizon;
    at = std::max(at, soonest);
  }
  return std::max({at, busy_until_, environment_.elapsed()});
}

void Machine::run_if_due() {
  if (!is_up() || environment_.elapsed() < busy_until_) return;
  const auto now = environment_.now();
  const auto wake = process_->processor->next_wake();
  if (inbox_.empty() && (!wake || *wake > now)) return;
  ++batches_;
  environment_.mix(static_cast<std::uint64_t>(to_unix_ms(now)));
  environment_.mix(inbox_.size());
  auto inputs = std::exchange(inbox_, {});
  std::vector<CoreInput> later;
  const bool overlaps = environment_.dice().chance(0.5);
  if (overlaps) {
    const auto first = environment_.dice().below(inputs.size() + 1);
    const auto from = inputs.begin() + static_cast<std::ptrdiff_t>(first);
    later.assign(std::make_move_iterator(from), std::make_move_iterator(inputs.end()));
    inputs.erase(from, inputs.end());
  }
  const bool alive = survives([&] {
    process_->processor->run(std::move(inputs), now);
    if (overlaps) process_->processor->run(std::move(later), now);
    process_->processor->finish(now);
  });
  if (alive && environment_.strikes(Fault::crash_between_batches)) {
    stop(to_string(Fault::crash_between_batches));
  }
}

void Machine::answered() {
  if (environment_.strikes(Fault::crash_between_answers)) {
    throw Crash{Fault::crash_between_answers};
  }
}

// --- the disk -----------------------------------------------------------------------------------

SimStore::Commit Machine::of_commit() {
  using enum SimStore::Commit;
  if (recovering_ && environment_.strikes(Fault::crash_in_recovery)) {
    return environment_.dice().chance(0.5) ? crash_before : crash_after;
  }
  if (environment_.strikes(Fault::crash_before_commit)) return crash_before;
  if (environment_.strikes(Fault::crash_after_commit)) return crash_after;
  if (environment_.strikes(Fault::commit_refused)) return refused;
  if (environment_.strikes(Fault::fsync_failed)) {
    return environment_.dice().chance(0.5) ? fatal_durable : fatal_not_durable;
  }
  if (environment_.strikes(Fault::disk_full)) {
    disk_full_until_ =
        environment_.elapsed() + environment_.dice().log_uniform(Duration{500}, kDiskFullTo);
    return full;
  }
  if (environment_.strikes(Fault::commit_slow)) {
    busy_until_ =
        environment_.elapsed() + environment_.dice().log_uniform(kSlowCommitFrom, kSlowCommitTo);
  }
  return durable;
}

bool Machine::write_works() {
  return !environment_.strikes(Fault::write_refused);
}

bool Machine::probe_works() {
  return !environment_.faults_on() || environment_.elapsed() >= disk_full_until_;
}

bool Machine::reached_disk() {
  return environment_.dice().chance(0.5);
}

// --- what it tells ------------------------------------------------------------------------------

void Machine::batch_lost(std::string_view why) {
  environment_.mix(0xbadU);
  environment_.line([&] { return fmt::format("# batch lost: {}", why); });
}

void Machine::breaker_moved(const ParticipantState& state) {
  environment_.coverage().count(state.breaker);
  environment_.mix(0xb4eaU + static_cast<std::uint64_t>(state.breaker));
  environment_.line([&] {
    return fmt::format("# breaker of {} is {}", to_string(state.participant),
                       to_string(state.breaker));
  });
}

void Machine::appended(std::span<const AppendEffect> batch) {
  for (const auto& append : batch) {
    watcher_.touched(append.order_id);
    for (const auto& event : append.events) {
      std::uint64_t word = 0;
      std::memcpy(&word, event.hash.data(), sizeof word);
      environment_.mix(word);
      environment_.line([&] { return words(event); });
    }
    watcher_.became(append.order_id, append.after.status);
  }
}

void Machine::order_unreadable(const OrderId& order, std::string_view why) {
  throw RuleBroken("fold", fmt::format("{} cannot be read: {}", order.to_string(), why));
}

}  // namespace conveyor::sim
