// Method: clients of live updates abuse a server in every way that the limits of src/socketio know,
// over real sockets and in rounds. Each is cut as docs say; after each round every place is free
// again, an honest client is served as ever, and the memory of the process comes back to what it
// was after the first rounds.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <fstream>
#include <vector>

#include "support/live_client.h"
#include "support/process_memory.h"
#include "support/raw_request.h"
#include "support/sanitized.h"
#include "support/server_process.h"
#include "support/shop.h"

namespace conveyor::test {
namespace {

using socketio::client_frame;
using socketio::client_text;
using socketio::kFin;

constexpr std::size_t kMaxClients = 300;
constexpr std::size_t kOfEach = 40;
constexpr int kRoundsBefore = 2;  // until everything that is made once has been made
constexpr int kRounds = 5;
/// Long enough that no session of a flood ends before the last one is refused.
const std::string kPing = std::to_string(500 * kPatience);
constexpr std::size_t kStatusSize = 3;  // a sid is longer
constexpr std::int64_t kToleranceKb = 8 * 1'024;

class LiveAbuse : public testing::Test {
 protected:
  LiveAbuse() { shop.set_stock("sku-1", 1'000'000); }

  std::optional<http::TestAnswer> poll(std::string_view query) const {
    http::TestSocket socket(port);
    socket.send(
        fmt::format("GET /socket.io/?EIO=4&transport=polling{} HTTP/1.1\r\n"
                    "Host: localhost\r\n\r\n",
                    query));
    return socket.read_answer();
  }
  /// A handshake over polling; the sid, or the status of the refusal.
  std::string open_polling() const {
    const auto answer = poll("");
    if (!answer || answer->status != 200) return std::to_string(answer ? answer->status : 0);
    return std::string{boost::json::parse(answer->body.substr(1)).at("sid").as_string()};
  }
  http::TestSocket open_websocket(std::string_view query = "") const {
    http::TestSocket socket(port);
    socket.allow_reset();
    socket.send(
        fmt::format("GET /socket.io/?EIO=4&transport=websocket{} HTTP/1.1\r\nHost: localhost\r\n"
                    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                    "Sec-WebSocket-Version: 13\r\n\r\n",
                    query));
    EXPECT_EQ(socket.read_until("\r\n\r\n").substr(0, 12), "HTTP/1.1 101");
    return socket;
  }
  /// A client that is connected and sends `bytes`: the code with which it is closed, 0 if without.
  int code_after(std::string_view bytes) const {
    auto socket = open_websocket();
    socket.send(client_text("40"));
    socket.send(bytes);
    constexpr std::string_view kClose = "\x88";  // in nothing else that the server sends to these
    auto frame = socket.read_until(kClose);
    if (!frame.ends_with(kClose)) return 0;
    frame.clear();
    while (frame.size() < 3) {
      const auto more = socket.read_some();
      if (more.empty()) return 0;
      frame += more;
    }
    const auto at = [&frame](std::size_t i) { return static_cast<std::uint8_t>(frame[i]); };
    return at(1) << 8 | at(2);
  }
  static std::string many(const std::string& frame, int count) {
    std::string all;
    for (int i = 0; i < count; ++i) all += frame;
    return all;
  }

  /// Handshakes of clients that never come back, until one is refused.
  void flood_of_connects() const {
    for (std::size_t count = 0; count < 10 * kMaxClients; ++count) {
      if (const auto answer = open_polling(); answer.size() == kStatusSize) {
        EXPECT_EQ(answer, "503");
        return;
      }
    }
    ADD_FAILURE() << "no handshake is refused";
  }
  /// Takes every place and gives it back. False: some were not free.
  bool all_places_are_free() const {
    std::vector<std::string> sessions;
    while (sessions.size() < kMaxClients) {
      sessions.push_back(open_polling());
      if (sessions.back().size() == kStatusSize) break;
    }
    for (const auto& sid : sessions) {
      http::TestSocket socket(port);
      socket.send(
          fmt::format("POST /socket.io/?EIO=4&transport=polling&sid={} HTTP/1.1\r\n"
                      "Host: localhost\r\nContent-Length: 1\r\n\r\n1",
                      sid));
      socket.read_answer();
    }
    return sessions.back().size() != kStatusSize;
  }
  void flood_of_packets() const {
    for (std::size_t i = 0; i < kOfEach; ++i) {
      EXPECT_EQ(code_after(many(client_text(R"(42["unsubscribe","orders"])"), 1'000)), 1008);
      EXPECT_EQ(code_after(many(client_frame(kFin | 9, "ping"), 1'000)), 1008);
      EXPECT_EQ(code_after(many(client_text("3"), 1'000)), 1008);
    }
  }
  void too_much_in_one() const {
    for (std::size_t i = 0; i < kOfEach; ++i) {
      EXPECT_EQ(code_after(client_text("42[\"" + std::string(70'000, 'x') + "\"]")), 1009);
      EXPECT_EQ(code_after(client_frame(kFin | 2, std::string(1'000'000, 'x'))), 1009);
      // No packet of a client has an attachment, wherever its placeholder points.
      EXPECT_EQ(code_after(client_text(R"(451-["a",{"_placeholder":true,"num":7}])")), 1002);
      EXPECT_EQ(code_after(client_text(R"(4599999999999-["a"])")), 1002);
      const auto deep = std::string(9, '[') + std::string(9, ']');
      EXPECT_EQ(code_after(client_text("42" + deep)), 1002);
    }
  }
  void flood_of_rooms() const {
    LiveClient live(port);
    int refused = 0;
    for (int i = 0; i < 60; ++i) {
      const auto answer = live.subscribe(fmt::format("order:018f0000-0000-7000-8000-{:012}", i));
      if (answer.at("status") != "ok") ++refused;
    }
    EXPECT_EQ(refused, 60) << "rooms of orders that do not exist";
  }
  void guesses() const {
    for (std::size_t i = 0; i < kOfEach; ++i) {
      const auto answer = poll(fmt::format("&sid=guess-{}", i));
      EXPECT_EQ(answer ? answer->status : 0, 400);
    }
  }
  /// Sessions with a WebSocket that never finishes its upgrade, or never reads what it asked for.
  std::vector<http::TestSocket> half_open_and_silent() const {
    std::vector<http::TestSocket> sockets;
    for (std::size_t i = 0; i < kOfEach; ++i) {
      sockets.push_back(open_websocket("&sid=" + open_polling()));
      sockets.push_back(open_websocket());
      sockets.back().send(client_text("40") + client_text(R"(420["subscribe","events"])"));
    }
    return sockets;
  }

  void round() {
    {
      const auto silent = half_open_and_silent();
      for (int i = 0; i < 20; ++i) shop.order({});
      flood_of_rooms();
      guesses();
      too_much_in_one();
      flood_of_packets();
    }
    flood_of_connects();
    EXPECT_TRUE(wait_until([this] { return all_places_are_free(); }));
    EXPECT_TRUE(wait_until([this] {
      return shop.send("GET", "/metrics").body.contains("\nconveyor_realtime_clients 0\n");
    }));
  }

  TemporaryFolder folder;
  ServerProcess server{folder.path("shop.db"),
                       {"--realtime-max-clients", std::to_string(kMaxClients),
                        "--realtime-ping-interval-ms", kPing, "--realtime-ping-timeout-ms", kPing}};
  Shop shop{server.url()};
  std::uint16_t port = port_of(server.url());
};

TEST_F(LiveAbuse, IsCutAndLeavesNothing) {
  for (int i = 0; i < kRoundsBefore; ++i) round();
  const auto before = memory_kb(server.pid(), "VmRSS");
  for (int i = kRoundsBefore; i < kRounds; ++i) round();
  const auto after = memory_kb(server.pid(), "VmRSS");
  std::cout << fmt::format("resident: {} KiB, then {} KiB\n", before, after);
  if (!kIsSanitized) EXPECT_LE(after, before + kToleranceKb);
}

TEST(LivePlaces, OfOneAddressAreAsManyAsItsSettingSays) {
  const TemporaryFolder folder;
  const ServerProcess server{folder.path("shop.db"), {"--realtime-max-clients-per-address", "2"}};
  for (const int status : {200, 200, 429}) {
    EXPECT_EQ(Shop(server.url()).send("GET", "/socket.io/?EIO=4&transport=polling").status, status);
  }
}

}  // namespace
}  // namespace conveyor::test
