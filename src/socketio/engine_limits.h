// Every limit of Engine.IO in one place; engine_limits_test.cpp stands on both sides of each.
#pragma once

#include <chrono>
#include <cstddef>

#include "socketio/token_bucket.h"

namespace conveyor::socketio {

struct EngineLimits {
  /// Between the end of one heartbeat and the next ping.
  std::chrono::milliseconds ping_interval{25'000};
  /// For the pong; also for the poll that fetches a last packet of a session that was closed.
  std::chrono::milliseconds ping_timeout{20'000};
  /// From a WebSocket that comes for a polling session to the end of its probe.
  std::chrono::milliseconds upgrade_timeout{10'000};
  /// For the peer's half of WebSocket's closing handshake.
  std::chrono::milliseconds close_timeout{2'000};

  /// Bytes of one body of a POST, and of one message.
  std::size_t max_payload = 1'000'000;
  /// Packets of one body of a POST.
  std::size_t max_packets_per_body = 1'000;

  /// Sessions at a time; of them from one IP address.
  std::size_t max_sessions = 4'096;
  std::size_t max_sessions_per_address = 1'024;

  /// What waits to be sent to one client; one that does not take it is dropped.
  std::size_t max_outgoing_bytes = 4'000'000;

  /// Of one session, received: packets (with WebSocket frames) and bytes.
  Rate packets{.per_second = 1'000, .burst = 2'000};
  Rate bytes{.per_second = 4'000'000, .burst = 8'000'000};
};

}  // namespace conveyor::socketio
