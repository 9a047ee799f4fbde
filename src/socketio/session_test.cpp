// Method: the Engine.IO 4 protocol (sections as its README names them), a client of each transport
// in memory, time moved by hand.
#include "socketio/session.h"

#include "socketio/test_engine.h"

namespace conveyor::socketio {
namespace {

using namespace std::chrono_literals;
using Frames = std::vector<ServerFrame>;
using Words = std::vector<std::string>;
using Ends = std::vector<EndReason>;

class Handshake : public EngineTest {};
class Polling : public EngineTest {};
class WebSockets : public EngineTest {};
class Upgrade : public EngineTest {};
class Heartbeat : public EngineTest {};

TEST_F(Handshake, OfPollingHoldsExactlyWhatTheProtocolSays) {  // "Handshake"
  const auto opened = client->get("EIO=4&transport=polling");
  EXPECT_EQ(opened->status(), 200);
  EXPECT_EQ(*http::find_header(opened->response->headers, "Content-Type"),
            "text/plain; charset=UTF-8");
  const auto data = boost::json::parse(std::string_view{opened->body()}.substr(1)).as_object();
  EXPECT_EQ(data.size(), 5U);
  EXPECT_EQ(data.at("sid").as_string().size(), 22U);
  EXPECT_EQ(data.at("upgrades"), (boost::json::array{"websocket"}));
  EXPECT_EQ(data.at("pingInterval"), 25'000);
  EXPECT_EQ(data.at("pingTimeout"), 20'000);
  EXPECT_EQ(data.at("maxPayload"), 1'000'000);
  EXPECT_EQ(application.sessions.size(), 1U);
}

TEST_F(Handshake, OfWebSocketOffersNoUpgrade) {
  const auto exchange = client->request(websocket_request("EIO=4&transport=websocket"));
  ASSERT_EQ(exchange->status(), 101);
  const auto frames = exchange->pipe->take();
  ASSERT_EQ(frames.size(), 1U);
  const auto data = boost::json::parse(std::string_view{frames[0].payload}.substr(1)).as_object();
  EXPECT_EQ(data.size(), 5U);
  EXPECT_TRUE(data.at("upgrades").as_array().empty());
}

TEST_F(Handshake, ThatIsNotOneIsRefused) {
  const auto code_of = [&](const std::string& query) {
    const auto exchange = client->get(query);
    EXPECT_EQ(exchange->status(), 400) << query;
    return boost::json::parse(exchange->body()).at("code").as_int64();
  };
  EXPECT_EQ(code_of("transport=polling"), 5);
  EXPECT_EQ(code_of("EIO=3&transport=polling"), 5);
  EXPECT_EQ(code_of("EIO=abc&transport=polling"), 5);
  EXPECT_EQ(code_of("EIO=4"), 0);
  EXPECT_EQ(code_of("EIO=4&transport=abc"), 0);
  EXPECT_EQ(code_of("EIO=4&transport=polling&sid=guess"), 1);
  EXPECT_EQ(code_of("EIO=4&transport=websocket"), 3) << "without the headers of one";
  for (const auto* method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
    EXPECT_EQ(client->request({.method = method, .query = "EIO=4&transport=polling"})->status(),
              400);
  }
  auto request = websocket_request("EIO=4&transport=polling");
  EXPECT_EQ(client->request(request)->status(), 400);
  EXPECT_TRUE(application.sessions.empty());
}

TEST_F(Polling, EchoesTextAndBinaryInOnePayload) {  // "HTTP long-polling"
  application.echoes = true;
  client->open_polling();
  const auto posted = client->post("4hello\036bAQIDBA==");
  EXPECT_EQ(posted->status(), 200);
  EXPECT_EQ(posted->body(), "ok");
  EXPECT_EQ(application.messages, (Words{"t:hello", "b:\x01\x02\x03\x04"}));
  EXPECT_EQ(client->poll()->body(), "4hello\036bAQIDBA==");
  EXPECT_EQ(application.drained, 1);
}

TEST_F(Polling, APollWaitsUntilThereIsSomething) {
  client->open_polling();
  const auto poll = client->poll();
  EXPECT_FALSE(poll->is_answered());
  application.sessions[0]->send("one");
  application.sessions[0]->send("two");
  EXPECT_FALSE(poll->is_answered()) << "until flush()";
  engine->flush();
  EXPECT_EQ(poll->body(), "4one\0364two");
}

TEST_F(Polling, ASecondPollAtATimeEndsTheSession) {
  client->open_polling();
  const auto first = client->poll();
  const auto second = client->poll();
  EXPECT_EQ(first->status(), 200);
  EXPECT_EQ(first->body(), "1");
  EXPECT_EQ(second->status(), 400);
  EXPECT_EQ(client->poll()->status(), 400);
  EXPECT_EQ(application.ends, Ends{EndReason::protocol_error});
}

TEST_F(Polling, APollThatIsGivenUpEndsTheSession) {
  client->open_polling();
  const auto poll = client->poll();
  engine->gone(poll.get());
  engine->gone(poll.get());
  engine->flush();
  EXPECT_EQ(client->poll()->status(), 400);
  EXPECT_EQ(application.ends, Ends{EndReason::transport_lost});
}

TEST_F(Polling, MalformedBodiesEndTheSession) {
  for (const std::string_view body :
       {"", "abc", "7", "4a\x1e", "b===", "4\xff", "2", "0{}", "5", "4a\0362"}) {
    client->open_polling();
    EXPECT_EQ(client->post(std::string{body})->status(), 400) << body;
    EXPECT_EQ(client->poll()->status(), 400) << body;
    EXPECT_EQ(application.ends.back(), EndReason::protocol_error);
  }
  EXPECT_EQ(engine->sessions(), 0U);
}

TEST_F(Polling, OtherMethodsAreRefusedAndHarmNobody) {
  client->open_polling();
  EXPECT_EQ(client->request({.method = "PUT", .query = client->polling()})->status(), 400);
  EXPECT_EQ(client->post("4still here")->status(), 200);
}

TEST_F(Polling, IsClosedByItsClient) {  // "close"
  client->open_polling();
  const auto poll = client->poll();
  EXPECT_EQ(client->post("1")->status(), 200);
  EXPECT_EQ(poll->body(), "6");
  EXPECT_EQ(client->poll()->status(), 400);
  EXPECT_EQ(application.ends, Ends{EndReason::client_closed});
}

TEST_F(Polling, IsClosedByTheServerWithWhatWasSentBefore) {
  client->open_polling();
  application.sessions[0]->send("last words");
  application.sessions[0]->close();
  application.sessions[0]->send("nothing more");
  engine->flush();
  EXPECT_EQ(application.ends, Ends{EndReason::server_closed});
  EXPECT_EQ(client->post("4too late")->status(), 400);
  EXPECT_EQ(client->poll()->body(), "4last words\0361");
  EXPECT_EQ(client->poll()->status(), 400);
  EXPECT_EQ(engine->sessions(), 0U);
}

TEST_F(Polling, ACloseThatNobodyFetchesIsForgotten) {
  client->open_polling();
  application.sessions[0]->close();
  engine->flush();
  EXPECT_EQ(engine->sessions(), 1U);
  client->pass(limits.ping_timeout);
  EXPECT_EQ(engine->sessions(), 0U);
}

TEST_F(Polling, AnAnswerIsNoLargerThanAPayload) {
  limits.max_payload = 10;
  restart();
  client->open_polling();
  for (const auto* text : {"12345", "67890", "x"}) application.sessions[0]->send(text);
  engine->flush();
  EXPECT_EQ(client->poll()->body(), "412345");
  EXPECT_EQ(client->poll()->body(), "467890\0364x");
}

TEST_F(WebSockets, EchoTextAndBinary) {  // "WebSocket"
  application.echoes = true;
  client->open_websocket();
  client->send_text("4hello");
  client->send_binary("\x01\x02");
  EXPECT_EQ(client->take(), (Frames{text_frame("4hello"), {Opcode::binary, "\x01\x02"}}));
}

TEST_F(WebSockets, MalformedPacketsEndTheSession) {
  for (const auto* text : {"abc", "", "7", "2", "2probe", "5", "0"}) {
    client->open_websocket();
    client->send_text(text);
    EXPECT_EQ(application.ends.back(), EndReason::protocol_error) << text;
    EXPECT_EQ(client->take().at(0).opcode, Opcode::close);
    client->send_text("4after");
  }
  EXPECT_TRUE(application.messages.empty());
}

TEST_F(WebSockets, BrokenFramesEndTheSession) {
  client->open_websocket();
  client->send_bytes("\x81\x05unmasked");
  EXPECT_EQ(application.ends, Ends{EndReason::transport_lost});
  EXPECT_EQ(client->take().at(0).payload.substr(0, 2), "\x03\xea");
}

TEST_F(WebSockets, AreClosedByTheClient) {
  client->open_websocket();
  client->send_text("1");
  EXPECT_EQ(application.ends, Ends{EndReason::client_closed});
  EXPECT_EQ(client->take().at(0).opcode, Opcode::close);
  client->open_websocket();
  client->send_bytes(client_close(1000));
  client->open_websocket();
  client->socket->reader->on_gone();
  engine->flush();
  EXPECT_EQ(application.ends,
            (Ends{EndReason::client_closed, EndReason::transport_lost, EndReason::transport_lost}));
  EXPECT_EQ(engine->sessions(), 0U);
}

TEST_F(WebSockets, AreClosedByTheServerWithWhatWasSentBefore) {
  client->open_websocket();
  application.sessions[0]->send("last words");
  application.sessions[0]->close();
  engine->flush();
  EXPECT_EQ(client->take(),
            (Frames{text_frame("4last words"), close_frame(1000, "server closed")}));
}

TEST_F(WebSockets, NoopAndAnUnaskedPongMeanNothing) {
  client->open_websocket();
  client->send_text("6");
  client->send_text("3");
  EXPECT_TRUE(application.ends.empty());
}

TEST_F(Upgrade, GoesByProbe) {  // "Upgrade"
  application.echoes = true;
  client->open_polling();
  const auto poll = client->poll();
  EXPECT_EQ(client->begin_upgrade()->status(), 101);
  EXPECT_FALSE(poll->is_answered());
  client->send_text("2probe");
  EXPECT_EQ(client->take(), Frames{text_frame("3probe")});
  EXPECT_EQ(poll->body(), "6") << "so that the client can go on";
  EXPECT_EQ(client->poll()->body(), "6") << "no poll waits any more";
  client->send_text("5");
  client->send_text("4hello");
  EXPECT_EQ(client->take(), Frames{text_frame("4hello")});
  EXPECT_EQ(client->poll()->status(), 400);
  EXPECT_EQ(client->post("4x")->status(), 400);
  EXPECT_EQ(client->begin_upgrade()->status(), 400);
  EXPECT_TRUE(application.ends.empty());
}

TEST_F(Upgrade, LosesNothingThatWasSentMeanwhile) {
  client->open_polling();
  client->begin_upgrade();
  client->send_text("2probe");
  client->take();
  application.sessions[0]->send("one");
  engine->flush();
  EXPECT_EQ(client->poll()->body(), "4one");
  application.sessions[0]->send("two");
  EXPECT_EQ(client->post("4from the client")->status(), 200);
  client->send_text("5");
  application.sessions[0]->send("three");
  engine->flush();
  EXPECT_EQ(client->take(), (Frames{text_frame("4two"), text_frame("4three")}));
}

TEST_F(Upgrade, APollThatWaitsIsReleased) {
  client->open_polling();
  client->begin_upgrade();
  const auto poll = client->poll();
  client->send_text("2probe");
  client->send_text("5");
  EXPECT_EQ(poll->body(), "6");
}

TEST_F(Upgrade, ASecondWebSocketIsRefused) {
  client->open_polling();
  client->begin_upgrade();
  EXPECT_EQ(client->begin_upgrade()->status(), 400);
  client->send_text("2probe");
  client->send_text("5");
  EXPECT_EQ(client->begin_upgrade()->status(), 400);
  client->open_websocket();
  EXPECT_EQ(client->begin_upgrade()->status(), 400) << "of a session that never polled";
}

TEST_F(Upgrade, ThatGoesWrongLeavesTheSessionPolling) {
  client->open_polling();
  for (const auto* text : {"5", "2", "4hello", "2probex", ""}) {
    client->begin_upgrade();
    client->send_text(text);
    EXPECT_EQ(client->take().at(0).opcode, Opcode::close) << text;
  }
  client->begin_upgrade();
  client->send_binary("2probe");
  client->begin_upgrade();
  client->socket->reader->on_gone();
  client->begin_upgrade();
  client->send_text("2probe");
  client->send_text("2probe");
  EXPECT_EQ(client->post("4still polling")->status(), 200);
  EXPECT_FALSE(client->poll()->is_answered());
  EXPECT_EQ(application.messages, Words{"t:still polling"});
}

TEST_F(Upgrade, HalfOpenIsGivenUp) {
  client->open_polling();
  client->begin_upgrade();
  client->send_text("2probe");
  client->take();
  client->pass(limits.upgrade_timeout - 1ms);
  EXPECT_TRUE(client->take().empty());
  client->pass(1ms);
  EXPECT_EQ(client->take().at(0).opcode, Opcode::close);
  EXPECT_TRUE(application.ends.empty());
  EXPECT_EQ(client->begin_upgrade()->status(), 101);
}

TEST_F(Heartbeat, IsTheServers) {  // "Heartbeat"
  client->open_polling();
  for (int i = 0; i < 3; ++i) {
    const auto poll = client->poll();
    client->pass(limits.ping_interval);
    EXPECT_EQ(poll->body(), "2");
    EXPECT_EQ(client->post("3")->status(), 200);
  }
  client->open_websocket();
  for (int i = 0; i < 3; ++i) {
    client->pass(limits.ping_interval - 1ms);
    EXPECT_TRUE(client->take().empty());
    client->pass(1ms);
    EXPECT_EQ(client->take(), Frames{text_frame("2")});
    client->send_text("3");
  }
}

TEST_F(Heartbeat, ThatIsNotAnsweredEndsTheSession) {
  client->open_polling();
  client->open_websocket();
  client->pass(limits.ping_interval + limits.ping_timeout - 1ms);
  EXPECT_TRUE(application.ends.empty());
  client->pass(1ms);
  EXPECT_EQ(application.ends, (Ends{EndReason::ping_timeout, EndReason::ping_timeout}));
  EXPECT_EQ(engine->sessions(), 0U);
}

TEST_F(Heartbeat, GoesOnAcrossAnUpgrade) {
  client->open_polling();
  client->pass(limits.ping_interval);
  client->begin_upgrade();
  client->send_text("2probe");
  client->send_text("5");
  EXPECT_EQ(client->take(), (Frames{text_frame("3probe"), text_frame("2")}));
  client->send_text("3");
  client->pass(limits.ping_timeout);
  EXPECT_TRUE(application.ends.empty());
}

TEST_F(Handshake, IsRefusedByAServerThatStops) {
  client->open_polling();
  const auto poll = client->poll();
  client->open_websocket();
  engine->stop();
  EXPECT_EQ(poll->body(), "1");
  EXPECT_EQ(client->take(), Frames{close_frame(1001, "server stopping")});
  EXPECT_EQ(client->get("EIO=4&transport=polling")->status(), 503);
}

}  // namespace
}  // namespace conveyor::socketio
