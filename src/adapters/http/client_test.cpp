// Method: the client talks to a scripted peer on a free port of loopback, which reads requests and
// sends exact bytes; each connection has its own script. No sleeps: where the sequence matters, the
// script tells the test what it has done.
#include "adapters/http/client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <future>
#include <thread>
#include <tuple>

#include "adapters/http/test_peer.h"

namespace conveyor::http {
namespace {

using Kind = ClientError::Kind;

/// GETs once from a server that sends these bytes and closes.
std::expected<ClientResponse, ClientError> get_from(std::string_view bytes,
                                                    ClientOptions options = {}) {
  ScriptedServer server({[&](Peer& peer) {
    peer.read_request();
    peer.send(bytes);
  }});
  return Client(server.url(), options).send("GET", "/", kNoHeaders, "");
}

TEST(ClientSends, TheRequestExactly) {
  std::string request;
  ScriptedServer server({[&](Peer& peer) {
    request = peer.read_request();
    peer.answer("");
  }});
  const std::vector<Header> headers{{"If-Match", "\"3\""}, {"X", ""}};
  ASSERT_TRUE(Client(server.url() + "/").send("POST", "/v1/a%20b?c=d", headers, "body"));
  server.finish();
  EXPECT_EQ(request, "POST /v1/a%20b?c=d HTTP/1.1\r\nHost: " + server.url().substr(7) +
                         "\r\nIf-Match: \"3\"\r\nX: \r\nContent-Length: 4\r\n\r\nbody");
}

TEST(ClientSends, ContentLengthWithoutBodyWhereOneIsExpected) {
  std::vector<std::string> requests;
  ScriptedServer server({[&](Peer& peer) {
    for (int i = 0; i < 2; ++i) {
      requests.push_back(peer.read_request());
      peer.answer("");
    }
  }});
  Client client(server.url());
  ASSERT_TRUE(client.send("GET", "/", kNoHeaders, ""));
  ASSERT_TRUE(client.send("POST", "/", kNoHeaders, ""));
  EXPECT_EQ(server.finish(), 1) << "the connection is kept";
  EXPECT_EQ(requests[0].find("Content-Length"), std::string::npos);
  EXPECT_NE(requests[1].find("Content-Length: 0\r\n"), std::string::npos);
}

TEST(ClientReads, AnswersOfEachFraming) {
  const auto length =
      get_from("HTTP/1.1 201 Created\r\nA: 1\r\na: 2\r\nContent-Length: 2\r\n\r\nok");
  ASSERT_TRUE(length);
  EXPECT_EQ(length->status, 201);
  EXPECT_EQ(length->headers,
            (std::vector<Header>{{"A", "1"}, {"a", "2"}, {"Content-Length", "2"}}));
  EXPECT_EQ(*length->find_header("content-length"), "2");
  EXPECT_EQ(length->body, "ok");
  EXPECT_EQ(get_from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "2\r\nab\r\n1;x\r\nc\r\n0\r\nT: t\r\n\r\n")
                ->body,
            "abc");
  EXPECT_EQ(get_from("HTTP/1.0 200 OK\r\n\r\nuntil the end")->body, "until the end");
  EXPECT_EQ(get_from("HTTP/1.1 204 No Content\r\n\r\n")->status, 204);
  EXPECT_EQ(get_from("HTTP/1.1 500 Broken\r\nContent-Length: 1\r\n\r\nx")->status, 500);
}

TEST(ClientReads, HeadWithoutBodyAndSkipsInterimAnswers) {
  ScriptedServer server({[&](Peer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    peer.read_request();
    peer.answer("next");
  }});
  Client client(server.url());
  const auto head = client.send("HEAD", "/", kNoHeaders, "");
  ASSERT_TRUE(head) << head.error().detail;
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(*head->find_header("Content-Length"), "5");
  EXPECT_EQ(head->body, "");
  EXPECT_EQ(client.send("GET", "/", kNoHeaders, "")->body, "next");
}

TEST(ClientReads, AnAnswerThatComesInPieces) {
  ScriptedServer server({[&](Peer& peer) {
    const std::string_view text =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n";
    for (int i = 0; i < 3; ++i) {
      peer.read_request();
      for (const char c : text) peer.send({&c, 1});
    }
  }});
  Client client(server.url());
  for (int i = 0; i < 3; ++i) {
    const auto answer = client.send("GET", "/", kNoHeaders, "");
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->body, "ab");
  }
}

TEST(ClientReads, ALastChunkThatComesByteByByte) {
  ScriptedServer server({[&](Peer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (const char c : std::string_view("0\r\n\r\n")) {
      EXPECT_TRUE(peer.is_silent());  // so the client reads what was sent so far
      peer.send({&c, 1});
    }
    peer.read_to_end();
  }});
  const auto answer = Client(server.url()).send("GET", "/", kNoHeaders, "");
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->body, "");
}

TEST(ClientReads, ARefusalThatComesBeforeTheWholeRequestIsSent) {
  ScriptedServer server({[&](Peer& peer) {
    peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    peer.read_to_end();
  }});
  const std::string large(4'000'000, 'x');
  const auto answer = Client(server.url()).send("POST", "/", kNoHeaders, large);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->status, 413);
}

TEST(ClientKeeps, TheConnectionUnlessToldOtherwise) {
  const auto close_after = [](std::string_view bytes) {
    return [bytes](Peer& peer) {
      peer.read_request();
      peer.send(bytes);
      EXPECT_EQ(peer.read_request(), "") << "the client must not use it again";
    };
  };
  ScriptedServer server(
      {close_after("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
       close_after("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"),
       close_after("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nunasked"), [](Peer& peer) {
         for (int i = 0; i < 100; ++i) {
           peer.read_request();
           peer.answer("kept");
         }
       }});
  Client client(server.url());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(client.send("POST", "/", kNoHeaders, ""));
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(client.send("POST", "/", kNoHeaders, "")->body, "kept");
  }
  EXPECT_EQ(server.finish(), 4);
}

TEST(ClientReconnects, WhenTheKeptConnectionWasClosedBeforeTheRequest) {
  std::promise<void> closed;
  std::string request;
  ScriptedServer server({[&](Peer& peer) {
                           peer.read_request();
                           peer.answer("one");
                           peer.close();
                           closed.set_value();
                         },
                         [&](Peer& peer) {
                           request = peer.read_request();
                           peer.answer("two");
                         }});
  Client client(server.url());
  ASSERT_TRUE(client.send("POST", "/", kNoHeaders, "1"));
  closed.get_future().wait();
  const auto second = client.send("POST", "/", kNoHeaders, "2");
  ASSERT_TRUE(second) << second.error().detail;
  EXPECT_EQ(second->body, "two");
  server.finish();
  EXPECT_TRUE(request.ends_with("\r\n\r\n2"));
}

/// What a second request gets when the kept connection takes it and closes, and how many
/// connections there were.
struct Second {
  std::expected<ClientResponse, ClientError> answer;
  int connections;
};

Second second_request(std::string_view method, const std::vector<Header>& headers,
                      std::string_view before_closing) {
  ScriptedServer server({[&](Peer& peer) {
                           peer.read_request();
                           peer.answer("one");
                           peer.read_request();
                           peer.send(before_closing);
                         },
                         [](Peer& peer) {
                           peer.read_request();
                           peer.answer("two");
                         }});
  Client client(server.url());
  EXPECT_TRUE(client.send("GET", "/", kNoHeaders, ""));
  auto answer = client.send(method, "/", headers, "");
  return {std::move(answer), server.finish()};
}

TEST(ClientReconnects, OnceForAnIdempotentRequestThatGotNoByte) {
  for (const char* method : {"GET", "HEAD", "PUT", "DELETE"}) {
    const Second second = second_request(method, kNoHeaders, "");
    ASSERT_TRUE(second.answer) << method << ": " << second.answer.error().detail;
    EXPECT_EQ(second.connections, 2) << method;
  }
  const Second keyed = second_request("POST", {{"idempotency-key", "\"k\""}}, "");
  EXPECT_TRUE(keyed.answer);
  EXPECT_EQ(keyed.connections, 2);
}

TEST(ClientReconnects, NeverForARequestThatMayHaveBeenDone) {
  const Second post = second_request("POST", kNoHeaders, "");
  ASSERT_FALSE(post.answer);
  EXPECT_EQ(post.answer.error().kind, Kind::kReset);
  EXPECT_TRUE(post.answer.error().maybe_sent);
  EXPECT_EQ(post.connections, 1);
  const Second partial = second_request("GET", kNoHeaders, "H");
  ASSERT_FALSE(partial.answer);
  EXPECT_EQ(partial.answer.error().kind, Kind::kReset);
  EXPECT_EQ(partial.connections, 1);
}

TEST(ClientReconnects, NotForANewConnection) {
  ScriptedServer server({[](Peer& peer) { peer.read_request(); },
                         [](Peer& peer) {
                           peer.read_request();
                           peer.answer("");
                         }});
  Client client(server.url());
  const auto answer = client.send("GET", "/", kNoHeaders, "");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, Kind::kReset);
  EXPECT_TRUE(client.send("GET", "/", kNoHeaders, "")) << "the caller may try again";
}

TEST(ClientFails, WhenNobodyListens) {
  std::uint16_t port = 0;
  ::close(listen_on_loopback(1, port));
  const auto answer =
      Client("http://127.0.0.1:" + std::to_string(port)).send("GET", "/", kNoHeaders, "");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, Kind::kCannotConnect);
  EXPECT_FALSE(answer.error().maybe_sent);
  EXPECT_NE(answer.error().detail.find("refused"), std::string::npos) << answer.error().detail;
}

TEST(ClientFails, WhenTheConnectionIsNotMadeInTime) {
  std::uint16_t port = 0;
  const int listener = listen_on_loopback(0, port);
  std::vector<int> fillers;  // more than the queue of the listener holds
  for (int i = 0; i < 4; ++i) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::ignore = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    fillers.push_back(fd);
  }
  Client client("http://127.0.0.1:" + std::to_string(port),
                {.connect_timeout = std::chrono::milliseconds(50)});
  const auto answer = client.send("GET", "/", kNoHeaders, "");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, Kind::kCannotConnect);
  EXPECT_FALSE(answer.error().maybe_sent);
  for (const int fd : fillers) ::close(fd);
  ::close(listener);
}

TEST(ClientFails, WhenThereIsNoWholeAnswerInTime) {
  for (const char* part : {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na"}) {
    ScriptedServer server({[&](Peer& peer) {
      peer.read_request();
      peer.send(part);
      peer.read_to_end();
    }});
    Client client(server.url(), {.request_timeout = std::chrono::milliseconds(50)});
    const auto answer = client.send("GET", "/", kNoHeaders, "");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, Kind::kTimedOut) << part;
    EXPECT_TRUE(answer.error().maybe_sent);
  }
}

TEST(ClientFails, WhenTheConnectionBreaks) {
  for (const char* part : {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na",
                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"}) {
    const auto answer = get_from(part);
    ASSERT_FALSE(answer) << part;
    EXPECT_EQ(answer.error().kind, Kind::kReset) << part;
    EXPECT_TRUE(answer.error().maybe_sent);
  }
  ScriptedServer server({[](Peer& peer) {
    peer.read_request();
    peer.reset();
  }});
  const auto answer = Client(server.url()).send("GET", "/", kNoHeaders, "");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, Kind::kReset);
}

TEST(ClientFails, WhenTheAnswerIsMalformed) {
  std::string interim;
  for (int i = 0; i < 20; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
  for (const std::string& bytes :
       {std::string("SSH-2.0-OpenSSH\r\n\r\n"), std::string("HTTP/1.1 xyz\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), interim}) {
    const auto answer = get_from(bytes);
    ASSERT_FALSE(answer) << bytes;
    EXPECT_EQ(answer.error().kind, Kind::kMalformed) << bytes;
    EXPECT_TRUE(answer.error().maybe_sent);
  }
}

TEST(ClientFails, WhenTheAnswerIsTooLarge) {
  const ClientOptions options{.max_header_bytes = 200, .max_body_bytes = 10};
  const std::string ten = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789";
  EXPECT_EQ(get_from(ten, options)->body, "0123456789");
  for (const std::string& bytes :
       {std::string("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n"),
        std::string("HTTP/1.1 200 OK\r\n\r\n01234567890"),
        "HTTP/1.1 200 OK\r\nX: " + std::string(400, 'x') + "\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(400, 'x')}) {
    const auto answer = get_from(bytes, options);
    ASSERT_FALSE(answer) << bytes;
    EXPECT_EQ(answer.error().kind, Kind::kMalformed) << bytes;
  }
}

TEST(ClientFails, BeforeConnectingWhenTheRequestCannotBeSent) {
  const auto expect_invalid = [](const std::string& url, std::string_view method,
                                 std::string_view target, const Header& header) {
    const auto answer = Client(url).send(method, target, {&header, 1}, "");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, Kind::kInvalidRequest) << url << method << target;
    EXPECT_FALSE(answer.error().maybe_sent);
  };
  const Header good{"X", "y"};
  for (const char* url :
       {"", "127.0.0.1:80", "https://127.0.0.1", "http://", "http://:80", "http://a:", "http://a:0",
        "http://a:65536", "http://a:8o", "http://a/path", "http://u@a", "http://a b"}) {
    expect_invalid(url, "GET", "/", good);
  }
  const std::string url = "http://127.0.0.1:1";
  expect_invalid(url, "", "/", good);
  expect_invalid(url, "G T", "/", good);
  for (const char* target : {"", "x", "/ x", "/\r\nX: y", "/#a", "/\xc3\xa9"}) {
    expect_invalid(url, "GET", target, good);
  }
  expect_invalid(url, "GET", "/", {"X", "a\r\nY: b"});
  expect_invalid(url, "GET", "/", {"X: a\r\nY", "b"});
}

TEST(ClientConnects, ByName) {
  ScriptedServer server({[](Peer& peer) {
    peer.read_request();
    peer.answer("ok");
  }});
  std::string url = server.url();
  url.replace(url.find("127.0.0.1"), 9, "localhost");
  const auto answer = Client(url).send("GET", "/", kNoHeaders, "");
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->body, "ok");
}

}  // namespace
}  // namespace conveyor::http
