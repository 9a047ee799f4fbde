// Method: orders that wait for a person, on virtual time. Their timers come due while the process
// is gone; a changed address waits for an undo that a participant of the test gives or withholds.
#include "support/pipeline.h"

namespace conveyor::test {
namespace {

OrderSpec paid_by(std::string method) {
  OrderSpec spec;
  spec.payment_method = std::move(method);
  return spec;
}

CoreOptions never_undone() {
  CoreOptions options;
  options.engine.retry.undo_after = std::nullopt;
  return options;
}

constexpr Duration kPatience = std::chrono::hours{24 * 7};
constexpr Duration kTick{1};

/// The last event of a type.
template <class Data>
std::pair<Event, Data> last_event(Pipeline& p, const OrderId& id) {
  std::optional<std::pair<Event, Data>> found;
  for (const auto& stored : p.store.events(id, 0, 1'000)) {
    if (const auto* data = std::get_if<Data>(&stored.event.data)) found = {stored.event, *data};
  }
  return found.value();
}

/// Gone until `at`: what comes due meanwhile has nobody to see it.
void restart_at(Pipeline& p, Timestamp at) {
  p.now = at;
  p.restart();
}

// --- the time of a dead letter ------------------------------------------------------------------

TEST(DeadLetterTimer, UndoesADeadLetterWhoseTimeCameWhileTheProcessWasGone) {
  Pipeline p;
  const auto id = p.place(paid_by("pm_garbage"));
  const auto undo_at = p.order(id).dead_letter->undo_at.value();
  EXPECT_EQ(undo_at, kStart + std::chrono::hours{24});
  restart_at(p, undo_at + std::chrono::hours{3});
  EXPECT_EQ(p.order(id).status, Status::failed);
  EXPECT_EQ(p.order(id).final_code, "not_retried_in_time");
  const auto [event, started] = last_event<CompensationStarted>(p, id);
  EXPECT_EQ(started.cause, UndoCause::timer);
  EXPECT_EQ(event.occurred_at, p.now);
}

TEST(DeadLetterTimer, WaitsForItsTimeAcrossARestart) {
  Pipeline p;
  const auto id = p.place(paid_by("pm_garbage"));
  const auto undo_at = p.order(id).dead_letter->undo_at.value();
  restart_at(p, undo_at - kTick);
  EXPECT_EQ(p.order(id).status, Status::dead_lettered);
  p.pass(kTick);
  EXPECT_EQ(p.order(id).status, Status::failed);
  EXPECT_EQ(last_event<CompensationStarted>(p, id).first.occurred_at, undo_at);
}

TEST(DeadLetterTimer, IsGoneOnceAPersonRetries) {
  Pipeline p;
  const auto id = p.place(paid_by("pm_flaky_15"));
  ASSERT_TRUE(p.pass_until(id, {Status::dead_lettered}));
  const auto undo_at = p.order(id).dead_letter->undo_at.value();
  ASSERT_TRUE(p.command(id, CommandKind::retry).has_value());
  restart_at(p, undo_at + kTick);
  ASSERT_TRUE(p.pass_until(id, {Status::completed, Status::failed}));
  EXPECT_EQ(p.order(id).status, Status::completed);
}

// --- patience -----------------------------------------------------------------------------------

struct Parked {
  std::string name;
  OrderSpec spec;
  bool held = false;

  friend void PrintTo(const Parked& parked, std::ostream* out) { *out << parked.name; }
};

class Patience : public testing::TestWithParam<Parked> {
 protected:
  OrderId park(Pipeline& p) const {
    const auto id = p.place(GetParam().spec);
    if (GetParam().held) EXPECT_TRUE(p.command(id, CommandKind::hold).has_value());
    return id;
  }
};

TEST_P(Patience, EndsTheOrderAtTheStartIfItsTimeCameWhileTheProcessWasGone) {
  Pipeline p(1, never_undone());
  const auto id = park(p);
  restart_at(p, kStart + kPatience + std::chrono::hours{3});
  EXPECT_EQ(p.order(id).status, Status::failed);
  EXPECT_EQ(p.order(id).final_code, "expired");
  EXPECT_EQ(last_event<CompensationStarted>(p, id).second.cause, UndoCause::expired);
  EXPECT_EQ(p.store.stock("sku-1")->reserved, 0) << "no hold on stock lives longer";
}

TEST_P(Patience, EndsTheOrderAtItsTimeAndNotBefore) {
  Pipeline p(1, never_undone());
  const auto id = park(p);
  p.pass(std::chrono::seconds{1});
  const auto status = p.order(id).status;
  restart_at(p, kStart + kPatience - kTick);
  if (GetParam().held) EXPECT_EQ(p.order(id).status, status);
  EXPECT_FALSE(is_final(p.order(id).status));
  p.pass(kTick);
  EXPECT_EQ(p.order(id).status, Status::failed);
  EXPECT_EQ(last_event<CompensationStarted>(p, id).first.occurred_at, kStart + kPatience);
}

INSTANTIATE_TEST_SUITE_P(BeforeThePivot, Patience,
                         testing::Values(Parked{"dead_lettered", paid_by("pm_garbage")},
                                         Parked{"on_hold", paid_by("pm_flaky_99"), true},
                                         Parked{"in_a_call", paid_by("pm_slow"), true}),
                         [](const auto& param) { return param.param.name; });

TEST(PatienceAfterARestart, CountsFromTheRestart) {
  Pipeline p(1, never_undone());
  const auto id = p.place(paid_by("pm_garbage"));
  p.pass(kPatience - kTick);
  ASSERT_TRUE(p.command(id, CommandKind::compensate).has_value());
  const auto restarted_at = p.now;
  ASSERT_TRUE(p.command(id, CommandKind::restart).has_value());
  EXPECT_EQ(p.order(id).status, Status::dead_lettered);
  restart_at(p, restarted_at + kPatience - kTick);
  EXPECT_EQ(p.order(id).status, Status::dead_lettered);
  restart_at(p, restarted_at + kPatience);
  EXPECT_EQ(p.order(id).final_code, "expired");
}

// --- a changed address --------------------------------------------------------------------------

/// Answers every undo as it is told, at once; performs nothing.
class ToldParticipant : public ParticipantPort {
 public:
  CallResult perform(const StepRequest& request, Timestamp) override {
    performed.push_back(request.key);
    if (request.ship_to != nullptr) shipped_to = request.ship_to->postal_code;
    return answer(Outcome::Kind::in_progress);
  }
  CallResult undo(const UndoRequest&, Timestamp) override { return answer(says); }
  CallResult resume(const OperationKey&, Action, Timestamp) override {
    return answer(Outcome::Kind::in_progress);
  }
  void forget_in_flight() override {}

  Outcome::Kind says = Outcome::Kind::in_progress;
  std::vector<OperationKey> performed;
  std::string shipped_to;

 private:
  static CallResult answer(Outcome::Kind kind) {
    Outcome outcome;
    outcome.kind = kind;
    outcome.code = "told";
    return outcome;
  }
};

/// A dead letter at the booking, and a participant in front of it that withholds the undo.
class ChangedAddress : public testing::Test {
 protected:
  ChangedAddress() {
    OrderSpec spec;
    spec.postal_code = "SBX-FLAKY-15";
    id = p.place(spec);
    EXPECT_TRUE(p.pass_until(id, {Status::dead_lettered}));
    core.recover(p.now);
  }

  OrderCommand::Answer command(CommandKind kind, const std::string& postal_code = {}) {
    OrderCommand input;
    input.order_id = id;
    input.command.kind = kind;
    if (!postal_code.empty()) {
      input.ship_to = p.store.contact(id, p.order(id).contact_version)->ship_to;
      input.ship_to->postal_code = postal_code;
    }
    std::optional<OrderCommand::Answer> result;
    input.answer = [&](OrderCommand::Answer answer) { result = std::move(answer); };
    std::vector<CoreInput> inputs;
    inputs.emplace_back(std::move(input));
    core.run(std::move(inputs), p.now);
    core.finish(p.now);
    return result.value();
  }
  /// What the participant says from now on; the core asks it again.
  void says(Outcome::Kind kind) {
    participant.says = kind;
    p.now = core.next_wake().value();
    core.run({}, p.now);
    core.finish(p.now);
  }
  /// The postal codes that are kept, by version.
  std::map<std::uint32_t, std::string> kept() {
    std::map<std::uint32_t, std::string> all;
    p.store.each_contact([&](const Contact& contact) {
      if (contact.order_id == id) all[contact.version] = contact.ship_to.postal_code;
    });
    return all;
  }

  using Kept = std::map<std::uint32_t, std::string>;

  Pipeline p;
  ToldParticipant participant;
  BatchProcessor core{
      {p.unit, p.store, p.store, {&participant, &participant, &participant}, p.random, p.probe},
      {}};
  OrderId id;
};

TEST_F(ChangedAddress, TheOldOneIsKeptUntilTheUndoIsConfirmedThenTheNewOneIsUsed) {
  ASSERT_TRUE(command(CommandKind::retry, "10117").has_value());
  EXPECT_EQ(kept(), (Kept{{1, "SBX-FLAKY-15"}, {2, "10117"}}));
  EXPECT_EQ(p.order(id).contact_version, 1U);
  EXPECT_TRUE(participant.performed.empty());
  says(Outcome::Kind::undone);
  EXPECT_EQ(kept(), (Kept{{2, "10117"}}));
  EXPECT_EQ(participant.performed.back(), (OperationKey{id, 1, 3, 2}));
  EXPECT_EQ(participant.shipped_to, "10117");
}

TEST_F(ChangedAddress, TheNewOneIsDroppedIfTheUndoIsRefused) {
  ASSERT_TRUE(command(CommandKind::retry, "10117").has_value());
  says(Outcome::Kind::refused);
  EXPECT_EQ(p.order(id).dead_letter->reason, DeadLetterReason::edit_refused);
  EXPECT_EQ(kept(), (Kept{{1, "SBX-FLAKY-15"}}));
  participant.says = Outcome::Kind::in_progress;
  ASSERT_TRUE(command(CommandKind::retry, "10119").has_value()) << "and may be changed again";
  EXPECT_EQ(kept(), (Kept{{1, "SBX-FLAKY-15"}, {2, "10119"}}));
}

TEST_F(ChangedAddress, TheNewOneIsDroppedByACancel) {
  ASSERT_TRUE(command(CommandKind::retry, "10117").has_value());
  ASSERT_TRUE(command(CommandKind::cancel).has_value());
  EXPECT_EQ(p.order(id).status, Status::cancelling);
  EXPECT_EQ(kept(), (Kept{{1, "SBX-FLAKY-15"}}));
}

TEST_F(ChangedAddress, BothAreKeptWhileTheUndoIsExhausted) {
  ASSERT_TRUE(command(CommandKind::retry, "10117").has_value());
  participant.says = Outcome::Kind::failed;
  while (p.order(id).status != Status::dead_lettered) says(Outcome::Kind::failed);
  EXPECT_EQ(p.order(id).dead_letter->reason, DeadLetterReason::edit_undo);
  EXPECT_EQ(kept(), (Kept{{1, "SBX-FLAKY-15"}, {2, "10117"}}));
  EXPECT_FALSE(command(CommandKind::retry, "10119").has_value()) << "an edit waits already";
  EXPECT_EQ(kept(), (Kept{{1, "SBX-FLAKY-15"}, {2, "10117"}})) << "a refusal keeps nothing";
  ASSERT_TRUE(command(CommandKind::compensate).has_value());
  EXPECT_EQ(kept(), (Kept{{1, "SBX-FLAKY-15"}}));
}

TEST_F(ChangedAddress, ALostBatchKeepsNothingOfIt) {
  p.unit.fail_next = StoreError::Kind::unavailable;
  EXPECT_FALSE(command(CommandKind::retry, "10117").has_value());
  EXPECT_EQ(kept(), (Kept{{1, "SBX-FLAKY-15"}}));
}

TEST_F(ChangedAddress, ARestartReplacesItAtOnce) {
  ASSERT_TRUE(command(CommandKind::cancel).has_value());
  says(Outcome::Kind::undone);
  ASSERT_EQ(p.order(id).status, Status::cancelled);
  ASSERT_TRUE(command(CommandKind::restart, "10117").has_value());
  EXPECT_EQ(kept(), (Kept{{2, "10117"}}));
  EXPECT_EQ(p.order(id).contact_version, 2U);
}

}  // namespace
}  // namespace conveyor::test
