// Packets of Socket.IO protocol 5 (github.com/socketio/socket.io-protocol, "Packet encoding"):
//
//   <type>[<attachments>-][<namespace>,][<ack id>][JSON]
//
// Binary content stands behind the text, one message each; its place in the JSON has
// {"_placeholder":true,"num":N}, and it stays there: attachment_index() tells which it is. Pure
// functions.
#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conveyor::socketio {

enum class PacketType : std::uint8_t {
  connect,
  disconnect,
  event,
  ack,
  connect_error,
  binary_event,
  binary_ack,
};

struct SocketPacket {
  PacketType type = PacketType::event;
  std::string nsp = "/";
  std::optional<std::uint64_t> id{};         ///< of an acknowledgement, wanted or given
  std::optional<boost::json::value> data{};  ///< an array, or an object of the connects
  std::vector<std::string> attachments{};
};

struct PacketLimits {
  std::size_t max_text_bytes = 1'000'000;
  int max_json_depth = 32;
  std::size_t max_attachments = 64;
  /// All attachments of a packet together.
  std::size_t max_attachment_bytes = 4'000'000;
  std::size_t max_namespace_bytes = 128;
};

enum class PacketError : std::uint8_t {
  unknown_type,
  bad_attachment_count,
  too_many_attachments,
  bad_namespace,
  bad_id,
  bad_json,         ///< not JSON, or beyond a limit of JSON
  bad_data,         ///< not what a packet of this type carries
  bad_placeholder,  ///< of an attachment that the packet does not have
  reserved_event,   ///< a name that means something to clients
};

struct DecodedPacket {
  SocketPacket packet;
  std::size_t attachments = 0;  ///< that follow
};

std::expected<DecodedPacket, PacketError> decode_socket_packet(std::string_view text,
                                                               const PacketLimits& limits);

/// The text; attachments go behind it. The type becomes binary if there are any.
std::string encode_socket_packet(const SocketPacket& packet);

boost::json::value placeholder(std::size_t index);
/// Nothing if the value is no placeholder. May be beyond what a packet has that was made by us.
std::optional<std::size_t> attachment_index(const boost::json::value& value);

/// `connect`, `connect_error`, `disconnect` and so on: not for applications.
bool is_reserved_event(std::string_view name);

}  // namespace conveyor::socketio
