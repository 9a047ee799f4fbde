// Method: two servers, of which one has a time limit of 200 ms by its setting and the other of an
// hour, as all their other limits are. The same client is at both: the one closes it, or tells it
// 408, and the other, after that has been seen, still serves it. Nothing waits for a time to pass,
// so a slow machine changes nothing. What holds an answer up is in tests/cli: it needs a store that
// a test can stop.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <fstream>

#include "support/process_sockets.h"
#include "support/raw_request.h"
#include "support/server_process.h"
#include "support/shop.h"

namespace conveyor::test {
namespace {

constexpr int kBeginsWithinMs = 60'000;
const std::string kShort = "200";
const std::string kHour = "3600000";
const std::string kGet = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
const std::string kLastGet =
    "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// A server whose time limits are an hour each but for what is given.
class Server {
 public:
  explicit Server(const std::vector<std::string>& flags = {})
      : process_(folder_.path("shop.db"), with_hours(flags)),
        at_rest_(sockets_of(process_.pid())) {}

  http::TestSocket connect() const {
    http::TestSocket socket(port_of(process_.url()));
    socket.allow_reset();
    return socket;
  }
  const std::string& url() const { return process_.url(); }
  std::size_t connections() const { return sockets_of(process_.pid()) - at_rest_; }
  bool comes_to(std::size_t connections_left) const {
    return wait_until([&] { return connections() == connections_left; });
  }

 private:
  static std::vector<std::string> with_hours(std::vector<std::string> flags) {
    for (const auto* flag : {"--header-timeout-ms", "--body-timeout-ms", "--idle-timeout-ms",
                             "--write-timeout-ms", "--linger-timeout-ms"}) {
      if (std::ranges::count(flags, flag) > 0) continue;
      flags.emplace_back(flag);
      flags.push_back(kHour);
    }
    return flags;
  }

  TemporaryFolder folder_;
  ServerProcess process_;
  std::size_t at_rest_;
};

/// 0: the connection was closed instead.
int next_status(http::TestSocket& socket) {
  const auto answer = socket.read_answer();
  return answer ? answer->status : 0;
}

void expect_told_408(http::TestSocket& socket) {
  const auto answer = socket.read_answer();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(problem_text(*answer), "408 request_timeout");
  EXPECT_EQ(socket.read_to_end(), "");
}

TEST(TimeLimits, OfAHead) {
  const Server patient;
  const Server brief({"--header-timeout-ms", kShort});
  auto served = patient.connect();
  auto silent_but_served = patient.connect();
  auto cut = brief.connect();
  auto silent = brief.connect();
  for (auto* socket : {&served, &cut}) socket->send("GET /health/live HTTP/1.1\r\nHost: localhost");
  expect_told_408(cut);
  EXPECT_EQ(silent.read_to_end(), "");
  served.send("\r\n\r\n");
  EXPECT_EQ(next_status(served), 200);
  silent_but_served.send(kGet);
  EXPECT_EQ(next_status(silent_but_served), 200);
}

TEST(TimeLimits, OfABody) {
  const Server patient;
  const Server brief({"--body-timeout-ms", kShort});
  auto served = patient.connect();
  auto cut = brief.connect();
  RawRequest request{.headers = "Content-Type: application/json\r\nIdempotency-Key: slow\r\n",
                     .body = order_json({})};
  const auto bytes = request.bytes();
  const auto half = bytes.size() - request.body.size() / 2;
  for (auto* socket : {&served, &cut}) socket->send(bytes.substr(0, half));
  expect_told_408(cut);
  served.send(bytes.substr(half));
  EXPECT_EQ(next_status(served), 201);
}

TEST(TimeLimits, BetweenRequests) {
  const Server patient;
  const Server brief({"--idle-timeout-ms", kShort});
  auto served = patient.connect();
  auto cut = brief.connect();
  for (auto* socket : {&served, &cut}) {
    socket->send(kGet);
    EXPECT_EQ(next_status(*socket), 200);
  }
  EXPECT_EQ(cut.read_to_end(), "");
  served.send(kGet);
  EXPECT_EQ(next_status(served), 200);
}

/// What the kernel may hold of one direction of a connection, `setting` being tcp_rmem or tcp_wmem.
std::size_t most_buffered(std::string_view setting) {
  std::ifstream file(fmt::format("/proc/sys/net/ipv4/{}", setting));
  std::size_t least = 0;
  std::size_t usual = 0;
  std::size_t most = 0;
  file >> least >> usual >> most;
  EXPECT_GT(most, 0U);
  return most;
}

/// Until the answer has begun to come.
http::TestSocket ask_and_not_read(const Server& server, std::size_t times) {
  auto socket = server.connect();
  std::string all;
  for (std::size_t n = 0; n < times; ++n) {
    all += "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n" +
           std::string{n + 1 == times ? "Connection: close\r\n" : ""} + "\r\n";
  }
  socket.send(all);
  pollfd begun{.fd = socket.fd(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&begun, 1, kBeginsWithinMs), 1);
  return socket;
}

TEST(TimeLimits, OfAnAnswer) {
  const Server patient;
  const Server brief({"--write-timeout-ms", kShort});
  const auto size = Shop(patient.url()).send("GET", "/openapi.json").body.size();
  ASSERT_TRUE(patient.comes_to(0));
  const auto times = (most_buffered("tcp_rmem") + most_buffered("tcp_wmem")) / size + 10;
  auto served = ask_and_not_read(patient, times);
  auto cut = ask_and_not_read(brief, times);
  EXPECT_TRUE(brief.comes_to(0)) << "the server keeps a client that does not read";
  EXPECT_LT(cut.read_to_end().size(), times * size);
  EXPECT_EQ(patient.connections(), 1U);
  EXPECT_GT(served.read_to_end().size(), times * size) << "not all of it came";
}

TEST(TimeLimits, OfReadingOnAfterTheLastAnswer) {
  const Server patient;
  const Server brief({"--linger-timeout-ms", kShort});
  auto kept = patient.connect();
  auto cut = brief.connect();
  for (auto* socket : {&kept, &cut}) {
    socket->send(kLastGet);
    EXPECT_EQ(next_status(*socket), 200);
  }
  EXPECT_TRUE(brief.comes_to(0)) << "the server reads on for ever";
  EXPECT_EQ(patient.connections(), 1U);
  kept.close();
  EXPECT_TRUE(patient.comes_to(0));
}

/// The last limit of a connection, in bytes: here the edge is exact.
TEST(TimeLimits, OfTheBytesThatAreReadOn) {
  constexpr std::size_t kBytes = 1'000;
  const Server server({"--max-linger-bytes", std::to_string(kBytes)});
  auto socket = server.connect();
  socket.send(kLastGet);
  EXPECT_EQ(next_status(socket), 200);
  socket.send(std::string(kBytes, 'x'));
  // The server has one thread for connections: once it answers this, it has read those bytes.
  auto other = server.connect();
  other.send(kGet);
  EXPECT_EQ(next_status(other), 200);
  EXPECT_EQ(server.connections(), 2U) << "it was closed a byte too early";
  socket.send("x");
  EXPECT_TRUE(server.comes_to(1)) << "the server reads on for ever";
}

}  // namespace
}  // namespace conveyor::test
