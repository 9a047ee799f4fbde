// Method: the programs themselves, started on a free port; the expectations that need real
// connections. What the libraries do is tested beside them.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "server/http/test_socket.h"
#include "socketio/test_transport.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX leaves it to us

namespace conveyor::conformance {
namespace {

using http::TestSocket;

std::string program(std::string_view name) {
  return std::string{CONFORMANCE_FOLDER "/conformance-"}.append(name);
}

pid_t spawn(std::vector<std::string> words, int out) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (out >= 0) posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  pid_t child = -1;
  EXPECT_EQ(::posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

int exit_code(pid_t child) {
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// A program that serves until the end of the test, and ends with 0.
class Program {
 public:
  explicit Program(std::string_view name) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    child_ = spawn({program(name), "--port", "0"}, ends[1]);
    ::close(ends[1]);
    std::FILE* out = ::fdopen(ends[0], "r");
    int port = 0;
    EXPECT_EQ(std::fscanf(out, "%d", &port), 1);  // NOLINT(cert-err34-c)
    std::fclose(out);
    port_ = static_cast<std::uint16_t>(port);
  }
  ~Program() {
    ::kill(child_, SIGTERM);
    EXPECT_EQ(exit_code(child_), 0);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  TestSocket connect() const { return TestSocket(port_); }
  http::TestAnswer get(std::string_view path) const { return *connect().get(path); }
  http::TestAnswer post(std::string_view path, std::string_view body) const {
    TestSocket socket = connect();
    socket.send("POST " + std::string{path} + " HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + std::string{body});
    return *socket.read_answer();
  }
  /// A WebSocket that has been accepted.
  TestSocket upgrade(std::string_view path) const {
    TestSocket socket = connect();
    socket.send("GET " + std::string{path} +
                " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                "Sec-WebSocket-Version: 13\r\n\r\n");
    EXPECT_EQ(socket.read_until("\r\n\r\n").substr(0, 12), "HTTP/1.1 101");
    return socket;
  }

 private:
  pid_t child_ = -1;
  std::uint16_t port_ = 0;
};

const std::string kEngine = "/engine.io/?EIO=4&transport=polling";

std::string open_session(const Program& engine) {
  const auto body = engine.get(kEngine).body;
  const auto data = boost::json::parse(std::string_view{body}.substr(1));
  EXPECT_EQ(data.at("pingInterval"), 300);
  EXPECT_EQ(data.at("pingTimeout"), 200);
  EXPECT_EQ(data.at("maxPayload"), 1'000'000);
  return kEngine + "&sid=" + std::string{data.at("sid").as_string()};
}

TEST(ConformanceEngineIo, EchoesAndPings) {
  const Program engine("engineio");
  const auto session = open_session(engine);
  EXPECT_EQ(engine.post(session, "4hello\036bAQIDBA==").body, "ok");
  EXPECT_EQ(engine.get(session).body, "4hello\036bAQIDBA==");
  EXPECT_EQ(engine.get(session).body, "2") << "the poll waits for the ping";
  EXPECT_EQ(engine.get("/elsewhere").status, 404);
}

TEST(ConformanceEngineIo, ACancelledPollEndsTheSession) {
  const Program engine("engineio");
  const auto session = open_session(engine);
  TestSocket poll = engine.connect();
  poll.send("GET " + session + " HTTP/1.1\r\nHost: x\r\n\r\n");
  poll.close();
  // Whether this comes before or behind the end of the other: two polls, or none to join.
  EXPECT_EQ(engine.get(session).status, 400);
}

TEST(ConformanceEngineIo, ASilentSessionEndsAndASecondPollEndsOne) {
  const Program engine("engineio");
  TestSocket silent = engine.upgrade("/engine.io/?EIO=4&transport=websocket");
  EXPECT_TRUE(silent.read_until("\x88").ends_with('\x88')) << "a close frame";
  const auto session = open_session(engine);
  TestSocket first = engine.connect();
  first.send("GET " + session + " HTTP/1.1\r\nHost: x\r\n\r\n");
  TestSocket second = engine.connect();
  second.send("GET " + session + " HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto one = first.read_answer()->status;
  const auto other = second.read_answer()->status;
  EXPECT_EQ(one + other, 600) << "200 for the first to come, 400 for the other";
  EXPECT_EQ(engine.get(session).status, 400);
}

TEST(ConformanceSocketIo, AnswersAsItsReadmeSays) {
  const Program server("socketio");
  TestSocket socket = server.upgrade("/socket.io/?EIO=4&transport=websocket");
  socket.send(socketio::client_text(R"(40/custom,{"token":"abc"})"));
  EXPECT_NE(socket.read_until("}]").find(R"(42/custom,["auth",{"token":"abc"}])"),
            std::string::npos);
  socket.send(socketio::client_text("40"));
  EXPECT_NE(socket.read_until("{}]").find(R"(42["auth",{}])"), std::string::npos);
  socket.send(socketio::client_text(R"(42["message",1,"2",{"3":[true]}])"));
  EXPECT_NE(socket.read_until("}]").find(R"(42["message-back",1,"2",{"3":[true]}])"),
            std::string::npos);
  socket.send(socketio::client_text(R"(42456["message-with-ack",1])"));
  EXPECT_NE(socket.read_until("]").find("43456[1]"), std::string::npos);
  socket.send(socketio::client_text("40/random"));
  EXPECT_NE(socket.read_until("}").find(R"(44/random,{"message":"Invalid namespace"})"),
            std::string::npos);
  socket.send(socketio::client_text("42{}"));
  EXPECT_TRUE(socket.read_until("\x88").ends_with('\x88')) << "a close frame";
}

TEST(ConformanceWebSocket, EchoesAndCloses) {
  const Program echo("websocket");
  TestSocket socket = echo.upgrade("/");
  const std::string large(1'000'000, 'x');
  socket.send(socketio::client_binary(large));
  socket.send(socketio::client_frame(socketio::kFin | 9, "?"));
  socket.send(socketio::client_close(1000));
  EXPECT_EQ(socketio::server_frames(socket.read_to_end()),
            (std::vector<socketio::ServerFrame>{{socketio::Opcode::binary, large},
                                                {socketio::Opcode::pong, "?"},
                                                socketio::close_frame(1000)}));
}

TEST(ConformanceHttp, SaysWhatItReceived) {
  const Program server("http");
  const auto answer = server.post("/a?b=c", "hello");
  EXPECT_EQ(answer.status, 200);
  const auto data = boost::json::parse(answer.body);
  EXPECT_EQ(data.at("method"), "POST");
  EXPECT_EQ(data.at("target"), "/a?b=c");
  EXPECT_EQ(data.at("headers").at(0), (boost::json::array{"Host", "x"}));
  EXPECT_EQ(data.at("body_length"), 5);
  EXPECT_EQ(data.at("body_sha256"),
            "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
  EXPECT_EQ(server.post("/", std::string(256 * 1'024 + 1, 'x')).status, 413);
}

TEST(ConformanceJson, TakesWhatTheApiTakes) {
  const auto file = testing::TempDir() + "conformance-json-" + std::to_string(::getpid());
  const auto code_of = [&file](std::string_view text) {
    std::ofstream(file, std::ios::binary) << text;
    return exit_code(spawn({program("json"), file}, -1));
  };
  EXPECT_EQ(code_of(R"({"a":[1,2.5e3,"\u00e9"]})"), 0);
  EXPECT_EQ(code_of("7"), 0);
  for (const auto* bad : {"", "{", "[1,]", "1e400", "{\"a\":1,\"a\":2}", "nul", "\xff", "01"}) {
    EXPECT_EQ(code_of(bad), 1) << bad;
  }
  ::unlink(file.c_str());
  EXPECT_EQ(exit_code(spawn({program("json"), file}, -1)), 2);
}

}  // namespace
}  // namespace conveyor::conformance
