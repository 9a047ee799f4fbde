// LiveClient: a Socket.IO client on a raw WebSocket, for tests that subscribe to rooms. What comes
// while it waits for something else is kept. Not for use by several threads.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "server/http/test_socket.h"
#include "socketio/test_transport.h"

namespace conveyor::test {

class LiveClient {
 public:
  explicit LiveClient(std::uint16_t port) : socket_(port) {
    socket_.allow_reset();
    socket_.send(
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
    EXPECT_EQ(socket_.read_until("\r\n\r\n").substr(0, 12), "HTTP/1.1 101");
    EXPECT_EQ(next_text().substr(0, 1), "0");
    send("40");
    EXPECT_EQ(next_text().substr(0, 3), "40{");
  }

  /// The acknowledgement of subscribe.
  boost::json::object subscribe(std::string_view room, std::string_view cursor = {}) {
    boost::json::array args{"subscribe", room};
    if (!cursor.empty()) args.emplace_back(cursor);
    return call(args);
  }
  /// Emits and waits for the acknowledgement; {} if the server closes first.
  boost::json::object call(const boost::json::array& args) {
    const auto id = std::to_string(++last_id_);
    send("42" + id + boost::json::serialize(args));
    const auto mark = "43" + id + "[";
    while (true) {
      const auto text = next_text();
      if (text.empty()) return {};
      if (text.starts_with(mark)) {
        const auto values = boost::json::parse(std::string_view{text}.substr(mark.size() - 1));
        return values.at(0).as_object();
      }
      waiting_.push_back(text);
    }
  }

  /// The next acknowledgement, of whatever it is; {} if the server closes first.
  boost::json::object next_answer() {
    while (true) {
      const auto text = next_text();
      if (text.empty()) return {};
      if (!text.starts_with("43")) {
        waiting_.push_back(text);
        continue;
      }
      const auto values = boost::json::parse(std::string_view{text}.substr(text.find('[')));
      return values.at(0).as_object();
    }
  }

  /// The next event with its one argument; nothing if the server closes first.
  struct Event {
    std::string name;
    boost::json::object data;
  };
  std::optional<Event> next() {
    std::string text;
    if (waiting_.empty()) {
      text = next_text();
    } else {
      text = std::move(waiting_.front());
      waiting_.pop_front();
    }
    if (!text.starts_with("42[")) return std::nullopt;
    const auto values = boost::json::parse(std::string_view{text}.substr(2));
    return Event{std::string{values.at(0).as_string()}, values.at(1).as_object()};
  }

  http::TestSocket& socket() { return socket_; }

 private:
  void send(std::string_view text) { socket_.send(socketio::client_text(text)); }

  /// The next message that is no ping, which is answered; empty once the server has closed.
  std::string next_text() {
    while (true) {
      auto frame = take_frame();
      if (!frame) {
        const auto bytes = socket_.read_some();
        if (bytes.empty()) return {};
        received_ += bytes;
        continue;
      }
      if (frame->opcode == socketio::Opcode::close) return {};
      if (frame->payload != "2") return std::move(frame->payload);
      send("3");
    }
  }

  std::optional<socketio::ServerFrame> take_frame() {
    const auto at = [this](std::size_t i) { return static_cast<std::uint8_t>(received_[i]); };
    if (received_.size() < 2) return std::nullopt;
    std::uint64_t length = at(1);
    std::size_t head = 2;
    if (length >= 126) {
      const std::size_t end = length == 126 ? 4 : 10;
      if (received_.size() < end) return std::nullopt;
      for (length = 0; head < end; ++head) length = length << 8 | at(head);
    }
    if (received_.size() < head + length) return std::nullopt;
    socketio::ServerFrame frame{static_cast<socketio::Opcode>(at(0) & 0x0f),
                                received_.substr(head, length)};
    received_.erase(0, head + length);
    return frame;
  }

  http::TestSocket socket_;
  std::string received_;
  std::deque<std::string> waiting_;
  int last_id_ = 0;
};

}  // namespace conveyor::test
