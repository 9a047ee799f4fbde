// Method: one write under each fate that a commit can have; what is there afterwards is what was
// durable. That the store is otherwise like any other is in tests/contract.
#include "sim/sim_store.h"

#include <gtest/gtest.h>

#include "sim/violation.h"

namespace conveyor::sim {
namespace {

constexpr Timestamp kNow = from_unix_ms(1'767'225'600'000);

class OneFate final : public SimStore::Fates {
 public:
  SimStore::Commit of_commit() override { return commit; }
  bool write_works() override { return writes; }
  bool probe_works() override { return probes; }
  bool reached_disk() override { return reaches; }

  SimStore::Commit commit = SimStore::Commit::durable;
  bool writes = true;
  bool probes = true;
  bool reaches = true;
};

class SimStoreTest : public ::testing::Test {
 public:
  SimStoreTest() { store.set_fates(&fate); }

  void write() {
    store.begin();
    EXPECT_TRUE(store.set_stock("sku", 5, std::nullopt, kNow).has_value());
  }
  bool is_there() { return store.stock("sku").has_value(); }
  std::optional<StoreError::Kind> error_of_commit() {
    try {
      store.commit();
    } catch (const StoreError& error) {
      return error.kind();
    }
    return std::nullopt;
  }

  OneFate fate;
  SimStore store;
};

TEST_F(SimStoreTest, ADurableCommitStaysWhenTheProcessIsGone) {
  write();
  EXPECT_EQ(error_of_commit(), std::nullopt);
  store.crash();
  EXPECT_TRUE(is_there());
}

TEST_F(SimStoreTest, WhatWasOnlyWrittenIsGoneWithTheProcess) {
  write();
  EXPECT_TRUE(is_there());
  store.crash();
  EXPECT_FALSE(is_there());
}

TEST_F(SimStoreTest, ARefusedOrFullCommitLeavesNothing) {
  for (const auto& [commit, kind] :
       {std::pair{SimStore::Commit::refused, StoreError::Kind::unavailable},
        std::pair{SimStore::Commit::full, StoreError::Kind::full},
        std::pair{SimStore::Commit::fatal_not_durable, StoreError::Kind::fatal}}) {
    fate.commit = commit;
    write();
    EXPECT_EQ(error_of_commit(), kind);
    EXPECT_FALSE(is_there());
  }
}

TEST_F(SimStoreTest, AFailedFsyncMayHaveReachedTheDisk) {
  fate.commit = SimStore::Commit::fatal_durable;
  write();
  EXPECT_EQ(error_of_commit(), StoreError::Kind::fatal);
  store.crash();
  EXPECT_TRUE(is_there());
}

TEST_F(SimStoreTest, WhatWasOnItsWayWhenTheProcessWentMayHaveReachedTheDisk) {
  for (const bool reaches : {false, true}) {
    fate.reaches = reaches;
    write();
    store.hand_over();
    store.begin();
    EXPECT_TRUE(store.set_stock("later", 5, std::nullopt, kNow).has_value());
    store.crash();
    EXPECT_EQ(is_there(), reaches);
    EXPECT_FALSE(store.stock("later").has_value()) << "the next transaction was not handed over";
  }
}

TEST_F(SimStoreTest, ALostCommitTakesWhatWasWrittenOnItAlong) {
  fate.commit = SimStore::Commit::refused;
  write();
  store.hand_over();
  store.begin();
  EXPECT_TRUE(store.set_stock("later", 5, std::nullopt, kNow).has_value());
  EXPECT_THROW(store.wait(), StoreError);
  EXPECT_THROW(store.wait(), StoreError) << "until it is rolled back";
  store.rollback();
  EXPECT_FALSE(is_there());
  EXPECT_FALSE(store.stock("later").has_value());
}

TEST_F(SimStoreTest, TheProcessMayStopOnEitherSideOfTheCommit) {
  fate.commit = SimStore::Commit::crash_before;
  write();
  EXPECT_THROW(store.commit(), Crash);
  store.crash();
  EXPECT_FALSE(is_there());

  fate.commit = SimStore::Commit::crash_after;
  write();
  EXPECT_THROW(store.commit(), Crash);
  store.crash();
  EXPECT_TRUE(is_there());
}

TEST_F(SimStoreTest, AWriteInTheMiddleOfABatchMayFail) {
  fate.writes = false;
  store.begin();
  EXPECT_THROW(store.put_payment(Payment{}), StoreError);
  store.rollback();
  fate.probes = false;
  EXPECT_FALSE(store.probe());
}

}  // namespace
}  // namespace conveyor::sim
