// Method: random requests from a printed seed. Well-formed ones, whatever their chunks and however
// they are cut into packets, must arrive as they were meant; damaged ones must get a known answer
// or none, and never hurt the server, which answers an ordinary request at the end.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <set>

#include "server/http/test_server.h"

namespace conveyor::http {
namespace {

class ServerRandomTest : public ServerTest {
 protected:
  ServerRandomTest() : seed(std::random_device{}()), random(seed) { fmt::print("seed {}\n", seed); }

  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
  }

  std::string random_body() {
    std::string body(below(3) == 0 ? below(20'000) : below(50), '\0');
    for (char& c : body) c = static_cast<char>(below(256));
    return body;
  }

  std::string chunked_request(std::string_view body) {
    std::string text = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    while (!body.empty()) {
      const std::size_t size = 1 + below(body.size());
      constexpr std::array<std::string_view, 4> kExtensions{"", ";a", ";a=b", ";a=\"b c\";d"};
      text += fmt::format("{}{:x}{}\r\n", below(2) == 0 ? "0" : "", size,
                          kExtensions.at(below(kExtensions.size())));
      text.append(body.substr(0, size)).append("\r\n");
      body.remove_prefix(size);
    }
    return text + (below(2) == 0 ? "0\r\n\r\n" : "00;x\r\nTrailer: t\r\nOther:\r\n\r\n");
  }

  std::string plain_request(std::string_view body) {
    return fmt::format("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{}", body.size(),
                       body);
  }

  std::string any_request(std::string_view body) {
    return below(2) == 0 ? chunked_request(body) : plain_request(body);
  }

  /// Overwrites, removes or doubles a few bytes.
  std::string damaged(std::string text) {
    constexpr std::string_view kBytes{"\r\n\0 :;,0129aAfF%\"\\\x7f\xff-/", 22};
    for (std::size_t i = 1 + below(3); i > 0 && !text.empty(); --i) {
      const std::size_t at = below(std::min<std::size_t>(text.size(), 200));
      switch (below(3)) {
        case 0:
          text[at] = kBytes[below(kBytes.size())];
          break;
        case 1:
          text.erase(at, 1 + below(4));
          break;
        default:
          text.insert(at, 1, kBytes[below(kBytes.size())]);
      }
    }
    return text;
  }

  void send_in_pieces(TestSocket& socket, std::string_view text) {
    while (!text.empty()) {
      const std::size_t size =
          1 + below(below(2) == 0 ? text.size() : std::min<std::size_t>(text.size(), 40));
      if (!socket.send(text.substr(0, size))) return;
      text.remove_prefix(size);
    }
  }

  const unsigned seed;
  std::mt19937 random;
};

TEST_F(ServerRandomTest, WellFormedRequestsArriveAsMeant) {
  start();
  TestSocket socket = connect();
  for (int i = 0; i < 500; ++i) {
    const std::string first = random_body();
    const std::string second = random_body();
    send_in_pieces(socket, any_request(first) + any_request(second));
    for (const std::string& body : {first, second}) {
      const auto answer = socket.read_answer();
      ASSERT_TRUE(answer) << "seed " << seed;
      ASSERT_EQ(answer->body, "POST / " + body) << "seed " << seed;
    }
  }
}

TEST_F(ServerRandomTest, DamagedRequestsDoNoHarm) {
  start();
  const std::set<int> known{200, 400, 413, 417, 431, 505};
  std::map<int, int> seen;
  for (int i = 0; i < 3'000; ++i) {
    TestSocket socket = connect();
    socket.allow_reset();
    const std::string text = damaged(any_request(random_body().substr(0, 300)));
    send_in_pieces(socket, text + (below(2) == 0 ? "" : any_request("next")));
    socket.shutdown_send();
    while (const auto answer = socket.read_answer()) {
      ++seen[answer->status];
      ASSERT_TRUE(known.contains(answer->status)) << answer->status << " seed " << seed << "\n"
                                                  << testing::PrintToString(text);
    }
  }
  EXPECT_GT(seen[200], 0);
  EXPECT_GT(seen[400], 0);
  EXPECT_EQ(connect().get("/")->body, "GET / ");
}

}  // namespace
}  // namespace conveyor::http
