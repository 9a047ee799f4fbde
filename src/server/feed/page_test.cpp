// Method: a feed in memory whose rows the test chooses; pages walked from its start.
#include "server/feed/page.h"

#include <gtest/gtest.h>

#include "server/feed/test_feed.h"

namespace conveyor::feed {
namespace {

TEST(FeedPages, EndWithinARowAndGoOnThere) {
  FeedOnly feed;
  feed.add({EventType::OrderCreated, EventType::InventoryReserved, EventType::PaymentAuthorized});
  feed.add({EventType::OrderCompleted});
  auto page = read_page(feed, {}, {}, 2);
  EXPECT_EQ(page.items.size(), 2U);
  EXPECT_EQ(page.next, (Cursor{0, 2}));
  EXPECT_TRUE(page.has_more);
  page = read_page(feed, page.next, {}, 2);
  EXPECT_EQ(page.items.size(), 2U);
  EXPECT_EQ(page.next, (Cursor{2, 0}));
  EXPECT_FALSE(page.has_more);
  page = read_page(feed, page.next, {}, 2);
  EXPECT_TRUE(page.items.empty());
  EXPECT_EQ(page.next, (Cursor{2, 0})) << "what comes is behind it";
}

TEST(FeedPages, TakeCursorsBeyondWhatThereIs) {
  FeedOnly feed;
  feed.add({EventType::OrderCreated});
  EXPECT_TRUE(read_page(feed, {7, 3}, {}, 2).items.empty());
  EXPECT_TRUE(read_page(feed, {0, 7}, {}, 2).items.empty());
}

TEST(FeedPages, LookAtALimitedNumberOfRows) {
  FeedOnly feed;
  for (std::size_t i = 0; i < kMaxRowsPerPage; ++i) feed.add({EventType::OrderCreated});
  const Filter wanted{.types = {EventType::OrderCompleted}};
  auto page = read_page(feed, {}, wanted, 50);
  EXPECT_FALSE(page.has_more) << "all of it was looked at";
  EXPECT_EQ(feed.rows_read, kMaxRowsPerPage);

  feed.add({EventType::OrderCompleted});
  page = read_page(feed, {}, wanted, 50);
  EXPECT_TRUE(page.items.empty());
  EXPECT_TRUE(page.has_more);
  page = read_page(feed, page.next, wanted, 50);
  EXPECT_EQ(page.items.size(), 1U);
  EXPECT_FALSE(page.has_more);
}

}  // namespace
}  // namespace conveyor::feed
