// Method: a model. RapidCheck draws a tape of choices; each choice is a step of one order's world:
// a call leaves, is lost, repeated or answered, an answer is lost, repeated, late or out of order,
// a provider takes its time, the process forgets what it waited for, a timer runs out, a person
// does something. Participants are participant_model.h. The invariants are checked after every
// step. Then faults stop, and the order must reach a final status in bounded steps with at most one
// human action. What is left in the network is delivered to the final order, too.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <iostream>
#include <map>
#include <set>

#include "domain/event_json.h"
#include "domain/participant_model.h"

namespace conveyor::test {
namespace {

constexpr StepNumber kBooking = 3;
constexpr StepNumber kCapture = 4;
constexpr std::uint32_t kMaxRuns = 3;
constexpr int kWalks = 3'000;
constexpr int kMaxRounds = 5;     // of so many walks
constexpr int kMaxChoices = 500;  // while faults are on
constexpr int kStepsToSettle = 300;

/// The drawn choices; zeros once they are used up.
class Tape {
 public:
  explicit Tape(std::vector<std::uint16_t> choices) : choices_(std::move(choices)) {}
  bool is_used_up() const { return at_ >= choices_.size(); }
  std::size_t pick(std::size_t count) { return is_used_up() ? 0 : choices_[at_++] % count; }

 private:
  std::vector<std::uint16_t> choices_;
  std::size_t at_ = 0;
};

RetryPolicy two_attempts() {
  RetryPolicy policy;
  policy.max_attempts = 2;
  return policy;
}

/// Everything that all walks together have met: a walk that never gets anywhere proves nothing.
/// What the decider decides; a contact is erased by its service.
std::set<EventType> decided_types() {
  std::set<EventType> types;
  for (std::uint8_t i = 0; i < kEventTypeCount; ++i) types.insert(static_cast<EventType>(i));
  types.erase(EventType::ContactErased);
  return types;
}

struct Coverage {
  std::set<Status> statuses;
  std::set<EventType> events;
  std::set<Status> settled;

  bool has_all_events() const { return std::ranges::includes(events, decided_types()); }
};

class World {
 public:
  explicit World(Tape& tape) : tape_(tape), order_(two_attempts()) {}

  void step_with_faults() {
    switch (tape_.pick(16)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return send();
      case 4:
      case 5:
      case 6:
      case 7:
        return deliver_call(tape_.pick(calls_.size() + 1), draw_luck(), tape_.pick(5) == 0);
      case 8:
      case 9:
      case 10:
      case 11:
        return deliver_answer(tape_.pick(answers_.size() + 1), tape_.pick(5) == 0);
      case 12:
        return lose_or_forget();
      case 13:
        return provider_decides(tape_.pick(2) == 0);
      case 14:
        return tape_.pick(2) == 0 ? person_acts() : send();
      default:
        return tape_.pick(8) == 0 ? timer_runs_out() : send();
    }
  }

  /// No faults any more: every call is answered well, every answer arrives.
  void settle(Coverage& coverage) {
    deliver_what_is_left();
    int human_actions = 0;
    for (int i = 0; i < kStepsToSettle && !is_final(order().status); ++i) {
      provider_decides(true);
      send();
      if (!calls_.empty()) {
        deliver_call(0, Luck::good, false);
      } else if (!answers_.empty()) {
        deliver_answer(0, false);
      } else if (awaited_) {
        reach_deadline();
      } else if (order().status == Status::needs_attention) {
        ++human_actions;
        give(command(CommandKind::resolve));
      } else {
        timer_runs_out();
      }
    }
    log_history();
    RC_ASSERT(is_final(order().status));
    RC_ASSERT(human_actions <= 1);
    deliver_what_is_left();
    coverage.settled.insert(order().status);
    for (const auto& event : order_.events()) coverage.events.insert(event.type);
    coverage.statuses.insert(seen_.begin(), seen_.end());
    RC_ASSERT(fold(order_.events()) == order());
  }

 private:
  struct Sent {
    std::uint64_t id;
    ModelCall call;
  };
  struct Answered {
    std::uint64_t id;
    OutcomeInput input;
  };

  const Order& order() const { return order_.order(); }

  Luck draw_luck() {
    if (tape_.pick(3) != 0) return Luck::good;
    constexpr std::array kLucks{Luck::no, Luck::fails, Luck::poison, Luck::takes_time};
    return kLucks.at(tape_.pick(kLucks.size()));
  }

  void give(const Input& input) {
    const auto before = order_.events().size();
    const auto decision = order_.give(input);
    if (decision) RC_ASSERT(order_.events().size() == before + decision->events.size());
    // The engine waits no longer for a call that the order does not need any more.
    const auto needed = needed_call(order());
    if (awaited_ && needed &&
        *needed != NeededCall{awaited_->call.key, awaited_->call.action, awaited_->call.by_hand}) {
      awaited_.reset();
    }
    check();
  }

  void send() {
    const auto needed = needed_call(order());
    if (!needed || awaited_) return;
    RC_ASSERT(order().status != Status::on_hold || needed->action == Action::undo);
    RC_ASSERT(!order().edit || needed->action == Action::undo);
    ModelCall call{needed->key, std::nullopt, needed->action, needed->by_hand, order().total_minor};
    if (const auto names = spec_of(call.key.step).names) call.names = order().key_of(*names);
    awaited_ = Sent{++last_id_, call};
    calls_.push_back(*awaited_);
  }

  void deliver_call(std::size_t at, Luck luck, bool repeat) {
    if (at >= calls_.size()) return;
    const auto sent = calls_[at];
    if (!repeat) calls_.erase(calls_.begin() + static_cast<std::ptrdiff_t>(at));
    OutcomeInput input;
    input.key = sent.call.key;
    input.action = sent.call.action;
    input.outcome = participant_.answer(sent.call, luck);
    answers_.push_back({sent.id, input});
    check();
  }

  void deliver_answer(std::size_t at, bool repeat) {
    if (at >= answers_.size()) return;
    auto answer = answers_[at];
    if (!repeat) answers_.erase(answers_.begin() + static_cast<std::ptrdiff_t>(at));
    answer.input.awaited = awaited_ && awaited_->id == answer.id;
    if (answer.input.awaited) awaited_.reset();
    give(answer.input);
  }

  void lose_or_forget() {
    const auto what = tape_.pick(4);
    if (what == 0 && !calls_.empty()) calls_.pop_back();
    if (what == 1 && !answers_.empty()) answers_.pop_back();
    if (what == 2) awaited_.reset();  // a crash
    if (what == 3) reach_deadline();
  }

  void reach_deadline() {
    if (!awaited_) return;
    OutcomeInput input;
    input.key = awaited_->call.key;
    input.action = awaited_->call.action;
    input.outcome = failed(FailureClass::unknown);
    awaited_.reset();
    give(input);
  }

  void provider_decides(bool succeeds) {
    for (const auto& [key, record] : participant_.records()) {
      if (!record.is_deciding) continue;
      participant_.decide_one(key, succeeds);
      return check();
    }
  }

  void person_acts() {
    const auto kind = kAllCommands.at(tape_.pick(kAllCommands.size()));
    if (kind == CommandKind::restart && order().run >= kMaxRuns) return;
    Changes changes;
    if (kind == CommandKind::retry && tape_.pick(2) == 0) {
      if (order().step == 1) changes = changed_lines();
      if (order().step == 2) changes = changed_payment_method();
      if (order().step == 3) changes = changed_ship_to();
    }
    give(command(kind, changes));
  }

  void timer_runs_out() {
    std::optional<Timer> first;
    for (const auto timer : kAllTimers) {
      const auto due = due_at(order(), timer, order_.policy());
      if (due && (!first || *due < *due_at(order(), *first, order_.policy()))) first = timer;
    }
    if (!first) return;
    order_.advance(std::max(Duration{0}, *due_at(order(), *first, order_.policy()) - order_.now()));
    give(*first);
  }

  void deliver_what_is_left() {
    while (!calls_.empty()) deliver_call(0, Luck::good, false);
    while (!answers_.empty()) deliver_answer(0, false);
  }

  /// Shown by RapidCheck if the walk fails.
  void log_history() const {
    for (const auto& event : order_.events()) {
      RC_LOG() << event.version << ' ' << to_string(event.type) << ' ' << event_data_json(event)
               << '\n';
    }
    RC_LOG() << to_string(order().status) << '\n';
  }

  // --- invariants -------------------------------------------------------------------------------

  void check() {
    seen_.insert(order().status);
    check_money_and_dispatch();
    if (is_final(order().status)) check_final();
    check_fold();
  }

  /// At the participants: a capture rests on an authorization, a dispatch on a capture and a
  /// booking; one capture and one dispatch at most.
  void check_money_and_dispatch() const {
    std::map<StepNumber, int> live;
    for (const auto& [key, record] : participant_.records()) {
      if (record.memory != Memory::success) continue;
      ++live[key.step];
      if (record.names) RC_ASSERT(participant_.is_live(*record.names));
      if (spec_of(key.step).pivot)
        RC_ASSERT(participant_.is_live({key.order, key.run, kCapture, 1}));
    }
    for (StepNumber s = kCapture; s <= kStepCount; ++s) RC_ASSERT(live[s] <= 1);
  }

  void check_final() const {
    for (const auto& [key, record] : participant_.records()) {
      RC_ASSERT(!record.is_deciding);
      const bool belongs = order().status == Status::completed && key == order().key_of(key.step);
      RC_ASSERT((record.memory == Memory::success) == belongs);
    }
    if (order().status != Status::completed) return;
    for (StepNumber s = 1; s <= kStepCount; ++s) RC_ASSERT(participant_.is_live(order().key_of(s)));
    RC_ASSERT(order().run_money.captured_minor == order().total_minor);
    RC_ASSERT(order().run_money.refunded_minor == 0);
  }

  void check_fold() {
    for (const auto& money : {order().run_money, order().order_money}) {
      RC_ASSERT(money.captured_minor <= money.authorized_minor);
      RC_ASSERT(money.refunded_minor <= money.captured_minor);
      RC_ASSERT(money.captured_minor - money.refunded_minor <= order().total_minor);
      const auto free = money.authorized_minor - money.captured_minor - money.voided_minor;
      RC_ASSERT(free >= 0);
      if (is_final(order().status)) RC_ASSERT(free == 0);
    }
    if (order().status == Status::cancelled || order().status == Status::failed) {
      RC_ASSERT(order().order_money.captured_minor == order().order_money.refunded_minor);
    }
    RC_ASSERT(order().ignored <= kMaxIgnoredEvents);
    RC_ASSERT(order().undo.has_value() ==
              (is_undoing(order().status) || order().status == Status::needs_attention));
    if (order().undo) RC_ASSERT(!order().undo->outstanding.empty());
    if (order().undo) RC_ASSERT(!order().edit);
    if (order().status == Status::dead_lettered) RC_ASSERT(order().dead_letter.has_value());
    if (order().undo || order().edit) return;
    for (StepNumber s = 1; s <= kStepCount; ++s) {
      // A booking may have refused one copy of an undo and taken another: dispatch finds out.
      if (order().state_of(s).kind != StepState::Kind::succeeded || s == kBooking) continue;
      RC_ASSERT(participant_.is_live(order().key_of(s)));
    }
  }

  Tape& tape_;
  TestOrder order_;
  ParticipantModel participant_;
  std::vector<Sent> calls_;        // in the network
  std::vector<Answered> answers_;  // on their way back
  std::optional<Sent> awaited_;
  std::uint64_t last_id_ = 0;
  std::set<Status> seen_;
};

TEST(SagaModel, IsSafeAlwaysAndSettlesOnceFaultsStop) {
  Coverage coverage;
  const auto walk = [&coverage](const std::vector<std::uint16_t>& choices) {
    Tape tape{choices};
    World world{tape};
    while (!tape.is_used_up()) world.step_with_faults();
    world.settle(coverage);
  };
  // As rc::check, which offers no number of tests of its own. What is rarest comes once in some
  // hundreds of walks, so that a round may be without it.
  auto params = rc::detail::configuration().testParams;
  params.maxSuccess = kWalks;
  for (int round = 0; round < kMaxRounds && !coverage.has_all_events(); ++round, ++params.seed) {
    const auto result = rc::detail::checkTestable(
        [&walk] {
          const auto choice = rc::gen::noShrink(
              rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::uint16_t>()));
          walk(*rc::gen::resize(kMaxChoices,
                                rc::gen::container<std::vector<std::uint16_t>>(choice)));
        },
        rc::detail::TestMetadata{}, params);
    rc::detail::printResultMessage(result, std::cerr);
    ASSERT_TRUE(result.is<rc::detail::SuccessResult>());
  }
  for (const auto status : kAllStatuses) EXPECT_TRUE(coverage.statuses.contains(status));
  for (const auto type : decided_types()) {
    EXPECT_TRUE(coverage.events.contains(type)) << to_string(type);
  }
  EXPECT_EQ(coverage.settled, (std::set{Status::completed, Status::cancelled, Status::failed}));
}

}  // namespace
}  // namespace conveyor::test
