// Socket.IO 5 at /socket.io/: namespaces / and /custom; `message` comes back as `message-back`,
// `message-with-ack` as its acknowledgement.
#include "program.h"
#include "socketio/server.h"

using namespace conveyor;
using namespace std::chrono_literals;

int main(int count, char** arguments) {
  const auto port = conformance::port_argument(count, arguments);
  if (!port) return 2;
  live::Loop loop;
  socketio::EngineLimits engine_limits;
  engine_limits.ping_interval = 300ms;
  engine_limits.ping_timeout = 200ms;
  socketio::SocketLimits limits;
  limits.connect_timeout = 1s;
  socketio::Server server(loop.timers(), engine_limits, limits);
  for (const auto* name : {"/", "/custom"}) {
    server.of(name).on_connect = [](socketio::Socket& socket) {
      socket.emit("auth", {.args = {socket.auth()}});
    };
  }
  server.of("/").on_event = [](socketio::Socket& socket, socketio::Event event, socketio::Ack ack) {
    if (event.name == "message") socket.emit("message-back", std::move(event.message));
    if (event.name == "message-with-ack" && ack) ack(std::move(event.message));
  };
  return conformance::run_live(
      *port, "/socket.io/", loop,
      {.handle =
           [&](auto request, auto exchange) {
             server.engine().handle(std::move(request), std::move(exchange));
           },
       .gone = [&](const auto* exchange) { server.engine().gone(exchange); }},
      [&] { server.flush(); }, [&] { server.stop(); }, engine_limits.max_payload);
}
