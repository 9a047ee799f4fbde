// For tests: an EngineServer with a client of each transport.
#pragma once

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "socketio/engine_server.h"
#include "socketio/test_transport.h"

namespace conveyor::socketio {

/// One client of whatever takes requests; `Front` has handle, gone and flush.
template <class Front>
class TestClient {
 public:
  TestClient(Front& front, Timers& timers) : front_(front), timers_(timers) {}

  std::shared_ptr<FakeExchange> request(HttpRequest request) {
    auto exchange = std::make_shared<FakeExchange>();
    front_.handle(std::move(request), exchange);
    front_.flush();
    return exchange;
  }
  std::shared_ptr<FakeExchange> get(const std::string& query) {
    return request({.method = "GET", .query = query, .remote_address = address});
  }
  std::shared_ptr<FakeExchange> post(std::string body) {
    return request(
        {.method = "POST", .query = polling(), .body = std::move(body), .remote_address = address});
  }
  std::shared_ptr<FakeExchange> poll() { return get(polling()); }

  void open_polling() {
    const auto opened = get("EIO=4&transport=polling");
    ASSERT_EQ(opened->status(), 200) << opened->body();
    sid = sid_of(opened->body());
  }
  std::shared_ptr<FakeExchange> open_websocket() {
    auto asked = websocket_request("EIO=4&transport=websocket");
    asked.remote_address = address;
    socket = request(std::move(asked));
    if (socket->pipe) sid = sid_of(socket->pipe->take().at(0).payload);
    return socket;
  }
  std::shared_ptr<FakeExchange> begin_upgrade() {
    auto candidate = request(websocket_request("EIO=4&transport=websocket&sid=" + sid));
    if (candidate->pipe) socket = candidate;
    return candidate;
  }
  void upgrade() {
    open_polling();
    begin_upgrade();
    send_text("2probe");
    EXPECT_EQ(take(), std::vector{text_frame("3probe")});
    send_text("5");
  }

  void send_bytes(std::string_view bytes) const {
    const auto reader = socket->reader;
    reader->on_bytes(bytes);
    front_.flush();
  }
  void send_text(std::string_view text) const { send_bytes(client_text(text)); }
  void send_binary(std::string_view bytes) const { send_bytes(client_binary(bytes)); }
  std::vector<ServerFrame> take() const { return socket->pipe->take(); }

  void pass(std::chrono::milliseconds time) {
    timers_.advance(timers_.now() + time);
    front_.flush();
  }

  std::string polling() const { return "EIO=4&transport=polling&sid=" + sid; }
  static std::string sid_of(const std::string& open_packet) {
    EXPECT_EQ(open_packet.substr(0, 1), "0");
    const auto data = boost::json::parse(std::string_view{open_packet}.substr(1));
    return std::string{data.at("sid").get_string()};
  }

  std::string address = "127.0.0.1";
  std::string sid;
  std::shared_ptr<FakeExchange> socket;

 private:
  Front& front_;
  Timers& timers_;
};

/// Keeps what it is told; echoes if it is to.
class Recorder final : public EngineApplication {
 public:
  void on_open(Session& session) override { sessions.push_back(&session); }
  void on_message(Session& session, bool is_binary, std::string message) override {
    if (echoes) session.send(message, is_binary);
    messages.push_back((is_binary ? "b:" : "t:") + message);
  }
  void on_end(Session&, EndReason reason) override { ends.push_back(reason); }
  void on_drained(Session&) override { ++drained; }

  bool echoes = false;
  std::vector<Session*> sessions;
  std::vector<std::string> messages;
  std::vector<EndReason> ends;
  int drained = 0;
};

class EngineTest : public testing::Test {
 protected:
  using Client = TestClient<EngineServer>;

  void SetUp() override { restart(); }
  void TearDown() override {
    engine->stop();
    EXPECT_EQ(engine->sessions(), 0U);
    EXPECT_EQ(application.ends.size(), application.sessions.size());
  }
  /// With `limits` as they are now.
  void restart() {
    engine = std::make_unique<EngineServer>(timers, limits, application);
    client = std::make_unique<Client>(*engine, timers);
  }

  Timers timers{Time{}};
  EngineLimits limits;
  Recorder application;
  std::unique_ptr<EngineServer> engine;
  std::unique_ptr<Client> client;
};

}  // namespace conveyor::socketio
