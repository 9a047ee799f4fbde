// Method: the examples of the Socket.IO 5 protocol ("Packet encoding") both ways, and one malformed
// packet for each thing that can be wrong.
#include "socketio/socket_packet.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

namespace conveyor::socketio {
namespace {

const PacketLimits kLimits;

std::string again(std::string_view text) {
  auto decoded = decode_socket_packet(text, kLimits);
  if (!decoded) return "error " + std::to_string(std::to_underlying(decoded.error()));
  decoded->packet.attachments.resize(decoded->attachments);
  return encode_socket_packet(decoded->packet);
}

TEST(SocketPacket, ExamplesOfTheProtocolComeBack) {
  for (const std::string_view text :
       {"0", R"(0{"token":"123"})", R"(0/admin,{"sid":"oSO0OpakMV_3jnilAAAA"})",
        R"(4{"message":"Not authorized"})", "1/admin,", "1", R"(2["foo"])", R"(2/admin,["bar"])",
        R"(212["foo"])", "3/admin,13[\"bar\"]", "312[]", R"(2["foo",1,"2",{"3":[true,null,-4]}])",
        R"(51-["baz",{"_placeholder":true,"num":0}])",
        R"(52-/admin,["baz",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])",
        R"(61-15["bar",{"_placeholder":true,"num":0}])"}) {
    EXPECT_EQ(again(text), text);
  }
  EXPECT_EQ(again("0/random"), "0/random,") << "the comma may be left out at the end";
}

TEST(SocketPacket, KnowsItsParts) {
  const auto decoded =
      decode_socket_packet(R"(52-/a/b,456["x",{"_placeholder":true,"num":1}])", kLimits);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->packet.type, PacketType::binary_event);
  EXPECT_EQ(decoded->packet.nsp, "/a/b");
  EXPECT_EQ(decoded->packet.id, 456U);
  EXPECT_EQ(decoded->attachments, 2U);
  EXPECT_EQ(attachment_index(decoded->packet.data->at(1)), 1U);
  EXPECT_EQ(attachment_index(decoded->packet.data->at(0)), std::nullopt);
}

TEST(SocketPacket, BecomesBinaryByItsAttachments) {
  const SocketPacket event{.data = boost::json::array{"x", placeholder(0)}, .attachments = {"a"}};
  EXPECT_EQ(encode_socket_packet(event), R"(51-["x",{"_placeholder":true,"num":0}])");
  const SocketPacket ack{.type = PacketType::ack,
                         .id = 7,
                         .data = boost::json::array{placeholder(0)},
                         .attachments = {"a"}};
  EXPECT_EQ(encode_socket_packet(ack), R"(61-7[{"_placeholder":true,"num":0}])");
}

TEST(SocketPacket, MalformedOnesAreRefused) {
  const std::vector<std::pair<std::string, PacketError>> packets = {
      {"", PacketError::unknown_type},
      {"7", PacketError::unknown_type},
      {"abc", PacketError::unknown_type},
      {R"(5["x"])", PacketError::bad_attachment_count},
      {R"(5-["x"])", PacketError::bad_attachment_count},
      {R"(51["x"])", PacketError::bad_attachment_count},
      {R"(5-1-["x"])", PacketError::bad_attachment_count},
      {R"(599999999999999999999-["x"])", PacketError::bad_attachment_count},
      {R"(565-["x"])", PacketError::too_many_attachments},
      {"2/" + std::string(128, 'n') + R"(,["x"])", PacketError::bad_namespace},
      {R"(299999999999999999999["x"])", PacketError::bad_id},
      {R"(29007199254740992["x"])", PacketError::bad_id},
      {R"(2abc["x"])", PacketError::bad_json},
      {R"(2-1["x"])", PacketError::bad_json},
      {R"(2["x")", PacketError::bad_json},
      {R"(2["x"]])", PacketError::bad_json},
      {R"(2["x",1e400])", PacketError::bad_json},
      {R"(2["x",{"a":1,"a":2}])", PacketError::bad_json},
      {"2[\"x\",\"\xff\"]", PacketError::bad_json},
      {"2[\"x\"," + std::string(32, '[') + std::string(32, ']') + "]", PacketError::bad_json},
      {"2", PacketError::bad_data},
      {"2{}", PacketError::bad_data},
      {"2[]", PacketError::bad_data},
      {"2[1]", PacketError::bad_data},
      {"2[null]", PacketError::bad_data},
      {R"(2"x")", PacketError::bad_data},
      {R"(0["x"])", PacketError::bad_data},
      {R"(0"token")", PacketError::bad_data},
      {"01{}", PacketError::bad_data},
      {"1{}", PacketError::bad_data},
      {"11", PacketError::bad_data},
      {R"(3["x"])", PacketError::bad_data},
      {"31", PacketError::bad_data},
      {"31{}", PacketError::bad_data},
      {"4", PacketError::bad_data},
      {"4[]", PacketError::bad_data},
      {R"(2["connect"])", PacketError::reserved_event},
      {R"(2["disconnect"])", PacketError::reserved_event},
      {R"(2["connect_error"])", PacketError::reserved_event},
      {R"(51-["x",{"_placeholder":true,"num":1}])", PacketError::bad_placeholder},
      {R"(51-["x",{"_placeholder":true,"num":-1}])", PacketError::bad_placeholder},
      {R"(51-["x",{"_placeholder":true,"num":0.5}])", PacketError::bad_placeholder},
      {R"(51-["x",{"_placeholder":true,"num":"0"}])", PacketError::bad_placeholder},
      {R"(51-["x",{"_placeholder":true}])", PacketError::bad_placeholder},
      {R"(51-["x",[[{"a":{"_placeholder":true,"num":2}}]]])", PacketError::bad_placeholder},
      {R"(50-["x",{"_placeholder":true,"num":0}])", PacketError::bad_placeholder},
  };
  for (const auto& [text, error] : packets) {
    const auto decoded = decode_socket_packet(text, kLimits);
    ASSERT_FALSE(decoded) << text;
    EXPECT_EQ(decoded.error(), error) << text;
  }
}

TEST(SocketPacket, LimitsAllowWhatIsExactlyThere) {
  EXPECT_TRUE(decode_socket_packet(R"(564-["x"])", kLimits));
  EXPECT_TRUE(decode_socket_packet("2/" + std::string(127, 'n') + R"(,["x"])", kLimits));
  EXPECT_TRUE(decode_socket_packet(R"(29007199254740991["x"])", kLimits));
  EXPECT_TRUE(decode_socket_packet("2[\"x\"," + std::string(31, '[') + std::string(31, ']') + "]",
                                   kLimits));
}

TEST(SocketPacket, APlaceholderInATextPacketIsData) {
  EXPECT_EQ(again(R"(2["x",{"_placeholder":true,"num":9}])"),
            R"(2["x",{"_placeholder":true,"num":9}])");
}

}  // namespace
}  // namespace conveyor::socketio
