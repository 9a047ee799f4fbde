// Method: the batch processor with all that is behind it, on virtual time. Batches of many inputs,
// commits that fail, a full disk, restarts at any moment, and the two stock races that shops fear.
#include <fmt/format.h>

#include "support/pipeline.h"

namespace conveyor::test {
namespace {

/// Places many orders in one batch and returns their answers in sequence.
std::vector<PlaceOrder::Answer> place_all(Pipeline& p, const std::vector<OrderSpec>& specs) {
  std::vector<PlaceOrder::Answer> answers;
  std::vector<CoreInput> inputs;
  for (const auto& spec : specs) {
    inputs.emplace_back(p.order_input(
        spec, [&](PlaceOrder::Answer answer) { answers.push_back(std::move(answer)); }));
  }
  p.processor->run(std::move(inputs), p.now);
  p.processor->finish(p.now);
  return answers;
}

OrderSpec with_key(std::string key, std::string request = "request") {
  OrderSpec spec;
  spec.key = std::move(key);
  spec.request = std::move(request);
  return spec;
}

TEST(BatchPipeline, OneKeyInOneBatchIsOneOrder) {
  Pipeline p;
  const auto answers = place_all(p, std::vector<OrderSpec>(50, with_key("k")));
  ASSERT_EQ(answers.size(), 50U);
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->created, answers.front()->created);
  }
  EXPECT_EQ(p.store.order_ids(std::nullopt, 100).size(), 1U);
  EXPECT_EQ(p.probe.keys["new"], 1);
  EXPECT_EQ(p.probe.keys["replayed"], 49);
}

TEST(BatchPipeline, OneKeyWithAnotherRequestIsRefused) {
  Pipeline p;
  p.place(with_key("k"));
  const auto again = p.try_place(with_key("k", "another request"));
  ASSERT_FALSE(again.has_value());
  EXPECT_TRUE(std::holds_alternative<PlaceOrder::KeyReused>(again.error()));
  EXPECT_EQ(p.store.order_ids(std::nullopt, 100).size(), 1U);
}

TEST(BatchPipeline, AKeyIsReplayedAfterARestart) {
  Pipeline p;
  const auto first = p.try_place(with_key("k"));
  p.restart();
  const auto again = p.try_place(with_key("k"));
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->created, first->created);
}

TEST(BatchPipeline, AReferenceOfACustomerIsTakenOnce) {
  Pipeline p;
  OrderSpec spec;
  spec.reference = "R-1";
  const auto id = p.place(spec);
  const auto again = p.try_place(spec);
  ASSERT_FALSE(again.has_value());
  ASSERT_TRUE(std::holds_alternative<ReferenceTaken>(again.error()));
  EXPECT_EQ(std::get<ReferenceTaken>(again.error()).order_id, id);
  spec.customer_id = "c2";
  EXPECT_TRUE(p.try_place(spec).has_value());
}

TEST(BatchPipeline, NothingIsAcknowledgedBeforeTheCommit) {
  Pipeline p;
  p.unit.fail_next = StoreError::Kind::unavailable;
  const auto answer = p.try_place(with_key("k"));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(std::get<Unavailable>(answer.error()), Unavailable::store_unavailable);
  EXPECT_TRUE(p.store.order_ids(std::nullopt, 100).empty());
  EXPECT_EQ(p.store.stock("sku-1")->reserved, 0);
  // The same key works at once: the lost batch left nothing behind.
  const auto again = p.try_place(with_key("k"));
  ASSERT_TRUE(again.has_value());
  EXPECT_FALSE(again->replayed);
}

/// Runs a batch of one order and does not wait for it.
void place_only(Pipeline& p, const OrderSpec& spec, std::vector<PlaceOrder::Answer>& answers) {
  std::vector<CoreInput> inputs;
  inputs.emplace_back(p.order_input(
      spec, [&](PlaceOrder::Answer answer) { answers.push_back(std::move(answer)); }));
  p.processor->run(std::move(inputs), p.now);
}

TEST(BatchPipeline, ABatchIsDecidedOnTheOneOnItsWayAndAnsweredAfterIt) {
  Pipeline p;
  std::vector<PlaceOrder::Answer> answers;
  place_only(p, with_key("k"), answers);
  EXPECT_TRUE(p.processor->is_committing());
  EXPECT_TRUE(answers.empty()) << "it is not durable";
  place_only(p, with_key("k"), answers);
  ASSERT_EQ(answers.size(), 1U) << "the first is, the second is not";
  p.processor->finish(p.now);
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_FALSE(answers[0]->replayed);
  EXPECT_TRUE(answers[1]->replayed);
  EXPECT_EQ(answers[0]->created, answers[1]->created);
  EXPECT_FALSE(p.processor->is_committing());
}

TEST(BatchPipeline, ALostBatchTakesTheOneDecidedOnItAlong) {
  Pipeline p;
  std::vector<PlaceOrder::Answer> answers;
  place_only(p, with_key("a"), answers);
  p.unit.fail_next = StoreError::Kind::unavailable;
  place_only(p, with_key("b"), answers);
  ASSERT_EQ(answers.size(), 2U);
  for (const auto& answer : answers) {
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(std::get<Unavailable>(answer.error()), Unavailable::store_unavailable);
  }
  EXPECT_TRUE(p.store.order_ids(std::nullopt, 100).empty());
  EXPECT_EQ(p.store.stock("sku-1")->reserved, 0);
  EXPECT_EQ(p.processor->open_orders(), 0U);
  for (const auto* key : {"a", "b"}) {
    const auto again = p.try_place(with_key(key));
    ASSERT_TRUE(again.has_value());
    EXPECT_FALSE(again->replayed);
  }
}

TEST(BatchPipeline, ABatchOnItsWayIsAnsweredAlthoughTheNextIsLost) {
  Pipeline p;
  std::vector<PlaceOrder::Answer> answers;
  place_only(p, with_key("a"), answers);
  p.unit.lose_next = StoreError::Kind::unavailable;
  place_only(p, with_key("b"), answers);
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_TRUE(answers[0].has_value());
  EXPECT_FALSE(answers[1].has_value());
  EXPECT_EQ(p.store.order_ids(std::nullopt, 100).size(), 1U);
}

TEST(BatchPipeline, WhatAnInspectionSaysIsWhatItsBatchHasLeft) {
  Pipeline p;
  OrderSpec spec;
  spec.payment_method = "pm_async";
  const auto id = p.place(spec);
  std::optional<OrderInspection> seen;
  std::vector<CoreInput> inputs;
  inputs.emplace_back(
      InspectOrder{id, [&](InspectOrder::Answer answer) { seen = answer.value(); }});
  p.processor->run(std::move(inputs), p.now);
  OrderCommand hold;
  hold.order_id = id;
  hold.command.kind = CommandKind::hold;
  hold.answer = [](OrderCommand::Answer) {};
  inputs.clear();
  inputs.emplace_back(std::move(hold));
  p.processor->run(std::move(inputs), p.now);
  ASSERT_TRUE(seen.has_value());
  const auto later = p.inspect(id);
  EXPECT_NE(seen->version, later.version);
}

TEST(BatchPipeline, ALostBatchLeavesOpenOrdersAsTheStoreHasThem) {
  Pipeline p;
  OrderSpec spec;
  spec.payment_method = "pm_async";
  const auto id = p.place(spec);
  const auto before = p.order(id);
  p.unit.fail_next = StoreError::Kind::unavailable;
  const auto refused = p.command(id, CommandKind::hold);
  EXPECT_FALSE(refused.has_value());
  EXPECT_EQ(p.order(id), before);
  ASSERT_TRUE(p.pass_until(id, {Status::completed}));
  for (const auto& record : p.store.sandbox_records(id)) EXPECT_LE(record.effects, 1U);
}

TEST(BatchPipeline, AFullDiskClosesTheIntakeUntilAProbeWorks) {
  Pipeline p;
  p.unit.fail_next = StoreError::Kind::full;
  p.unit.probe_works = false;
  for (int i = 0; i < 3; ++i) {
    const auto answer = p.try_place({});
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(std::get<Unavailable>(answer.error()), Unavailable::out_of_space);
    p.pass(Duration{1'500});
  }
  p.unit.probe_works = true;
  p.pass(Duration{1'500});
  EXPECT_TRUE(p.try_place({}).has_value());
}

TEST(BatchPipeline, AFullDiskIsProbedAlsoByAClockThatWasSetBack) {
  Pipeline p;
  p.unit.fail_next = StoreError::Kind::full;
  EXPECT_FALSE(p.try_place({}).has_value());
  p.now -= std::chrono::hours{2};
  EXPECT_TRUE(p.try_place({}).has_value());
  EXPECT_EQ(p.processor->intake_closed(), std::nullopt);
}

TEST(BatchPipeline, AFatalErrorReachesTheOwnerOfTheThread) {
  Pipeline p;
  p.unit.fail_next = StoreError::Kind::fatal;
  EXPECT_THROW(p.run(SetStock{"x", 1, std::nullopt, [](SetStock::Answer) {}}), StoreError);
}

TEST(BatchPipeline, TooManyOpenOrdersAreRefusedBeforeAnyWork) {
  CoreOptions options;
  options.open_orders_max = 2;
  Pipeline p(1, options);
  OrderSpec slow;
  slow.payment_method = "pm_slow";
  p.place(slow);
  p.place(slow);
  const auto third = p.try_place(slow);
  ASSERT_FALSE(third.has_value());
  EXPECT_EQ(std::get<Unavailable>(third.error()), Unavailable::too_many_open_orders);
  p.pass(Duration{60'000});
  EXPECT_TRUE(p.try_place(slow).has_value());
}

TEST(BatchPipeline, SaysWithHowManyStepsItWentOn) {
  CoreOptions options;
  options.engine.gate.max_in_flight = kMaxDuePerBatch + 1;
  Pipeline p(1, options);
  OrderSpec waiting;
  waiting.payment_method = "pm_async";
  p.set_stock("sku-1", 10'000);
  std::vector<OrderSpec> specs(kMaxDuePerBatch + 1, waiting);
  for (std::size_t i = 0; i < specs.size(); ++i) specs[i].key = fmt::format("k{}", i);
  ASSERT_EQ(place_all(p, specs).size(), specs.size());
  EXPECT_EQ(p.processor->resumed_steps(), 0U) << "all of it was begun with these orders";
  p.now += Duration{1'000};  // each call takes 200 ms at most
  p.processor->run({}, p.now);
  EXPECT_EQ(p.processor->resumed_steps(), kMaxDuePerBatch);
  p.processor->run({}, p.now);
  EXPECT_EQ(p.processor->resumed_steps(), 1U);
  p.processor->finish(p.now);
}

TEST(BatchPipeline, AStaleCommandIsRefusedWithThePresentVersion) {
  Pipeline p;
  const auto id = p.place();
  std::optional<OrderCommand::Answer> answer;
  p.run(OrderCommand{
      id, Command{CommandKind::cancel, {}, {}, {}}, 1, {}, [&](OrderCommand::Answer a) {
        answer = std::move(a);
      }});
  ASSERT_FALSE(answer->has_value());
  EXPECT_EQ(std::get<OrderCommand::Stale>(answer->error()).version, p.order(id).version);
}

TEST(BatchPipeline, ACommandForAnUnknownOrderIsNotFound) {
  Pipeline p;
  const auto answer = p.command(OrderId{make_uuid_v7(kStart, 1, 2)}, CommandKind::cancel);
  ASSERT_FALSE(answer.has_value());
  EXPECT_TRUE(std::holds_alternative<OrderCommand::NotFound>(answer.error()));
}

TEST(BatchPipeline, AHundredUnitsServeAHundredOrders) {
  Pipeline p;
  p.set_stock("scarce", 100);
  OrderSpec spec;
  spec.lines = {{1, "scarce", std::nullopt, 1, 100}};
  const auto answers = place_all(p, std::vector<OrderSpec>(1'000, spec));
  int completed = 0;
  int failed = 0;
  for (const auto& answer : answers) {
    const auto status = p.order(answer->created.order_id).status;
    completed += status == Status::completed ? 1 : 0;
    failed += status == Status::failed ? 1 : 0;
  }
  EXPECT_EQ(completed, 100);
  EXPECT_EQ(failed, 900);
  const auto stock = p.store.stock("scarce");
  EXPECT_EQ(stock->on_hand, 0);
  EXPECT_EQ(stock->reserved, 0);
}

TEST(BatchPipeline, TheSameSkuTwiceInOneOrderIsCountedTogether) {
  Pipeline p;
  p.set_stock("pair", 3);
  OrderSpec spec;
  spec.lines = {{1, "pair", std::nullopt, 2, 100}, {2, "pair", std::nullopt, 2, 100}};
  const auto id = p.place(spec);
  EXPECT_EQ(p.order(id).status, Status::failed);
  EXPECT_EQ(p.store.stock("pair")->reserved, 0);
  const auto events = p.store.events(id, 1, 1);
  const auto& refused = std::get<StepRefused>(events.at(0).event.data);
  EXPECT_EQ(refused.shortages, (std::vector<Shortage>{{"pair", 4, 3}}));
}

TEST(BatchPipeline, ACancelDuringASlowCallUndoesEverything) {
  Pipeline p;
  OrderSpec spec;
  spec.payment_method = "pm_slow";
  const auto id = p.place(spec);
  ASSERT_EQ(p.order(id).step, 2);
  const auto answer = p.command(id, CommandKind::cancel);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->order.status, Status::cancelling);
  ASSERT_TRUE(p.pass_until(id, {Status::cancelled}));
  EXPECT_EQ(p.store.held_reservations(), 0);
  for (const auto& record : p.store.sandbox_records(id)) EXPECT_FALSE(record.effect_exists);
}

TEST(BatchPipeline, CancelRacingADispatchEndsOneWayOrTheOther) {
  int dispatched = 0;
  int undone = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Pipeline p(seed);
    OrderSpec spec;
    spec.postal_code = "SBX-ASYNC";
    const auto id = p.place(spec);
    p.pass(Duration{static_cast<std::int64_t>(p.random.next() % 450)});
    (void)p.command(id, CommandKind::cancel);
    ASSERT_TRUE(p.pass_until(id, {Status::completed, Status::cancelled})) << "seed " << seed;
    (p.order(id).status == Status::completed ? dispatched : undone) += 1;
    for (const auto& record : p.store.sandbox_records(id)) {
      EXPECT_LE(record.effects, 1U) << "seed " << seed;
      if (p.order(id).status == Status::cancelled) {
        EXPECT_FALSE(record.effect_exists) << "seed " << seed << " " << record.key.to_string();
      }
    }
    EXPECT_EQ(p.store.held_reservations(), 0) << "seed " << seed;
  }
  EXPECT_GE(dispatched, 20);
  EXPECT_GE(undone, 20);
}

/// Orders of every kind, with restarts at random moments: all end, none doubled, nothing held.
TEST(BatchPipeline, RestartsAtAnyMomentLoseAndDoubleNothing) {
  const std::vector<std::string> methods{"pm_ok",      "pm_async",      "pm_slow",
                                         "pm_flaky_2", "pm_lost_reply", "pm_declined"};
  const std::vector<std::string> postal_codes{"10115", "SBX-ASYNC", "SBX-LOST-REPLY", "SBX-FLAKY-1",
                                              "SBX-REJECTED"};
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Pipeline p(seed);
    std::vector<OrderId> ids;
    for (int i = 0; i < 60; ++i) {
      OrderSpec spec;
      spec.payment_method = methods.at(p.random.next() % methods.size());
      spec.postal_code = postal_codes.at(p.random.next() % postal_codes.size());
      ids.push_back(p.place(spec));
      p.pass(Duration{static_cast<std::int64_t>(p.random.next() % 200)});
      if (p.random.next() % 4 == 0) p.restart();
    }
    p.pass(std::chrono::hours{1});
    std::int64_t sold = 0;
    for (const auto& id : ids) {
      const auto order = p.order(id);
      EXPECT_TRUE(is_final(order.status)) << "seed " << seed << " " << to_string(order.status);
      if (order.status == Status::completed) sold += 2;
      for (const auto& record : p.store.sandbox_records(id)) EXPECT_LE(record.effects, 1U);
    }
    EXPECT_GT(sold, 0);
    EXPECT_EQ(p.store.stock("sku-1")->on_hand, 1'000 - sold) << "seed " << seed;
    EXPECT_EQ(p.store.stock("sku-1")->reserved, 0) << "seed " << seed;
  }
}

TEST(BatchPipeline, WhatIsParkedLongIsFoundAgainInTheStore) {
  Pipeline p;
  OrderSpec spec;
  spec.payment_method = "pm_garbage";
  const auto id = p.place(spec);
  EXPECT_EQ(p.processor->open_orders(), 0U);
  p.restart();
  EXPECT_EQ(p.processor->open_orders(), 0U);
  ASSERT_TRUE(p.command(id, CommandKind::cancel).has_value());
  EXPECT_EQ(p.order(id).status, Status::cancelled);
}

}  // namespace
}  // namespace conveyor::test
