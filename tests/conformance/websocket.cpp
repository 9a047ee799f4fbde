// WebSocket (RFC 6455) at /: echoes every message with its type.
#include <unordered_set>

#include "program.h"
#include "socketio/websocket.h"
#include "socketio/websocket_handshake.h"

using namespace conveyor;

namespace {

constexpr std::size_t kMaxMessageBytes = std::size_t{64} * 1'024 * 1'024;

class Echo final : public socketio::WebSocket::User {
 public:
  explicit Echo(socketio::Timers& timers) : timers_(timers) {}

  void accept(const socketio::HttpRequest& request, socketio::Exchange& exchange) {
    auto headers = socketio::accept_websocket(request);
    if (!headers) return exchange.answer(std::move(headers.error()));
    const socketio::WebSocketLimits limits{
        .max_message_bytes = kMaxMessageBytes,
        .frames = {.per_second = 1'000'000, .burst = 1'000'000},
        .bytes = {.per_second = kMaxMessageBytes, .burst = 8 * kMaxMessageBytes},
        .max_outgoing_bytes = 2 * kMaxMessageBytes};
    socketio::WebSocket::User& user = *this;
    auto socket = std::make_shared<socketio::WebSocket>(timers_, limits, user);
    socket->open(exchange.upgrade(*std::move(headers), socket));
    sockets_.insert(std::move(socket));
  }
  void flush() {
    for (const auto& socket : std::unordered_set(sockets_)) socket->flush();
  }
  void stop() {
    for (const auto& socket : std::exchange(sockets_, {})) {
      socket->close(socketio::CloseCode::going_away, {});
    }
  }

 private:
  void on_message(socketio::WebSocket& socket, bool is_text, std::string message) override {
    socket.send(is_text ? socketio::Opcode::text : socketio::Opcode::binary, message);
  }
  void on_end(socketio::WebSocket& socket) override {
    std::erase_if(sockets_, [&](const auto& held) { return held.get() == &socket; });
  }

  socketio::Timers& timers_;
  std::unordered_set<std::shared_ptr<socketio::WebSocket>> sockets_;
};

}  // namespace

int main(int count, char** arguments) {
  const auto port = conformance::port_argument(count, arguments);
  if (!port) return 2;
  live::Loop loop;
  Echo echo(loop.timers());
  return conformance::run_live(
      *port, "/", loop,
      {.handle = [&](const auto& request,
                     const auto& exchange) { echo.accept(request, *exchange); },
       .gone = {}},
      [&] { echo.flush(); }, [&] { echo.stop(); }, 0);
}
