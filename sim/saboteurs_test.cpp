// Method: a few saboteurs that have to be noticed within seconds (./dev sim sabotage lets all of
// them loose), the smallest history of one, and where saboteurs are compiled in.
#include "sim/saboteurs.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "sim/shrink.h"
#include "sim/transition_page.h"

namespace conveyor::sim {
namespace {

constexpr std::uint64_t kFewSeeds = 60;

class SaboteursTest : public ::testing::Test {
 public:
  static void SetUpTestSuite() { TransitionPage::load(CONVEYOR_TRANSITIONS_PAGE); }
};

std::string bytes_of(const char* path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>{file}, {}};
}

TEST_F(SaboteursTest, EachHasANameOfItsOwnAndThereAreEnough) {
  std::set<std::string_view> names;
  for (const auto& saboteur : saboteurs()) names.insert(saboteur.name);
  EXPECT_EQ(names.size(), saboteurs().size());
  EXPECT_GE(names.size(), 30U);
}

TEST_F(SaboteursTest, WhatShipsHasNoneAndTheSimulatorHasAll) {
  const auto shipped = bytes_of(CONVEYOR_PROGRAM);
  const auto simulator = bytes_of(CONVEYOR_SIM_PROGRAM);
  EXPECT_EQ(shipped.find("sabotage:"), std::string::npos);
  for (const auto& saboteur : saboteurs()) {
    const auto text = "sabotage:" + std::string{saboteur.name};
    EXPECT_NE(simulator.find(text), std::string::npos) << "no code asks for " << saboteur.name;
  }
}

TEST_F(SaboteursTest, TheCoarseOnesAreNoticedAtOnce) {
  for (const auto& [name, rule] : std::initializer_list<std::pair<const char*, const char*>>{
           {"tombstone_skipped", "one_effect"},
           {"hold_ignored", "accounted"},
           {"idempotency_hash_not_compared", "one_order"},
           {"fold_ignores_one_event", "fold"},
           {"timer_lost_on_restart", "settles"}}) {
    const auto caught = hunt(name, kFewSeeds, 2);
    ASSERT_TRUE(caught.has_value()) << name;
    EXPECT_EQ(caught->failure.rule, rule) << name << ": " << caught->failure.detail;
  }
}

TEST_F(SaboteursTest, AFailingHistoryIsReducedToWhatBreaksTheRule) {
  RunOptions options;
  options.saboteur = "fold_ignores_one_event";
  SeedResult failed;
  for (std::uint64_t seed = 1; !failed.failure; ++seed) {
    failed = run_seed(seed, options, {}, nullptr);
  }
  const auto shrunk = shrink(failed, options);
  EXPECT_LE(shrunk.runs, kMaxShrinkRuns);
  ASSERT_TRUE(shrunk.result.failure.has_value());
  EXPECT_EQ(shrunk.result.failure->rule, failed.failure->rule);
  EXPECT_LE(shrunk.reduction.only_orders.value().size(), 3U);
  const auto again = run_seed(failed.seed, options, shrunk.reduction, nullptr);
  EXPECT_EQ(again.trace_hash, shrunk.result.trace_hash);
}

}  // namespace
}  // namespace conveyor::sim
