// A client in one namespace, and the acknowledgements that either side owes.
#include <utility>

#include "socketio/random_id.h"
#include "socketio/server.h"

namespace conveyor::socketio {
namespace {

SocketPacket event_packet(const std::string& nsp, std::string_view event, Message message) {
  message.args.insert(message.args.begin(), boost::json::value(event));
  return {.type = PacketType::event,
          .nsp = nsp,
          .data = std::move(message.args),
          .attachments = std::move(message.attachments)};
}

}  // namespace

Socket::Socket(Namespace& nsp, Session& session, boost::json::value auth)
    : namespace_(nsp), session_(&session), id_(random_id()), auth_(std::move(auth)) {}

Socket::~Socket() {
  for (auto& [id, pending] : pending_acks_) namespace_.server_.timers_.cancel(pending.timer);
}

void Socket::emit(std::string_view event, Message message) {
  send(event_packet(namespace_.name(), event, std::move(message)));
}

void Socket::emit(std::string_view event, Message message, std::chrono::milliseconds timeout,
                  OnAck on_ack) {
  if (session_ == nullptr) return on_ack(std::unexpected(AckError::disconnected));
  if (pending_acks_.size() >= namespace_.server_.limits_.max_pending_acks) {
    return on_ack(std::unexpected(AckError::too_many));
  }
  const auto id = last_ack_++;
  auto& pending = pending_acks_[id];
  pending.on_ack = std::move(on_ack);
  pending.timer = namespace_.server_.timers_.after(timeout, [weak = weak_from_this(), id] {
    if (const auto self = weak.lock()) self->fail_ack(id, AckError::timed_out);
  });
  auto packet = event_packet(namespace_.name(), event, std::move(message));
  packet.id = id;
  send(packet);
}

void Socket::acknowledged(std::uint64_t id, Message message) {
  // One that nobody waits for came too late, or is made up.
  auto waiting = pending_acks_.extract(id);
  if (waiting.empty()) return;
  namespace_.server_.timers_.cancel(waiting.mapped().timer);
  waiting.mapped().on_ack(std::move(message));
}

void Socket::fail_ack(std::uint64_t id, AckError error) {
  auto waiting = pending_acks_.extract(id);
  if (waiting.empty()) return;
  namespace_.server_.timers_.cancel(waiting.mapped().timer);
  waiting.mapped().on_ack(std::unexpected(error));
}

void Socket::send(const SocketPacket& packet) {
  if (session_ != nullptr) send_encoded(encode_socket_packet(packet), packet.attachments);
}

void Socket::send_encoded(std::string_view text, const std::vector<std::string>& attachments) {
  // Each may end the session, for a client that is too slow.
  if (session_ != nullptr) session_->send(text);
  for (const auto& attachment : attachments) {
    if (session_ != nullptr) session_->send(attachment, true);
  }
}

bool Socket::join(const std::string& room) {
  const auto& limits = namespace_.server_.limits_;
  if (session_ == nullptr || room.size() > limits.max_room_name_bytes) return false;
  if (rooms_.contains(room)) return true;
  if (rooms_.size() >= limits.max_rooms_per_socket) return false;
  rooms_.insert(room);
  namespace_.rooms_[room].insert(this);
  return true;
}

void Socket::leave(const std::string& room) {
  if (rooms_.erase(room) == 0) return;
  const auto found = namespace_.rooms_.find(room);
  found->second.erase(this);
  if (found->second.empty()) namespace_.rooms_.erase(found);
}

void Socket::disconnect() {
  if (session_ == nullptr) return;
  send({.type = PacketType::disconnect, .nsp = namespace_.name()});
  if (session_ == nullptr) return;
  const auto self = shared_from_this();
  namespace_.server_.forget(*session_, namespace_.name());
  leave_namespace("server namespace disconnect");
}

void Socket::close() {
  if (session_ != nullptr) session_->close();
}

void Socket::leave_namespace(std::string_view reason) {
  const auto self = shared_from_this();
  session_ = nullptr;
  while (!rooms_.empty()) leave(std::string{*rooms_.begin()});
  while (!pending_acks_.empty()) fail_ack(pending_acks_.begin()->first, AckError::disconnected);
  namespace_.sockets_.erase(this);
  if (namespace_.on_disconnect) namespace_.on_disconnect(*this, reason);
}

void Ack::operator()(Message message) {
  const auto id = std::exchange(id_, std::nullopt);
  const auto socket = socket_.lock();
  if (!id || !socket) return;
  socket->send({.type = PacketType::ack,
                .nsp = socket->namespace_.name(),
                .id = id,
                .data = std::move(message.args),
                .attachments = std::move(message.attachments)});
}

}  // namespace conveyor::socketio
