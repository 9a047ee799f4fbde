// Method: a few hundred histories as in the long run, in seconds. They must be clean, be the same
// when run again, and fail when they prove nothing.
#include "sim/run.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sim/report.h"
#include "sim/transition_page.h"
#include "sim/violation.h"

namespace conveyor::sim {
namespace {

constexpr std::uint64_t kSeeds = 150;
constexpr std::uint64_t kSeedsRunTwice = 20;

class SimulationTest : public ::testing::Test {
 public:
  static void SetUpTestSuite() { TransitionPage::load(CONVEYOR_TRANSITIONS_PAGE); }
};

std::string text_of(const SeedResult& seed) {
  return fmt::format("conveyor-sim --seed {}: {}: {}", seed.seed, seed.failure->rule,
                     seed.failure->detail);
}

TEST_F(SimulationTest, ManySeedsAreClean) {
  RunOptions runs;
  runs.seeds = kSeeds;
  runs.jobs = 2;
  const auto result = run_seeds(runs);
  for (const auto& failure : result.failures) ADD_FAILURE() << text_of(failure);
  EXPECT_EQ(result.seeds, kSeeds);
  EXPECT_GE(result.sum.orders, kLeastOrders * kSeeds);
  EXPECT_EQ(shortfalls(result), std::vector<std::string>{}) << summary(result);
}

TEST_F(SimulationTest, ASeedIsTheSameHistoryWhenItIsRunAgain) {
  for (std::uint64_t seed = 1; seed <= kSeedsRunTwice; ++seed) {
    const auto once = run_seed(seed, {}, {}, nullptr);
    const auto again = run_seed(seed, {}, {}, nullptr);
    EXPECT_EQ(once.trace_hash, again.trace_hash) << seed;
    EXPECT_NE(once.trace_hash, run_seed(seed + 1, {}, {}, nullptr).trace_hash) << seed;
  }
}

TEST_F(SimulationTest, WithoutFaultsItFails) {
  RunOptions runs;
  runs.weather = Weather::calm;
  for (std::uint64_t seed = 1; seed <= kSeedsRunTwice; ++seed) {
    const auto result = run_seed(seed, runs, {}, nullptr);
    ASSERT_TRUE(result.failure.has_value()) << seed;
    EXPECT_EQ(result.failure->rule, kRuleProves);
    EXPECT_EQ(result.failure->detail, "no fault struck");
  }
}

TEST_F(SimulationTest, WithoutAnAcknowledgedOrderItFails) {
  Reduction nobody;
  nobody.only_orders.emplace();
  const auto result = run_seed(1, {}, nobody, nullptr);
  ASSERT_TRUE(result.failure.has_value());
  EXPECT_EQ(result.failure->rule, kRuleProves);
  EXPECT_EQ(result.failure->detail, "no order was acknowledged");
}

TEST_F(SimulationTest, AReductionLeavesOutWhatItNames) {
  Reduction reduction;
  reduction.only_orders = std::vector<std::size_t>{3, 7};
  reduction.no_faults.set(static_cast<std::size_t>(Fault::client_answer_lost));
  reduction.no_acts.set(static_cast<std::size_t>(ClientAct::hold));
  EXPECT_EQ(arguments_of(reduction),
            " --only-orders 3,7 --no-faults client_answer_lost --no-acts hold");
  const auto result = run_seed(5, {}, reduction, nullptr);
  EXPECT_LE(result.history.orders, 2U);
  EXPECT_EQ(result.coverage.faults(Fault::client_answer_lost), 0U);
  EXPECT_EQ(result.coverage.acts(ClientAct::hold), 0U);
}

}  // namespace
}  // namespace conveyor::sim
