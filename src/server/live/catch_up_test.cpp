// Method: a feed in memory, read from every place in it to every other.
#include "server/live/catch_up.h"

#include <gtest/gtest.h>

#include "server/feed/test_feed.h"
#include "server/live/limits.h"
#include "server/live/room.h"

namespace conveyor::live {
namespace {

using feed::Cursor;

/// Three rows with 2, 1 and 3 entries, and each place between them.
class CatchUp : public testing::Test {
 protected:
  void SetUp() override {
    reader.add({EventType::OrderCreated, EventType::InventoryReserved});
    reader.add({EventType::PaymentAuthorized});
    reader.add({EventType::ShipmentBooked, EventType::PaymentCaptured, EventType::OrderCompleted});
  }
  feed::FeedOnly reader;
  const std::vector<Cursor> places{{0, 0}, {0, 1}, {1, 0}, {2, 0}, {2, 1}, {2, 2}, {3, 0}};
};

TEST_F(CatchUp, PlacesAreInSequence) {
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (std::size_t j = 0; j < places.size(); ++j) {
      EXPECT_EQ(is_before(places[i], places[j]), i < j);
    }
  }
}

TEST_F(CatchUp, ReadsExactlyWhatLiesBetween) {
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (std::size_t j = i; j < places.size(); ++j) {
      const auto piece = read_piece(reader, {}, places[i], places[j]);
      ASSERT_EQ(piece.events.size(), j - i);
      EXPECT_EQ(piece.cursor, places[j]);
      for (std::size_t k = 0; k < piece.events.size(); ++k) {
        EXPECT_EQ(piece.events[k].behind, places[i + k + 1]);
        EXPECT_EQ(piece.events[k].entry.version, i + k + 1);
        EXPECT_TRUE(piece.events[k].json);
      }
    }
  }
}

TEST_F(CatchUp, TakesOnlyWhatTheFilterWants) {
  const auto piece = read_piece(
      reader, {.types = {EventType::PaymentAuthorized, EventType::OrderCompleted}}, {}, {2, 2});
  ASSERT_EQ(piece.events.size(), 1U);
  EXPECT_EQ(piece.cursor, (Cursor{2, 2}));
  const auto entries = read_piece(reader, {.entries_only = true}, {}, {3, 0});
  ASSERT_EQ(entries.events.size(), 6U);
  EXPECT_FALSE(entries.events[0].json);
}

TEST_F(CatchUp, CountsWhatWasMissedUpToALimit) {
  EXPECT_FALSE(has_missed_more(reader, {}, {}, {3, 0}, 6));
  EXPECT_TRUE(has_missed_more(reader, {}, {}, {3, 0}, 5));
  EXPECT_FALSE(has_missed_more(reader, {}, {0, 1}, {3, 0}, 5));
  EXPECT_FALSE(has_missed_more(reader, {}, {}, {2, 2}, 5));
  EXPECT_FALSE(has_missed_more(reader, {.types = {EventType::OrderCompleted}}, {}, {3, 0}, 1));
  EXPECT_FALSE(has_missed_more(reader, {}, {3, 0}, {3, 0}, 0));
}

TEST_F(CatchUp, APieceIsBoundedAndTheNextGoesOnBehindIt) {
  feed::FeedOnly large;
  for (std::size_t i = 0; i < 2 * kMaxTurnEvents; ++i) large.add({EventType::OrderCreated});
  const Cursor end{static_cast<std::int64_t>(2 * kMaxTurnEvents), 0};
  const auto first = read_piece(large, {.entries_only = true}, {}, end);
  EXPECT_EQ(first.events.size(), kMaxTurnEvents);
  EXPECT_EQ(first.cursor, (Cursor{static_cast<std::int64_t>(kMaxTurnEvents), 0}));
  const auto second = read_piece(large, {.entries_only = true}, first.cursor, end);
  EXPECT_EQ(second.events.size(), kMaxTurnEvents);
  EXPECT_EQ(second.cursor, end);
}

TEST(Rooms, AreTheseAndNoOthers) {
  EXPECT_EQ(parse_room("events")->kind, RoomKind::events);
  EXPECT_EQ(parse_room("orders")->kind, RoomKind::orders);
  EXPECT_EQ(parse_room("pipeline")->kind, RoomKind::pipeline);
  EXPECT_EQ(parse_room("dead_letters")->kind, RoomKind::dead_letters);
  const auto id = feed::kOrder;
  EXPECT_EQ(parse_room("order:" + id.to_string()), (RoomName{RoomKind::order, id}));
  for (const auto* text : {"", "Events", "events ", "order", "order:", "order:x", "orders:"}) {
    EXPECT_FALSE(parse_room(text)) << text;
  }
}

TEST(Rooms, BatchesSayWhereTheyLeadTo) {
  EXPECT_EQ(batch_json("events", {1, 0}, from_unix_ms(1'767'225'600'000), R"({"event":"x"})"),
            R"({"room":"events","cursor":")" + feed::encode_cursor({1, 0}) +
                R"(","server_time":"2026-01-01T00:00:00.000Z","items":[{"event":"x"}]})");
}

}  // namespace
}  // namespace conveyor::live
