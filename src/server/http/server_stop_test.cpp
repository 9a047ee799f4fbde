// Method: the server is stopped while connections are in each of their phases; a request is known
// to be in work when the handler holds it.
#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <future>
#include <thread>

#include "server/http/test_server.h"

namespace conveyor::http {
namespace {

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

class ServerStopTest : public ServerTest {
 protected:
  std::future<void> stop_in_background() {
    return std::async(std::launch::async, [this] { server->stop(); });
  }

  void expect_stopped(std::future<void>& stopped) {
    ASSERT_EQ(stopped.wait_for(std::chrono::seconds(20)), std::future_status::ready);
    EXPECT_EQ(server->open_connections(), 0U);
  }
};

TEST_F(ServerStopTest, ClosesIdleConnectionsAndListensNoMore) {
  start();
  const std::uint16_t port = server->port();
  TestSocket used = connect();
  EXPECT_EQ(used.get("/")->status, 200);
  TestSocket unused = connect();
  server->stop_accepting();
  EXPECT_EQ(used.read_to_end(), "");
  server->stop();
  EXPECT_FALSE(TestSocket(port).connected());
  EXPECT_EQ(server->open_connections(), 0U);
}

TEST_F(ServerStopTest, AnswersWhatIsInWorkAndCloses) {
  start_holding();
  TestSocket socket = connect();
  socket.send(std::string(kGet) + std::string(kGet));
  auto [request, respond] = held.take();
  TestSocket idle = connect();
  server->stop_accepting();
  auto stopped = stop_in_background();
  respond({.status = 200, .body = "done"});
  EXPECT_EQ(socket.read_to_end(),
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\ndone");
  socket.close();
  expect_stopped(stopped);
}

TEST_F(ServerStopTest, FinishesARequestThatIsBeingRead) {
  start();
  TestSocket socket = connect();
  socket.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(socket.read_answer()->status, 100);
  server->stop_accepting();
  auto stopped = stop_in_background();
  socket.send("body");
  EXPECT_EQ(socket.read_to_end(),
            "HTTP/1.1 200 OK\r\nContent-Length: 11\r\nConnection: close\r\n\r\nPOST / body");
  socket.close();
  expect_stopped(stopped);
}

TEST_F(ServerStopTest, ClosesAfterAnAnswerThatItWasSendingMeanwhile) {
  const std::string large(8'000'000, 'x');
  start([&](const Request& request, Respond respond) {
    respond({.status = 200, .body = request.path == "/idle" ? "" : large});
  });
  TestSocket idle = connect();
  EXPECT_EQ(idle.get("/idle")->status, 200);
  TestSocket reading = connect();
  reading.send(kGet);
  pollfd readable{.fd = reading.fd(), .events = POLLIN, .revents = 0};
  ASSERT_EQ(::poll(&readable, 1, 20'000), 1) << "the answer has begun";
  server->stop_accepting();
  EXPECT_EQ(idle.read_to_end(), "") << "the server is draining";
  const auto answer = reading.read_answer();
  EXPECT_EQ(answer->header("Connection"), "");
  EXPECT_EQ(answer->body, large);
  EXPECT_EQ(reading.read_to_end(), "");
}

TEST_F(ServerStopTest, GivesUpAfterTheDrainTimeout) {
  options.drain_timeout = std::chrono::milliseconds(40);
  start_holding();
  TestSocket waiting = connect();
  waiting.send(kGet);
  auto [request, respond] = held.take();
  TestSocket reading = connect();
  reading.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(reading.read_answer()->status, 100);
  server->stop();
  EXPECT_EQ(server->open_connections(), 0U);
  EXPECT_EQ(waiting.read_to_end(), "");
  EXPECT_EQ(reading.read_to_end(), "");
  respond({.status = 200});  // dropped
}

TEST_F(ServerStopTest, AnAnswerMayComeWhenTheServerIsGone) {
  options.drain_timeout = std::chrono::milliseconds(0);
  start_holding();
  TestSocket socket = connect();
  socket.send(kGet);
  auto answered = held.take();
  socket.send(kGet);
  server.reset();
  answered.second({.status = 200});
}

TEST_F(ServerStopTest, MayBeStoppedTwiceOrNeverStarted) {
  start();
  server->stop();
  server->stop();
  Server never({}, echo);
  never.stop();
}

TEST_F(ServerStopTest, UnderLoadEveryRequestHandledIsAnswered) {
  std::atomic<int> handled = 0;
  options.io_threads = 2;
  start([&](const Request& request, Respond respond) {
    ++handled;
    echo(request, std::move(respond));
  });
  std::atomic<int> answered = 0;
  std::promise<void> running;
  std::vector<std::thread> clients;
  clients.reserve(4);
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      TestSocket socket = connect();
      socket.allow_reset();
      while (socket.send(kGet)) {
        const auto answer = socket.read_answer();
        if (!answer) break;
        if (++answered == 200) running.set_value();
        if (answer->header("Connection") == "close") break;
      }
    });
  }
  ASSERT_EQ(running.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
  server->stop();
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(handled, answered);
}

}  // namespace
}  // namespace conveyor::http
