#include "socketio/session.h"

#include <fmt/format.h>

#include <utility>

#include "socketio/engine_errors.h"
#include "socketio/engine_server.h"

namespace conveyor::socketio {
namespace {

HttpResponse text_answer(std::string body) {
  return {.status = 200,
          .headers = {{"Content-Type", "text/plain; charset=UTF-8"}, {"Cache-Control", "no-store"}},
          .body = std::move(body)};
}

/// What tells the client of a WebSocket why it is closed.
CloseCode close_code(EndReason reason) {
  switch (reason) {
    case EndReason::protocol_error:
      return CloseCode::protocol_error;
    case EndReason::rate_exceeded:
    case EndReason::too_slow:
      return CloseCode::policy_violation;
    case EndReason::server_stopping:
      return CloseCode::going_away;
    case EndReason::client_closed:
    case EndReason::transport_lost:
    case EndReason::ping_timeout:
    case EndReason::server_closed:
      return CloseCode::normal;
  }
  return CloseCode::normal;
}

}  // namespace

std::string_view to_string(EndReason reason) {
  switch (reason) {
    case EndReason::client_closed:
      return "client closed";
    case EndReason::transport_lost:
      return "transport lost";
    case EndReason::ping_timeout:
      return "ping timeout";
    case EndReason::protocol_error:
      return "protocol error";
    case EndReason::rate_exceeded:
      return "rate exceeded";
    case EndReason::too_slow:
      return "too slow";
    case EndReason::server_closed:
      return "server closed";
    case EndReason::server_stopping:
      return "server stopping";
  }
  return {};
}

Session::Session(EngineServer& server, std::string id, HttpRequest handshake)
    : server_(server),
      id_(std::move(id)),
      handshake_(std::move(handshake)),
      packets_(server.limits_.packets, server.timers_.now()),
      bytes_(server.limits_.bytes, server.timers_.now()) {}

Session::~Session() {
  server_.timers_.cancel(heartbeat_);
  server_.timers_.cancel(upgrade_timer_);
  if (socket_) socket_->detach();
}

std::string Session::open_packet() const {
  const auto& limits = server_.limits_;
  return fmt::format(
      R"(0{{"sid":"{}","upgrades":[{}],"pingInterval":{},"pingTimeout":{},"maxPayload":{}}})", id_,
      transport_ == Transport::polling ? R"("websocket")" : "", limits.ping_interval.count(),
      limits.ping_timeout.count(), limits.max_payload);
}

void Session::open_polling(const std::shared_ptr<Exchange>& exchange) {
  exchange->answer(text_answer(open_packet()));
  begin_heartbeat();
}

void Session::open_websocket(Exchange& exchange, std::vector<Header> headers) {
  transport_ = Transport::websocket;
  attach_websocket(exchange, std::move(headers));
  socket_->send(Opcode::text, open_packet());
  server_.needs_flush(*this);
  begin_heartbeat();
}

void Session::attach_websocket(Exchange& exchange, std::vector<Header> headers) {
  WebSocket::User& user = *this;
  socket_ = std::make_shared<WebSocket>(server_.timers_, server_.websocket_limits(), user);
  socket_->open(exchange.upgrade(std::move(headers), socket_));
}

void Session::begin_heartbeat() {
  awaits_pong_ = false;
  server_.timers_.cancel(heartbeat_);
  heartbeat_ = server_.timers_.after(server_.limits_.ping_interval, [this] {
    awaits_pong_ = true;
    heartbeat_ = server_.timers_.after(server_.limits_.ping_timeout, [this] {
      heartbeat_ = 0;
      end(EndReason::ping_timeout);
    });
    push({.type = EngineType::ping});
  });
}

void Session::poll(std::shared_ptr<Exchange> exchange) {
  if (transport_ == Transport::websocket) {
    return exchange->answer(engine_error(EngineError::bad_request, "Bad request"));
  }
  if (poll_) {
    exchange->answer(engine_error(EngineError::bad_request, "overlapping polls"));
    return end(EndReason::protocol_error);
  }
  poll_ = std::move(exchange);
  server_.polls_.emplace(poll_.get(), this);
  if (over_) {  // closed by us, and this fetches the rest
    answer_poll(take_payload());
    if (outgoing_.empty()) server_.forget(*this);
    return;
  }
  server_.needs_flush(*this);
}

void Session::poll_gone() {
  server_.polls_.erase(poll_.get());
  poll_.reset();
  end(EndReason::transport_lost);
}

void Session::post(const HttpRequest& request, Exchange& exchange) {
  const auto refuse = [&](EngineError error, std::string_view message, int status,
                          EndReason reason) {
    exchange.answer(engine_error(error, message, status));
    end(reason);
  };
  if (over_ || transport_ == Transport::websocket) {
    return exchange.answer(engine_error(EngineError::bad_request, "Bad request"));
  }
  if (request.body.size() > server_.limits_.max_payload) {
    return refuse(EngineError::too_large, "the body is too large", 413, EndReason::protocol_error);
  }
  const auto packets = decode_payload(request.body, server_.limits_.max_packets_per_body);
  if (!packets) {
    return refuse(EngineError::bad_request, to_string(packets.error()), 400,
                  EndReason::protocol_error);
  }
  const Time now = server_.timers_.now();
  if (!packets_.take(packets->size(), now) || !bytes_.take(request.body.size(), now)) {
    return refuse(EngineError::rate_exceeded, "too many packets or bytes a second", 429,
                  EndReason::rate_exceeded);
  }
  for (const EnginePacket& packet : *packets) {
    if (!over_) receive(packet);
  }
  if (over_ && end_reason_ == EndReason::protocol_error) {
    return exchange.answer(engine_error(EngineError::bad_request, "a packet breaks the protocol"));
  }
  exchange.answer(text_answer("ok"));
}

void Session::upgrade(Exchange& exchange, std::vector<Header> headers) {
  if (over_ || transport_ == Transport::websocket || socket_) {
    return exchange.answer(engine_error(EngineError::bad_request, "Bad request"));
  }
  attach_websocket(exchange, std::move(headers));
  upgrade_timer_ = server_.timers_.after(server_.limits_.upgrade_timeout, [this] {
    upgrade_timer_ = 0;
    drop_candidate(CloseCode::policy_violation, "the upgrade took too long");
  });
}

/// Of a WebSocket that is not the transport yet.
void Session::probe(bool is_text, std::string_view message) {
  if (is_text && message == "2probe" && !probed_) {
    probed_ = true;
    socket_->send(Opcode::text, "3probe");
    // The poll that waits keeps the client from going on.
    if (poll_) answer_poll(take_payload());
    return server_.needs_flush(*this);
  }
  if (is_text && message == "5" && probed_) return switch_to_websocket();
  drop_candidate(CloseCode::protocol_error, "this is not how an upgrade goes");
}

void Session::switch_to_websocket() {
  server_.timers_.cancel(upgrade_timer_);
  if (poll_) answer_poll("6");
  transport_ = Transport::websocket;
  outgoing_bytes_ = 0;
  for (EnginePacket& packet : std::exchange(outgoing_, {})) push(std::move(packet));
  server_.needs_flush(*this);
}

void Session::drop_candidate(CloseCode code, std::string_view why) {
  server_.timers_.cancel(upgrade_timer_);
  probed_ = false;
  if (const auto socket = std::exchange(socket_, nullptr)) socket->close(code, why);
}

void Session::on_message(WebSocket&, bool is_text, std::string message) {
  if (over_) return;
  if (transport_ == Transport::polling) return probe(is_text, message);
  if (!is_text) {
    return receive({.type = EngineType::message, .is_binary = true, .data = std::move(message)});
  }
  auto packet = decode_packet(message);
  if (!packet) return end(EndReason::protocol_error);
  receive(*std::move(packet));
}

void Session::on_end(WebSocket&) {
  if (transport_ == Transport::websocket) {
    end(EndReason::transport_lost);
  } else {
    server_.timers_.cancel(upgrade_timer_);
    probed_ = false;
    socket_.reset();
  }
}

void Session::on_drained(WebSocket&) {
  if (!over_ && transport_ == Transport::websocket) server_.application_.on_drained(*this);
}

void Session::receive(EnginePacket packet) {
  switch (packet.type) {
    case EngineType::message:
      return server_.application_.on_message(*this, packet.is_binary, std::move(packet.data));
    case EngineType::pong:
      if (awaits_pong_) begin_heartbeat();
      return;
    case EngineType::close:
      return end(EndReason::client_closed);
    case EngineType::noop:
      return;
    case EngineType::open:
    case EngineType::ping:
    case EngineType::upgrade:
      return end(EndReason::protocol_error);
  }
}

void Session::send(std::string_view message, bool is_binary) {
  push({.type = EngineType::message, .is_binary = is_binary, .data = std::string{message}});
}

void Session::push(EnginePacket packet) {
  if (over_) return;
  if (transport_ == Transport::websocket) {
    const auto socket = socket_;  // which may lose its owners within
    if (socket->pending() + packet.data.size() > server_.limits_.max_outgoing_bytes) {
      return end(EndReason::too_slow);
    }
    if (packet.is_binary) {
      socket->send(Opcode::binary, packet.data);
    } else {
      socket->send(Opcode::text, encode_packet(packet));
    }
  } else {
    outgoing_bytes_ += payload_size(packet) + 1;
    outgoing_.push_back(std::move(packet));
    if (outgoing_bytes_ > server_.limits_.max_outgoing_bytes) return end(EndReason::too_slow);
  }
  server_.needs_flush(*this);
}

std::size_t Session::pending() const {
  return outgoing_bytes_ + (transport_ == Transport::websocket && socket_ ? socket_->pending() : 0);
}

/// What fits one answer, a packet at least; with nothing to send, what an empty answer is.
std::string Session::take_payload() {
  std::string payload;
  while (!outgoing_.empty()) {
    const std::size_t size = payload_size(outgoing_.front()) + 1;
    if (!payload.empty() && payload.size() + size > server_.limits_.max_payload) break;
    append_to_payload(payload, outgoing_.front());
    outgoing_bytes_ -= size;
    outgoing_.pop_front();
  }
  return payload.empty() ? "6" : payload;
}

void Session::answer_poll(std::string payload) {
  server_.polls_.erase(poll_.get());
  std::exchange(poll_, nullptr)->answer(text_answer(std::move(payload)));
}

void Session::flush() {
  needs_flush_ = false;
  if (transport_ == Transport::websocket) {
    const auto socket = socket_;
    if (socket) socket->flush();
    return;
  }
  if (const auto candidate = socket_) candidate->flush();
  if (!poll_ || (outgoing_.empty() && !probed_)) return;
  answer_poll(take_payload());
  if (!over_ && outgoing_.empty()) server_.application_.on_drained(*this);
}

void Session::close(EndReason reason) {
  if (over_) return;
  if (transport_ == Transport::websocket || poll_) return end(reason);
  // Nothing waits at the moment: the client's next poll is told.
  push({.type = EngineType::close});
  if (over_) return;
  over_ = true;
  end_reason_ = reason;
  drop_candidate(close_code(reason), to_string(reason));
  server_.timers_.cancel(heartbeat_);
  heartbeat_ = server_.timers_.after(server_.limits_.ping_timeout, [this] {
    heartbeat_ = 0;
    server_.forget(*this);
  });
  server_.application_.on_end(*this, reason);
}

void Session::end(EndReason reason) {
  if (over_) return;
  over_ = true;
  end_reason_ = reason;
  server_.timers_.cancel(heartbeat_);
  server_.timers_.cancel(upgrade_timer_);
  if (poll_) {
    if (reason == EndReason::client_closed) {
      outgoing_.clear();  // it does not want them any more
    } else {
      outgoing_.push_back({.type = EngineType::close});
    }
    outgoing_bytes_ = 0;
    answer_poll(take_payload());
  }
  if (socket_) socket_->close(close_code(reason), to_string(reason));
  server_.application_.on_end(*this, reason);
  server_.forget(*this);
}

}  // namespace conveyor::socketio
