// Method: a scripted peer sends an answer without a known end in exact pieces; the test takes them
// and tells the script when to go on.
#include <gtest/gtest.h>

#include <future>

#include "adapters/http/client.h"
#include "adapters/http/test_peer.h"

namespace conveyor::http {
namespace {

using std::chrono::milliseconds;
using Kind = ClientError::Kind;

constexpr std::string_view kHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

class ClientReceives : public testing::Test {
 protected:
  /// Takes until `enough` says so.
  std::expected<ClientResponse, ClientError> receive(
      const ScriptedServer& server, const std::function<bool()>& enough = [] { return false; },
      milliseconds silence = std::chrono::hours(1), ClientOptions options = {}) {
    Client client(server.url(), options);
    const std::vector<Header> headers{{"Accept", "text/event-stream"}};
    return client.receive("/stream", headers,
                          {.take =
                               [&](std::string_view bytes) {
                                 taken += bytes;
                                 return !enough();
                               },
                           .poll = milliseconds(1),
                           .silence_timeout = silence});
  }

  std::string taken;
};

TEST_F(ClientReceives, EachPieceAsItComesAndTheEnd) {
  std::string request;
  std::promise<void> first_taken;
  ScriptedServer server({[&](Peer& peer) {
    request = peer.read_request();
    peer.send(kHead);
    peer.send("5\r\nhello\r\n");
    first_taken.get_future().wait();
    peer.send("1\r\n,\r\n6\r\n world\r\n0\r\n\r\n");
  }});
  bool told = false;
  const auto answer = receive(server, [&] {
    if (taken == "hello" && !std::exchange(told, true)) first_taken.set_value();
    return false;
  });
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "");
  EXPECT_EQ(taken, "hello, world");
  EXPECT_TRUE(request.starts_with("GET /stream HTTP/1.1\r\n")) << request;
  EXPECT_TRUE(request.contains("\r\nAccept: text/event-stream\r\n")) << request;
}

TEST_F(ClientReceives, MoreThanAnAnswerMayHaveThatIsKept) {
  const std::string piece(16, 'x');
  ScriptedServer server({[&](Peer& peer) {
    peer.read_request();
    peer.send(kHead);
    for (int i = 0; i < 100; ++i) peer.send("10\r\n" + piece + "\r\n");
    peer.send("0\r\n\r\n");
  }});
  EXPECT_TRUE(receive(server, [] { return false; }, std::chrono::hours(1), {.max_body_bytes = 64}));
  EXPECT_EQ(taken.size(), 1'600U);
}

TEST_F(ClientReceives, UntilTheSinkHasEnough) {
  for (const bool while_silent : {false, true}) {
    taken.clear();
    ScriptedServer server({[&](Peer& peer) {
      peer.read_request();
      peer.send(kHead);
      if (!while_silent) peer.send("5\r\nhello\r\n");
      peer.read_to_end();
    }});
    int asked = 0;
    const auto answer = receive(server, [&] { return !taken.empty() || ++asked == 3; });
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(taken, while_silent ? "" : "hello");
  }
}

TEST_F(ClientReceives, AnErrorWhenTheConnectionBreaks) {
  ScriptedServer server({[&](Peer& peer) {
    peer.read_request();
    peer.send(kHead);
    peer.send("5\r\nhello\r\n5\r\nwo");
  }});
  const auto answer = receive(server);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, Kind::kReset);
  EXPECT_TRUE(taken.starts_with("hello"));
}

TEST_F(ClientReceives, AnErrorWhenNothingComesForTooLong) {
  ScriptedServer server({[&](Peer& peer) {
    peer.read_request();
    peer.send(kHead);
    peer.read_to_end();
  }});
  const auto answer = receive(server, [] { return false; }, milliseconds(20));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, Kind::kTimedOut);
}

TEST_F(ClientReceives, AnErrorWhenTheHeadDoesNotComeInTime) {
  ScriptedServer server({[&](Peer& peer) {
    peer.read_request();
    peer.read_to_end();
  }});
  const auto answer = receive(server, [] { return false; }, std::chrono::hours(1),
                              {.request_timeout = milliseconds(20)});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, Kind::kTimedOut);
}

TEST_F(ClientReceives, ARefusalWhole) {
  ScriptedServer server({[&](Peer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 410 Gone\r\nContent-Length: 4\r\n\r\ngone");
    peer.read_to_end();
  }});
  const auto answer = receive(server);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 410);
  EXPECT_EQ(answer->body, "gone");
  EXPECT_EQ(taken, "");
}

TEST_F(ClientReceives, NoRefusalThatIsTooLarge) {
  ScriptedServer server({[&](Peer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 500 No\r\nContent-Length: 5\r\n\r\nlarge");
    peer.read_to_end();
  }});
  const auto answer =
      receive(server, [] { return false; }, std::chrono::hours(1), {.max_body_bytes = 4});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, Kind::kMalformed);
}

}  // namespace
}  // namespace conveyor::http
