#include "socketio/websocket.h"

#include <utility>

namespace conveyor::socketio {

WebSocket::WebSocket(Timers& timers, const WebSocketLimits& limits, User& user)
    : timers_(timers),
      limits_(limits),
      user_(&user),
      reader_(*this, limits.max_message_bytes),
      frames_(limits.frames, timers.now()),
      bytes_(limits.bytes, timers.now()) {}

WebSocket::~WebSocket() {
  timers_.cancel(close_timer_);
}

void WebSocket::send(Opcode opcode, std::string_view payload) {
  if (!pipe_ || sent_close_) return;
  if (pending() + payload.size() > limits_.max_outgoing_bytes) {
    // Nobody reads what is already there, so nobody would read the reason.
    pipe_->abort();
    on_gone();
    return;
  }
  append_frame(out_, opcode, payload);
}

void WebSocket::flush() {
  if (pipe_ && !out_.empty()) pipe_->write(std::exchange(out_, {}));
}

void WebSocket::close(CloseCode code, std::string_view reason) {
  detach();
  finish(code, reason, false);
}

void WebSocket::on_bytes(std::string_view bytes) {
  reader_.feed(bytes);
}

void WebSocket::on_drained() {
  if (user_ != nullptr && pipe_) user_->on_drained(*this);
}

void WebSocket::on_gone() {
  reader_.stop();
  tell_end();
  let_go();
}

void WebSocket::on_frame(std::size_t payload_bytes) {
  const Time now = timers_.now();
  // What comes behind our close frame is not looked at, but it is no reason to read without end.
  if (frames_.take(1, now) && bytes_.take(payload_bytes, now)) return;
  on_violation(CloseCode::policy_violation, "more than the rate that is allowed");
}

void WebSocket::on_message(bool is_text, std::string message) {
  if (user_ != nullptr) user_->on_message(*this, is_text, std::move(message));
}

void WebSocket::on_ping(std::string_view payload) {
  send(Opcode::pong, payload);  // section 5.5.3
}

void WebSocket::on_close(std::optional<std::uint16_t> code, std::string_view) {
  // Section 5.5.1: the answer typically echoes the code.
  finish(code ? static_cast<CloseCode>(*code) : CloseCode::normal, {}, true);
  tell_end();
}

void WebSocket::on_violation(CloseCode code, std::string_view why) {
  reader_.stop();
  finish(code, why, true);  // section 7.1.7: what the peer still says does not matter
  tell_end();
}

/// Sends the close frame unless that has been done; the end is when the peer is done, too.
void WebSocket::finish(CloseCode code, std::string_view reason, bool is_end) {
  if (!pipe_) return;
  if (!sent_close_) append_close(out_, code, reason);
  sent_close_ = true;
  flush();
  if (is_end) {
    pipe_->end();
    let_go();
  } else if (close_timer_ == 0) {
    // Section 7.1.1: the server closes first, but lets the peer see the frame.
    close_timer_ = timers_.after(limits_.close_timeout, [this] {
      close_timer_ = 0;
      out_.clear();
      // Nobody holds this object but, perhaps, the pipe, which lets go of it as it ends: the pipe
      // is held, and nothing of this is used any more.
      const auto pipe = std::exchange(pipe_, nullptr);
      // What nobody takes is not waited for.
      if (pipe->pending() > 0) {
        pipe->abort();
      } else {
        pipe->end();
      }
    });
  }
}

/// Whoever called holds this object, which may lose its other owner here.
void WebSocket::let_go() {
  timers_.cancel(close_timer_);
  pipe_.reset();
  out_.clear();
}

void WebSocket::tell_end() {
  if (auto* user = std::exchange(user_, nullptr)) user->on_end(*this);
}

}  // namespace conveyor::socketio
