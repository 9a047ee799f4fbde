// For tests: the HTTP server around the library, in memory, and a client that writes frames by
// hand. Time stands still unless the test moves it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "socketio/transport.h"
#include "socketio/websocket_frame.h"

namespace conveyor::socketio {

inline constexpr std::uint8_t kFin = 0x80;

/// A frame as a client sends it: `first` is FIN, reserved bits and opcode as they are to be. The
/// mask is not zero, so that a reader that forgets it is found out.
inline std::string client_frame(std::uint8_t first, std::string_view payload,
                                std::string_view mask = "\x37\xfa\x21\x3d") {
  std::string frame(1, static_cast<char>(first));
  const auto put = [&frame](std::uint64_t value, int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
      frame.push_back(static_cast<char>(value >> shift & 0xff));
    }
  };
  if (payload.size() < 126) {
    put(0x80 | payload.size(), 1);
  } else if (payload.size() < 65'536) {
    put(0x80 | 126, 1);
    put(payload.size(), 2);
  } else {
    put(0x80 | 127, 1);
    put(payload.size(), 8);
  }
  frame.append(mask);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame.push_back(static_cast<char>(payload[i] ^ mask[i % 4]));
  }
  return frame;
}
inline std::string client_text(std::string_view text) {
  return client_frame(kFin | 1, text);
}
inline std::string client_binary(std::string_view bytes) {
  return client_frame(kFin | 2, bytes);
}
inline std::string client_close(std::uint16_t code, std::string_view reason = {}) {
  const std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  return client_frame(kFin | 8, payload + std::string{reason});
}

/// A frame that the server sent.
struct ServerFrame {
  Opcode opcode = Opcode::text;
  std::string payload{};
  friend bool operator==(const ServerFrame&, const ServerFrame&) = default;
};
inline void PrintTo(const ServerFrame& frame, std::ostream* out) {
  *out << static_cast<int>(frame.opcode) << ' ' << testing::PrintToString(frame.payload);
}

/// All of them; anything that a server may not send (RFC 6455 section 5.1) fails the test.
inline std::vector<ServerFrame> server_frames(std::string_view bytes) {
  std::vector<ServerFrame> frames;
  while (bytes.size() >= 2) {
    const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
    EXPECT_EQ(at(0) & 0xf0, kFin) << "final, without reserved bits";
    EXPECT_EQ(at(1) & 0x80, 0) << "a server does not mask";
    std::uint64_t length = at(1) & 0x7f;
    std::size_t head = 2;
    if (length >= 126) {
      const std::size_t extended = length == 126 ? 2 : 8;
      length = 0;
      for (; head < 2 + extended; ++head) length = length << 8 | at(head);
    }
    frames.push_back({static_cast<Opcode>(at(0) & 0x0f), std::string{bytes.substr(head, length)}});
    bytes.remove_prefix(std::min<std::size_t>(bytes.size(), head + length));
  }
  EXPECT_TRUE(bytes.empty());
  return frames;
}
inline ServerFrame text_frame(std::string_view text) {
  return {Opcode::text, std::string{text}};
}
inline ServerFrame close_frame(std::uint16_t code, std::string_view reason = {}) {
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  return {Opcode::close, payload.append(reason)};
}

class FakePipe final : public Pipe {
 public:
  void write(std::string_view bytes) override {
    written.append(bytes);
    if (!reads) waiting += bytes.size();
    ++writes;
  }
  std::size_t pending() const override { return waiting; }
  void end() override { ended = true; }
  void abort() override { aborted = true; }

  std::vector<ServerFrame> take() { return server_frames(std::exchange(written, {})); }

  std::string written;
  std::size_t writes = 0;
  bool reads = true;  ///< false: what is written waits
  std::size_t waiting = 0;
  bool ended = false;
  bool aborted = false;
};

class FakeExchange final : public Exchange {
 public:
  void answer(HttpResponse given) override {
    EXPECT_FALSE(is_answered()) << "a request is answered once";
    response = std::move(given);
  }
  std::shared_ptr<Pipe> upgrade(std::vector<Header> given,
                                std::shared_ptr<PipeReader> given_reader) override {
    EXPECT_FALSE(is_answered()) << "a request is answered once";
    headers = std::move(given);
    reader = std::move(given_reader);
    pipe = std::make_shared<FakePipe>();
    return pipe;
  }
  bool is_answered() const { return response || pipe; }
  int status() const { return response ? response->status : pipe ? 101 : 0; }
  std::string body() const { return response ? response->body : std::string{}; }

  std::optional<HttpResponse> response;
  std::vector<Header> headers;
  std::shared_ptr<FakePipe> pipe;
  std::shared_ptr<PipeReader> reader;
};

/// A WebSocket handshake as RFC 6455 section 1.3 has it.
inline HttpRequest websocket_request(std::string query) {
  return {.method = "GET",
          .query = std::move(query),
          .headers = {{"Host", "localhost"},
                      {"Upgrade", "websocket"},
                      {"Connection", "keep-alive, Upgrade"},
                      {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                      {"Sec-WebSocket-Version", "13"}},
          .remote_address = "127.0.0.1"};
}

}  // namespace conveyor::socketio
