// Method: 200 clients that send their head a byte at a time, 200 that send their body so and 200
// that read their answers so are connected at the same time, while another client makes 100
// requests a second. Each of its requests must be answered as ever. The slow ones must all be
// closed, which is seen in the number of the server's sockets, and have been told 408 where an
// answer could be.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include <atomic>
#include <thread>

#include "support/process_sockets.h"
#include "support/raw_request.h"
#include "support/server_process.h"
#include "support/shop.h"

namespace conveyor::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kOfEach = 200;
constexpr std::chrono::milliseconds kLimit{5'000};  // of head, body and answer
constexpr std::chrono::milliseconds kDrip{50};      // between two bytes of a slow client
constexpr std::chrono::milliseconds kBetweenRequests{10};
constexpr int kRequests = 600;  // longer than the limit
/// Generous, for a busy machine; without limits they would never end.
constexpr std::chrono::seconds kPatience{60};

/// A client that never blocks and is slow on purpose.
class SlowClient {
 public:
  /// Sends `begin` at once; then `drips` tells whether it goes on sending, byte by byte, or
  /// reading.
  SlowClient(std::uint16_t port, const std::string& begin, bool drips)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), drips_(drips) {
    if (!drips) {
      // Little room on the way, so that an answer waits at the server.
      const int room = 4'096;
      const int segment = 536;
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
      ::setsockopt(fd_, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // NOLINTNEXTLINE: the socket API takes every address as a sockaddr
    const auto* where = reinterpret_cast<const sockaddr*>(&address);
    EXPECT_EQ(::connect(fd_, where, sizeof address), 0);
    EXPECT_EQ(::send(fd_, begin.data(), begin.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(begin.size()));
    ::fcntl(fd_, F_SETFL, O_NONBLOCK);
  }
  SlowClient(SlowClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        drips_(other.drips_),
        ended_(other.ended_),
        received_(std::move(other.received_)) {}
  SlowClient& operator=(SlowClient&&) = delete;
  ~SlowClient() {
    if (fd_ >= 0) ::close(fd_);
  }

  /// What there is to be waited for with poll(2): its end, or an answer.
  pollfd awaited() const { return {drips_ && !ended_ ? fd_ : -1, POLLIN, 0}; }

  /// One byte further.
  void drip() {
    if (ended_) return;
    if (drips_) ::send(fd_, "x", 1, MSG_NOSIGNAL);
    read(drips_ ? 4'096 : 1);
  }
  /// What is left, at once: the server has gone.
  const std::string& finish() {
    while (!ended_ && read(65'536)) {
    }
    return received_;
  }

 private:
  /// False if nothing has come.
  bool read(std::size_t most) {
    std::string bytes(most, '\0');
    const auto count = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (count > 0) received_.append(bytes, 0, static_cast<std::size_t>(count));
    ended_ = count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
    return count > 0;
  }

  int fd_;
  bool drips_;
  bool ended_ = false;
  std::string received_;
};

/// kRequests at their times, an order among each four; how many were answered as they should be.
int ask_steadily(const std::string& url) {
  Shop shop(url);
  int good = 0;
  const auto begin = Clock::now();
  for (int n = 0; n < kRequests; ++n) {
    std::this_thread::sleep_until(begin + n * kBetweenRequests);
    if (n % 4 == 0) {
      good += shop.place(order_json({}), "steady-" + std::to_string(n)).status == 201 ? 1 : 0;
    } else {
      good += shop.send("GET", "/v1/orders?limit=5").status == 200 ? 1 : 0;
    }
  }
  return good;
}

class SlowClients : public testing::Test {
 protected:
  SlowClients() {
    Shop shop(server.url());
    shop.set_stock("sku-1", 1'000'000);
    for (int n = 0; n < 30; ++n) last = shop.order({});
    shop.wait_for(last, {"completed"});
    page_bytes = shop.send("GET", "/v1/events?limit=200").body.size();
    EXPECT_GT(page_bytes, 50'000U);
  }

  void connect_all() {
    const auto port = port_of(server.url());
    const std::string get = "GET /v1/events?limit=200 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    RawRequest post;
    post.headers =
        "Content-Type: application/json\r\nIdempotency-Key: slow\r\n"
        "Content-Length: 100000\r\n";
    post.with_length = false;
    for (std::size_t i = 0; i < kOfEach; ++i) {
      heads.emplace_back(port, "GET /version HTTP/1.1\r\nX: ", true);
      bodies.emplace_back(port, post.bytes() + "{", true);
      readers.emplace_back(port, get + get + get, false);
    }
  }
  /// Until somebody is told something, or the next bytes are due.
  void wait_for_the_next_bytes() {
    std::vector<pollfd> all;
    for (auto* clients : {&heads, &bodies}) {
      for (auto& client : *clients) all.push_back(client.awaited());
    }
    ::poll(all.data(), all.size(), static_cast<int>(kDrip.count()));
  }
  void drip_all() {
    for (auto* clients : {&heads, &bodies, &readers}) {
      for (auto& client : *clients) client.drip();
    }
  }

  TemporaryFolder folder;
  ServerProcess server{folder.path("shop.db"),
                       {"--header-timeout-ms", std::to_string(kLimit.count()), "--body-timeout-ms",
                        std::to_string(kLimit.count()), "--write-timeout-ms",
                        std::to_string(kLimit.count()), "--linger-timeout-ms", "500"}};
  std::string last;
  std::size_t page_bytes = 0;
  std::vector<SlowClient> heads;
  std::vector<SlowClient> bodies;
  std::vector<SlowClient> readers;
};

TEST_F(SlowClients, AreClosedInTheirLimitsWhileOthersAreServed) {
  std::atomic<int> good{-1};
  std::thread steady([&] { good = ask_steadily(server.url()); });
  const auto others = 1U;  // the steady client's own connection
  ASSERT_TRUE(wait_until([&] { return sockets_of(server.pid()) > others; }));
  const auto begin = Clock::now();
  connect_all();
  std::size_t most = 0;
  std::size_t least = 3 * kOfEach;
  while (least > 10 && Clock::now() < begin + kPatience) {
    wait_for_the_next_bytes();
    drip_all();
    least = sockets_of(server.pid());
    most = std::max(most, least);
  }
  const auto took = Clock::now() - begin;
  steady.join();
  EXPECT_GE(most, 3 * kOfEach) << "they were never there at the same time";
  EXPECT_LE(least, 10U) << "the server keeps sockets of slow clients";
  EXPECT_GE(took, kLimit) << "they were closed for another reason";
  EXPECT_LT(took, kPatience);
  RecordProperty("closed_after", fmt::format("{} s", std::chrono::duration<double>(took).count()));
  EXPECT_EQ(good, kRequests) << "somebody else was not served meanwhile";

  for (auto* clients : {&heads, &bodies}) {
    for (auto& client : *clients) {
      EXPECT_TRUE(client.finish().starts_with("HTTP/1.1 408 ")) << client.finish();
      EXPECT_TRUE(client.finish().contains("request_timeout")) << client.finish();
    }
  }
  for (auto& client : readers) {
    EXPECT_TRUE(client.finish().starts_with("HTTP/1.1 2"));
    EXPECT_LT(client.finish().size(), 3 * page_bytes) << "it was served whole";
  }
  EXPECT_EQ(server.terminate(), 0);
}

}  // namespace
}  // namespace conveyor::test
