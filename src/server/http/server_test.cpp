// Method: a server on a free port and raw sockets over loopback; exact bytes in, exact bytes out.
#include "server/http/server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <set>
#include <stdexcept>
#include <thread>

#include "server/http/test_server.h"

namespace conveyor::http {
namespace {

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

TEST_F(ServerTest, AnswersAndKeepsTheConnection) {
  start();
  EXPECT_EQ(server->host(), "127.0.0.1");
  EXPECT_NE(server->port(), 0);
  TestSocket socket = connect();
  socket.send("POST /a?b=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody");
  const auto answer = socket.read_answer();
  EXPECT_EQ(answer->head, "HTTP/1.1 200 OK\r\nContent-Length: 16\r\n");
  EXPECT_EQ(answer->body, "POST /a?b=1 body");
}

TEST_F(ServerTest, GivesTheHandlerTheWholeRequest) {
  start_holding();
  TestSocket socket = connect();
  socket.send(
      "PUT /a%2Fb?q=%20 HTTP/1.1\r\nHost: a:1\r\nX-One:  v1 \r\nx-one: v2\r\nContent-Length: "
      "3\r\n\r\na\0b");
  socket.send(std::string_view("\0b", 2));
  auto [request, respond] = held.take();
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.target, "/a%2Fb?q=%20");
  EXPECT_EQ(request.path, "/a%2Fb");
  EXPECT_EQ(request.query, "q=%20");
  EXPECT_EQ(request.body, std::string_view("a\0b", 3));
  EXPECT_EQ(request.remote_address, "127.0.0.1");
  EXPECT_EQ(request.headers,
            (std::vector<Header>{
                {"Host", "a:1"}, {"X-One", "v1"}, {"x-one", "v2"}, {"Content-Length", "3"}}));
  respond({.status = 201, .headers = {{"Location", "/x"}, {"Content-Length", "99"}}});
  EXPECT_EQ(socket.read_answer()->head,
            "HTTP/1.1 201 Created\r\nLocation: /x\r\nContent-Length: 0\r\n");
}

TEST_F(ServerTest, ClosesWhenAsked) {
  start();
  EXPECT_EQ(talk("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nGET / ");
  EXPECT_EQ(talk("GET / HTTP/1.0\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nGET / ");
}

TEST_F(ServerTest, AnswersAClientThatSendsNoMore) {
  start_holding();
  TestSocket socket = connect();
  socket.send(kGet);
  socket.shutdown_send();
  auto [request, respond] = held.take();
  respond({.status = 200, .body = "still"});
  EXPECT_EQ(socket.read_to_end(), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstill");
}

TEST_F(ServerTest, DoesNotAnswerHalfARequest) {
  start();
  for (const char* half : {"G", "GET / HTTP/1.1\r\nHost: a\r\n",
                           "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na",
                           "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    TestSocket socket = connect();
    socket.send(half);
    socket.shutdown_send();
    EXPECT_EQ(socket.read_to_end(), "") << half;
  }
}

TEST_F(ServerTest, KeepsAnHttp10ConnectionOnlyWhenAsked) {
  start();
  TestSocket socket = connect();
  for (int i = 0; i < 2; ++i) {
    socket.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(socket.read_answer()->header("Connection"), "keep-alive");
  }
}

TEST_F(ServerTest, ClosesWhenTheHandlerSaysSo) {
  start([](const Request&, Respond respond) {
    respond({.status = 200, .headers = {{"connection", "close"}}, .body = "bye"});
  });
  EXPECT_EQ(talk(kGet), "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbye");
}

TEST_F(ServerTest, AnswersHeadWithoutBody) {
  start();
  TestSocket socket = connect();
  socket.send("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(socket.read_answer(true)->header("Content-Length"), "8");
  EXPECT_EQ(socket.get("/next")->body, "GET /next ");
}

TEST_F(ServerTest, SendsNoBodyWith204And304) {
  start([](const Request& request, Respond respond) {
    respond({.status = request.path == "/204" ? 204 : 304, .body = "never"});
  });
  TestSocket socket = connect();
  EXPECT_EQ(socket.get("/204")->head, "HTTP/1.1 204 No Content\r\n");
  EXPECT_EQ(socket.get("/304")->head, "HTTP/1.1 304 Not Modified\r\n");
}

TEST_F(ServerTest, SendsADate) {
  options.send_date = true;
  start();
  TestSocket socket = connect();
  const std::string date = socket.get("/")->header("Date");
  EXPECT_EQ(date.size(), std::string_view("Sun, 06 Nov 1994 08:49:37 GMT").size()) << date;
  EXPECT_TRUE(date.ends_with(" GMT")) << date;
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  start_holding();
  TestSocket socket = connect();
  socket.send(
      "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
      "POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
      "\r\nGET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  for (int i = 1; i <= 3; ++i) {
    auto [request, respond] = held.take();
    EXPECT_EQ(request.path, "/" + std::to_string(i));
    if (i == 2) EXPECT_EQ(request.body, "ab");
    respond({.status = 200, .body = std::to_string(i)});
  }
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(socket.read_answer()->body, std::to_string(i));
  EXPECT_EQ(socket.read_to_end(), "");
}

TEST_F(ServerTest, ServesAThousandRequestsOnOneConnectionAndManyPipelinedAtOnce) {
  start();
  TestSocket socket = connect();
  for (int i = 0; i < 1'000; ++i) {
    const std::string path = "/" + std::to_string(i);
    ASSERT_EQ(socket.get(path)->body, "GET " + path + " ");
  }
  std::string all;
  for (int i = 0; i < 1'000; ++i) all += kGet;
  std::thread sender([&] { socket.send(all); });
  for (int i = 0; i < 1'000; ++i) ASSERT_EQ(socket.read_answer()->body, "GET / ");
  sender.join();
}

TEST_F(ServerTest, ReadsRequestsHoweverTheyAreSplit) {
  start();
  const std::string text =
      "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;x=\"y\"\r\nabc\r\n002\r\nde\r\n0;z\r\nTrailer: t\r\n\r\n";
  TestSocket socket = connect();
  for (std::size_t split = 1; split < text.size(); ++split) {
    socket.send(std::string_view(text).substr(0, split));
    socket.send(std::string_view(text).substr(split));
    ASSERT_EQ(socket.read_answer()->body, "POST /p abcde") << split;
  }
  for (const char c : text) socket.send({&c, 1});
  EXPECT_EQ(socket.read_answer()->body, "POST /p abcde");
}

TEST_F(ServerTest, ReadsALastChunkThatComesByteByByte) {
  start();
  TestSocket socket = connect();
  for (const std::string_view chunks : {"0\r\n\r\n", "1\r\na\r\n0\r\n\r\n", "0\r\nT: t\r\n\r\n"}) {
    socket.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (const char c : chunks) {
      // Nothing comes back yet; waiting for it lets the server read what was sent so far.
      pollfd readable{.fd = socket.fd(), .events = POLLIN, .revents = 0};
      EXPECT_EQ(::poll(&readable, 1, 3), 0);
      socket.send({&c, 1});
    }
    EXPECT_EQ(socket.read_answer()->status, 200);
  }
}

TEST_F(ServerTest, DropsTrailersInsteadOfTakingThemForHeaders) {
  start_holding();
  TestSocket socket = connect();
  socket.send(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "0\r\nHost: evil\r\nIdempotency-Key: evil\r\n\r\n");
  auto [request, respond] = held.take();
  EXPECT_EQ(request.headers,
            (std::vector<Header>{{"Host", "a"}, {"Transfer-Encoding", "chunked"}}));
  respond({.status = 204});
  EXPECT_EQ(socket.read_answer()->status, 204);
}

TEST_F(ServerTest, HonoursExpectContinue) {
  start();
  TestSocket socket = connect();
  socket.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(socket.read_answer()->head, "HTTP/1.1 100 Continue\r\n");
  socket.send("ab");
  EXPECT_EQ(socket.read_answer()->body, "POST / ab");
  // Not when the body is there already, nor when there is none.
  socket.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nab");
  EXPECT_EQ(socket.read_answer()->body, "POST / ab");
  socket.send("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(socket.read_answer()->body, "GET / ");
}

TEST_F(ServerTest, AcceptsOneEmptyLineBeforeARequest) {
  start();
  TestSocket socket = connect();
  socket.send("\r\n");
  EXPECT_EQ(socket.get("/")->status, 200);
  EXPECT_EQ(talk("\r\n\r\n"),
            closing_error("400 Bad Request", "bad_request_line: the request is empty"));
}

/// A request that the server must refuse and close over, and the start of the answer.
struct Refused {
  const char* name;
  std::string bytes;
  std::string answer;

  friend void PrintTo(const Refused& refused, std::ostream* out) { *out << refused.name; }
};

class ServerRefuses : public ServerTest, public testing::WithParamInterface<Refused> {};

TEST_P(ServerRefuses, AndClosesWithoutCallingTheHandler) {
  start([](const Request&, Respond respond) {
    ADD_FAILURE() << "the handler was called";
    respond({.status = 200});
  });
  const std::string answer = talk(GetParam().bytes + std::string(kGet));
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + GetParam().answer)) << answer;
  EXPECT_NE(answer.find("Connection: close\r\n"), answer.npos);
  EXPECT_EQ(answer.find("HTTP/1.1", 1), answer.npos) << "a second answer: " << answer;
}

std::string chunked(const std::string& body) {
  return "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body;
}

INSTANTIATE_TEST_SUITE_P(
    Strictly, ServerRefuses,
    testing::Values(
        Refused{"Folding", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", "400"},
        Refused{"BareLineFeed", "GET / HTTP/1.1\nHost: a\n\n", "400"},
        Refused{"BareLineFeedInHeaders", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", "400"},
        Refused{"NoHost", "GET / HTTP/1.1\r\n\r\n", "400"},
        Refused{"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "400"},
        Refused{"OtherCoding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
                "400"},
        Refused{"LengthAndCoding",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: "
                "chunked\r\n\r\n",
                "400"},
        Refused{"TwoLengths",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
                "400"},
        Refused{"BadLength", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", "400"},
        Refused{"Nul", std::string("GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n", 32), "400"},
        Refused{"SpaceBeforeColon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "400"},
        Refused{"AbsoluteForm", "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        Refused{"AuthorityForm", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        Refused{"AsteriskForm", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        Refused{"BadPercent", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        Refused{"BadConnection", "GET / HTTP/1.1\r\nHost: a\r\nConnection: \"\r\n\r\n",
                "400 Bad Request"},
        Refused{"Http2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"},
        Refused{"Tls", std::string("\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 11), "400"},
        Refused{"OtherExpectation", "GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n", "417"},
        Refused{"ChunkSizeMissing", chunked("\r\n"), "400"},
        Refused{"ChunkSizeNegative", chunked("-1\r\n"), "400"},
        Refused{"ChunkSizePrefixed", chunked("0x1\r\na\r\n"), "400"},
        Refused{"ChunkSizeSpaced", chunked(" 1\r\na\r\n0\r\n\r\n"), "400"},
        Refused{"ChunkSizeTooLong", chunked("11111111111111111\r\n"), "400"},
        Refused{"ChunkLineFeed", chunked("1\na\n0\n\n"), "400"},
        Refused{"ChunkTooShort", chunked("1\r\nab\r\n0\r\n\r\n"), "400"},
        Refused{"ChunkExtensionLineFeed", chunked("1;a\n\r\na\r\n0\r\n\r\n"), "400"},
        Refused{"ChunkExtensionQuotedLineFeed", chunked("1;a=\"\n\"\r\na\r\n0\r\n\r\n"), "400"},
        Refused{"TrailerWithoutColon", chunked("0\r\nabc\r\n\r\n"), "400"},
        Refused{"TrailerWithFraming", chunked("0\r\nContent-Length: 1\r\n\r\n"), "400"}),
    [](const auto& info) { return info.param.name; });

TEST_F(ServerTest, LetsTheApplicationWordItsErrors) {
  options.on_protocol_error = [](int status, std::string_view code, std::string_view) {
    return Response{.status = status,
                    .headers = {{"Content-Type", "application/problem+json"}},
                    .body = "{\"code\":\"" + std::string(code) + "\"}"};
  };
  start();
  EXPECT_EQ(talk("GET x HTTP/1.1\r\nHost: a\r\n\r\n"),
            "HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\n"
            "Content-Length: 21\r\nConnection: close\r\n\r\n{\"code\":\"bad_target\"}");
}

TEST_F(ServerTest, AnswersFromAnotherThread) {
  start_holding();
  TestSocket first = connect();
  TestSocket second = connect();
  first.send(kGet);
  auto [first_request, first_respond] = held.take();
  second.send(kGet);
  auto [second_request, second_respond] = held.take();
  second_respond({.status = 200, .body = "second"});
  EXPECT_EQ(second.read_answer()->body, "second");
  std::thread([respond = std::move(first_respond)]() mutable {
    respond({.status = 200, .body = "first"});
  }).join();
  EXPECT_EQ(first.read_answer()->body, "first");
}

TEST_F(ServerTest, MakesAnAnswerOnTheIoThread) {
  std::set<std::thread::id> threads;
  std::string told;
  options.on_handler_exception = [&](std::string_view path, std::string_view what) {
    told += std::string(path) + ": " + std::string(what) + "\n";
  };
  start([&](const Request& request, Respond respond) {
    threads.insert(std::this_thread::get_id());
    std::thread([&threads, path = request.path, respond = std::move(respond)]() mutable {
      respond.later([&threads, path]() -> Response {
        threads.insert(std::this_thread::get_id());
        if (path == "/broken") throw std::runtime_error("cannot be made");
        return {.status = 200, .body = path};
      });
    }).join();
  });
  TestSocket socket = connect();
  EXPECT_EQ(socket.get("/made")->body, "/made");
  EXPECT_EQ(socket.get("/broken")->status, 500);
  EXPECT_EQ(socket.get("/again")->body, "/again");
  server->stop();
  EXPECT_EQ(threads.size(), 1);
  EXPECT_EQ(told, "/broken: cannot be made\n");
}

TEST_F(ServerTest, SendsA500WhenNobodyAnswers) {
  start_holding();
  TestSocket socket = connect();
  socket.send(kGet);
  {
    const auto dropped = held.take();
  }
  const auto answer = socket.read_answer();
  EXPECT_EQ(answer->status, 500);
  EXPECT_EQ(answer->body, "internal: the request has no answer\n");
  socket.send(kGet);
  held.take().second({.status = 204});
  EXPECT_EQ(socket.read_answer()->status, 204) << "the connection is kept";
}

TEST_F(ServerTest, SendsA500WhenTheHandlerThrows) {
  std::string told;
  options.on_handler_exception = [&](std::string_view path, std::string_view what) {
    told += std::string(path) + ": " + std::string(what) + "\n";
  };
  start([](const Request& request, Respond) {
    if (request.path == "/int") throw 1;
    throw std::runtime_error("broken");
  });
  TestSocket socket = connect();
  EXPECT_EQ(socket.get("/std")->status, 500);
  EXPECT_EQ(socket.get("/int")->status, 500);
  server->stop();
  EXPECT_EQ(told, "/std: broken\n/int: an exception of unknown type\n");
}

TEST_F(ServerTest, DoesNotSendHeadersThatWouldSplitTheAnswer) {
  start([](const Request& request, Respond respond) {
    if (request.path == "/value") {
      respond({.status = 200, .headers = {{"X", "a\r\nSet-Cookie: evil"}}});
    } else if (request.path == "/name") {
      respond({.status = 200, .headers = {{"X: y\r\nSet-Cookie", "evil"}}});
    } else {
      respond({.status = 99});
    }
  });
  TestSocket socket = connect();
  for (const char* path : {"/value", "/name", "/status"}) {
    const auto answer = socket.get(path);
    EXPECT_EQ(answer->status, 500) << path;
    EXPECT_EQ(answer->head.find("evil"), std::string::npos);
  }
}

TEST_F(ServerTest, ReportsEachAnswer) {
  std::vector<std::string> seen;
  options.on_complete = [&](const RequestInfo& info) {
    seen.push_back(fmt::format("{} {} {} {} {} in={} out={}", info.remote_address, info.method,
                               info.path, info.route, info.status, info.body_bytes_received,
                               info.bytes_sent));
    EXPECT_GE(info.duration.count(), 0);
  };
  start([](const Request& request, Respond respond) {
    respond.set_route("/{x}");
    if (request.path == "/drop") return;
    respond({.status = 200, .body = "hello"});
  });
  TestSocket socket = connect();
  socket.send("POST /a?b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
  const auto answer = socket.read_answer();
  socket.get("/drop");
  talk("GET / HTTP/3.0\r\n\r\n");
  server->stop();
  const std::size_t size = answer->head.size() + 2 + answer->body.size();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0], fmt::format("127.0.0.1 POST /a /{{x}} 200 in=3 out={}", size));
  EXPECT_TRUE(seen[1].starts_with("127.0.0.1 GET /drop /{x} 500 in=0 out=")) << seen[1];
  EXPECT_TRUE(seen[2].starts_with("127.0.0.1    505 in=0 out=")) << seen[2];
}

TEST_F(ServerTest, ServesManyConnectionsOnSeveralThreads) {
  options.io_threads = 2;
  std::atomic<int> handled = 0;
  start([&](const Request& request, Respond respond) {
    ++handled;
    echo(request, std::move(respond));
  });
  constexpr int kClients = 4;
  constexpr int kConnections = 50;
  constexpr int kRounds = 5;
  std::vector<std::thread> clients;
  clients.reserve(kClients);
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([this] {
      std::vector<TestSocket> sockets;
      sockets.reserve(kConnections);
      for (int j = 0; j < kConnections; ++j) sockets.push_back(connect());
      for (int round = 0; round < kRounds; ++round) {
        for (TestSocket& socket : sockets) socket.send(kGet);
        for (TestSocket& socket : sockets) EXPECT_EQ(socket.read_answer()->body, "GET / ");
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(handled, kClients * kConnections * kRounds);
}

TEST_F(ServerTest, WritesLargeAnswersWhole) {
  std::string large;
  large.resize(20'000'000, 'x');
  start([&](const Request&, Respond respond) { respond({.status = 200, .body = large}); });
  TestSocket socket = connect();
  EXPECT_EQ(socket.get("/")->body, large);
  EXPECT_EQ(socket.get("/")->body, large);
}

TEST_F(ServerTest, ListensOnIpv6AndRefusesOtherAddresses) {
  options.listen = "[::1]:0";
  start();
  EXPECT_EQ(server->host(), "::1");
  for (const char* listen : {"", "127.0.0.1", "localhost:0", "::1:0", "127.0.0.1:x",
                             "127.0.0.1:65536", "127.0.0.1:", ":80", "[127.0.0.1]:0"}) {
    Server other({.listen = listen}, echo);
    const auto started = other.start();
    ASSERT_FALSE(started) << listen;
    EXPECT_NE(started.error().find("not ADDRESS:PORT"), std::string::npos) << listen;
  }
}

TEST_F(ServerTest, RefusesAPortThatIsTaken) {
  start();
  Server other({.listen = "127.0.0.1:" + std::to_string(server->port())}, echo);
  const auto started = other.start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().find("Address already in use"), std::string::npos) << started.error();
}

}  // namespace
}  // namespace conveyor::http
