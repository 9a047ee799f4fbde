// Method: the core's own thread over a pipeline. What may be timed is never asked, only what must
// hold whatever the timing: everybody is answered once, and no batch is larger than it may be.
#include "runtime/core_thread.h"

#include <fmt/format.h>

#include <array>
#include <latch>
#include <map>
#include <thread>

#include "support/pipeline.h"

namespace conveyor::test {
namespace {

class StandingClock : public Clock {
 public:
  explicit StandingClock(Timestamp now) : now_(now) {}
  Timestamp now() override { return now_; }

 private:
  Timestamp now_;
};

void never_fatal(const char* why) {
  ADD_FAILURE() << why;
}

PlaceOrder numbered(Pipeline& p, std::size_t number, std::function<void()> placed) {
  OrderSpec spec;
  spec.key = fmt::format("k{}", number);
  return p.order_input(spec, [placed = std::move(placed)](const PlaceOrder::Answer& answer) {
    EXPECT_TRUE(answer.has_value());
    placed();
  });
}

TEST(CoreThreadPipeline, EverybodyIsAnsweredOnceInTheirSequence) {
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kOrders = 300;  // of each thread
  Pipeline p;
  p.set_stock("sku-1", 10'000);
  // The answers' own, which the core thread writes and the test reads after stop().
  std::array<std::vector<std::size_t>, kThreads> answered;
  std::vector<std::vector<CoreInput>> inputs(kThreads);
  for (std::size_t t = 0; t < kThreads; ++t) {
    for (std::size_t i = 0; i < kOrders; ++i) {
      auto note = [&answered, t, i] { answered.at(t).push_back(i); };
      inputs[t].emplace_back(numbered(p, (t * kOrders) + i, note));
    }
  }
  StandingClock clock(p.now);
  CoreThread core(*p.processor, clock, never_fatal);
  core.start();
  {
    std::latch ready(kThreads);
    std::vector<std::jthread> threads;
    for (auto& own : inputs) {
      threads.emplace_back([&] {
        ready.arrive_and_wait();
        for (auto& input : own) core.submit(std::move(input));
      });
    }
  }
  core.stop();
  for (const auto& sequence : answered) {
    ASSERT_EQ(sequence.size(), kOrders);
    EXPECT_TRUE(std::ranges::is_sorted(sequence));
  }
  EXPECT_EQ(p.store.order_ids(std::nullopt, 10'000).size(), kThreads * kOrders);
}

/// How many of `orders` new ones, which come before the core begins, are taken into each batch.
std::vector<std::size_t> batches_of(Pipeline& p, std::size_t orders) {
  StandingClock clock(p.now);
  CoreThread core(*p.processor, clock, never_fatal);
  std::map<int, std::size_t> taken;  // by how many commits were done
  for (std::size_t i = 0; i < orders; ++i) {
    core.submit(numbered(p, i, [&] { ++taken[p.probe.committed]; }));
  }
  core.start();
  core.stop();
  std::vector<std::size_t> sizes;
  for (const auto& [commits, size] : taken) sizes.push_back(size);
  return sizes;
}

/// One batch in which `steps` orders are begun, and one that goes on with them.
void go_on_with(Pipeline& p, std::size_t steps) {
  std::vector<CoreInput> inputs;
  for (std::size_t i = 0; i < steps; ++i) {
    OrderSpec spec;
    spec.key = fmt::format("before{}", i);
    spec.payment_method = "pm_async";
    inputs.emplace_back(p.order_input(spec, [](const PlaceOrder::Answer&) {}));
  }
  p.processor->run(std::move(inputs), p.now);
  p.processor->finish(p.now);
  p.now += std::chrono::seconds{1};  // each call takes 200 ms at most
  p.processor->run({}, p.now);
  ASSERT_EQ(p.processor->resumed_steps(), steps);
}

TEST(CoreThreadPipeline, ABatchTakesAsManyAsItMay) {
  Pipeline p;
  p.set_stock("sku-1", 10'000);
  EXPECT_EQ(batches_of(p, kMaxBatchInputs + 1), (std::vector<std::size_t>{kMaxBatchInputs, 1}));
}

TEST(CoreThreadPipeline, ABatchTakesFewerWhenOpenOrdersGoOn) {
  Pipeline p;
  p.set_stock("sku-1", 10'000);
  go_on_with(p, 100);
  EXPECT_EQ(batches_of(p, kMaxBatchInputs), (std::vector<std::size_t>{kMaxBatchInputs - 100, 100}));
}

TEST(CoreThreadPipeline, ABatchTakesSomeHoweverManyGoOn) {
  Pipeline p;
  p.set_stock("sku-1", 10'000);
  go_on_with(p, kMaxBatchInputs);
  EXPECT_EQ(batches_of(p, 100),
            (std::vector<std::size_t>{kLeastBatchInputs, 100 - kLeastBatchInputs}));
}

}  // namespace
}  // namespace conveyor::test
