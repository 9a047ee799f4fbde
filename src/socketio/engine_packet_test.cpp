// Method: the examples of the Engine.IO 4 protocol ("Packet encoding", "HTTP long-polling"), each
// malformed payload, and round trips of random packets.
#include "socketio/engine_packet.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace conveyor::socketio {
namespace {

TEST(EnginePacket, HasItsTypeInFront) {
  const std::vector<std::pair<EngineType, std::string>> types = {
      {EngineType::open, "0"}, {EngineType::close, "1"},   {EngineType::ping, "2"},
      {EngineType::pong, "3"}, {EngineType::message, "4"}, {EngineType::upgrade, "5"},
      {EngineType::noop, "6"}};
  for (const auto& [type, digit] : types) {
    const EnginePacket packet{.type = type, .data = "probe"};
    EXPECT_EQ(encode_packet(packet), digit + "probe");
    EXPECT_EQ(decode_packet(digit + "probe"), packet);
    EXPECT_EQ(decode_packet(digit), (EnginePacket{.type = type}));
  }
  for (const auto* bad : {"", "7", "a", "b", "-1", " 4"}) EXPECT_FALSE(decode_packet(bad)) << bad;
}

TEST(EnginePayload, SeparatesPacketsAndEncodesBytes) {
  const std::vector<EnginePacket> packets{{.data = "hello"},
                                          {.type = EngineType::ping},
                                          {.data = "\xe2\x82\xac"},
                                          {.is_binary = true, .data = {"\x01\x02\x03\x04", 4}}};
  const std::string body = "4hello\0362\0364\xe2\x82\xac\036bAQIDBA==";
  std::string payload;
  std::size_t size = 0;
  for (const auto& packet : packets) {
    append_to_payload(payload, packet);
    size += payload_size(packet);
  }
  EXPECT_EQ(payload, body);
  EXPECT_EQ(size + packets.size() - 1, body.size());
  EXPECT_EQ(decode_payload(body, 4), packets);
}

TEST(EnginePayload, OfAnythingElseIsRefused) {
  const auto error = [](std::string_view body) { return decode_payload(body, 3).error(); };
  EXPECT_EQ(error(""), PayloadError::empty_packet);
  EXPECT_EQ(error("\x1e"), PayloadError::empty_packet);
  EXPECT_EQ(error("4a\x1e"), PayloadError::empty_packet);
  EXPECT_EQ(error("4a\x1e\0364b"), PayloadError::empty_packet);
  EXPECT_EQ(error("abc"), PayloadError::unknown_type);
  EXPECT_EQ(error("4a\0367"), PayloadError::unknown_type);
  EXPECT_EQ(error("bAQIDBA"), PayloadError::bad_base64);
  EXPECT_EQ(error("b!"), PayloadError::bad_base64);
  EXPECT_EQ(error("4\xff"), PayloadError::not_utf8);
  EXPECT_EQ(error("2\0362\0362\0362"), PayloadError::too_many_packets);
  EXPECT_TRUE(decode_payload("2\0362\0362", 3));
}

RC_GTEST_PROP(EnginePayload, ComesBack, ()) {
  std::vector<EnginePacket> packets;
  std::string payload;
  const auto count = *rc::gen::inRange(1, 6);
  for (int i = 0; i < count; ++i) {
    EnginePacket packet{.is_binary = *rc::gen::arbitrary<bool>()};
    packet.data = packet.is_binary
                      ? *rc::gen::container<std::string>(rc::gen::arbitrary<char>())
                      : *rc::gen::container<std::string>(rc::gen::elementOf(std::string{"ab4 b="}));
    append_to_payload(payload, packet);
    packets.push_back(std::move(packet));
  }
  RC_ASSERT(decode_payload(payload, 6).value() == packets);
}

}  // namespace
}  // namespace conveyor::socketio
