// What the conformance programs have in common: `--port N`, a server until the end of input or a
// signal, and the thread of the Socket.IO library.
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "server/http/server.h"
#include "server/live/gate.h"
#include "server/live/loop.h"

namespace conveyor::conformance {

/// Nothing, and a line on standard error, if the arguments are not `--port N`.
inline std::optional<std::uint16_t> port_argument(int count, char** arguments) {
  if (count == 3 && std::strcmp(arguments[1], "--port") == 0) {
    const std::string_view digits = arguments[2];
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error == std::errc{} && end == digits.data() + digits.size()) return port;
  }
  fmt::print(stderr, "usage: {} --port N   (0 takes a free port and prints it)\n", arguments[0]);
  return std::nullopt;
}

/// The signals that end a program, blocked in this thread and in those that it starts from now on,
/// so that `run` is the one to hear of them.
inline sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

/// Serves until SIGTERM or SIGINT; prints the port once it listens. The exit code.
inline int run(std::uint16_t port, http::ServerOptions options, http::Handler handler,
               const std::function<void()>& before_stop = {}) {
  const auto signals = block_signals();
  options.listen = fmt::format("127.0.0.1:{}", port);
  http::Server server(std::move(options), std::move(handler));
  if (const auto started = server.start(); !started) {
    fmt::print(stderr, "{}\n", started.error());
    return 1;
  }
  fmt::print("{}\n", server.port());
  std::fflush(stdout);
  int received = 0;
  sigwait(&signals, &received);
  if (before_stop) before_stop();
  server.stop();
  return 0;
}

/// Serves `path` by the library behind `entrance`; everything else is 404.
inline int run_live(std::uint16_t port, std::string path, live::Loop& loop, live::Entrance entrance,
                    std::function<void()> flush, std::function<void()> stop,
                    std::size_t max_body_bytes) {
  block_signals();
  live::Gate gate(loop, std::move(entrance));
  loop.start(std::move(flush));
  http::ServerOptions options;
  options.max_body_bytes = max_body_bytes;
  return run(
      port, options,
      [&gate, path = std::move(path)](http::Request request, http::Respond respond) {
        if (request.path != path) return respond(http::text_response(404, "not found"));
        gate.serve(std::move(request), std::move(respond));
      },
      [&] {
        loop.stop([&] {
          stop();
          gate.close();
        });
      });
}

}  // namespace conveyor::conformance
