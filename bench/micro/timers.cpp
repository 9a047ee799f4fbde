// Timers while 10,000 others wait: the engine's (a failed call is planned again and comes due), and
// those of the Socket.IO library.
#include <benchmark/benchmark.h>

#include "bench/micro/check.h"
#include "engine/engine.h"
#include "ports/seeded_random.h"
#include "socketio/timers.h"

namespace conveyor::micro {
namespace {

constexpr std::size_t kWaiting = 10'000;

/// Orders whose first call has failed, each of which is tried again for ever.
class RetryingOrders {
 public:
  RetryingOrders() {
    const auto story = make_story();
    for (std::size_t i = 0; i < kWaiting; ++i) {
      const OrderId id{make_uuid_v7(now_, random_.next(), random_.next())};
      auto fresh = engine_.create(id, story.data, "correlation", Origin{}, now_);
      engine_.adopt(std::move(fresh.order), now_, effects_);
      fail_calls();
    }
  }

  /// The next one comes due, is called, fails and is planned again.
  std::size_t step() {
    now_ = std::max(now_, engine_.next_wake().value_or(now_));
    engine_.tick(now_, 1, effects_);
    return fail_calls();
  }

  std::size_t open() const { return engine_.open_orders(); }

 private:
  static EngineOptions options() {
    EngineOptions options;
    options.retry.max_attempts = std::numeric_limits<std::uint32_t>::max();
    options.retry.patience = std::chrono::hours{24 * 365 * 100};
    options.horizon = std::chrono::hours{1};
    return options;
  }

  std::size_t fail_calls() {
    std::size_t calls = 0;
    for (std::size_t next = 0; next < effects_.size(); ++next) {
      if (!std::holds_alternative<CallEffect>(effects_[next])) continue;
      const auto call = std::get<CallEffect>(effects_[next]);
      Outcome outcome;
      outcome.kind = Outcome::Kind::failed;
      outcome.failure_class = FailureClass::failed;
      outcome.code = "busy";
      engine_.outcome(call.order_id, call.serial, call.call, outcome, now_, effects_);
      ++calls;
    }
    effects_.clear();
    engine_.settle(now_);
    return calls;
  }

  Timestamp now_ = kNow;
  SeededRandom random_{1};
  Engine engine_{options(), random_};
  std::vector<EngineEffect> effects_;
};

void measure_engine_timer(benchmark::State& state) {
  RetryingOrders orders;
  check(orders.open() == kWaiting, "all orders wait in memory");
  std::size_t calls = 0;
  for (auto _ : state) calls += orders.step();
  // More than one where chance makes the pause 0 ms.
  check(calls >= static_cast<std::size_t>(state.iterations()), "each step makes a call");
  check(orders.open() == kWaiting, "all orders wait still");
}
BENCHMARK(measure_engine_timer)->Name("engine_timer");

/// A heartbeat: cancelled and set again; every 25th comes due and is set again.
void measure_socketio_timer(benchmark::State& state) {
  using namespace std::chrono_literals;
  socketio::Time now{1h};
  socketio::Timers timers(now);
  std::size_t fired = 0;
  std::vector<socketio::Timers::Id> ids(kWaiting);
  const auto set = [&](std::size_t which) {
    ids[which] = timers.after(25s, [&fired] { ++fired; });
  };
  for (std::size_t i = 0; i < kWaiting; ++i) {
    set(i);
    timers.advance(now += 2ms);
  }
  std::size_t which = 0;
  for (auto _ : state) {
    if (which % 25 != 0) timers.cancel(ids[which]);
    set(which);
    which = (which + 1) % kWaiting;
    timers.advance(now += 2'500us);
  }
  timers.advance(now + 25s);
  check(!timers.next() && fired >= kWaiting, "what was not cancelled has come due");
}
BENCHMARK(measure_socketio_timer)->Name("socketio_timer");

}  // namespace
}  // namespace conveyor::micro

BENCHMARK_MAIN();
