// Server: Socket.IO protocol 5 on Engine.IO 4 (github.com/socketio/socket.io-protocol): namespaces,
// connects with auth and middleware, events, rooms, acknowledgements both ways, attachments.
//
//   Server server(timers, engine_limits, limits);
//   server.of("/").on_event = [](Socket& socket, Event event, Ack ack) { … };
//   timers.advance(now);  server.engine().handle(request, exchange);  server.flush();
//
// A packet that breaks the protocol ends its session; one for a namespace that the client is not
// connected to is ignored, because it may have crossed a disconnect.
//
// Threads: one. Lifetime: timers outlive it; namespaces are made before the first request. Handlers
// may call whatever they are given, disconnects included.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "socketio/engine_server.h"
#include "socketio/socket_packet.h"
#include "socketio/timers.h"

namespace conveyor::socketio {

/// The limits of Socket.IO; those of Engine.IO hold as well.
struct SocketLimits {
  /// For the first CONNECT of a session.
  std::chrono::milliseconds connect_timeout{45'000};
  PacketLimits packet{};
  /// Namespaces that one session is connected to.
  std::size_t max_namespaces_per_session = 16;
  std::size_t max_rooms_per_socket = 64;
  std::size_t max_room_name_bytes = 128;
  /// Acknowledgements that one client owes us; a further one is refused at once.
  std::size_t max_pending_acks = 1'000;
};

/// What an event has behind its name, or an acknowledgement carries.
struct Message {
  boost::json::array args{};
  std::vector<std::string> attachments{};  ///< placeholder(i) in `args` stands for one
};

struct Event {
  std::string name;
  Message message;
};

enum class AckError : std::uint8_t { timed_out, disconnected, too_many };
using OnAck = std::move_only_function<void(std::expected<Message, AckError>)>;

class Namespace;
class Server;
struct Client;

/// An event as it goes over the wire in one namespace, made once for many clients.
struct EncodedEvent {
  std::string text;
  std::vector<std::string> attachments{};
};

/// A client in one namespace.
class Socket : public std::enable_shared_from_this<Socket> {
 public:
  Socket(Namespace& nsp, Session& session, boost::json::value auth);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  const std::string& id() const { return id_; }
  /// What the client gave with its CONNECT; {} if nothing.
  const boost::json::value& auth() const { return auth_; }
  /// The request that opened its session. Only while connected.
  const HttpRequest& handshake() const { return session_->handshake(); }
  bool is_connected() const { return session_ != nullptr; }

  /// Nothing if it is not connected any more.
  void emit(std::string_view event, Message message);
  void emit(const EncodedEvent& event) { send_encoded(event.text, event.attachments); }
  /// `on_ack` is called once, whatever happens.
  void emit(std::string_view event, Message message, std::chrono::milliseconds timeout,
            OnAck on_ack);

  /// False if it would be in too many rooms, or the name is too long.
  bool join(const std::string& room);
  void leave(const std::string& room);
  const std::set<std::string>& rooms() const { return rooms_; }

  /// Leaves the namespace; the client is told.
  void disconnect();
  /// Ends the session, with every namespace on it.
  void close();

  /// Bytes sent to its session that the client has not taken.
  std::size_t pending() const { return session_ == nullptr ? 0 : session_->pending(); }

 private:
  friend class Namespace;
  friend class Server;
  friend class Ack;
  struct Pending {
    OnAck on_ack;
    Timers::Id timer = 0;
  };

  void send(const SocketPacket& packet);
  void send_encoded(std::string_view text, const std::vector<std::string>& attachments);
  void acknowledged(std::uint64_t id, Message message);
  void fail_ack(std::uint64_t id, AckError error);
  /// No longer connected; tells whoever waits.
  void leave_namespace(std::string_view reason);

  Namespace& namespace_;
  Session* session_;  // null once disconnected
  const std::string id_;
  const boost::json::value auth_;
  std::set<std::string> rooms_;
  std::uint64_t last_ack_ = 0;
  std::map<std::uint64_t, Pending> pending_acks_;
};

/// The right to acknowledge an event; empty if the client does not want that. May be kept, and used
/// once; nothing if the client is gone by then.
class Ack {
 public:
  Ack() = default;
  Ack(const std::shared_ptr<Socket>& socket, std::uint64_t id) : socket_(socket), id_(id) {}

  explicit operator bool() const { return id_.has_value(); }
  void operator()(Message message);

 private:
  std::weak_ptr<Socket> socket_;
  std::optional<std::uint64_t> id_;
};

struct ConnectError {
  std::string message;
  std::optional<boost::json::value> data{};
};

class Namespace {
 public:
  Namespace(Server& server, std::string name) : server_(server), name_(std::move(name)) {}

  /// In the sequence added, before on_connect: nothing lets the client in, an error is sent to it.
  using Middleware = std::function<std::optional<ConnectError>(const Socket&)>;
  void use(Middleware middleware) { middleware_.push_back(std::move(middleware)); }

  // Set before the first request; empty ones are skipped.
  std::function<void(Socket&)> on_connect;
  std::function<void(Socket&, Event, Ack)> on_event;
  /// `reason` in words, as to_string(EndReason), "client namespace disconnect" or "server namespace
  /// disconnect". Once for each on_connect.
  std::function<void(Socket&, std::string_view reason)> on_disconnect;
  /// The client has taken all that was sent.
  std::function<void(Socket&)> on_drained;

  const std::string& name() const { return name_; }
  std::size_t sockets() const { return sockets_.size(); }
  /// Sockets in a room; rooms exist while somebody is in them.
  std::vector<std::shared_ptr<Socket>> in_room(const std::string& room) const;
  EncodedEvent encode(std::string_view event, const Message& message) const;
  /// `args_json`: the arguments as JSON with commas between, which is not looked at.
  EncodedEvent encode_json(std::string_view event, std::string_view args_json) const;
  /// To all in a room, encoded once.
  void emit(const std::string& room, std::string_view event, const Message& message);

 private:
  friend class Server;
  friend class Socket;

  Server& server_;
  const std::string name_;
  std::vector<Middleware> middleware_;
  std::map<const Socket*, std::shared_ptr<Socket>> sockets_;
  std::unordered_map<std::string, std::set<Socket*>> rooms_;
};

class Server final : private EngineApplication {
 public:
  Server(Timers& timers, const EngineLimits& engine_limits, const SocketLimits& limits);
  ~Server() override;
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Made if it does not exist.
  Namespace& of(const std::string& name);
  /// Where requests go in.
  EngineServer& engine() { return engine_; }
  void flush() { engine_.flush(); }
  void stop() { engine_.stop(); }

 private:
  friend class Socket;
  friend class Namespace;

  void on_open(Session& session) override;
  void on_message(Session& session, bool is_binary, std::string message) override;
  void on_end(Session& session, EndReason reason) override;
  void on_drained(Session& session) override;

  void receive_text(Client& client, std::string_view text);
  void receive_binary(Client& client, std::string bytes);
  void dispatch(Client& client, SocketPacket packet);
  void connect(Client& client, SocketPacket packet);
  void forget(const Session& session, const std::string& nsp);
  static void refuse(Client& client, const std::string& nsp, const ConnectError& error);

  Timers& timers_;
  const SocketLimits limits_;
  std::map<std::string, std::unique_ptr<Namespace>> namespaces_;
  std::unordered_map<const Session*, std::shared_ptr<Client>> clients_;
  EngineServer engine_;
};

}  // namespace conveyor::socketio
