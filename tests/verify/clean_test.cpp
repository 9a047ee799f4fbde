// Method: traffic of every kind over the pipeline on virtual time; the whole store is checked after
// every batch and, once everything has settled, at the end. A store that was only ever written by
// the program has no violation at any commit.
#include <fmt/format.h>

#include "runtime/verify.h"
#include "verify/report_text.h"
#include "verify/traffic.h"

namespace conveyor::test {
namespace {

VerifyOptions exact() {
  return {.policy = RetryPolicy{}};
}

/// Checks the store after every batch that has written events.
template <class Store>
void check_always(PipelineOver<Store>& pipeline) {
  pipeline.after_batch = [&pipeline, checked = std::int64_t{0}]() mutable {
    const auto position = pipeline.store.feed_position();
    if (std::exchange(checked, position) == position) return;
    const auto report = verify_store(verify_source_of(pipeline.store), exact());
    ASSERT_TRUE(report.clean()) << text_of(report);
  };
}

TEST(VerifyClean, AnEmptyStoreIsClean) {
  MemoryStore store;
  const auto report = verify_store(verify_source_of(store), exact());
  EXPECT_TRUE(report.clean()) << text_of(report);
  EXPECT_EQ(report.orders, 0);
}

TEST(VerifyClean, EveryRowOfTheSandboxIsCleanAtEveryBatchUntilItSettles) {
  Pipeline p;
  Traffic traffic{p, 1};
  check_always(p);
  traffic.place_each_row();
  p.pass(std::chrono::hours{24 * 10});
  const auto report = verify_store(verify_source_of(p.store), exact());
  EXPECT_TRUE(report.clean()) << text_of(report);
  EXPECT_EQ(report.orders, std::ssize(traffic.orders));
  EXPECT_EQ(report.idempotency_keys, report.orders);
  EXPECT_EQ(report.events, static_cast<std::int64_t>(p.probe.events));
  EXPECT_GT(report.operation_keys, 4 * report.orders);
  EXPECT_EQ(report.skus, 5);
  // What is left open waits for a person.
  for (const auto& [status, count] : p.store.order_counts()) {
    EXPECT_TRUE(is_final(status) || status == Status::needs_attention || count == 0)
        << to_string(status);
  }
}

class VerifyTraffic : public testing::TestWithParam<std::uint64_t> {};

TEST_P(VerifyTraffic, IsCleanAtEveryBatch) {
  SCOPED_TRACE(fmt::format("seed {}", GetParam()));
  Pipeline p{GetParam()};
  Traffic traffic{p, GetParam()};
  check_always(p);
  traffic.run(110);
  EXPECT_GT(traffic.commands_taken, 2);
  EXPECT_GT(traffic.restarts, 0);
  EXPECT_GT(traffic.orders.size(), 20U);
  p.pass(std::chrono::hours{24 * 10});
}

INSTANTIATE_TEST_SUITE_P(Seeds, VerifyTraffic, testing::Range<std::uint64_t>(1, 7));

TEST(VerifyClean, ALostBatchLeavesACleanStore) {
  Pipeline p;
  Traffic traffic{p, 3};
  check_always(p);
  for (int i = 0; i < 10; ++i) {
    traffic.run(8);
    p.unit.fail_next = StoreError::Kind::unavailable;
    p.pass(Duration{60'000});
  }
  EXPECT_GE(p.probe.lost.size(), 5U);
}

// The policy that a file was written with may be unknown: then other settings are no violation.
TEST(VerifyClean, WithoutThePolicyAnotherPatienceIsClean) {
  CoreOptions options;
  options.engine.retry.patience = std::chrono::hours{1'000};
  options.engine.retry.undo_patience = std::chrono::hours{3};
  options.engine.retry.undo_after.reset();
  Pipeline p{1, options};
  Traffic traffic{p, 4};
  p.after_batch = [&p] {
    const auto report = verify_store(verify_source_of(p.store));
    ASSERT_TRUE(report.clean()) << text_of(report);
  };
  traffic.place_each_row();
  traffic.run(20);
  EXPECT_FALSE(verify_store(verify_source_of(p.store), exact()).clean());
}

// Small passes over the same store find the same: nothing, and every key belongs to one pass.
TEST(VerifyClean, PassesOfAnySizeCountTheSame) {
  Pipeline p;
  Traffic traffic{p, 5};
  traffic.run(80);
  const auto whole = verify_store(verify_source_of(p.store), exact());
  for (const std::size_t size : {std::size_t{1}, std::size_t{7}, traffic.orders.size()}) {
    auto options = exact();
    options.orders_per_pass = size;
    const auto report = verify_store(verify_source_of(p.store), options);
    EXPECT_TRUE(report.clean()) << text_of(report);
    EXPECT_EQ(report.orders, whole.orders);
    EXPECT_EQ(report.events, whole.events);
    EXPECT_EQ(report.idempotency_keys, whole.idempotency_keys);
    EXPECT_EQ(report.operation_keys, whole.operation_keys);
  }
}

}  // namespace
}  // namespace conveyor::test
