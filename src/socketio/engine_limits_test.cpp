// Method: for each limit of Engine.IO what is allowed and the first thing that is not, and that
// other clients do not notice; afterwards nothing is left.
#include "socketio/test_engine.h"

namespace conveyor::socketio {
namespace {

using namespace std::chrono_literals;

class EngineLimit : public EngineTest {
 protected:
  /// With the limits as they are now, and a client that must not notice anything.
  void begin() {
    restart();
    other = std::make_unique<Client>(*engine, timers);
    other->address = "192.0.2.1";
    other->open_websocket();
  }
  void TearDown() override {
    if (other && other->socket) {
      other->send_text("4well");
      EXPECT_EQ(application.messages.back(), "t:well");
    }
    EngineTest::TearDown();
    EXPECT_EQ(timers.next() ? *timers.next() - timers.now() <= limits.close_timeout : true, true)
        << "only closing handshakes wait";
  }
  std::unique_ptr<Client> other;
};

TEST_F(EngineLimit, OfSessions) {
  limits.max_sessions = 3;
  begin();
  client->open_polling();
  client->open_websocket();
  EXPECT_EQ(client->get("EIO=4&transport=polling")->status(), 503);
  EXPECT_EQ(client->open_websocket()->status(), 503);
  client->post("1");
  client->get(client->polling());
  EXPECT_EQ(engine->sessions(), 3U);
}

TEST_F(EngineLimit, OfSessionsPerAddress) {
  limits.max_sessions_per_address = 2;
  begin();
  client->open_polling();
  client->open_polling();
  EXPECT_EQ(client->get("EIO=4&transport=polling")->status(), 429);
  client->post("1");
  client->open_polling();
  client->address = "192.0.2.2";
  client->open_polling();
}

TEST_F(EngineLimit, OfAPayload) {
  limits.max_payload = 100;
  begin();
  client->open_polling();
  EXPECT_EQ(client->post(std::string(100, '4'))->status(), 200);
  EXPECT_EQ(client->post(std::string(101, '4'))->status(), 413);
  EXPECT_EQ(application.ends.back(), EndReason::protocol_error);
  client->open_websocket();
  client->send_text(std::string(100, '4'));
  EXPECT_TRUE(client->take().empty());
  client->send_text(std::string(101, '4'));
  EXPECT_EQ(client->take().at(0).payload.substr(0, 2), "\x03\xf1");  // 1009
}

TEST_F(EngineLimit, OfPacketsPerBody) {
  limits.max_packets_per_body = 3;
  begin();
  client->open_polling();
  EXPECT_EQ(client->post("6\0366\0366")->status(), 200);
  EXPECT_EQ(client->post("6\0366\0366\0366")->status(), 400);
}

TEST_F(EngineLimit, OfPacketsPerSecond) {
  limits.packets = {.per_second = 10, .burst = 5};
  begin();
  client->open_polling();
  EXPECT_EQ(client->post("6\0366\0366\0366\0366")->status(), 200);
  client->pass(100ms);
  EXPECT_EQ(client->post("6")->status(), 200);
  EXPECT_EQ(client->post("6")->status(), 429);
  EXPECT_EQ(application.ends.back(), EndReason::rate_exceeded);
  client->open_websocket();
  for (int i = 0; i < 5; ++i) client->send_text("6");
  EXPECT_TRUE(client->take().empty());
  client->send_text("6");
  EXPECT_EQ(client->take().at(0).payload.substr(0, 2), "\x03\xf0");  // 1008
}

TEST_F(EngineLimit, OfBytesPerSecond) {
  limits.bytes = {.per_second = 100, .burst = 50};
  begin();
  client->open_polling();
  EXPECT_EQ(client->post(std::string(50, '4'))->status(), 200);
  EXPECT_EQ(client->post("6")->status(), 429);
  client->open_websocket();
  client->send_text(std::string(50, '4'));
  client->send_text("6");
  EXPECT_EQ(client->take().at(0).payload.substr(0, 2), "\x03\xf0");
}

TEST_F(EngineLimit, OfWhatWaitsForAClientThatPollsNot) {
  limits.max_outgoing_bytes = 200;
  begin();
  client->open_polling();
  Session& session = *application.sessions.back();
  session.send(std::string(197, 'x'));
  EXPECT_EQ(session.pending(), 199U);
  session.send("y");
  EXPECT_EQ(application.ends.back(), EndReason::too_slow);
  engine->flush();
  EXPECT_EQ(client->poll()->status(), 400);
}

TEST_F(EngineLimit, OfWhatWaitsForAClientThatReadsNot) {
  limits.max_outgoing_bytes = 200;
  begin();
  client->open_websocket();
  client->socket->pipe->reads = false;
  Session& session = *application.sessions.back();
  session.send(std::string(190, 'x'));
  engine->flush();
  EXPECT_FALSE(session.is_over());
  session.send(std::string(10, 'x'));
  EXPECT_EQ(application.ends.back(), EndReason::too_slow);
  engine->flush();
  client->pass(limits.close_timeout);
  EXPECT_TRUE(client->socket->pipe->aborted);
}

TEST_F(EngineLimit, FloodsOfConnectsLeaveNothing) {
  limits.max_sessions = 100;
  begin();
  for (int i = 0; i < 1'000; ++i) {
    client->get("EIO=4&transport=polling");
    client->request(websocket_request("EIO=4&transport=websocket"));
    client->get("EIO=4&transport=polling&sid=" + std::to_string(i));
  }
  EXPECT_EQ(engine->sessions(), 100U);
  client->pass(limits.ping_interval);
  other->send_text("3");
  client->pass(limits.ping_timeout);
  EXPECT_EQ(engine->sessions(), 1U);
}

TEST_F(EngineLimit, PollsWithoutEndCostNothingButThemselves) {
  begin();
  client->open_polling();
  for (int i = 0; i < 1'000; ++i) {
    const auto poll = client->poll();
    application.sessions.back()->send("x");
    engine->flush();
    EXPECT_EQ(poll->body(), "4x");
  }
  EXPECT_EQ(application.sessions.back()->pending(), 0U);
}

}  // namespace
}  // namespace conveyor::socketio
