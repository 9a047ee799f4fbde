#include "socketio/engine_packet.h"

#include <utility>

#include "base/base64.h"
#include "base/utf8.h"

namespace conveyor::socketio {
namespace {

constexpr char kSeparator = '\x1e';
constexpr char kLastType = '6';

}  // namespace

std::string encode_packet(const EnginePacket& packet) {
  std::string text;
  text.reserve(packet.data.size() + 1);
  text.push_back(static_cast<char>('0' + std::to_underlying(packet.type)));
  return text.append(packet.data);
}

std::optional<EnginePacket> decode_packet(std::string_view text) {
  if (text.empty() || text.front() < '0' || text.front() > kLastType) return std::nullopt;
  return EnginePacket{.type = static_cast<EngineType>(text.front() - '0'),
                      .data = std::string{text.substr(1)}};
}

std::string_view to_string(PayloadError error) {
  switch (error) {
    case PayloadError::empty_packet:
      return "a packet is empty";
    case PayloadError::unknown_type:
      return "a packet has no type that exists";
    case PayloadError::bad_base64:
      return "a binary packet is not base64";
    case PayloadError::not_utf8:
      return "the text is not UTF-8";
    case PayloadError::too_many_packets:
      return "there are too many packets in one body";
  }
  return {};
}

std::size_t payload_size(const EnginePacket& packet) {
  return 1 + (packet.is_binary ? (packet.data.size() + 2) / 3 * 4 : packet.data.size());
}

void append_to_payload(std::string& payload, const EnginePacket& packet) {
  if (!payload.empty()) payload.push_back(kSeparator);
  if (packet.is_binary) {
    payload.append("b").append(base64_encode(packet.data));
  } else {
    payload.append(encode_packet(packet));
  }
}

std::expected<std::vector<EnginePacket>, PayloadError> decode_payload(std::string_view body,
                                                                      std::size_t max_packets) {
  if (!is_valid_utf8(body)) return std::unexpected(PayloadError::not_utf8);
  std::vector<EnginePacket> packets;
  while (true) {
    const auto end = body.find(kSeparator);
    const auto text = body.substr(0, end);
    if (text.empty()) return std::unexpected(PayloadError::empty_packet);
    if (packets.size() == max_packets) return std::unexpected(PayloadError::too_many_packets);
    if (text.front() == 'b') {
      auto bytes = base64_decode(text.substr(1));
      if (!bytes) return std::unexpected(PayloadError::bad_base64);
      packets.push_back(
          {.type = EngineType::message, .is_binary = true, .data = *std::move(bytes)});
    } else {
      auto packet = decode_packet(text);
      if (!packet) return std::unexpected(PayloadError::unknown_type);
      packets.push_back(*std::move(packet));
    }
    if (end == body.npos) return packets;
    body.remove_prefix(end + 1);
  }
}

}  // namespace conveyor::socketio
