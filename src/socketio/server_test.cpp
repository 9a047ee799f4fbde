// Method: the Socket.IO 5 protocol (sections as its README names them) over a WebSocket client in
// memory, time moved by hand; each limit on both sides.
#include "socketio/server.h"

#include <boost/json/serialize.hpp>

#include "socketio/test_engine.h"

namespace conveyor::socketio {
namespace {

using namespace std::chrono_literals;
using Words = std::vector<std::string>;

/// Puts a Server where a TestClient wants an EngineServer.
struct Front {
  void handle(HttpRequest request, std::shared_ptr<Exchange> exchange) const {
    server->engine().handle(std::move(request), std::move(exchange));
  }
  void flush() const { server->flush(); }
  std::unique_ptr<Server> server;
};

class ServerTest : public testing::Test {
 protected:
  using Client = TestClient<Front>;

  void SetUp() override { restart(); }
  void TearDown() override {
    front.server->stop();
    EXPECT_EQ(front.server->of("/").sockets(), 0U);
    EXPECT_EQ(connects, disconnects.size());
  }

  void restart() {
    front.server = std::make_unique<Server>(timers, engine_limits, limits);
    client = std::make_unique<Client>(front, timers);
    for (const auto* name : {"/", "/custom"}) {
      auto& nsp = front.server->of(name);
      nsp.on_connect = [this](Socket& socket) {
        ++connects;
        last = socket.weak_from_this();
        if (on_connect) on_connect(socket);
      };
      nsp.on_event = [this](Socket& socket, Event event, Ack ack) {
        events.push_back(event.name + boost::json::serialize(event.message.args));
        if (on_event) on_event(socket, std::move(event), std::move(ack));
      };
      nsp.on_disconnect = [this](Socket&, std::string_view reason) {
        disconnects.emplace_back(reason);
      };
    }
  }

  /// Opens a WebSocket session and connects to "/".
  void connect() {
    client->open_websocket();
    EXPECT_EQ(say("40").at(0).substr(0, 10), R"(40{"sid":")");
  }
  /// The texts that come back.
  Words say(std::string_view text) const {
    client->send_text(text);
    return heard();
  }
  Words heard() const {
    Words texts;
    for (auto& frame : client->take()) {
      if (frame.opcode == Opcode::close) frame.payload = "closed";
      texts.push_back(std::move(frame.payload));
    }
    return texts;
  }
  std::shared_ptr<Socket> socket() const { return last.lock(); }

  Timers timers{Time{}};
  EngineLimits engine_limits;
  SocketLimits limits;
  Front front;
  std::unique_ptr<Client> client;
  std::function<void(Socket&)> on_connect;
  std::function<void(Socket&, Event, Ack)> on_event;
  std::weak_ptr<Socket> last;
  std::size_t connects = 0;
  Words events;
  Words disconnects;
};

const Words kClosed{"closed"};

class Connect : public ServerTest {};
class Disconnect : public ServerTest {};
class Events : public ServerTest {};
class Acks : public ServerTest {};
class Binary : public ServerTest {};
class Rooms : public ServerTest {};
class SocketLimit : public ServerTest {};

TEST_F(Connect, IsAnsweredWithTheSidAlone) {  // "Connection to a namespace"
  client->open_websocket();
  const auto answer = say("40").at(0);
  const auto data = boost::json::parse(std::string_view{answer}.substr(2)).as_object();
  EXPECT_EQ(data.size(), 1U);
  EXPECT_EQ(data.at("sid").as_string(), socket()->id());
  EXPECT_NE(socket()->id(), client->sid);
  EXPECT_EQ(socket()->auth(), boost::json::object{});
}

TEST_F(Connect, CarriesAuthToItsNamespace) {
  client->open_websocket();
  EXPECT_EQ(say(R"(40/custom,{"token":"abc"})").at(0).substr(0, 18), R"(40/custom,{"sid":")");
  EXPECT_EQ(socket()->auth(), (boost::json::object{{"token", "abc"}}));
  EXPECT_EQ(socket()->handshake().remote_address, "127.0.0.1");
}

TEST_F(Connect, ToAnUnknownNamespaceIsRefused) {
  client->open_websocket();
  EXPECT_EQ(say("40/random"), Words{R"(44/random,{"message":"Invalid namespace"})"});
  EXPECT_EQ(say("40").size(), 1U) << "the session goes on";
}

TEST_F(Connect, IsRefusedByMiddlewareInSequence) {
  front.server->of("/").use([](const Socket& socket) -> std::optional<ConnectError> {
    if (socket.auth().as_object().contains("token")) return std::nullopt;
    return ConnectError{.message = "Not authorized", .data = boost::json::object{{"code", 7}}};
  });
  int asked = 0;
  front.server->of("/").use([&asked](const Socket&) -> std::optional<ConnectError> {
    ++asked;
    return std::nullopt;
  });
  client->open_websocket();
  EXPECT_EQ(say("40"), Words{R"(44{"message":"Not authorized","data":{"code":7}})"});
  EXPECT_EQ(asked, 0);
  EXPECT_EQ(connects, 0U);
  EXPECT_EQ(say(R"(40{"token":1})").at(0).substr(0, 2), "40");
  EXPECT_EQ(asked, 1);
}

TEST_F(Connect, WorksOverPolling) {
  client->open_polling();
  client->post("40");
  EXPECT_EQ(client->poll()->body().substr(0, 3), "40{");
  client->post(R"(42["hello"])");
  EXPECT_EQ(events, Words{"hello[]"});
}

TEST_F(Connect, TwiceIsAnError) {
  connect();
  EXPECT_EQ(say("40"), kClosed);
}

TEST_F(Connect, HasToComeInTime) {
  client->open_websocket();
  client->pass(limits.connect_timeout - 1ms);
  client->send_text("3");
  client->pass(1ms);
  EXPECT_EQ(heard().back(), "closed");
  connect();
  client->pass(engine_limits.ping_interval);
  client->send_text("3");
  client->pass(limits.connect_timeout - engine_limits.ping_interval);
  EXPECT_EQ(disconnects.size(), 0U);
}

TEST_F(Connect, MalformedPacketsCloseTheSession) {
  for (const auto* text : {"4abc", "42{}", R"(42abc["x"])", "4", "49", "42[]", R"(43["x"])",
                           R"(44{"message":"only servers say that"})"}) {
    connect();
    EXPECT_EQ(say(text), kClosed) << text;
  }
  EXPECT_EQ(disconnects.size(), 8U);
  EXPECT_EQ(disconnects.back(), "protocol error");
}

TEST_F(Disconnect, OfOneNamespaceLeavesTheOthers) {  // "Disconnection from a namespace"
  connect();
  say("40/custom,");
  EXPECT_EQ(say("41/custom,"), Words{});
  EXPECT_EQ(disconnects, Words{"client namespace disconnect"});
  say(R"(42/custom,["nobody"])");
  say(R"(42["hello"])");
  EXPECT_EQ(events, Words{"hello[]"});
  EXPECT_EQ(say("41"), Words{});
  EXPECT_EQ(say("40").size(), 1U) << "and comes again";
}

TEST_F(Disconnect, ByTheServerIsTold) {
  connect();
  socket()->disconnect();
  front.flush();
  EXPECT_EQ(heard(), Words{"41"});
  EXPECT_EQ(disconnects, Words{"server namespace disconnect"});
  EXPECT_EQ(last.lock(), nullptr);
  say(R"(42["nobody"])");
  EXPECT_TRUE(events.empty());
}

TEST_F(Disconnect, OfTheSessionEndsEveryNamespace) {
  connect();
  say("40/custom,");
  socket()->close();
  front.flush();
  EXPECT_EQ(heard(), kClosed);
  EXPECT_EQ(disconnects, (Words{"server closed", "server closed"}));
}

TEST_F(Disconnect, WithinAHandlerIsAllowed) {
  on_event = [](Socket& socket, Event event, Ack) {
    if (event.name == "leave") socket.disconnect();
    if (event.name == "close") socket.close();
  };
  connect();
  EXPECT_EQ(say(R"(42["leave"])"), Words{"41"});
  say("40");
  EXPECT_EQ(say(R"(42["close"])"), kClosed);
  on_connect = [](Socket& socket) { socket.close(); };
  client->open_websocket();
  EXPECT_EQ(say("40").back(), "closed");
}

TEST_F(Events, GoBothWays) {  // "Sending and receiving data"
  on_event = [](Socket& socket, Event event, Ack ack) {
    EXPECT_FALSE(ack);
    socket.emit(event.name + "-back", std::move(event.message));
  };
  connect();
  EXPECT_EQ(say(R"(42["message",1,"2",{"3":[true]}])"),
            Words{R"(42["message-back",1,"2",{"3":[true]}])"});
  EXPECT_EQ(events, Words{R"(message[1,"2",{"3":[true]}])"});
}

TEST_F(Events, AfterTheEndGoNowhere) {
  connect();
  const auto held = socket();
  held->close();
  EXPECT_FALSE(held->is_connected());
  held->emit("x", {});
  EXPECT_FALSE(held->join("room"));
  EXPECT_EQ(held->pending(), 0U);
  held->disconnect();
  held->close();
  EXPECT_EQ(disconnects.size(), 1U);
}

TEST_F(Acks, AreGivenToTheClient) {  // "Acknowledgement"
  on_event = [](Socket&, Event event, Ack ack) {
    ASSERT_TRUE(ack);
    ack(std::move(event.message));
    EXPECT_FALSE(ack);
    ack({});
  };
  connect();
  EXPECT_EQ(say(R"(42456["ask",1,"2",{"3":[false]}])"), Words{R"(43456[1,"2",{"3":[false]}])"});
}

TEST_F(Acks, MayComeLaterOrTooLate) {
  Ack kept;
  on_event = [&kept](Socket&, Event, Ack ack) { kept = std::move(ack); };
  connect();
  say(R"(420["ask"])");
  kept({.args = {"later"}});
  front.flush();
  EXPECT_EQ(heard(), Words{R"(430["later"])"});
  say(R"(421["ask"])");
  socket()->close();
  kept({.args = {"too late"}});
}

TEST_F(Acks, OfTheClientAreAwaited) {
  Words answers;
  const auto ask = [&](std::chrono::milliseconds timeout) {
    socket()->emit("ask", {}, timeout, [&answers](std::expected<Message, AckError> answer) {
      answers.push_back(answer ? boost::json::serialize(answer->args)
                               : std::to_string(std::to_underlying(answer.error())));
    });
    front.flush();
  };
  connect();
  ask(100ms);
  EXPECT_EQ(heard(), Words{R"(420["ask"])"});
  say(R"(430["yes"])");
  say(R"(430["again"])");
  say(R"(4399["made up"])");
  EXPECT_EQ(answers, Words{R"(["yes"])"});
  ask(100ms);
  client->pass(99ms);
  EXPECT_EQ(answers.size(), 1U);
  client->pass(1ms);
  EXPECT_EQ(answers.back(), "0") << "timed out";
  ask(100ms);
  socket()->close();
  EXPECT_EQ(answers.back(), "1") << "disconnected";
  EXPECT_EQ(answers.size(), 3U);
}

TEST_F(Binary, GoesBothWaysWithItsPlaceholders) {
  on_event = [](Socket& socket, Event event, Ack ack) {
    EXPECT_EQ(event.message.attachments, (Words{"\x01\x02", "\x03"}));
    if (ack) return ack(std::move(event.message));
    socket.emit("back", std::move(event.message));
  };
  connect();
  EXPECT_EQ(say(R"(452-["x",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}])"),
            Words{});
  client->send_binary("\x01\x02");
  EXPECT_TRUE(events.empty());
  client->send_binary("\x03");
  EXPECT_EQ(heard(),
            (Words{R"(452-["back",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}])",
                   "\x01\x02", "\x03"}));
  say(R"(452-789["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])");
  client->send_binary("\x01\x02");
  client->send_binary("\x03");
  EXPECT_EQ(heard().at(0),
            R"(462-789[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])");
}

TEST_F(Binary, InAnAcknowledgement) {
  std::optional<Message> answer;
  connect();
  socket()->emit("ask", {.args = {placeholder(0)}, .attachments = {"raw"}}, 1s,
                 [&answer](std::expected<Message, AckError> given) { answer = *std::move(given); });
  front.flush();
  EXPECT_EQ(heard(), (Words{R"(451-0["ask",{"_placeholder":true,"num":0}])", "raw"}));
  say(R"(461-0[{"_placeholder":true,"num":0}])");
  client->send_binary("answer");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->attachments, Words{"answer"});
}

TEST_F(Binary, OutOfPlaceClosesTheSession) {
  connect();
  client->send_binary("nobody asked");
  EXPECT_EQ(heard(), kClosed);
  connect();
  say(R"(451-["x",{"_placeholder":true,"num":0}])");
  EXPECT_EQ(say(R"(42["not now"])"), kClosed);
  connect();
  EXPECT_EQ(say(R"(451-["x",{"_placeholder":true,"num":1}])"), kClosed);
  connect();
  EXPECT_EQ(say(R"(450-["none"])"), Words{});
  EXPECT_EQ(events, Words{"none[]"});
}

TEST_F(Rooms, ReachThoseWhoAreIn) {
  auto& nsp = front.server->of("/");
  connect();
  const auto first = client->socket;
  socket()->join("blue");
  socket()->join("blue");
  connect();
  socket()->join("blue");
  socket()->join("red");
  nsp.emit("blue", "x", {.args = {1, placeholder(0)}, .attachments = {"b"}});
  nsp.emit("red", "y", {});
  nsp.emit("nobody", "z", {});
  socket()->emit(nsp.encode_json("raw", R"({"a":1},2)"));
  front.flush();
  const Words blue{R"(451-["x",1,{"_placeholder":true,"num":0}])", "b"};
  EXPECT_EQ(heard(), (Words{blue[0], blue[1], R"(42["y"])", R"(42["raw",{"a":1},2])"}));
  EXPECT_EQ(first->pipe->take().size(), 2U);
  socket()->leave("blue");
  socket()->leave("green");
  EXPECT_EQ(nsp.in_room("blue").size(), 1U);
  EXPECT_EQ(socket()->rooms(), std::set<std::string>{"red"});
  socket()->close();
  EXPECT_TRUE(nsp.in_room("red").empty());
}

TEST_F(Rooms, ATooSlowMemberHarmsNobody) {
  engine_limits.max_outgoing_bytes = 200;
  restart();
  auto& nsp = front.server->of("/");
  connect();
  socket()->join("all");
  client->socket->pipe->reads = false;
  connect();
  socket()->join("all");
  for (int i = 0; i < 10; ++i) {
    nsp.emit("all", "news", {.args = {std::string(40, 'x')}});
    front.flush();
  }
  EXPECT_EQ(disconnects, Words{"too slow"});
  EXPECT_EQ(heard().size(), 10U);
}

TEST_F(SocketLimit, OfNamespacesPerSession) {
  limits.max_namespaces_per_session = 1;
  restart();
  connect();
  EXPECT_EQ(say("40/custom,"), Words{R"(44/custom,{"message":"Too many namespaces"})"});
  say("41");
  EXPECT_EQ(say("40/custom,").at(0).substr(0, 10), "40/custom,");
}

TEST_F(SocketLimit, OfRoomsPerSocketAndTheirNames) {
  limits.max_rooms_per_socket = 2;
  limits.max_room_name_bytes = 3;
  restart();
  connect();
  EXPECT_TRUE(socket()->join("abc"));
  EXPECT_FALSE(socket()->join("abcd"));
  EXPECT_TRUE(socket()->join("b"));
  EXPECT_TRUE(socket()->join("b"));
  EXPECT_FALSE(socket()->join("c"));
  socket()->leave("b");
  EXPECT_TRUE(socket()->join("c"));
}

TEST_F(SocketLimit, OfAcknowledgementsOwed) {
  limits.max_pending_acks = 2;
  restart();
  connect();
  std::vector<AckError> errors;
  for (int i = 0; i < 3; ++i) {
    socket()->emit("ask", {}, 1s, [&errors](std::expected<Message, AckError> answer) {
      errors.push_back(answer.error());
    });
  }
  EXPECT_EQ(errors, std::vector{AckError::too_many});
  socket()->close();
  EXPECT_EQ(errors.size(), 3U);
}

TEST_F(SocketLimit, OfAttachments) {
  limits.packet.max_attachments = 2;
  limits.packet.max_attachment_bytes = 10;
  restart();
  connect();
  say(R"(452-["x"])");
  client->send_binary("12345");
  client->send_binary("67890");
  EXPECT_EQ(events, Words{"x[]"});
  EXPECT_EQ(say(R"(453-["x"])"), kClosed);
  connect();
  say(R"(452-["x"])");
  client->send_binary("12345");
  client->send_binary("678901");
  EXPECT_EQ(heard(), kClosed);
}

TEST_F(SocketLimit, FloodsLeaveNothing) {
  connect();
  for (int i = 0; i < 1'000; ++i) {
    say("40/none" + std::to_string(i) + ",");
    timers.advance(timers.now() + 1ms);
  }
  EXPECT_EQ(front.server->of("/").sockets(), 1U);
  say("41");
  EXPECT_EQ(front.server->of("/").sockets(), 0U);
}

}  // namespace
}  // namespace conveyor::socketio
