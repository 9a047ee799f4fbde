// Method: a whole server in the process; the feed read in pages of every size.
#include <set>

#include "api/api_server.h"

namespace conveyor::test {
namespace {

class FeedApi : public ApiTest {
 protected:
  /// "order version" of every event of the feed from a cursor on, in pages of this size.
  std::vector<std::string> walk(const std::string& from, int limit,
                                const std::string& filter = "") {
    std::vector<std::string> seen;
    std::string cursor = from;
    for (int pages = 0; pages < 1'000; ++pages) {
      const auto page = client.get("/v1/events?limit=" + std::to_string(limit) + filter +
                                   (cursor.empty() ? "" : "&after=" + cursor));
      EXPECT_EQ(page.status, 200) << page.body;
      const auto document = page.json();
      EXPECT_LE(document.at("data").as_array().size(), static_cast<std::size_t>(limit));
      for (const auto& event : document.at("data").as_array()) {
        seen.push_back(event.at("order_id").as_string().c_str() + std::string(" ") +
                       std::to_string(event.at("version").as_int64()));
      }
      cursor = page.at("/next_cursor");
      if (page.at("/has_more") == "false") {
        last = cursor;
        return seen;
      }
    }
    ADD_FAILURE() << "the feed does not end";
    return seen;
  }
  std::string last;
};

TEST_F(FeedApi, HasEveryEventOnceWhateverThePage) {
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(place());
  std::size_t events = 0;
  for (const auto& id : ids) {
    client.wait_for(id, "completed");
    events += client.get("/v1/orders/" + id + "/events").json().at("data").as_array().size();
  }
  const auto all = walk("", 200);
  EXPECT_EQ(all.size(), events);
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), events);
  for (const int limit : {1, 2, 3, 7}) EXPECT_EQ(walk("", limit), all);
  EXPECT_TRUE(walk(last, 50).empty());
}

TEST_F(FeedApi, GoesOnFromTheCursorOfARead) {
  const auto first = place();
  const auto read = client.wait_for(first, "completed");
  const auto second = place();
  client.wait_for(second, "completed");
  const auto later = walk(read.header("Conveyor-Cursor"), 50);
  EXPECT_FALSE(later.empty());
  for (const auto& event : later) EXPECT_TRUE(event.starts_with(second)) << event;
}

TEST_F(FeedApi, IsFilteredByType) {
  const auto id = place();
  client.wait_for(id, "completed");
  using Events = std::vector<std::string>;
  EXPECT_EQ(walk("", 50, "&type=OrderCreated"), Events{id + " 1"});
  EXPECT_EQ(walk("", 1, "&type=OrderCreated&type=OrderCompleted").size(), 2U);
  EXPECT_EQ(walk("", 50, "&type=OrderFailed"), Events{});
}

TEST_F(FeedApi, RefusesWhatItDoesNotKnow) {
  const auto code = [&](const std::string& query) {
    return client.get("/v1/events" + query).code();
  };
  EXPECT_EQ(code("?type=OrderLost"), "invalid_parameter");
  EXPECT_EQ(code("?after=12"), "invalid_cursor");
  EXPECT_EQ(code("?order=1"), "invalid_parameter");
  EXPECT_EQ(code("?limit=0"), "invalid_parameter");
  EXPECT_EQ(code("?limit=201"), "invalid_parameter");
}

}  // namespace
}  // namespace conveyor::test
