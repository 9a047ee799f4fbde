#include "socketio/server.h"

#include <utility>

#include "base/json_writer.h"

namespace conveyor::socketio {

/// What the server knows of a session.
struct Client {
  Session& session;
  std::map<std::string, std::shared_ptr<Socket>> sockets{};  // by namespace
  Timers::Id connect_timer = 0;
  // A packet whose attachments have not all come.
  std::optional<DecodedPacket> incomplete{};
  std::size_t attachment_bytes = 0;
};

Server::Server(Timers& timers, const EngineLimits& engine_limits, const SocketLimits& limits)
    : timers_(timers), limits_(limits), engine_(timers, engine_limits, *this) {}

Server::~Server() {
  for (const auto& [session, client] : clients_) timers_.cancel(client->connect_timer);
}

Namespace& Server::of(const std::string& name) {
  auto& nsp = namespaces_[name];
  if (!nsp) nsp = std::make_unique<Namespace>(*this, name);
  return *nsp;
}

void Server::on_open(Session& session) {
  auto client = std::make_shared<Client>(session);
  client->connect_timer = timers_.after(limits_.connect_timeout, [client = client.get()] {
    client->connect_timer = 0;
    if (client->sockets.empty()) client->session.close();
  });
  clients_.emplace(&session, std::move(client));
}

void Server::on_end(Session& session, EndReason reason) {
  const auto found = clients_.find(&session);
  const auto client = found->second;
  clients_.erase(found);
  timers_.cancel(client->connect_timer);
  for (const auto& [name, socket] : std::exchange(client->sockets, {})) {
    socket->leave_namespace(to_string(reason));
  }
}

void Server::on_drained(Session& session) {
  const auto found = clients_.find(&session);
  if (found == clients_.end()) return;
  const auto sockets = found->second->sockets;  // which handlers may change
  for (const auto& [name, socket] : sockets) {
    const auto& handler = socket->namespace_.on_drained;
    if (handler && socket->is_connected()) handler(*socket);
  }
}

void Server::on_message(Session& session, bool is_binary, std::string message) {
  const auto found = clients_.find(&session);
  if (found == clients_.end()) return;
  const auto client = found->second;  // a handler may end the session
  if (is_binary) {
    receive_binary(*client, std::move(message));
  } else {
    receive_text(*client, message);
  }
}

void Server::receive_text(Client& client, std::string_view text) {
  if (client.incomplete) return client.session.close(EndReason::protocol_error);
  auto decoded = decode_socket_packet(text, limits_.packet);
  if (!decoded) return client.session.close(EndReason::protocol_error);
  if (decoded->attachments == 0) return dispatch(client, std::move(decoded->packet));
  client.incomplete = *std::move(decoded);
  client.attachment_bytes = 0;
}

void Server::receive_binary(Client& client, std::string bytes) {
  client.attachment_bytes += bytes.size();
  if (!client.incomplete || client.attachment_bytes > limits_.packet.max_attachment_bytes) {
    return client.session.close(EndReason::protocol_error);
  }
  auto& attachments = client.incomplete->packet.attachments;
  attachments.push_back(std::move(bytes));
  if (attachments.size() < client.incomplete->attachments) return;
  auto packet = std::move(client.incomplete->packet);
  client.incomplete.reset();
  dispatch(client, std::move(packet));
}

void Server::dispatch(Client& client, SocketPacket packet) {
  if (packet.type == PacketType::connect) return connect(client, std::move(packet));
  if (packet.type == PacketType::connect_error) {  // only a server sends it
    return client.session.close(EndReason::protocol_error);
  }
  const auto found = client.sockets.find(packet.nsp);
  if (found == client.sockets.end()) return;
  const auto socket = found->second;
  if (packet.type == PacketType::disconnect) {
    client.sockets.erase(found);
    return socket->leave_namespace("client namespace disconnect");
  }
  Message message{.args = std::move(packet.data->as_array()),
                  .attachments = std::move(packet.attachments)};
  if (packet.type == PacketType::ack || packet.type == PacketType::binary_ack) {
    return socket->acknowledged(*packet.id, std::move(message));
  }
  const auto& handler = socket->namespace_.on_event;
  if (!handler) return;
  Event event{.name = std::string{message.args.front().get_string()}, .message = {}};
  message.args.erase(message.args.begin());
  event.message = std::move(message);
  handler(*socket, std::move(event), packet.id ? Ack{socket, *packet.id} : Ack{});
}

void Server::connect(Client& client, SocketPacket packet) {
  if (client.sockets.contains(packet.nsp)) {
    return client.session.close(EndReason::protocol_error);
  }
  const auto found = namespaces_.find(packet.nsp);
  if (found == namespaces_.end()) {
    return refuse(client, packet.nsp, {.message = "Invalid namespace"});
  }
  if (client.sockets.size() >= limits_.max_namespaces_per_session) {
    return refuse(client, packet.nsp, {.message = "Too many namespaces"});
  }
  Namespace& nsp = *found->second;
  const auto socket = std::make_shared<Socket>(
      nsp, client.session, packet.data ? *std::move(packet.data) : boost::json::object{});
  for (const auto& middleware : nsp.middleware_) {
    if (const auto error = middleware(*socket)) {
      socket->session_ = nullptr;
      return refuse(client, packet.nsp, *error);
    }
  }
  client.sockets.emplace(packet.nsp, socket);
  nsp.sockets_.emplace(socket.get(), socket);
  socket->send({.type = PacketType::connect,
                .nsp = nsp.name(),
                .data = boost::json::object{{"sid", socket->id()}}});
  if (nsp.on_connect && socket->is_connected()) nsp.on_connect(*socket);
}

void Server::forget(const Session& session, const std::string& nsp) {
  const auto found = clients_.find(&session);
  if (found != clients_.end()) found->second->sockets.erase(nsp);
}

void Server::refuse(Client& client, const std::string& nsp, const ConnectError& error) {
  boost::json::object data{{"message", error.message}};
  if (error.data) data["data"] = *error.data;
  client.session.send(encode_socket_packet(
      {.type = PacketType::connect_error, .nsp = nsp, .data = std::move(data)}));
}

std::vector<std::shared_ptr<Socket>> Namespace::in_room(const std::string& room) const {
  std::vector<std::shared_ptr<Socket>> sockets;
  if (const auto found = rooms_.find(room); found != rooms_.end()) {
    for (Socket* socket : found->second) sockets.push_back(socket->shared_from_this());
  }
  return sockets;
}

void Namespace::emit(const std::string& room, std::string_view event, const Message& message) {
  const auto sockets = in_room(room);
  if (sockets.empty()) return;
  const auto encoded = encode(event, message);
  for (const auto& socket : sockets) socket->emit(encoded);
}

EncodedEvent Namespace::encode(std::string_view event, const Message& message) const {
  boost::json::array data{event};
  data.insert(data.end(), message.args.begin(), message.args.end());
  return {.text = encode_socket_packet({.type = PacketType::event,
                                        .nsp = name_,
                                        .data = std::move(data),
                                        .attachments = message.attachments}),
          .attachments = message.attachments};
}

EncodedEvent Namespace::encode_json(std::string_view event, std::string_view args_json) const {
  auto text = encode_socket_packet({.type = PacketType::event, .nsp = name_});
  text.push_back('[');
  append_json_string(text, event);
  if (!args_json.empty()) text.append(",").append(args_json);
  text.push_back(']');
  return {.text = std::move(text)};
}

}  // namespace conveyor::socketio
