// Method: a whole server in the process and readers of its event stream on raw sockets. What a
// stream brings is compared with the events that the orders have.
#include <map>

#include "api/api_server.h"
#include "domain/event.h"
#include "server/feed/cursor.h"
#include "support/event_reader.h"

namespace conveyor::test {
namespace {

class EventStreamApi : public ApiTest {
 protected:
  explicit EventStreamApi(ApiServerOptions options = {.api = {}, .core = quick_core()})
      : ApiTest(std::move(options)) {}

  EventReader stream(const std::string& query = "", const std::string& headers = "") {
    return {server.port(), "/v1/events/stream" + query, headers};
  }

  /// The order's events as the API lists them, in their text.
  std::vector<std::string> events_of(const std::string& id) {
    std::vector<std::string> events;
    const auto page = client.get("/v1/orders/" + id + "/events?limit=200").json();
    for (const auto& event : page.at("data").as_array()) {
      events.push_back(boost::json::serialize(event));
    }
    return events;
  }

  /// The next events, until one has this type.
  static std::vector<SseEvent> read_until(EventReader& reader, std::string_view type) {
    std::vector<SseEvent> events;
    while (auto event = reader.next()) {
      events.push_back(*event);
      if (event->type == type) return events;
    }
    ADD_FAILURE() << "the stream ended before " << type;
    return events;
  }
  static std::vector<std::string> data_of(const std::vector<SseEvent>& events) {
    std::vector<std::string> data;
    for (const auto& event : events) data.push_back(event.data);
    return data;
  }

  void wait_for_listeners(std::size_t count) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (server.listeners() != count && std::chrono::steady_clock::now() < end) {
      std::this_thread::yield();
    }
    EXPECT_EQ(server.listeners(), count);
  }
};

TEST_F(EventStreamApi, BeginsNowAndSaysWhere) {
  client.wait_for(place(), "completed");
  auto reader = stream();
  EXPECT_EQ(reader.status(), 200);
  EXPECT_TRUE(reader.head().contains("\r\nContent-Type: text/event-stream\r\n")) << reader.head();
  EXPECT_TRUE(reader.head().contains("\r\nCache-Control: no-store\r\n"));
  EXPECT_TRUE(reader.head().contains("\r\nRequest-Id: req_"));
  EXPECT_TRUE(reader.head().contains("\r\nConveyor-Cursor: "));
  const auto block = reader.read_block();
  EXPECT_TRUE(block.starts_with(": ")) << block;
  EXPECT_TRUE(block.contains("\nretry: 1000\n")) << block;
  const auto began = reader.last_event_id();
  EXPECT_TRUE(feed::decode_cursor(began)) << block;

  const auto id = place();
  const auto seen = read_until(reader, "OrderCompleted");
  EXPECT_EQ(data_of(seen), events_of(id)) << "of the earlier order nothing";
  // What began the stream brings the same again.
  auto again = stream("?after=" + began);
  EXPECT_EQ(data_of(read_until(again, "OrderCompleted")), data_of(seen));
}

TEST_F(EventStreamApi, HasEachEventOfAPageOnOneLineUnderItsType) {
  auto reader = stream();
  const auto id = place({.payment_method = "pm_declined"});
  for (const auto& event : read_until(reader, "OrderFailed")) {
    const auto json = boost::json::parse(event.data);
    EXPECT_EQ(event.type, json.at("type").as_string());
    EXPECT_EQ(json.at("order_id").as_string(), id);
    EXPECT_FALSE(event.data.contains('\n'));
    EXPECT_TRUE(feed::decode_cursor(event.id)) << event.id;
  }
}

TEST_F(EventStreamApi, GoesOnBehindEachEventAlsoWithinOneCommit) {
  auto reader = stream();
  const auto id = place();
  const auto seen = read_until(reader, "OrderCompleted");
  ASSERT_EQ(data_of(seen), events_of(id));
  for (std::size_t i = 0; i + 1 < seen.size(); ++i) {
    const std::vector<std::string> rest = [&] {
      auto data = data_of(seen);
      return std::vector<std::string>(data.begin() + static_cast<std::ptrdiff_t>(i + 1),
                                      data.end());
    }();
    auto by_header = stream("", "Last-Event-ID: " + seen[i].id + "\r\n");
    EXPECT_EQ(data_of(read_until(by_header, "OrderCompleted")), rest) << i;
    auto by_query = stream("?after=" + seen[i].id);
    EXPECT_EQ(data_of(read_until(by_query, "OrderCompleted")), rest) << i;
    // The header is what the client has seen last, the query where it once began.
    auto both = stream("?after=" + seen.front().id, "Last-Event-ID: " + seen[i].id + "\r\n");
    EXPECT_EQ(data_of(read_until(both, "OrderCompleted")), rest) << i;
  }
  auto empty_header = stream("?after=" + seen[0].id, "Last-Event-ID:\r\n");
  EXPECT_EQ(empty_header.next()->data, seen[1].data) << "a client that has seen nothing yet";
}

TEST_F(EventStreamApi, GoesOnFromTheCursorOfARead) {
  const auto first = place();
  const auto read = client.wait_for(first, "completed");
  const auto second = place();
  auto reader = stream("?after=" + read.header("Conveyor-Cursor"));
  EXPECT_EQ(data_of(read_until(reader, "OrderCompleted")), events_of(second));
}

TEST_F(EventStreamApi, IsFilteredByTypeAndByOrder) {
  const auto first = place();
  client.wait_for(first, "completed");
  const auto from = feed::encode_cursor({});
  auto types = stream("?after=" + from + "&type=OrderCompleted,OrderCreated");
  auto order = stream("?order_id=" + first + "&after=" + from);
  EXPECT_EQ(data_of(read_until(order, "OrderCompleted")), events_of(first));
  const auto second = place();
  client.wait_for(second, "completed");
  for (const auto* id : {&first, &second}) {
    for (const auto* type : {"OrderCreated", "OrderCompleted"}) {
      const auto event = types.next();
      ASSERT_TRUE(event);
      EXPECT_EQ(event->type, type);
      EXPECT_EQ(boost::json::parse(event->data).at("order_id").as_string(), *id);
    }
  }
  // A live stream of one order brings nothing of another.
  const auto held = place({.payment_method = "pm_async"});
  auto one = stream("?order_id=" + held + "&after=" + from);
  client.wait_for(place(), "completed");
  EXPECT_EQ(data_of(read_until(one, "OrderCompleted")), events_of(held));
}

TEST_F(EventStreamApi, ManyReadersEachHaveEverythingInOrder) {
  std::vector<EventReader> readers;
  for (int i = 0; i < 8; ++i) readers.push_back(stream());
  std::map<std::string, std::vector<std::string>> expected;
  std::size_t count = 0;
  for (int i = 0; i < 30; ++i) {
    const auto id = place({.payment_method = i % 3 == 0 ? "pm_async" : "pm_flaky_2"});
    expected[id] = {};
  }
  for (auto& [id, events] : expected) {
    client.wait_for(id, "completed");
    events = events_of(id);
    count += events.size();
  }
  for (auto& reader : readers) {
    std::map<std::string, std::vector<std::string>> seen;
    for (std::size_t i = 0; i < count; ++i) {
      const auto event = reader.next();
      ASSERT_TRUE(event);
      seen[boost::json::parse(event->data).at("order_id").as_string().c_str()].push_back(
          event->data);
    }
    EXPECT_EQ(seen, expected);
  }
  EXPECT_EQ(server.listeners(), readers.size());
  readers.clear();
  wait_for_listeners(0);
}

TEST_F(EventStreamApi, RefusesWhatItCannotBegin) {
  const auto code = [&](const std::string& query) {
    const auto reply = client.get("/v1/events/stream" + query);
    return std::to_string(reply.status) + " " + reply.code();
  };
  EXPECT_EQ(code("?type=OrderLost"), "400 invalid_parameter");
  EXPECT_EQ(code("?order=x"), "400 invalid_parameter");
  EXPECT_EQ(code("?limit=5"), "400 invalid_parameter");
  EXPECT_EQ(code("?order_id=12"), "400 invalid_parameter");
  EXPECT_EQ(code("?order_id=ord_01h455vb4pex5vsknk084sn02q"), "404 order_not_found");
  EXPECT_EQ(code("?after=12"), "400 invalid_cursor");
  const auto bad_header =
      client.send("GET", "/v1/events/stream", "", {{"Last-Event-ID", "not a cursor"}});
  EXPECT_EQ(bad_header.code(), "invalid_cursor");
  const auto ahead = "?after=" + feed::encode_cursor({1'000'000, 0});
  EXPECT_EQ(code(ahead), "410 cursor_ahead");
  EXPECT_EQ(client.get("/v1/events" + ahead).code(), "cursor_ahead");
  EXPECT_EQ(server.listeners(), 0U);
}

TEST_F(EventStreamApi, HeadTellsWhatGetWouldAndHoldsNothing) {
  const auto reply = client.send("HEAD", "/v1/events/stream");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("Content-Type"), "text/event-stream");
  wait_for_listeners(0);
}

TEST_F(EventStreamApi, AStreamThatIsLeftIsForgotten) {
  {
    auto reader = stream();
    reader.read_block();
    EXPECT_EQ(server.listeners(), 1U);
  }
  wait_for_listeners(0);
}

class ShortHeartbeats : public EventStreamApi {
 protected:
  ShortHeartbeats()
      : EventStreamApi({.api = {},
                        .core = quick_core(),
                        .live = {.heartbeat = std::chrono::milliseconds(5)}}) {}
};

TEST_F(ShortHeartbeats, KeepAStreamAliveAndItsCursorFresh) {
  auto reader = stream("?type=OrderCancelled");
  reader.read_block();
  const auto began = reader.last_event_id();
  EXPECT_TRUE(reader.read_block().starts_with(": heartbeat\n"));
  client.wait_for(place(), "completed");
  // Nothing of that was wanted, but whoever comes back need not look at it again.
  while (reader.last_event_id() == began) {
    ASSERT_TRUE(reader.read_block().starts_with(": heartbeat\n"));
  }
  const auto cursor = feed::decode_cursor(reader.last_event_id());
  ASSERT_TRUE(cursor);
  EXPECT_GT(cursor->position, feed::decode_cursor(began)->position);
}

class FewStreams : public EventStreamApi {
 protected:
  FewStreams() : EventStreamApi({.api = {}, .core = quick_core(), .http = {.max_streams = 1}}) {}
};

TEST_F(FewStreams, OneTooManyIsToldToComeLater) {
  auto first = stream();
  first.read_block();
  const auto refused = client.get("/v1/events/stream");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.code(), "too_many_streams");
  EXPECT_EQ(refused.header("Retry-After"), "1");
  wait_for_listeners(1);
  const auto id = place();
  EXPECT_EQ(data_of(read_until(first, "OrderCompleted")), events_of(id));
}

}  // namespace
}  // namespace conveyor::test
