// Packets and payloads of Engine.IO 4 (github.com/socketio/engine.io-protocol, "Packet encoding").
//
// A packet is a digit, its type, and text; or the bytes of a message, which over HTTP are base64
// behind a 'b' and in WebSocket a binary frame. A payload is what one HTTP body carries: packets
// with 0x1e between them. Pure functions.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conveyor::socketio {

enum class EngineType : std::uint8_t { open, close, ping, pong, message, upgrade, noop };

struct EnginePacket {
  EngineType type = EngineType::message;
  bool is_binary = false;  ///< only of a message
  std::string data{};

  friend bool operator==(const EnginePacket&, const EnginePacket&) = default;
};

/// The text of a packet that is not binary.
std::string encode_packet(const EnginePacket& packet);
/// Nothing if it has no type that exists.
std::optional<EnginePacket> decode_packet(std::string_view text);

enum class PayloadError : std::uint8_t {
  empty_packet,  ///< nothing before or behind a separator, or nothing at all
  unknown_type,
  bad_base64,
  not_utf8,
  too_many_packets,
};
std::string_view to_string(PayloadError error);

/// Bytes that `packet` takes in a payload, without separator.
std::size_t payload_size(const EnginePacket& packet);
void append_to_payload(std::string& payload, const EnginePacket& packet);
std::expected<std::vector<EnginePacket>, PayloadError> decode_payload(std::string_view body,
                                                                      std::size_t max_packets);

}  // namespace conveyor::socketio
