// Method: time is moved by hand.
#include "socketio/timers.h"

#include <gtest/gtest.h>

#include <string>

#include "socketio/token_bucket.h"

namespace conveyor::socketio {
namespace {

using namespace std::chrono_literals;

TEST(Timers, RunInTheSequenceOfTheirTimes) {
  Timers timers{Time{}};
  std::string ran;
  timers.after(20ms, [&] { ran += 'b'; });
  timers.after(10ms, [&] { ran += 'a'; });
  timers.after(20ms, [&] { ran += 'c'; });
  EXPECT_EQ(timers.next(), Time{} + 10ms);
  timers.advance(Time{} + 9ms);
  EXPECT_EQ(ran, "");
  timers.advance(Time{} + 20ms);
  EXPECT_EQ(ran, "abc");
  EXPECT_EQ(timers.next(), std::nullopt);
}

TEST(Timers, AreCancelledAlsoByWhatRunsBefore) {
  Timers timers{Time{}};
  std::string ran;
  Timers::Id second = 0;
  timers.after(10ms, [&] { timers.cancel(second); });
  second = timers.after(10ms, [&] { ran += 'b'; });
  timers.advance(Time{} + 10ms);
  EXPECT_EQ(ran, "");
  EXPECT_EQ(second, 0U);
  timers.cancel(second);
}

TEST(Timers, WhatIsAddedMeanwhileWaitsForTheNextCall) {
  Timers timers{Time{}};
  int runs = 0;
  std::function<void()> again = [&] {
    ++runs;
    timers.after(0ms, again);
  };
  timers.after(1ms, again);
  timers.advance(Time{} + 1ms);
  EXPECT_EQ(runs, 1);
  timers.advance(Time{} + 1ms);
  EXPECT_EQ(runs, 2);
}

TEST(Timers, DoNotGoBack) {
  Timers timers{Time{} + 10ms};
  timers.advance(Time{});
  EXPECT_EQ(timers.now(), Time{} + 10ms);
}

TEST(TokenBucket, AllowsTheBurstAndThenTheRate) {
  TokenBucket bucket({.per_second = 10, .burst = 3}, Time{});
  EXPECT_TRUE(bucket.take(3, Time{}));
  EXPECT_FALSE(bucket.take(1, Time{}));
  EXPECT_FALSE(bucket.take(1, Time{} + 99ms));
  EXPECT_TRUE(bucket.take(1, Time{} + 101ms));
  EXPECT_FALSE(bucket.take(4, Time{} + 1h)) << "more than the burst is never allowed";
  EXPECT_TRUE(bucket.take(3, Time{} + 1h));
}

}  // namespace
}  // namespace conveyor::socketio
