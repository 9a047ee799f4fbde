// Method: the breaker is driven by hand at the edges of each number of its rule; that it never lets
// through more than the rule allows is a property over random scripts.
#include "engine/breaker.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace conveyor {
namespace {

constexpr Timestamp kStart = from_unix_ms(1'767'225'600'000);

void call(Breaker& breaker, Verdict verdict, Timestamp now) {
  ASSERT_TRUE(breaker.admits());
  breaker.end(breaker.begin(), verdict, now);
}

void calls(Breaker& breaker, int count, Verdict verdict, Timestamp now) {
  for (int i = 0; i < count; ++i) call(breaker, verdict, now);
}

/// Open since `kStart`.
Breaker opened() {
  Breaker breaker{BreakerOptions{}};
  calls(breaker, 1, Verdict::denied, kStart);
  return breaker;
}

TEST(Breaker, OpensAtHalfOfTwentyCallsAndNotBefore) {
  Breaker breaker{BreakerOptions{}};
  calls(breaker, 10, Verdict::worked, kStart);
  calls(breaker, 9, Verdict::failed, kStart);
  EXPECT_EQ(breaker.state(), BreakerState::closed) << "19 calls";
  calls(breaker, 1, Verdict::failed, kStart);
  EXPECT_EQ(breaker.state(), BreakerState::open);
  EXPECT_FALSE(breaker.admits());
  EXPECT_EQ(breaker.since(), kStart);
  EXPECT_EQ(breaker.troubled_since(), kStart);
  EXPECT_EQ(breaker.open_until(), kStart + Duration{5'000});
}

TEST(Breaker, StaysClosedJustBelowTheRatio) {
  Breaker breaker{BreakerOptions{}};
  calls(breaker, 51, Verdict::worked, kStart);
  calls(breaker, 50, Verdict::failed, kStart);
  EXPECT_EQ(breaker.state(), BreakerState::closed) << "50 of 101";
  calls(breaker, 1, Verdict::failed, kStart);
  EXPECT_EQ(breaker.state(), BreakerState::open) << "51 of 102";
}

TEST(Breaker, ForgetsWhatIsOlderThanTheWindow) {
  Breaker breaker{BreakerOptions{}};
  calls(breaker, 19, Verdict::failed, kStart);
  calls(breaker, 1, Verdict::failed, kStart + Duration{10'000});
  EXPECT_EQ(breaker.state(), BreakerState::closed);
  EXPECT_EQ(breaker.window(kStart + Duration{10'000}).calls, 1U);
  calls(breaker, 18, Verdict::failed, kStart + Duration{18'999});
  EXPECT_EQ(breaker.state(), BreakerState::closed);
  calls(breaker, 1, Verdict::failed, kStart + Duration{18'999});
  EXPECT_EQ(breaker.state(), BreakerState::open) << "20 calls in nine seconds";
}

TEST(Breaker, OneDeniedCallOpensItAtOnce) {
  const auto breaker = opened();
  EXPECT_EQ(breaker.state(), BreakerState::open);
  EXPECT_EQ(breaker.window(kStart).failures, 1U);
}

TEST(Breaker, WhatSaysNothingIsNotCounted) {
  Breaker breaker{BreakerOptions{}};
  calls(breaker, 100, Verdict::no_word, kStart);
  EXPECT_EQ(breaker.window(kStart).calls, 0U);
}

TEST(Breaker, LetsExactlyTheProbesThroughAndClosesWhenAllWorked) {
  auto breaker = opened();
  breaker.pass_time(kStart + Duration{4'999});
  EXPECT_EQ(breaker.state(), BreakerState::open);
  const auto now = kStart + Duration{5'000};
  breaker.pass_time(now);
  EXPECT_EQ(breaker.state(), BreakerState::half_open);
  std::vector<Breaker::Epoch> probes;
  while (breaker.admits()) probes.push_back(breaker.begin());
  EXPECT_EQ(probes.size(), 3U);
  breaker.end(probes[0], Verdict::worked, now);
  breaker.end(probes[1], Verdict::worked, now);
  EXPECT_FALSE(breaker.admits()) << "the third decides";
  breaker.end(probes[2], Verdict::worked, now);
  EXPECT_EQ(breaker.state(), BreakerState::closed);
  EXPECT_EQ(breaker.troubled_since(), std::nullopt);
  EXPECT_EQ(breaker.window(now).calls, 0U) << "it begins anew";
}

TEST(Breaker, OneFailedProbeOpensItAgainAndTheTroubleGoesOn) {
  auto breaker = opened();
  const auto now = kStart + Duration{5'000};
  breaker.pass_time(now);
  const auto first = breaker.begin();
  const auto second = breaker.begin();
  breaker.end(first, Verdict::failed, now);
  EXPECT_EQ(breaker.state(), BreakerState::open);
  EXPECT_EQ(breaker.open_until(), now + Duration{5'000});
  EXPECT_EQ(breaker.troubled_since(), kStart);
  breaker.end(second, Verdict::worked, now);
  EXPECT_EQ(breaker.state(), BreakerState::open) << "an answer to an older question";
}

TEST(Breaker, AProbeThatSaysNothingIsReplaced) {
  auto breaker = opened();
  breaker.pass_time(kStart + Duration{5'000});
  std::vector<Breaker::Epoch> probes;
  while (breaker.admits()) probes.push_back(breaker.begin());
  breaker.end(probes[0], Verdict::no_word, kStart + Duration{5'000});
  EXPECT_TRUE(breaker.admits());
  (void)breaker.begin();
  EXPECT_FALSE(breaker.admits());
}

TEST(Breaker, AnAnswerFromBeforeTheOutageDoesNotDecideAboutItsEnd) {
  Breaker breaker{BreakerOptions{}};
  const auto old = breaker.begin();
  calls(breaker, 1, Verdict::denied, kStart);
  const auto now = kStart + Duration{5'000};
  breaker.pass_time(now);
  breaker.end(old, Verdict::failed, now);
  EXPECT_EQ(breaker.state(), BreakerState::half_open);
}

RC_GTEST_PROP(Breaker, LetsThroughNoMoreThanItsRuleAllows,
              (const std::vector<std::uint16_t>& script)) {
  BreakerOptions options;
  options.window = Duration{1'000};
  options.min_calls = *rc::gen::inRange<std::uint32_t>(1, 6);
  options.error_percent = *rc::gen::inRange<std::uint32_t>(1, 101);
  options.open_for = Duration{*rc::gen::inRange(1, 500)};
  options.probes = *rc::gen::inRange<std::uint32_t>(1, 5);
  Breaker breaker(options);
  struct Out {
    Breaker::Epoch epoch;
    int life;  // how often the breaker had moved when it began
  };
  std::vector<Out> out;
  Timestamp now = kStart;
  int life = 0;
  std::uint32_t probes = 0;  // begun in this half-open time, less those that said nothing
  for (const auto word : script) {
    const auto before = breaker.state();
    if (word % 4 == 0) {
      const auto until = breaker.open_until();
      now += Duration{word % 700};
      breaker.pass_time(now);
      if (until) RC_ASSERT((breaker.state() == BreakerState::half_open) == (now >= *until));
    } else if (word % 4 == 1 && breaker.admits()) {
      RC_ASSERT(before != BreakerState::open);
      out.push_back({breaker.begin(), life});
      if (before == BreakerState::half_open) RC_ASSERT(++probes <= options.probes);
    } else if (!out.empty()) {
      const auto at = out.begin() + static_cast<std::ptrdiff_t>(word / 16 % out.size());
      const auto call = *at;
      out.erase(at);
      const auto verdict = static_cast<Verdict>(word / 4 % 4);
      const auto counts = breaker.window(now);
      breaker.end(call.epoch, verdict, now);
      if (call.life != life) RC_ASSERT(breaker.state() == before);
      const bool opened = breaker.state() == BreakerState::open;
      if (before == BreakerState::closed && opened && verdict != Verdict::denied) {
        RC_ASSERT(counts.calls + 1 >= options.min_calls);
        RC_ASSERT((counts.failures + 1) * 100 >= (counts.calls + 1) * options.error_percent);
      }
      if (call.life == life && verdict == Verdict::no_word && probes > 0) --probes;
    }
    if (breaker.state() != before) {
      ++life;
      probes = 0;
    }
    RC_ASSERT((breaker.state() == BreakerState::open) == breaker.open_until().has_value());
    RC_ASSERT((breaker.state() == BreakerState::closed) == !breaker.troubled_since().has_value());
  }
}

}  // namespace
}  // namespace conveyor
