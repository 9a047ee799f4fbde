// Method: events of chosen times are told to the meter and the view is compared with what was told;
// another thread looks on while it is told.
#include "runtime/pipeline_meter.h"

#include <gtest/gtest.h>

#include <thread>

namespace conveyor {
namespace {

constexpr Timestamp kStart = from_unix_ms(1'770'000'000'000);

AppendEffect effect(OrderGlance before, OrderGlance after, std::vector<Event> events) {
  AppendEffect append;
  append.before = before;
  append.after = after;
  append.events = std::move(events);
  return append;
}

Event event(Timestamp at, EventData data, std::optional<StepNumber> step = std::nullopt) {
  Event event;
  event.occurred_at = at;
  event.step = step;
  event.data = std::move(data);
  return event;
}

OrderGlance glance(Status status, StepNumber step, bool failing = false) {
  return {.exists = true, .status = status, .step = step, .failing = failing};
}

TEST(PipelineMeter, CountsWhatCameWentAndFailedInItsSecond) {
  PipelineMeter meter;
  meter.appended(effect({}, glance(Status::pending, 1), {event(kStart, OrderCreated{})}));
  StepAttemptFailed failed;
  failed.call.duration_ms = 5;
  meter.appended(effect(glance(Status::pending, 1), glance(Status::pending, 1, true),
                        {event(kStart + Duration{1'500}, failed, StepNumber{1})}));
  auto view = meter.look(kStart + Duration{2'000}, 2);
  EXPECT_EQ(view.first, kStart);
  ASSERT_EQ(view.seconds.size(), 2U);
  EXPECT_EQ(view.seconds[0].intake, 1U);
  EXPECT_EQ(view.seconds[0].steps[0].in, 1U);
  EXPECT_EQ(view.seconds[1].steps[0].calls, 1U);
  EXPECT_EQ(view.seconds[1].steps[0].errors, 1U);
  EXPECT_EQ(view.seconds[1].steps[0].durations.percentile(50), 6);
  EXPECT_EQ(view.now[0].orders, 1);
  EXPECT_EQ(view.now[0].retrying, 1);

  StepSucceeded done;
  done.call.duration_ms = 100'000;
  meter.appended(effect(glance(Status::pending, 1, true), glance(Status::processing, 2),
                        {event(kStart + Duration{2'000}, done, StepNumber{1})}));
  view = meter.look(kStart + Duration{3'000}, 1);
  EXPECT_EQ(view.seconds[0].steps[0].out, 1U);
  EXPECT_EQ(view.seconds[0].steps[1].in, 1U);
  EXPECT_EQ(view.seconds[0].steps[0].durations.percentile(99), 2 * kDurationBuckets.back());
  EXPECT_EQ(view.now[0].orders, 0);
  EXPECT_EQ(view.now[0].retrying, 0);
  EXPECT_EQ(view.now[1].orders, 1);
}

TEST(PipelineMeter, CountsDeadLettersAndEnds) {
  PipelineMeter meter;
  meter.appended(effect(glance(Status::processing, 2), glance(Status::dead_lettered, 2, true),
                        {event(kStart, OrderDeadLettered{}, StepNumber{2})}));
  EXPECT_EQ(meter.look(kStart, 1).now[1].dead, 1);
  meter.appended(effect(glance(Status::dead_lettered, 2, true), glance(Status::cancelled, 2),
                        {event(kStart, OrderCancelled{})}));
  meter.appended(effect(glance(Status::shipped, 6), glance(Status::completed, 6),
                        {event(kStart, OrderCompleted{})}));
  const auto view = meter.look(kStart + Duration{1'000}, 1);
  EXPECT_EQ(view.now[1].dead, 0);
  EXPECT_EQ(view.seconds[0].dead_lettered, 1U);
  EXPECT_EQ(view.seconds[0].undone, 1U);
  EXPECT_EQ(view.seconds[0].completed, 1U);
}

TEST(PipelineMeter, UndoOfAStepIsNoCallOfIt) {
  PipelineMeter meter;
  StepAttemptFailed failed;
  failed.action = Action::undo;
  meter.appended(
      effect(glance(Status::cancelling, 2), glance(Status::cancelling, 2),
             {event(kStart, failed, StepNumber{2}), event(kStart, StepUndone{}, StepNumber{2})}));
  EXPECT_EQ(meter.look(kStart + Duration{1'000}, 1).seconds[0].steps[1].calls, 0U);
}

/// The same order may move on only from where it stands.
AppendEffect move_of(const OrderId& id, OrderGlance before, OrderGlance after) {
  auto append = effect(before, after, {event(kStart, EventIgnored{})});
  append.order_id = id;
  return append;
}

TEST(PipelineMeter, KnowsSinceWhenTheOldestStandsAtAStep) {
  PipelineMeter meter;
  const auto at = [](Status status, StepNumber step, int since_ms) {
    auto g = glance(status, step);
    g.step_since = kStart + Duration{since_ms};
    return g;
  };
  const auto oldest = [&](std::size_t step) {
    return meter.look(kStart, 1).now.at(step - 1).oldest_since;
  };
  const OrderId a{make_uuid_v7(kStart, 1, 1)};
  const OrderId b{make_uuid_v7(kStart, 1, 2)};
  const OrderId c{make_uuid_v7(kStart, 1, 3)};
  EXPECT_EQ(oldest(2), std::nullopt);
  meter.appended(move_of(a, {}, at(Status::processing, 2, 30)));
  meter.appended(move_of(b, {}, at(Status::processing, 2, 20)));
  meter.appended(move_of(c, {}, at(Status::processing, 2, 20)));
  EXPECT_EQ(oldest(2), kStart + Duration{20});
  meter.appended(move_of(b, at(Status::processing, 2, 20), at(Status::processing, 3, 40)));
  EXPECT_EQ(oldest(2), kStart + Duration{20}) << "another came at the same time";
  EXPECT_EQ(oldest(3), kStart + Duration{40});
  meter.appended(move_of(c, at(Status::processing, 2, 20), at(Status::on_hold, 2, 20)));
  EXPECT_EQ(oldest(2), kStart + Duration{30}) << "who is held does not wait";
  meter.appended(move_of(a, at(Status::processing, 2, 30), at(Status::dead_lettered, 2, 30)));
  EXPECT_EQ(oldest(2), std::nullopt);
  meter.appended(move_of(b, at(Status::shipped, 3, 40), at(Status::completed, 3, 40)));
  EXPECT_EQ(oldest(3), std::nullopt);
}

TEST(PipelineMeter, AddsUpTheMoneyOfOpenOrdersByCurrency) {
  PipelineMeter meter;
  const auto of = [](Status status, std::string_view currency, std::int64_t total_minor) {
    auto g = glance(status, 2);
    g.currency = *Currency::from_code(currency);
    g.total_minor = total_minor;
    return g;
  };
  const auto money = [&] { return meter.look(kStart, 1).money; };
  const OrderId id{make_uuid_v7(kStart, 1, 1)};
  EXPECT_TRUE(money().empty());
  meter.appended(move_of(id, {}, of(Status::pending, "JPY", 700)));
  meter.appended(move_of(id, {}, of(Status::pending, "EUR", 1'250)));
  meter.appended(move_of(id, {}, of(Status::pending, "EUR", 50)));
  ASSERT_EQ(money().size(), 2U);
  EXPECT_EQ(money()[0].currency.code(), "EUR");
  EXPECT_EQ(money()[0].orders, 2);
  EXPECT_EQ(money()[0].total_minor, 1'300);
  EXPECT_EQ(money()[1].currency.code(), "JPY");
  EXPECT_EQ(money()[1].total_minor, 700);
  meter.appended(
      move_of(id, of(Status::pending, "EUR", 1'250), of(Status::dead_lettered, "EUR", 900)));
  EXPECT_EQ(money()[0].total_minor, 950) << "a changed total; dead letters are open";
  meter.appended(move_of(id, of(Status::shipped, "JPY", 700), of(Status::completed, "JPY", 700)));
  EXPECT_EQ(money().size(), 1U) << "none is left";

  // Beyond the range of money and back, further than 64 bits reach.
  for (int i = 0; i < 2'000; ++i)
    meter.appended(move_of(id, {}, of(Status::pending, "USD", kMaxMinor)));
  EXPECT_EQ(money()[1].orders, 2'000);
  EXPECT_EQ(money()[1].total_minor, std::nullopt);
  for (int i = 0; i < 1'999; ++i)
    meter.appended(
        move_of(id, of(Status::pending, "USD", kMaxMinor), of(Status::failed, "USD", kMaxMinor)));
  EXPECT_EQ(money()[1].total_minor, kMaxMinor);
}

TEST(PipelineMeter, ForgetsAfterItsTimeAndDoesNotMixRounds) {
  PipelineMeter meter;
  meter.appended(effect({}, glance(Status::pending, 1), {event(kStart, OrderCreated{})}));
  const auto intake = [&](Timestamp now) {
    std::uint32_t sum = 0;
    for (const auto& second : meter.look(now, PipelineMeter::kSeconds).seconds) {
      sum += second.intake;
    }
    return sum;
  };
  EXPECT_EQ(intake(kStart), 0U) << "its second is not over";
  EXPECT_EQ(intake(kStart + std::chrono::seconds{1}), 1U);
  EXPECT_EQ(intake(kStart + std::chrono::seconds{900}), 1U);
  EXPECT_EQ(intake(kStart + std::chrono::seconds{901}), 0U);
  const auto next_round = kStart + std::chrono::seconds{1'024};
  EXPECT_EQ(intake(next_round + std::chrono::seconds{1}), 0U) << "the slot is of another second";
  meter.appended(effect({}, glance(Status::pending, 1), {event(next_round, OrderCreated{})}));
  EXPECT_EQ(intake(next_round + std::chrono::seconds{1}), 1U);
  EXPECT_EQ(meter.look(kStart, 5'000).seconds.size(), 900U) << "no more than it has";
}

TEST(PipelineMeter, PercentilesAreUpperEndsOfBuckets) {
  DurationCounts counts;
  EXPECT_EQ(counts.percentile(50), std::nullopt);
  counts.add(0, 50);
  counts.add(3, 45);
  counts.add(10, 5);
  EXPECT_EQ(counts.percentile(50), 0);
  EXPECT_EQ(counts.percentile(51), 3);
  EXPECT_EQ(counts.percentile(95), 3);
  EXPECT_EQ(counts.percentile(99), kDurationBuckets[10]);
}

TEST(PipelineMeter, CommitsAreCountedInBegunUnits) {
  PipelineMeter meter;
  meter.appended(effect({}, glance(Status::pending, 1), {event(kStart, OrderCreated{})}));
  meter.committed(std::chrono::microseconds{1});
  auto commits = meter.look(kStart + Duration{1'000}, 1).seconds[0].commits;
  EXPECT_EQ(commits.percentile(99), 1);
  meter.committed(std::chrono::microseconds{1'100});
  commits = meter.look(kStart + Duration{1'000}, 1).seconds[0].commits;
  EXPECT_EQ(commits.percentile(99), 12);
}

TEST(PipelineMeter, IsLookedAtWhileItCounts) {
  PipelineMeter meter;
  constexpr int kEvents = 20'000;
  std::atomic<bool> done{false};
  std::thread looker([&] {
    while (!done) {
      for (const auto& second : meter.look(kStart + Duration{kEvents}, 60).seconds) {
        EXPECT_LE(second.intake, 1'000U) << "never more than was told";
      }
    }
  });
  for (int i = 0; i < kEvents; ++i) {
    meter.appended(
        effect({}, glance(Status::pending, 1), {event(kStart + Duration{i}, OrderCreated{})}));
  }
  done = true;
  looker.join();
  std::uint32_t sum = 0;
  for (const auto& second : meter.look(kStart + Duration{kEvents}, 60).seconds) {
    sum += second.intake;
  }
  EXPECT_EQ(sum, static_cast<std::uint32_t>(kEvents));
}

}  // namespace
}  // namespace conveyor
