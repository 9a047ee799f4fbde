// The one fixture for tests that talk to a Server over loopback.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "server/http/server.h"
#include "server/http/test_socket.h"

namespace conveyor::http {

/// Keeps requests and their Responds until the test answers them, from the test's thread.
class HeldRequests {
 public:
  void operator()(Request request, Respond respond) {
    const std::lock_guard lock(mutex_);
    held_.emplace_back(std::move(request), std::move(respond));
    arrived_.notify_all();
  }

  /// Waits for the next request.
  std::pair<Request, Respond> take() {
    std::unique_lock lock(mutex_);
    const bool came =
        arrived_.wait_for(lock, std::chrono::seconds(20), [this] { return !held_.empty(); });
    if (!came) {
      ADD_FAILURE() << "no request came";
      std::abort();
    }
    auto first = std::move(held_.front());
    held_.erase(held_.begin());
    return first;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<std::pair<Request, Respond>> held_;
};

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    options.tick = std::chrono::milliseconds(5);
    options.send_date = false;
  }

  void start(Handler handler = echo) {
    server = std::make_unique<Server>(options, std::move(handler));
    const auto started = server->start();
    ASSERT_TRUE(started) << started.error();
  }

  void start_holding() {
    start(
        [this](Request request, Respond respond) { held(std::move(request), std::move(respond)); });
  }

  TestSocket connect() {
    TestSocket socket(server->port());
    EXPECT_TRUE(socket.connected());
    return socket;
  }

  /// All that comes back for these bytes, until the server closes.
  std::string talk(std::string_view bytes) {
    TestSocket socket = connect();
    socket.send(bytes);
    return socket.read_to_end();
  }

  /// Answers "METHOD target body".
  static void echo(const Request& request, Respond respond) {
    respond({.status = 200, .body = request.method + " " + request.target + " " + request.body});
  }

  ServerOptions options;
  HeldRequests held;
  std::unique_ptr<Server> server;
};

/// The answer of plain_text_error with Connection: close, whole.
inline std::string closing_error(std::string_view status_line, std::string_view text) {
  return "HTTP/1.1 " + std::string(status_line) +
         "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: " +
         std::to_string(text.size() + 1) + "\r\nConnection: close\r\n\r\n" + std::string(text) +
         "\n";
}

}  // namespace conveyor::http
