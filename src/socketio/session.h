// Session: one Engine.IO 4 session, whatever carries it (github.com/socketio/engine.io-protocol).
//
//   polling ── a WebSocket comes with its sid, "2probe"/"3probe", "5" ──> websocket
//
// The server pings; a client that does not answer in time is gone. Over HTTP a second poll at a
// time, a poll that is given up and a body that cannot be read end the session.
//
// Threads: one. Lifetime: made and owned by an EngineServer; it goes some time after
// EngineApplication::on_end, not before the next EngineServer::flush.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "socketio/engine_packet.h"
#include "socketio/timers.h"
#include "socketio/token_bucket.h"
#include "socketio/transport.h"
#include "socketio/websocket.h"

namespace conveyor::socketio {

class EngineServer;

enum class EndReason : std::uint8_t {
  client_closed,    ///< it said so
  transport_lost,   ///< its connection, or its poll
  ping_timeout,     ///< no pong came
  protocol_error,   ///< it broke a rule
  rate_exceeded,    ///< it sent too much
  too_slow,         ///< it did not take what it was sent
  server_closed,    ///< close()
  server_stopping,  ///< EngineServer::stop
};
std::string_view to_string(EndReason reason);

class Session final : private WebSocket::User {
 public:
  Session(EngineServer& server, std::string id, HttpRequest handshake);
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// 128 random bits: whoever knows it is the client.
  const std::string& id() const { return id_; }
  /// The request that opened it, without its body.
  const HttpRequest& handshake() const { return handshake_; }
  bool is_over() const { return over_; }
  bool is_polling() const { return transport_ == Transport::polling; }

  /// Nothing if it is over. Leaves with the next EngineServer::flush.
  void send(std::string_view message, bool is_binary = false);
  /// Bytes sent that the client's connection has not taken.
  std::size_t pending() const;
  /// What was sent before still arrives. The application is told at once.
  void close(EndReason reason = EndReason::server_closed);

 private:
  friend class EngineServer;
  enum class Transport : std::uint8_t { polling, websocket };

  // Requests with its sid, and the one that opens it.
  void open_polling(const std::shared_ptr<Exchange>& exchange);
  void open_websocket(Exchange& exchange, std::vector<Header> headers);
  void poll(std::shared_ptr<Exchange> exchange);
  void poll_gone();
  void post(const HttpRequest& request, Exchange& exchange);
  void upgrade(Exchange& exchange, std::vector<Header> headers);
  void flush();

  // WebSocket::User
  void on_message(WebSocket& socket, bool is_text, std::string message) override;
  void on_end(WebSocket& socket) override;
  void on_drained(WebSocket& socket) override;

  void attach_websocket(Exchange& exchange, std::vector<Header> headers);
  void probe(bool is_text, std::string_view message);
  void switch_to_websocket();
  void drop_candidate(CloseCode code, std::string_view why);
  void receive(EnginePacket packet);
  void push(EnginePacket packet);
  void begin_heartbeat();
  std::string take_payload();
  void answer_poll(std::string payload);
  void end(EndReason reason);
  std::string open_packet() const;

  EngineServer& server_;
  const std::string id_;
  const HttpRequest handshake_;
  Transport transport_ = Transport::polling;
  bool over_ = false;
  EndReason end_reason_ = EndReason::client_closed;  // once over
  bool needs_flush_ = false;                         // is among the server's

  std::shared_ptr<Exchange> poll_;     // waits for something to send
  std::deque<EnginePacket> outgoing_;  // while it polls
  std::size_t outgoing_bytes_ = 0;
  std::shared_ptr<WebSocket> socket_;  // while it polls: one that may become the transport
  bool probed_ = false;                // that one has been probed: polls end at once

  bool awaits_pong_ = false;
  Timers::Id heartbeat_ = 0;
  Timers::Id upgrade_timer_ = 0;
  TokenBucket packets_;
  TokenBucket bytes_;
};

}  // namespace conveyor::socketio
