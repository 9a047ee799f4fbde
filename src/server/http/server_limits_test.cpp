// Method: each limit is set small and met at both sides of its edge. Time-outs are some tens of
// milliseconds; the tests block on the socket until the server closes, they never sleep.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>

#include <future>

#include "server/http/test_server.h"

namespace conveyor::http {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr milliseconds kShort{40};

class ServerLimitsTest : public ServerTest {
 protected:
  ServerLimitsTest() {
    // A test shortens the one that it is about.
    options.header_timeout = options.body_timeout = options.idle_timeout = options.write_timeout =
        options.linger_timeout = std::chrono::hours(1);
  }

  /// A request whose head, with its empty line, has exactly this size.
  static std::string head_of(std::size_t size) {
    std::string head = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: ";
    head.append(size - head.size() - 4, 'x');
    return head + "\r\n\r\n";
  }

  static std::string post(std::size_t size) {
    return "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: " +
           std::to_string(size) + "\r\n\r\n";
  }

  static std::string chunked(const std::string& body) {
    return "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: "
           "chunked\r\n\r\n" +
           body;
  }

  /// Whether a client that goes on sending after the last answer meets a closed connection.
  bool is_closed_over_what_it_sends(std::string_view bytes) {
    TestSocket socket = connect();
    socket.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(socket.read_to_end().substr(0, 12), "HTTP/1.1 200");
    for (int i = 0; i < 5'000; ++i) {
      pollfd broken{.fd = socket.fd(), .events = 0, .revents = 0};
      if (!socket.send(bytes) || ::poll(&broken, 1, 2) > 0) return true;
    }
    return false;
  }
};

TEST_F(ServerLimitsTest, HeaderBytes) {
  start();
  EXPECT_EQ(options.max_header_bytes, 16U * 1'024);
  EXPECT_TRUE(talk(head_of(options.max_header_bytes)).starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(talk(head_of(options.max_header_bytes + 1)).starts_with("HTTP/1.1 431 "));
  // Refused as soon as it can no longer end in time.
  const std::string endless = "GET /" + std::string(options.max_header_bytes - 5, 'x');
  EXPECT_TRUE(talk(endless).starts_with("HTTP/1.1 431 "));
}

TEST_F(ServerLimitsTest, HeaderCount) {
  options.max_header_count = 3;
  start();
  const std::string two = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
  EXPECT_TRUE(talk(two + "X: 1\r\n\r\n").starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(talk(two + "X: 1\r\nX: 2\r\n\r\n").starts_with("HTTP/1.1 431 "));
}

TEST_F(ServerLimitsTest, BodyBytesDeclared) {
  start();
  const std::size_t max = options.max_body_bytes;
  EXPECT_EQ(max, 256U * 1'024);
  EXPECT_TRUE(talk(post(max) + std::string(max, 'x')).starts_with("HTTP/1.1 200 "));
  // Refused before a byte of it is sent, and so whether or not the client asks first.
  EXPECT_TRUE(talk(post(max + 1)).starts_with("HTTP/1.1 413 "));
  std::string asking = post(max + 1);
  asking.insert(asking.size() - 2, "Expect: 100-continue\r\n");
  EXPECT_TRUE(talk(asking).starts_with("HTTP/1.1 413 "));
  std::string huge = post(0);
  huge.insert(huge.size() - 4, 30, '9');
  EXPECT_TRUE(talk(huge).starts_with("HTTP/1.1 413 "));
}

TEST_F(ServerLimitsTest, BodyBytesInChunks) {
  options.max_body_bytes = 10;
  start();
  const std::string seven = "7\r\nabcdefg\r\n";
  const std::string answer = talk(chunked(seven + "3\r\nhij\r\n0\r\n\r\n"));
  EXPECT_TRUE(answer.ends_with("POST / abcdefghij")) << answer;
  EXPECT_TRUE(talk(chunked(seven + "4\r\nhijk\r\n0\r\n\r\n")).starts_with("HTTP/1.1 413 "));
  EXPECT_TRUE(talk(chunked("ffffffffffffffff\r\n")).starts_with("HTTP/1.1 413 "));
}

TEST_F(ServerLimitsTest, ChunkLinesAndTrailers) {
  options.max_header_bytes = 1'000;
  start();
  const std::string trailers = "0\r\nX: " + std::string(900, 'x') + "\r\n\r\n";
  EXPECT_TRUE(talk(chunked(trailers)).starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(talk(chunked("0\r\nX: " + std::string(1'000, 'x'))).starts_with("HTTP/1.1 431 "));
  EXPECT_TRUE(talk(chunked("1;" + std::string(1'000, 'x'))).starts_with("HTTP/1.1 431 "));
}

TEST_F(ServerLimitsTest, Connections) {
  options.max_connections = 2;
  options.max_refusals = 1;
  start();
  auto first = std::make_unique<TestSocket>(connect());
  TestSocket second = connect();
  EXPECT_EQ(first->get("/")->status, 200);
  EXPECT_EQ(second.get("/")->status, 200);
  EXPECT_EQ(server->open_connections(), 2U);
  {
    TestSocket refused = connect();
    EXPECT_EQ(refused.read_to_end(),
              closing_error("503 Service Unavailable",
                            "too_many_connections: the server has no room for another one"));
    TestSocket unheard = connect();
    EXPECT_EQ(unheard.read_to_end(), "") << "no more than max_refusals are told";
  }
  EXPECT_EQ(second.get("/")->status, 200);
  first.reset();
  // The place is free once the server has seen the end of the first.
  int status = 0;
  for (int i = 0; i < 10'000 && status != 200; ++i) {
    TestSocket next = connect();
    next.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    const auto answer = next.read_answer();
    status = answer ? answer->status : 0;
  }
  EXPECT_EQ(status, 200);
}

TEST_F(ServerLimitsTest, ASilentClientIsClosedWithoutAnswer) {
  options.header_timeout = kShort;
  start();
  EXPECT_EQ(connect().read_to_end(), "");
}

TEST_F(ServerLimitsTest, ASlowHeadIsTimedOutHoweverItDrips) {
  options.header_timeout = kShort;
  start();
  EXPECT_EQ(talk("GET / HTTP/1.1\r\nHos"),
            closing_error("408 Request Timeout",
                          "request_timeout: the request line and headers took too long"));
  TestSocket socket = connect();
  socket.send("GET /");
  pollfd readable{.fd = socket.fd(), .events = POLLIN, .revents = 0};
  int drops = 0;
  while (::poll(&readable, 1, 2) == 0 && drops < 5'000) {
    socket.send("x");
    ++drops;
  }
  EXPECT_GT(drops, 1);
  EXPECT_TRUE(socket.read_to_end().starts_with("HTTP/1.1 408 "));
}

TEST_F(ServerLimitsTest, ASlowBodyIsTimedOut) {
  options.body_timeout = kShort;
  start();
  const std::string expected =
      closing_error("408 Request Timeout", "request_timeout: the body took too long");
  EXPECT_EQ(talk(post(3) + "ab"), expected);
  EXPECT_EQ(talk(chunked("3\r\nab")), expected);
}

TEST_F(ServerLimitsTest, AnIdleConnectionIsClosedWithoutAnswer) {
  options.idle_timeout = kShort;
  start();
  TestSocket socket = connect();
  EXPECT_EQ(socket.get("/")->status, 200);
  EXPECT_EQ(socket.read_to_end(), "");
}

TEST_F(ServerLimitsTest, TheHandlerMayTakeLongerThanAnyOfThem) {
  options.header_timeout = options.body_timeout = options.idle_timeout = kShort;
  options.write_timeout = kShort;
  start_holding();
  TestSocket slow = connect();
  slow.send(kGet);
  auto [request, respond] = held.take();
  EXPECT_EQ(connect().read_to_end(), "") << "by now a time-out has passed";
  EXPECT_EQ(connect().read_to_end(), "");
  respond({.status = 200, .body = "late"});
  EXPECT_EQ(slow.read_answer()->body, "late");
}

TEST_F(ServerLimitsTest, AClientThatDoesNotReadIsClosed) {
  options.write_timeout = kShort;
  std::promise<std::size_t> sent;
  options.on_complete = [&](const RequestInfo& info) { sent.set_value(info.bytes_sent); };
  constexpr std::size_t kSize = 64'000'000;
  start([](const Request&, Respond respond) {
    respond({.status = 200, .body = std::string(kSize, 'x')});
  });
  TestSocket socket = connect();
  socket.send(kGet);
  auto sent_bytes = sent.get_future();
  ASSERT_EQ(sent_bytes.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  EXPECT_LT(sent_bytes.get(), kSize);
  server->stop();
  EXPECT_EQ(server->open_connections(), 0U);
}

TEST_F(ServerLimitsTest, AnAnswerSurvivesTheRestOfTheRequest) {
  options.max_linger_bytes = 64'000'000;
  start();
  TestSocket socket = connect();
  constexpr std::size_t kSize = 8'000'000;
  ASSERT_TRUE(socket.send(post(kSize)));
  ASSERT_TRUE(socket.send(std::string(kSize, 'x'))) << "the server reads on though it refused";
  EXPECT_TRUE(socket.read_to_end().starts_with("HTTP/1.1 413 "));
}

TEST_F(ServerLimitsTest, LingeringIsBoundedInTime) {
  options.linger_timeout = kShort;
  start();
  EXPECT_TRUE(is_closed_over_what_it_sends("x"));
}

TEST_F(ServerLimitsTest, LingeringIsBoundedInBytes) {
  options.max_linger_bytes = 100'000;
  start();
  EXPECT_TRUE(is_closed_over_what_it_sends(std::string(1'000, 'x')));
}

TEST_F(ServerLimitsTest, AcceptsAgainAfterDescriptorsRanOut) {
  start();
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const int next_fd = ::dup(0);
  ASSERT_GE(next_fd, 0);
  ::close(next_fd);
  // One is left, for the client's socket.
  const rlimit tight{.rlim_cur = static_cast<rlim_t>(next_fd) + 1, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
  TestSocket socket = connect();
  socket.send(kGet);
  pollfd readable{.fd = socket.fd(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&readable, 1, 100), 0) << "it must not have been accepted";
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(socket.read_answer()->status, 200);
}

}  // namespace
}  // namespace conveyor::http
