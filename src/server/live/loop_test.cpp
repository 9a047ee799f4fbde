// Method: the real thread; the test waits for what it has posted.
#include "server/live/loop.h"

#include <gtest/gtest.h>

#include <future>
#include <string>

namespace conveyor::live {
namespace {

TEST(Loop, RunsWhatIsPostedInItsSequenceAndFlushesBehindIt) {
  Loop loop;
  std::string ran;  // the loop's thread, until it has stopped
  std::promise<void> flushed;
  bool is_told = false;
  loop.start([&] {
    if (ran.size() < 3 || std::exchange(is_told, true)) return;
    flushed.set_value();
  });
  for (const char c : {'a', 'b', 'c'}) loop.post([&ran, c] { ran += c; });
  flushed.get_future().wait();
  loop.stop([&ran] { ran += '.'; });
  loop.post([&ran] { ran += "never"; });
  EXPECT_EQ(ran, "abc.");
  loop.stop([&ran] { ran += "never"; });
  EXPECT_EQ(ran, "abc.");
}

TEST(Loop, WakesForItsTimers) {
  Loop loop;
  std::promise<void> ran;
  loop.timers().after(std::chrono::milliseconds(1), [&ran] { ran.set_value(); });
  loop.start([] {});
  EXPECT_EQ(ran.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

TEST(Loop, WhatItHoldsWhenItStopsIsRun) {
  Loop loop;
  int runs = 0;
  loop.start([] {});
  for (int i = 0; i < 100; ++i) loop.post([&runs] { ++runs; });
  loop.stop();
  EXPECT_EQ(runs, 100);
}

}  // namespace
}  // namespace conveyor::live
