#include "socketio/socket_packet.h"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <utility>

#include "base/json.h"
#include "base/json_writer.h"

namespace conveyor::socketio {
namespace {

constexpr char kLastType = '6';
constexpr std::string_view kPlaceholder = "_placeholder";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The number that `text` begins with, taken off it; nothing if it is too large.
std::optional<std::uint64_t> take_number(std::string_view& text, std::uint64_t largest) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || value > largest) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool is_binary(PacketType type) {
  return type == PacketType::binary_event || type == PacketType::binary_ack;
}

/// Whether every placeholder names an attachment. As deep as the JSON is, which has a limit.
bool placeholders_hold(const boost::json::value& value, std::size_t attachments) {
  if (const auto* array = value.if_array()) {
    return std::ranges::all_of(
        *array, [&](const auto& item) { return placeholders_hold(item, attachments); });
  }
  const auto* object = value.if_object();
  if (object == nullptr) return true;
  if (const auto* mark = object->if_contains(kPlaceholder);
      mark != nullptr && mark->is_bool() && mark->get_bool()) {
    const auto index = attachment_index(value);
    return index && *index < attachments;
  }
  return std::ranges::all_of(
      *object, [&](const auto& member) { return placeholders_hold(member.value(), attachments); });
}

/// What the protocol says of each type's payload.
std::optional<PacketError> check_data(const SocketPacket& packet) {
  const auto* array = packet.data ? packet.data->if_array() : nullptr;
  switch (packet.type) {
    case PacketType::connect:
      if (packet.id || (packet.data && !packet.data->is_object())) return PacketError::bad_data;
      return std::nullopt;
    case PacketType::disconnect:
      if (packet.id || packet.data) return PacketError::bad_data;
      return std::nullopt;
    case PacketType::connect_error:
      if (packet.id || !packet.data || !(packet.data->is_object() || packet.data->is_string())) {
        return PacketError::bad_data;
      }
      return std::nullopt;
    case PacketType::event:
    case PacketType::binary_event:
      if (array == nullptr || array->empty() || !array->front().is_string()) {
        return PacketError::bad_data;
      }
      if (is_reserved_event(array->front().get_string())) return PacketError::reserved_event;
      return std::nullopt;
    case PacketType::ack:
    case PacketType::binary_ack:
      if (array == nullptr || !packet.id) return PacketError::bad_data;
      return std::nullopt;
  }
  return PacketError::unknown_type;
}

std::optional<PacketError> read_head(std::string_view& text, DecodedPacket& decoded,
                                     const PacketLimits& limits) {
  auto& packet = decoded.packet;
  if (is_binary(packet.type)) {
    const auto count = take_number(text, kMaxJsonInteger);
    if (!count || !text.starts_with('-')) return PacketError::bad_attachment_count;
    if (*count > limits.max_attachments) return PacketError::too_many_attachments;
    text.remove_prefix(1);
    decoded.attachments = static_cast<std::size_t>(*count);
  }
  if (text.starts_with('/')) {
    const auto comma = text.find(',');
    packet.nsp = text.substr(0, comma);
    if (packet.nsp.size() > limits.max_namespace_bytes) return PacketError::bad_namespace;
    text.remove_prefix(std::min(text.size(), packet.nsp.size() + 1));
  }
  if (!text.empty() && is_digit(text.front())) {
    packet.id = take_number(text, kMaxJsonInteger);
    if (!packet.id) return PacketError::bad_id;
  }
  return std::nullopt;
}

}  // namespace

std::expected<DecodedPacket, PacketError> decode_socket_packet(std::string_view text,
                                                               const PacketLimits& limits) {
  if (text.empty() || text.front() < '0' || text.front() > kLastType) {
    return std::unexpected(PacketError::unknown_type);
  }
  DecodedPacket decoded;
  auto& packet = decoded.packet;
  packet.type = static_cast<PacketType>(text.front() - '0');
  text.remove_prefix(1);
  if (const auto error = read_head(text, decoded, limits)) return std::unexpected(*error);
  if (!text.empty()) {
    auto data =
        parse_json(text, {.max_bytes = limits.max_text_bytes, .max_depth = limits.max_json_depth});
    if (!data) return std::unexpected(PacketError::bad_json);
    packet.data = *std::move(data);
  }
  if (const auto error = check_data(packet)) return std::unexpected(*error);
  if (is_binary(packet.type) && !placeholders_hold(*packet.data, decoded.attachments)) {
    return std::unexpected(PacketError::bad_placeholder);
  }
  return decoded;
}

std::string encode_socket_packet(const SocketPacket& packet) {
  auto type = packet.type;
  if (!packet.attachments.empty()) {
    if (type == PacketType::event) type = PacketType::binary_event;
    if (type == PacketType::ack) type = PacketType::binary_ack;
  }
  std::string text(1, static_cast<char>('0' + std::to_underlying(type)));
  if (is_binary(type)) text.append(std::to_string(packet.attachments.size())).append("-");
  if (packet.nsp != "/") text.append(packet.nsp).append(",");
  if (packet.id) text.append(std::to_string(*packet.id));
  if (packet.data) text.append(boost::json::serialize(*packet.data));
  return text;
}

boost::json::value placeholder(std::size_t index) {
  return boost::json::object{{kPlaceholder, true}, {"num", index}};
}

std::optional<std::size_t> attachment_index(const boost::json::value& value) {
  const auto* object = value.if_object();
  if (object == nullptr) return std::nullopt;
  const auto* mark = object->if_contains(kPlaceholder);
  if (mark == nullptr || !mark->is_bool() || !mark->get_bool()) return std::nullopt;
  const auto* number = object->if_contains("num");
  if (number == nullptr) return std::nullopt;
  if (number->is_uint64()) return static_cast<std::size_t>(number->get_uint64());
  if (!number->is_int64() || number->get_int64() < 0) return std::nullopt;
  return static_cast<std::size_t>(number->get_int64());
}

bool is_reserved_event(std::string_view name) {
  constexpr std::array<std::string_view, 6> kReserved{
      "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"};
  return std::ranges::find(kReserved, name) != kReserved.end();
}

}  // namespace conveyor::socketio
