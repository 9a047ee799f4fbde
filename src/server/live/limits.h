// Every limit of live updates in one place, besides those of the Socket.IO library.
#pragma once

#include <chrono>
#include <cstddef>

#include "socketio/server.h"

namespace conveyor::live {

/// Between two batches of one room to a client, and so the most that an update waits for others.
inline constexpr std::chrono::milliseconds kBatchInterval{100};
/// Of `pipeline:metrics`.
inline constexpr std::chrono::milliseconds kMetricsInterval{1'000};

/// What one batch holds at most; more comes with the next.
inline constexpr std::size_t kMaxBatchEvents = 5'000;
inline constexpr std::size_t kMaxBatchBytes = std::size_t{2} * 1'024 * 1'024;
/// A client that has more than that to take is sent no batch; it goes on from its cursor later.
inline constexpr std::size_t kMaxPendingBytes = 64 * 1'024;

/// A subscription, new or behind, that has missed more events than that is told to resync.
inline constexpr std::size_t kMaxMissedEvents = 10'000;
/// Feed entries that are looked at to find out; more are too many as well.
inline constexpr std::size_t kMaxEntriesCounted = 200'000;
/// Of a client that is behind, what one turn of the reader pool reads.
inline constexpr std::size_t kMaxTurnEvents = 1'000;
inline constexpr std::size_t kMaxTurnBytes = 512 * 1'024;
/// Subscriptions of one client; a further one is refused.
inline constexpr std::size_t kMaxRoomsPerClient = 64;
/// Of them those that are being looked up, so that nobody keeps the readers busy; a further one is
/// told to try again.
inline constexpr std::size_t kMaxOpeningPerClient = 8;

/// The library's, for clients that only subscribe: what a client sends is small.
inline socketio::EngineLimits engine_limits() {
  socketio::EngineLimits limits;
  limits.max_payload = 64 * 1'024;
  limits.max_packets_per_body = 100;
  limits.max_outgoing_bytes = 3 * kMaxBatchBytes;
  limits.packets = {.per_second = 100, .burst = 400};
  limits.bytes = {.per_second = 256 * 1'024, .burst = 1'024 * 1'024};
  return limits;
}
inline socketio::SocketLimits socket_limits() {
  socketio::SocketLimits limits;
  limits.packet.max_text_bytes = 64 * 1'024;
  limits.packet.max_json_depth = 8;
  limits.packet.max_attachments = 0;
  limits.max_namespaces_per_session = 4;
  return limits;
}

}  // namespace conveyor::live
