// WebSocket: one connection after its handshake (RFC 6455), the server's side: messages both ways,
// pongs for pings, the closing handshake, and limits. No extension, no subprotocol.
//
// What is sent waits in the connection until flush() hands all of it over in one write.
//
// Threads: one. Lifetime: shared by its pipe and its user; the user calls detach() before it goes.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "socketio/timers.h"
#include "socketio/token_bucket.h"
#include "socketio/transport.h"
#include "socketio/websocket_frame.h"

namespace conveyor::socketio {

struct WebSocketLimits {
  std::size_t max_message_bytes = 1'000'000;
  /// Of the peer, control frames and empty fragments included.
  Rate frames{.per_second = 1'000, .burst = 2'000};
  /// Of payload, the peer's. A frame beyond the burst is never allowed.
  Rate bytes{.per_second = 4'000'000, .burst = 8'000'000};
  /// What waits to be sent; beyond it the connection is aborted.
  std::size_t max_outgoing_bytes = 4'000'000;
  /// For the peer's half of the closing handshake.
  std::chrono::milliseconds close_timeout{2'000};
};

class WebSocket final : public PipeReader, private FrameSink {
 public:
  /// Not called after detach(), nor after on_end().
  class User {
   public:
    virtual ~User() = default;
    virtual void on_message(WebSocket& socket, bool is_text, std::string message) = 0;
    /// No more messages come, for whatever reason; what is sent is dropped.
    virtual void on_end(WebSocket& socket) = 0;
    virtual void on_drained(WebSocket&) {}
  };

  WebSocket(Timers& timers, const WebSocketLimits& limits, User& user);
  ~WebSocket() override;
  WebSocket(const WebSocket&) = delete;
  WebSocket& operator=(const WebSocket&) = delete;

  /// Begins; `pipe` is what Exchange::upgrade gave for this reader.
  void open(std::shared_ptr<Pipe> pipe) { pipe_ = std::move(pipe); }

  void send(Opcode opcode, std::string_view payload);
  void flush();
  /// Begins the closing handshake; the user is told nothing more.
  void close(CloseCode code, std::string_view reason);
  void detach() { user_ = nullptr; }

  /// Bytes sent that the network has not taken.
  std::size_t pending() const { return out_.size() + (pipe_ ? pipe_->pending() : 0); }

  // PipeReader
  void on_bytes(std::string_view bytes) override;
  void on_drained() override;
  void on_gone() override;

 private:
  void on_frame(std::size_t payload_bytes) override;
  void on_message(bool is_text, std::string message) override;
  void on_ping(std::string_view payload) override;
  void on_pong(std::string_view) override {}
  void on_close(std::optional<std::uint16_t> code, std::string_view reason) override;
  void on_violation(CloseCode code, std::string_view why) override;

  void finish(CloseCode code, std::string_view reason, bool is_end);
  void let_go();
  void tell_end();

  Timers& timers_;
  const WebSocketLimits limits_;
  User* user_;
  std::shared_ptr<Pipe> pipe_;  // empty once over
  FrameReader reader_;
  TokenBucket frames_;
  TokenBucket bytes_;
  std::string out_;
  bool sent_close_ = false;
  Timers::Id close_timer_ = 0;
};

}  // namespace conveyor::socketio
