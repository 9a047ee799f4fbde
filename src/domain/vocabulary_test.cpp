// Method: every enumerator of every vocabulary is written and read back; the spellings that the API
// and stores rely on are stated once.
#include "domain/vocabulary.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "domain/decide.h"

namespace conveyor {
namespace {

/// Every enumerator up to `last` has a spelling of its own, which `parse` reads back and no other.
template <class Enum, class Parse>
void expect_round_trip(Enum last, Parse parse) {
  std::set<std::string_view> seen;
  for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(last); ++i) {
    const auto value = static_cast<Enum>(i);
    EXPECT_TRUE(seen.insert(to_string(value)).second) << to_string(value);
    EXPECT_EQ(parse(to_string(value)), value);
  }
  for (const auto* text : {"", " ", "Pending", "nonsense", "pending "}) {
    EXPECT_EQ(parse(text), std::nullopt);
  }
}

TEST(Vocabulary, IsReadBackAsItIsWritten) {
  expect_round_trip(Status::failed, parse_status);
  expect_round_trip(Action::undo, parse_action);
  expect_round_trip(FailureClass::poison, parse_failure_class);
  expect_round_trip(Effect::by_hand, parse_effect);
  expect_round_trip(UndoCause::expired, parse_undo_cause);
  expect_round_trip(ActorKind::operator_, parse_actor_kind);
  expect_round_trip(EventType::EventIgnored, parse_event_type);
  expect_round_trip(AdjustmentKind::fee, parse_adjustment_kind);
  expect_round_trip(DeadLetterReason::edit_undo, parse_dead_letter_reason);
  expect_round_trip(UndoFailure::poison, parse_undo_failure);
}

TEST(Vocabulary, SpellsEveryStatusInTheSequenceOfItsEnumerators) {
  const std::vector<std::string_view> expected{
      "pending",    "processing",   "on_hold",         "dead_lettered", "shipped", "completed",
      "cancelling", "compensating", "needs_attention", "cancelled",     "failed"};
  ASSERT_EQ(kAllStatuses.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(to_string(kAllStatuses.at(i)), expected[i]);
  }
}

TEST(Vocabulary, SpellsFirstAndLastOfWhatIsOnlyWritten) {
  EXPECT_EQ(to_string(Health::ok), "ok");
  EXPECT_EQ(to_string(Health::attention), "attention");
  EXPECT_EQ(to_string(Participant::inventory), "inventory");
  EXPECT_EQ(to_string(Participant::shipping), "shipping");
  EXPECT_EQ(to_string(CommandKind::cancel), "cancel");
  EXPECT_EQ(to_string(CommandKind::retry_now), "retry-now");
  EXPECT_EQ(to_string(Timer::undo_at), "undo_at");
  EXPECT_EQ(to_string(Timer::undo_patience), "undo_patience");
  EXPECT_EQ(to_string(Outcome::Kind::succeeded), "succeeded");
  EXPECT_EQ(to_string(Outcome::Kind::in_progress), "in_progress");
  EXPECT_EQ(static_cast<int>(EventType::EventIgnored) + 1, kEventTypeCount);
}

TEST(Vocabulary, FinalAndUndoingAreWhatTheyAre) {
  std::set<Status> final_ones;
  std::set<Status> undoing;
  for (const auto status : kAllStatuses) {
    if (is_final(status)) final_ones.insert(status);
    if (is_undoing(status)) undoing.insert(status);
  }
  EXPECT_EQ(final_ones, (std::set{Status::completed, Status::cancelled, Status::failed}));
  EXPECT_EQ(undoing, (std::set{Status::cancelling, Status::compensating}));
}

}  // namespace
}  // namespace conveyor
