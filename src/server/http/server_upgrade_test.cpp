// Method: real connections whose answer changes the protocol, or takes long; the test plays both
// sides and decides when either goes on.
#include <condition_variable>
#include <mutex>

#include "server/http/test_server.h"

namespace conveyor::http {
namespace {

/// What the server's side of a changed connection is told, kept for the test.
class Other {
 public:
  void say(std::string what) {
    const std::lock_guard lock(mutex_);
    said_.push_back(std::move(what));
    came_.notify_all();
  }
  std::string next() {
    std::unique_lock lock(mutex_);
    if (!came_.wait_for(lock, std::chrono::seconds(20), [this] { return !said_.empty(); })) {
      ADD_FAILURE() << "nothing came";
      return {};
    }
    auto first = std::move(said_.front());
    said_.erase(said_.begin());
    return first;
  }
  bool is_silent() {
    const std::lock_guard lock(mutex_);
    return said_.empty();
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<std::string> said_;
};

class UpgradeTest : public ServerTest {
 protected:
  void TearDown() override { server.reset(); }  // before what it tells

  /// Each request becomes a connection of another protocol.
  void start_upgrading() {
    start([this](const Request&, Respond respond) {
      stream = std::make_shared<Stream>(1'000, [this] {
        if (stream->is_over()) other.say("over");
      });
      Response response{.status = 101, .headers = {{"Upgrade", "test"}}};
      response.stream = Stream::body_of(stream);
      response.on_bytes = [this](std::string bytes) { other.say(std::move(bytes)); };
      respond(std::move(response));
    });
  }
  TestSocket upgraded(std::string_view more = {}) {
    TestSocket socket = connect();
    socket.send(std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n").append(more));
    EXPECT_EQ(socket.read_until("\r\n\r\n"),
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: test\r\nConnection: Upgrade\r\n\r\n");
    return socket;
  }

  std::shared_ptr<Stream> stream;
  Other other;
};

TEST_F(UpgradeTest, CarriesBytesBothWays) {
  start_upgrading();
  TestSocket socket = upgraded();
  socket.send("hello");
  EXPECT_EQ(other.next(), "hello");
  stream->write("one");
  stream->write("two");
  EXPECT_EQ(socket.read_until("onetwo"), "onetwo") << "as they are, without chunks";
  stream->end();
  EXPECT_EQ(socket.read_to_end(), "");
}

TEST_F(UpgradeTest, KeepsWhatCameWithTheRequest) {
  start_upgrading();
  TestSocket socket = upgraded("early");
  EXPECT_EQ(other.next(), "early");
  stream->end();
}

TEST_F(UpgradeTest, ReadsOnOnlyWhenAsked) {
  start_upgrading();
  TestSocket socket = upgraded();
  socket.send("first");
  EXPECT_EQ(other.next(), "first");
  socket.send("second");
  stream->write("?");  // a turn of the io thread that reads if it may
  EXPECT_EQ(socket.read_until("?"), "?");
  EXPECT_TRUE(other.is_silent());
  stream->read_on();
  EXPECT_EQ(other.next(), "second");
  stream->end();
}

TEST_F(UpgradeTest, TellsWhenTheClientGoes) {
  start_upgrading();
  TestSocket socket = upgraded();
  socket.close();
  EXPECT_EQ(other.next(), "over");
}

TEST_F(UpgradeTest, IsCut) {
  start_upgrading();
  TestSocket socket = upgraded();
  stream->cut();
  socket.allow_reset();
  EXPECT_EQ(socket.read_to_end(), "");
  EXPECT_EQ(other.next(), "over");
  EXPECT_FALSE(stream->write("nothing"));
}

TEST_F(UpgradeTest, TheLastWordsArriveAlsoIfTheClientStillSends) {
  start_upgrading();
  TestSocket socket = upgraded();
  socket.send("on its way");
  stream->write("last words");
  stream->end();
  EXPECT_EQ(socket.read_to_end(), "last words");
}

TEST_F(UpgradeTest, IsNoStreamOfTheLimit) {
  options.max_streams = 0;
  start_upgrading();
  TestSocket socket = upgraded();
  stream->end();
}

TEST_F(UpgradeTest, NeedsHttp11) {
  start_upgrading();
  EXPECT_EQ(talk("GET / HTTP/1.0\r\nHost: x\r\n\r\n").substr(0, 12), "HTTP/1.1 400");
}

TEST_F(UpgradeTest, WithoutAStreamIsADefectOfTheHandler) {
  start([](const Request&, Respond respond) { respond({.status = 101}); });
  TestSocket socket = connect();
  EXPECT_EQ(socket.get("/")->status, 500);
}

TEST_F(UpgradeTest, EndsWhenTheServerStops) {
  start_upgrading();
  TestSocket socket = upgraded();
  server->stop();
  EXPECT_EQ(socket.read_to_end(), "");
  EXPECT_EQ(other.next(), "over");
}

class WatchTest : public ServerTest {
 protected:
  void TearDown() override { server.reset(); }

  /// Holds a request and watches its client.
  void begin() {
    start([this](Request request, Respond respond) {
      respond.when_gone([this] { other.say("gone"); });
      held(std::move(request), std::move(respond));
    });
  }
  Other other;
};

TEST_F(WatchTest, TellsOfAClientThatGoes) {
  begin();
  TestSocket socket = connect();
  socket.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  auto [request, respond] = held.take();
  EXPECT_TRUE(other.is_silent());
  socket.close();
  EXPECT_EQ(other.next(), "gone");
  respond(text_response(200, "to nobody"));
}

TEST_F(WatchTest, SaysNothingOfOneThatIsAnswered) {
  begin();
  TestSocket socket = connect();
  for (int i = 0; i < 3; ++i) {
    socket.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    auto [request, respond] = held.take();
    respond(text_response(200, "here"));
    EXPECT_EQ(socket.read_answer()->status, 200);
  }
  socket.close();
  server->stop();
  EXPECT_TRUE(other.is_silent());
}

TEST_F(WatchTest, AnswersOneThatSendsItsNextRequest) {
  begin();
  TestSocket socket = connect();
  socket.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
  auto [request, respond] = held.take();
  socket.send("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  respond(text_response(200, "one"));
  EXPECT_EQ(socket.read_answer()->body, "one\n");
  auto [second, respond_second] = held.take();
  EXPECT_EQ(second.path, "/2");
  respond_second(text_response(200, "two"));
  EXPECT_EQ(socket.read_answer()->body, "two\n");
}

}  // namespace
}  // namespace conveyor::http
