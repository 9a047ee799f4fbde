// Method: a whole server in the process and Socket.IO clients on raw WebSockets. What rooms bring
// is compared with what the API says of the same orders.
#include <set>
#include <thread>

#include "api/api_server.h"
#include "server/feed/cursor.h"
#include "support/live_client.h"

namespace conveyor::test {
namespace {

namespace json = boost::json;

class LiveApi : public ApiTest {
 protected:
  explicit LiveApi(ApiServerOptions options = {.api = {}, .core = quick_core()})
      : ApiTest(std::move(options)) {}

  /// One item of a batch.
  struct Item {
    std::string event;
    json::object data;
  };
  struct Seen {
    std::vector<Item> items;
    std::string cursor;  // the last one
    std::vector<std::string> of(std::string_view event, std::string_view member = "id") const {
      std::vector<std::string> values;
      for (const auto& item : items) {
        if (item.event == event) values.push_back(json::serialize(item.data.at(member)));
      }
      return values;
    }
  };

  /// Batches of `room`, until an item for which `last` is true; other rooms' are dropped.
  static Seen read_until(LiveClient& live, std::string_view room,
                         const std::function<bool(const Item&)>& last) {
    Seen seen;
    for (bool done = false; !done;) {
      const auto event = live.next();
      if (!event) {
        ADD_FAILURE() << "the connection ended";
        return seen;
      }
      if (event->name != "batch" || event->data.at("room") != json::value(room)) continue;
      EXPECT_EQ(event->data.size(), 4U) << json::serialize(event->data);
      EXPECT_TRUE(event->data.at("server_time").as_string().ends_with("Z"));
      seen.cursor = std::string{event->data.at("cursor").as_string()};
      EXPECT_TRUE(feed::decode_cursor(seen.cursor));
      for (const auto& item : event->data.at("items").as_array()) {
        seen.items.push_back(
            {std::string{item.at("event").as_string()}, item.at("data").as_object()});
        done = done || last(seen.items.back());
      }
    }
    return seen;
  }
  static std::function<bool(const Item&)> type_is(std::string_view type) {
    return [type](const Item& item) {
      return item.event == "event:created" && item.data.at("type") == json::value(type);
    };
  }
  static std::function<bool(const Item&)> status_is(const std::string& id,
                                                    std::string_view status) {
    return [id, status](const Item& item) {
      return item.data.contains("status") && item.data.at("status") == json::value(status) &&
             item.data.at("id") == json::value(id);
    };
  }

  std::vector<std::string> events_of(const std::string& id) {
    std::vector<std::string> events;
    const auto page = client.get("/v1/orders/" + id + "/events?limit=200").json();
    for (const auto& event : page.at("data").as_array()) events.push_back(json::serialize(event));
    return events;
  }
  static std::vector<std::string> events_in(const Seen& seen) {
    std::vector<std::string> events;
    for (const auto& item : seen.items) {
      if (item.event == "event:created") events.push_back(json::serialize(item.data));
    }
    return events;
  }
  /// The order as lists show it.
  std::string row_of(const std::string& id) {
    const auto page = client.get("/v1/orders?limit=200").json();
    for (const auto& row : page.at("data").as_array()) {
      if (row.at("id") == json::value(id)) return json::serialize(row);
    }
    return {};
  }
  template <class Holds>
  static void wait_until(Holds holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!holds() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    EXPECT_TRUE(holds());
  }
};

TEST_F(LiveApi, EventsBringsEveryEventOfEveryOrder) {
  client.wait_for(place(), "completed");
  LiveClient live(server.port());
  const auto answer = live.subscribe("events");
  EXPECT_EQ(answer.at("status"), "ok");
  EXPECT_EQ(answer.at("room"), "events");
  const auto id = place();
  const auto seen = read_until(live, "events", type_is("OrderCompleted"));
  EXPECT_EQ(events_in(seen), events_of(id)) << "of the earlier order nothing";
}

TEST_F(LiveApi, OrdersBringsTheLastVersionOfEach) {
  LiveClient live(server.port());
  EXPECT_EQ(live.subscribe("orders").at("status"), "ok");
  const auto first = place();
  const auto second = place({.payment_method = "pm_declined"});
  client.wait_for(second, "failed");
  Seen seen;
  std::set<std::string> open{first, second};
  seen = read_until(live, "orders", [&open](const Item& item) {
    const std::string status{item.data.at("status").as_string()};
    if (item.event == "order:updated" && (status == "completed" || status == "failed")) {
      open.erase(std::string{item.data.at("id").as_string()});
    }
    return open.empty();
  });
  std::map<std::string, std::string> last;
  for (const auto& item : seen.items) {
    if (item.event == "order:updated") {
      last[std::string{item.data.at("id").as_string()}] = json::serialize(item.data);
    }
  }
  EXPECT_EQ(last[first], row_of(first));
  EXPECT_EQ(last[second], row_of(second));
  EXPECT_EQ(seen.of("order:created").size(), 2U);
  EXPECT_EQ(seen.of("order:completed"), std::vector{"\"" + first + "\""});
}

TEST_F(LiveApi, AnOrdersRoomIsAboutThatOrderAlone) {
  const auto id = place({.payment_method = "pm_slow"});
  LiveClient live(server.port());
  EXPECT_EQ(live.subscribe("order:" + id).at("status"), "ok");
  place();
  EXPECT_EQ(client.post("/v1/orders/" + id + "/cancel").status, 202);
  const auto seen = read_until(live, "order:" + id, status_is(id, "cancelled"));
  const auto all = events_of(id);
  const auto brought = events_in(seen);
  ASSERT_LE(brought.size(), all.size());
  EXPECT_EQ(brought,
            std::vector(all.end() - static_cast<std::ptrdiff_t>(brought.size()), all.end()));
  EXPECT_EQ(json::serialize(seen.items.back().data), row_of(id));
}

TEST_F(LiveApi, DeadLettersBringsWhatEntersAndLeaves) {
  LiveClient live(server.port());
  EXPECT_EQ(live.subscribe("dead_letters").at("status"), "ok");
  client.wait_for(place(), "completed");
  const auto id = place({.payment_method = "pm_garbage"});
  const auto entered = read_until(live, "dead_letters", status_is(id, "dead_lettered"));
  EXPECT_EQ(entered.of("dead_letter:entered"), std::vector{"\"" + id + "\""});
  EXPECT_EQ(client.post("/v1/orders/" + id + "/cancel").status, 202);
  const auto left = read_until(live, "dead_letters",
                               [](const Item& item) { return item.event == "dead_letter:left"; });
  EXPECT_EQ(left.of("dead_letter:left"), std::vector{"\"" + id + "\""});
}

TEST_F(LiveApi, PipelineBringsMetrics) {
  LiveClient live(server.port());
  EXPECT_EQ(live.subscribe("pipeline").at("status"), "ok");
  const auto is_metrics = [](const Item& item) { return item.event == "pipeline:metrics"; };
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(read_until(live, "pipeline", is_metrics).of("pipeline:metrics", "seconds"),
              std::vector<std::string>{"1"});
  }
}

TEST_F(LiveApi, ACursorBringsWhatWasMissed) {
  const auto began = client.get("/v1/orders").header("Conveyor-Cursor");
  const auto first = place();
  client.wait_for(first, "completed");
  std::string cursor;
  {
    LiveClient live(server.port());
    const auto answer = live.subscribe("events", began);
    EXPECT_EQ(answer.at("status"), "ok");
    EXPECT_EQ(answer.at("cursor"), json::value(began));
    const auto seen = read_until(live, "events", type_is("OrderCompleted"));
    EXPECT_EQ(events_in(seen), events_of(first));
    cursor = seen.cursor;
  }
  const auto second = place();
  client.wait_for(second, "completed");
  LiveClient live(server.port());
  EXPECT_EQ(live.subscribe("events", cursor).at("status"), "ok");
  EXPECT_EQ(events_in(read_until(live, "events", type_is("OrderCompleted"))), events_of(second));
  // The same subscription again, from elsewhere, replaces it; and as one object.
  EXPECT_EQ(live.call({"subscribe", {{"room", "events"}, {"cursor", began}}}).at("status"), "ok");
  auto both = events_of(first);
  for (auto& event : events_of(second)) both.push_back(std::move(event));
  const auto is_last = [&both](const Item& item) {
    return json::serialize(item.data) == both.back();
  };
  EXPECT_EQ(events_in(read_until(live, "events", is_last)), both);
}

TEST_F(LiveApi, TwoInOneRoomSeeTheSameAlsoIfOneIsBehind) {
  const auto began = client.get("/v1/orders").header("Conveyor-Cursor");
  LiveClient head(server.port());
  EXPECT_EQ(head.subscribe("events").at("status"), "ok");
  std::vector<std::string> expected;
  for (int i = 0; i < 30; ++i) {
    const auto id = place();
    client.wait_for(id, "completed");
    for (auto& event : events_of(id)) expected.push_back(std::move(event));
  }
  LiveClient behind(server.port());
  EXPECT_EQ(behind.subscribe("events", began).at("status"), "ok");
  const auto last = expected.back();
  const auto is_last = [&last](const Item& item) { return json::serialize(item.data) == last; };
  EXPECT_EQ(events_in(read_until(head, "events", is_last)), expected);
  EXPECT_EQ(events_in(read_until(behind, "events", is_last)), expected);
  const auto id = place();
  EXPECT_EQ(events_in(read_until(head, "events", type_is("OrderCompleted"))), events_of(id));
  EXPECT_EQ(events_in(read_until(behind, "events", type_is("OrderCompleted"))), events_of(id));
}

TEST_F(LiveApi, SaysWhatIsWrongWithASubscription) {
  LiveClient live(server.port());
  const auto code = [](const json::object& answer) { return json::serialize(answer.at("code")); };
  EXPECT_EQ(code(live.subscribe("nowhere")), "\"unknown_room\"");
  EXPECT_EQ(code(live.subscribe("order:no-id")), "\"unknown_room\"");
  EXPECT_EQ(code(live.call({"subscribe"})), "\"unknown_room\"");
  EXPECT_EQ(code(live.call({"subscribe", 7})), "\"unknown_room\"");
  EXPECT_EQ(code(live.call({"subscribe", "events", 7})), "\"unknown_room\"");
  EXPECT_EQ(code(live.call({"shout", "events"})), "\"unknown_event\"");
  EXPECT_EQ(code(live.subscribe("events", "nonsense")), "\"invalid_cursor\"");
  EXPECT_EQ(code(live.subscribe("events", feed::encode_cursor({1'000'000, 0}))),
            "\"cursor_ahead\"");
  EXPECT_EQ(code(live.subscribe("order:ord_01kapvnr60ey9s4b0z5t9tq7mx")), "\"order_not_found\"");
  EXPECT_EQ(live.subscribe("events").at("status"), "ok");
}

TEST_F(LiveApi, HasALargestNumberOfRoomsPerClient) {
  LiveClient live(server.port());
  std::vector<std::string> ids;
  for (std::size_t i = 0; i <= live::kMaxRoomsPerClient; ++i) ids.push_back(place());
  for (std::size_t i = 0; i < live::kMaxRoomsPerClient; ++i) {
    EXPECT_EQ(live.subscribe("order:" + ids[i]).at("status"), "ok");
  }
  EXPECT_EQ(live.subscribe("order:" + ids.back()).at("code"), "too_many_rooms");
  EXPECT_EQ(live.subscribe("order:" + ids[0]).at("status"), "ok") << "it is in that one";
  EXPECT_EQ(live.call({"unsubscribe", "order:" + ids[0]}).at("status"), "ok");
  EXPECT_EQ(live.subscribe("order:" + ids.back()).at("status"), "ok");
}

TEST_F(LiveApi, LooksUpSoManySubscriptionsOfAClientAtATime) {
  const auto id = place();
  LiveClient live(server.port());
  // In one piece, so that they come together.
  std::string all;
  const auto count = live::kMaxOpeningPerClient + 2;
  for (std::size_t i = 0; i < count; ++i) {
    all += socketio::client_text("42" + std::to_string(100 + i) + R"(["subscribe","order:)" + id +
                                 R"("])");
  }
  live.socket().send(all);
  std::size_t refused = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto answer = live.next_answer();
    if (answer.contains("code") && answer.at("code") == "unavailable") ++refused;
  }
  EXPECT_EQ(refused, 2U);
  EXPECT_EQ(live.subscribe("order:" + id).at("status"), "ok") << "afterwards";
}

TEST_F(LiveApi, NothingIsLeftOfThoseWhoGo) {
  {
    LiveClient first(server.port());
    LiveClient second(server.port());
    first.subscribe("events");
    second.subscribe("events");
    second.subscribe("pipeline");
    EXPECT_EQ(server.live_server().clients(), 2U);
    EXPECT_EQ(server.live_server().rooms(), 2U);
    EXPECT_EQ(server.listeners(), 1U) << "a room is one listener";
    second.call({"unsubscribe", "pipeline"});
    EXPECT_EQ(server.live_server().rooms(), 1U);
  }
  wait_until([this] { return server.live_server().clients() == 0; });
  EXPECT_EQ(server.live_server().rooms(), 0U);
  EXPECT_EQ(server.listeners(), 0U);
}

TEST_F(LiveApi, NoPageOfAnotherOriginMayConnect) {
  const auto handshake = [this](const std::vector<http::Header>& headers,
                                std::string_view transport = "polling") {
    return client.send("GET", "/socket.io/?EIO=4&transport=" + std::string{transport}, {}, headers);
  };
  EXPECT_EQ(handshake({}).status, 200);
  EXPECT_EQ(handshake({{"Origin", server.url()}}).status, 200);
  EXPECT_EQ(handshake({{"Origin", "http://evil.example"}}).code(), "foreign_origin");
  EXPECT_EQ(
      handshake({{"Origin", "http://evil.example"}, {"Upgrade", "websocket"}}, "websocket").code(),
      "foreign_origin");
  http::TestSocket socket(server.port());
  socket.send("GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  EXPECT_TRUE(socket.read_answer()->body.contains("foreign_host"));
  EXPECT_TRUE(handshake({}).header("Request-Id").starts_with("req_"));
}

class ShortMemory : public LiveApi {
 protected:
  ShortMemory() : LiveApi({.api = {}, .core = quick_core(), .max_missed_events = 20}) {}
};

TEST_F(ShortMemory, WhoMissedTooMuchIsToldToResync) {
  const auto began = client.get("/v1/orders").header("Conveyor-Cursor");
  client.wait_for(place(), "completed");
  client.wait_for(place(), "completed");
  LiveClient live(server.port());
  EXPECT_EQ(live.subscribe("events", began).at("status"), "ok") << "sixteen";
  client.wait_for(place(), "completed");
  read_until(live, "events",
             [orders = 3, is_last = type_is("OrderCompleted")](const Item& item) mutable {
               return is_last(item) && --orders == 0;
             });
  const auto answer = live.subscribe("events", began);
  EXPECT_EQ(answer.at("status"), "resync_required");
  // It goes on from the cursor that came with it; what lies between is read from the pages.
  const auto page = client.get("/v1/events?limit=200&after=" + began).json();
  EXPECT_EQ(page.at("next_cursor"), answer.at("cursor"));
  const auto id = place();
  EXPECT_EQ(events_in(read_until(live, "events", type_is("OrderCompleted"))), events_of(id));
}

/// A client in `events` that polls only when it is told to: what it is sent waits for it, up to a
/// limit.
class SlowPoller {
 public:
  explicit SlowPoller(ApiClient& client) : client_(client) {
    const auto open = client_.get("/socket.io/?EIO=4&transport=polling").body;
    at_ = "/socket.io/?EIO=4&transport=polling&sid=" +
          std::string{json::parse(std::string_view{open}.substr(1)).at("sid").as_string()};
    say("40");
    EXPECT_EQ(client_.get(at_).body.substr(0, 3), "40{");
    say(R"(420["subscribe","events"])");
    EXPECT_TRUE(client_.get(at_).body.starts_with("430["));
  }
  /// What comes, until it holds `text`; "" if the connection ends.
  std::string poll_until(std::string_view text) {
    std::string all;
    while (!all.contains(text)) {
      const auto answer = client_.get(at_);
      EXPECT_EQ(answer.status, 200);
      if (answer.status != 200) return "";
      if (answer.body == "2") say("3");
      all += answer.body;
    }
    return all;
  }

 private:
  void say(const std::string& text) { EXPECT_EQ(client_.post(at_, text).body, "ok"); }

  ApiClient& client_;
  std::string at_;
};

TEST_F(ShortMemory, WhoTakesNothingIsToldToResyncAndNobodyElseNotices) {
  SlowPoller slow(client);
  LiveClient other(server.port());
  EXPECT_EQ(other.subscribe("events").at("status"), "ok");
  std::size_t seen = 0;
  std::size_t expected = 0;
  for (int i = 0; i < 60; ++i) {
    place();
    expected += 8;
    seen += events_in(read_until(other, "events", type_is("OrderCompleted"))).size();
  }
  EXPECT_EQ(seen, expected);
  EXPECT_LT(slow.poll_until("resync_required").size(), 2 * live::kMaxPendingBytes)
      << "what waited is bounded";
}

TEST_F(ShortMemory, ARoomInWhichNobodyTakesAnythingCostsNothing) {
  SlowPoller slow(client);
  EXPECT_EQ(server.listeners(), 1U);
  wait_until([this] {
    place();
    return server.listeners() == 0;
  });
  EXPECT_EQ(server.live_server().rooms(), 1U) << "it is still subscribed";
  client.wait_for(place(), "completed");
  slow.poll_until("resync_required");
  EXPECT_EQ(server.listeners(), 1U);
  const auto id = place();
  client.wait_for(id, "completed");
  EXPECT_TRUE(slow.poll_until("OrderCompleted").contains(id));
}

}  // namespace
}  // namespace conveyor::test
