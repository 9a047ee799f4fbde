// Method: one connection over a pipe in memory; the closing handshake, pongs and each limit, with
// time moved by hand (RFC 6455 sections 4, 5.5 and 7).
#include "socketio/websocket.h"

#include <gtest/gtest.h>

#include "socketio/test_transport.h"
#include "socketio/websocket_handshake.h"

namespace conveyor::socketio {
namespace {

using namespace std::chrono_literals;

class WebSocketTest : public testing::Test, public WebSocket::User {
 protected:
  void SetUp() override { restart(); }
  void restart() {
    socket = std::make_shared<WebSocket>(timers, limits, *this);
    pipe = std::make_shared<FakePipe>();
    socket->open(pipe);
    ended = 0;
  }
  void feed(std::string_view bytes) {
    const auto held = socket;
    held->on_bytes(bytes);
    held->flush();
  }
  void on_message(WebSocket&, bool is_text, std::string message) override {
    messages.push_back((is_text ? "t:" : "b:") + message);
  }
  void on_end(WebSocket&) override { ++ended; }
  void on_drained(WebSocket&) override { ++drained; }

  Timers timers{Time{}};
  WebSocketLimits limits;
  std::shared_ptr<WebSocket> socket;
  std::shared_ptr<FakePipe> pipe;
  std::vector<std::string> messages;
  int ended = 0;
  int drained = 0;
};

using Frames = std::vector<ServerFrame>;

TEST_F(WebSocketTest, CarriesMessagesBothWays) {
  feed(client_text("hello") + client_binary("\x01"));
  EXPECT_EQ(messages, (std::vector<std::string>{"t:hello", "b:\x01"}));
  socket->send(Opcode::text, "one");
  socket->send(Opcode::binary, "two");
  EXPECT_TRUE(pipe->written.empty()) << "until flush()";
  socket->flush();
  EXPECT_EQ(pipe->writes, 1U);
  EXPECT_EQ(pipe->take(), (Frames{{Opcode::text, "one"}, {Opcode::binary, "two"}}));
}

TEST_F(WebSocketTest, AnswersPingsWithTheirPayload) {  // sections 5.5.2 and 5.5.3
  feed(client_frame(kFin | 9, "who?") + client_frame(kFin | 9, ""));
  EXPECT_EQ(pipe->take(), (Frames{{Opcode::pong, "who?"}, {Opcode::pong, ""}}));
  feed(client_frame(kFin | 10, "unasked"));
  EXPECT_TRUE(pipe->take().empty());
}

TEST_F(WebSocketTest, EchoesTheCloseOfItsPeerAndEnds) {  // sections 5.5.1 and 7.1
  feed(client_close(1001, "bye") + client_text("after"));
  EXPECT_EQ(pipe->take(), Frames{close_frame(1001)});
  EXPECT_TRUE(pipe->ended);
  EXPECT_EQ(ended, 1);
  EXPECT_TRUE(messages.empty());
  restart();
  feed(client_frame(kFin | 8, ""));
  EXPECT_EQ(pipe->take(), Frames{close_frame(1000)});
}

TEST_F(WebSocketTest, WaitsForThePeersHalfOfItsOwnClose) {  // section 7.1.2
  socket->close(CloseCode::normal, "done");
  EXPECT_EQ(pipe->take(), Frames{close_frame(1000, "done")});
  socket->send(Opcode::text, "nothing follows a close");
  feed(client_text("on its way"));
  EXPECT_TRUE(messages.empty());
  EXPECT_FALSE(pipe->ended);
  feed(client_close(1000));
  EXPECT_TRUE(pipe->ended);
  EXPECT_TRUE(pipe->take().empty());
  EXPECT_EQ(timers.next(), std::nullopt);
  EXPECT_EQ(ended, 0) << "who closes knows";
}

TEST_F(WebSocketTest, DoesNotWaitForEverForIt) {
  socket->close(CloseCode::normal, {});
  timers.advance(Time{} + limits.close_timeout - 1ms);
  EXPECT_FALSE(pipe->ended);
  timers.advance(Time{} + limits.close_timeout);
  EXPECT_TRUE(pipe->ended);
  restart();
  pipe->reads = false;
  socket->close(CloseCode::normal, {});
  timers.advance(timers.now() + limits.close_timeout);
  EXPECT_TRUE(pipe->aborted);
}

/// The only owner of its reader, as a server's is once the session has gone, and owned by it alone.
class OwningPipe final : public Pipe {
 public:
  void write(std::string_view bytes) override { pending_ += bytes.size(); }
  std::size_t pending() const override { return reads ? 0 : pending_; }
  ~OwningPipe() override { EXPECT_FALSE(ending_) << "a pipe outlives its own end"; }
  void end() override { let_go(); }
  void abort() override { let_go(); }
  std::shared_ptr<PipeReader> reader;
  bool reads = true;

 private:
  void let_go() {
    ending_ = true;
    reader.reset();
    ending_ = false;
  }
  std::size_t pending_ = 0;
  bool ending_ = false;
};

TEST_F(WebSocketTest, MayBeItsPipesAloneWhileItWaits) {
  for (const bool reads : {true, false}) {
    auto owning = std::make_shared<OwningPipe>();
    owning->reads = reads;
    auto last = std::make_shared<WebSocket>(timers, limits, *this);
    owning->reader = last;
    last->open(std::move(owning));
    last->close(CloseCode::normal, {});
    const std::weak_ptr<WebSocket> gone = std::exchange(last, nullptr);
    timers.advance(timers.now() + limits.close_timeout);
    EXPECT_TRUE(gone.expired());
  }
}

TEST_F(WebSocketTest, FailsAConnectionThatBreaksARule) {  // section 7.1.7
  feed(client_frame(kFin | 3, ""));
  const auto frames = pipe->take();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].opcode, Opcode::close);
  EXPECT_EQ(frames[0].payload.substr(0, 2), "\x03\xea");
  EXPECT_TRUE(pipe->ended);
  EXPECT_EQ(ended, 1);
}

TEST_F(WebSocketTest, TellsOfAConnectionThatIsGone) {
  const auto held = socket;
  held->on_gone();
  EXPECT_EQ(ended, 1);
  held->send(Opcode::text, "to nobody");
  held->flush();
  held->on_drained();
  EXPECT_EQ(drained, 0);
}

TEST_F(WebSocketTest, HasARateOfFrames) {
  limits.frames = {.per_second = 10, .burst = 3};
  restart();
  const auto empty_fragment = client_frame(0, "");
  feed(client_frame(1, "a") + empty_fragment + empty_fragment);
  EXPECT_EQ(ended, 0);
  feed(client_frame(kFin | 9, ""));
  EXPECT_EQ(pipe->take().at(0).payload.substr(0, 2), "\x03\xf0");  // 1008
  EXPECT_EQ(ended, 1);
}

TEST_F(WebSocketTest, HasARateOfBytes) {
  limits.bytes = {.per_second = 1'000, .burst = 100};
  restart();
  feed(client_text(std::string(100, 'x')));
  timers.advance(Time{} + 50ms);
  feed(client_text(std::string(50, 'x')));
  EXPECT_EQ(messages.size(), 2U);
  feed(client_text("x"));
  EXPECT_EQ(pipe->take().at(0).payload.substr(0, 2), "\x03\xf0");
  EXPECT_EQ(messages.size(), 2U);
}

TEST_F(WebSocketTest, AbortsAPeerThatDoesNotRead) {
  limits.max_outgoing_bytes = 1'000;
  restart();
  pipe->reads = false;
  for (int i = 0; i < 9 && ended == 0; ++i) {
    feed(client_frame(kFin | 9, std::string(120, 'p')));  // pongs that nobody takes
  }
  EXPECT_TRUE(pipe->aborted);
  EXPECT_EQ(ended, 1);
  EXPECT_LE(pipe->waiting, limits.max_outgoing_bytes + 200);
}

TEST(WebSocketHandshake, AcceptsTheRfcsExample) {  // section 1.3
  const auto headers = accept_websocket(websocket_request({}));
  ASSERT_TRUE(headers);
  EXPECT_EQ(*http::find_header(*headers, "Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(*http::find_header(*headers, "Upgrade"), "websocket");
  EXPECT_EQ(*http::find_header(*headers, "Connection"), "Upgrade");
}

TEST(WebSocketHandshake, RefusesWhatIsNotOne) {  // section 4.2.1
  const auto status_with = [](std::string_view name, std::optional<std::string> value) {
    auto request = websocket_request({});
    std::erase_if(request.headers, [&](const Header& header) { return header.name == name; });
    if (value) request.headers.push_back({std::string{name}, *value});
    const auto answer = accept_websocket(request);
    return answer ? 101 : answer.error().status;
  };
  EXPECT_EQ(status_with("Upgrade", "h2c, WebSocket"), 101);
  EXPECT_EQ(status_with("Connection", "upgrade"), 101);
  EXPECT_EQ(status_with("Upgrade", "websockets"), 400);
  EXPECT_EQ(status_with("Upgrade", {}), 400);
  EXPECT_EQ(status_with("Connection", "keep-alive"), 400);
  EXPECT_EQ(status_with("Sec-WebSocket-Key", {}), 400);
  EXPECT_EQ(status_with("Sec-WebSocket-Key", "c2hvcnQ="), 400);
  EXPECT_EQ(status_with("Sec-WebSocket-Key", "not base64 at all"), 400);
  EXPECT_EQ(status_with("Sec-WebSocket-Version", "8"), 426);
  EXPECT_EQ(status_with("Sec-WebSocket-Version", {}), 426);
  auto twice = websocket_request({});
  twice.headers.push_back({"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="});
  EXPECT_EQ(accept_websocket(twice).error().status, 400);
  auto post = websocket_request({});
  post.method = "POST";
  EXPECT_EQ(accept_websocket(post).error().status, 400);
  EXPECT_EQ(*http::find_header(
                accept_websocket({.method = "GET",
                                  .headers = {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}}})
                    .error()
                    .headers,
                "Sec-WebSocket-Version"),
            "13");
}

}  // namespace
}  // namespace conveyor::socketio
