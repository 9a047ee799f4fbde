// Engine.IO 4 at /engine.io/: echoes every message with its type.
#include "program.h"
#include "socketio/engine_server.h"

using namespace conveyor;
using namespace std::chrono_literals;

namespace {

class Echo final : public socketio::EngineApplication {
  void on_open(socketio::Session&) override {}
  void on_message(socketio::Session& session, bool is_binary, std::string message) override {
    session.send(message, is_binary);
  }
  void on_end(socketio::Session&, socketio::EndReason) override {}
};

}  // namespace

int main(int count, char** arguments) {
  const auto port = conformance::port_argument(count, arguments);
  if (!port) return 2;
  live::Loop loop;
  Echo echo;
  socketio::EngineLimits limits;
  limits.ping_interval = 300ms;
  limits.ping_timeout = 200ms;
  socketio::EngineServer engine(loop.timers(), limits, echo);
  return conformance::run_live(
      *port, "/engine.io/", loop,
      {.handle = [&](auto request,
                     auto exchange) { engine.handle(std::move(request), std::move(exchange)); },
       .gone = [&](const auto* exchange) { engine.gone(exchange); }},
      [&] { engine.flush(); }, [&] { engine.stop(); }, limits.max_payload);
}
