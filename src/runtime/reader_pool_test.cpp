// Method: a real pool without stores; jobs that wait for the test stand in for slow reads.
#include "runtime/reader_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <latch>

namespace conveyor {
namespace {

/// Readers that nobody reads with.
class NoReaders : public Readers {
 public:
  OrderReader& orders() override { std::abort(); }
  StockReader& stock() override { std::abort(); }
};

std::vector<std::unique_ptr<Readers>> no_readers(std::size_t threads) {
  std::vector<std::unique_ptr<Readers>> readers;
  for (std::size_t i = 0; i < threads; ++i) readers.push_back(std::make_unique<NoReaders>());
  return readers;
}

TEST(ReaderPool, RunsJobsOnItsOwnThreads) {
  ReaderPool pool(no_readers(2));
  std::latch both_run(2);
  std::latch done(2);
  for (int i = 0; i < 2; ++i) {
    // Each job waits for the other, so they must run on two threads.
    ASSERT_TRUE(pool.submit([&](Readers&) {
      both_run.arrive_and_wait();
      done.count_down();
    }));
  }
  done.wait();
}

TEST(ReaderPool, RefusesBeyondItsLimit) {
  ReaderPool pool(no_readers(1));
  std::latch started(1);
  std::latch go_on(1);
  ASSERT_TRUE(pool.submit([&](Readers&) {
    started.count_down();
    go_on.wait();
  }));
  started.wait();
  std::atomic<std::size_t> run{0};
  for (std::size_t i = 0; i < kMaxQueuedReads; ++i) {
    ASSERT_TRUE(pool.submit([&](Readers&) { ++run; }));
  }
  EXPECT_EQ(pool.queued(), kMaxQueuedReads);
  EXPECT_FALSE(pool.submit([&](Readers&) { ++run; }));
  go_on.count_down();
  pool.stop();
  EXPECT_EQ(run, kMaxQueuedReads);
}

TEST(ReaderPool, FinishesWhatIsQueuedAndTakesNoMoreOnceStopped) {
  std::atomic<int> run{0};
  ReaderPool pool(no_readers(1));
  ASSERT_TRUE(pool.submit([&](Readers&) { ++run; }));
  ASSERT_TRUE(pool.submit([&](Readers&) { ++run; }));
  pool.stop();
  EXPECT_EQ(run, 2);
  EXPECT_FALSE(pool.submit([&](Readers&) { ++run; }));
}

}  // namespace
}  // namespace conveyor
