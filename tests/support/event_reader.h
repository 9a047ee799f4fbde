// EventReader: a client of a stream of server-sent events on a raw socket, for tests that want its
// bytes, read slowly or break off at a place of their choice. Not for use by several threads.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "base/sse_parser.h"
#include "server/http/test_socket.h"

namespace conveyor::test {

class EventReader {
 public:
  /// Asks for `target`; `headers` are whole lines, each with its line end.
  EventReader(std::uint16_t port, const std::string& target, const std::string& headers = {})
      : socket_(port) {
    if (!socket_.connected()) return;
    socket_.allow_reset();  // a server that is killed
    // Without chunks: what comes behind the head is the stream.
    socket_.send("GET " + target + " HTTP/1.0\r\nHost: localhost\r\n" + headers + "\r\n");
    head_ = socket_.read_until("\r\n\r\n");
  }

  const std::string& head() const { return head_; }
  int status() const { return head_.size() < 12 ? 0 : std::stoi(head_.substr(9, 3)); }
  /// The whole body of an answer that ends.
  std::string read_to_end() { return socket_.read_to_end(); }

  /// Reads until an event has come; nothing if the stream ends first.
  std::optional<SseEvent> next() {
    while (waiting_.empty()) {
      const auto bytes = socket_.read_some();
      if (bytes.empty()) return std::nullopt;
      take(bytes);
    }
    auto first = std::move(waiting_.front());
    waiting_.pop_front();
    return first;
  }
  /// The next block as it was sent, with its blank line; its event also waits for next().
  std::string read_block() {
    auto block = socket_.read_until("\n\n");
    take(block);
    return block;
  }
  const std::string& last_event_id() const { return parser_.last_event_id(); }
  http::TestSocket& socket() { return socket_; }

 private:
  void take(const std::string& bytes) {
    const auto fed =
        parser_.feed(bytes, [this](const SseEvent& event) { waiting_.push_back(event); });
    EXPECT_TRUE(fed) << bytes;
  }

  http::TestSocket socket_;
  std::string head_;
  SseParser parser_{1'000'000};
  std::deque<SseEvent> waiting_;
};

}  // namespace conveyor::test
