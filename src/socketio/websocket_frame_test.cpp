// Method: RFC 6455 sections 5 to 8, rule by rule, with frames written by hand; every conversation
// also byte by byte, because where the network cuts must make no difference.
#include "socketio/websocket_frame.h"

#include <gtest/gtest.h>

#include "socketio/test_transport.h"

namespace conveyor::socketio {
namespace {

/// What a reader says, as lines.
class Log final : public FrameSink {
 public:
  void on_frame(std::size_t) override { ++frames; }
  void on_message(bool is_text, std::string message) override {
    said.push_back((is_text ? "text " : "binary ") + message);
  }
  void on_ping(std::string_view payload) override {
    said.push_back("ping " + std::string{payload});
  }
  void on_pong(std::string_view payload) override {
    said.push_back("pong " + std::string{payload});
  }
  void on_close(std::optional<std::uint16_t> code, std::string_view reason) override {
    said.push_back("close " + std::to_string(code.value_or(0)) + " " + std::string{reason});
  }
  void on_violation(CloseCode code, std::string_view) override {
    said.push_back("violation " + std::to_string(std::to_underlying(code)));
  }
  std::vector<std::string> said;
  std::size_t frames = 0;
};

constexpr std::size_t kMaxMessage = 70'000;

std::vector<std::string> say(std::string_view bytes, std::size_t piece) {
  Log log;
  FrameReader reader(log, kMaxMessage);
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    reader.feed(bytes.substr(0, piece));
  }
  return std::move(log.said);
}

using Said = std::vector<std::string>;

void expect(std::string_view bytes, const Said& said) {
  EXPECT_EQ(say(bytes, bytes.size()), said);
  EXPECT_EQ(say(bytes, 1), said);
  EXPECT_EQ(say(bytes, 3), said);
}

const std::string kProtocolError = "violation 1002";
const std::string kInvalidPayload = "violation 1007";
const std::string kTooBig = "violation 1009";

TEST(Frames, OfTheRfcsExamples) {  // section 5.7
  expect("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", {"text Hello"});
  expect("\x89\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", {"ping Hello"});
  std::string frame;
  append_frame(frame, Opcode::text, "Hello");
  EXPECT_EQ(frame, "\x81\x05Hello");
}

TEST(Frames, OfEachLengthAreReadAndWritten) {  // section 5.2
  for (const std::size_t length : {0, 1, 125, 126, 127, 65'535, 65'536, 70'000}) {
    const std::string content(length, 'x');
    expect(client_text(content), {"text " + content});
    std::string frame;
    append_frame(frame, Opcode::binary, content);
    EXPECT_EQ(server_frames(frame), (std::vector<ServerFrame>{{Opcode::binary, content}}));
  }
}

TEST(Frames, MustTakeTheFewestBytesForTheirLength) {  // section 5.2
  expect(std::string("\x81\xfe\x00\x7d", 4) + "mask", {kProtocolError});
  expect(std::string("\x81\xff\0\0\0\0\0\0\xff\xff", 10) + "mask", {kProtocolError});
  expect(std::string("\x82\xff\x80\0\0\0\0\0\0\0", 10) + "mask", {kProtocolError});
}

TEST(Frames, OfAClientAreMasked) {  // sections 5.1 and 5.3
  expect("\x81\x05Hello", {kProtocolError});
  expect(client_frame(kFin | 1, "Hello", std::string_view{"\0\0\0\0", 4}), {"text Hello"});
  expect(client_frame(kFin | 1, "Hello, mask", "\xff\x80\x01\x7f"), {"text Hello, mask"});
}

TEST(Frames, WithReservedBitsOrOpcodesAreRefused) {  // section 5.2
  for (const int bits : {0x40, 0x20, 0x10, 0x70}) {
    expect(client_frame(static_cast<std::uint8_t>(kFin | bits | 1), ""), {kProtocolError});
    expect(client_frame(static_cast<std::uint8_t>(kFin | bits | 9), ""), {kProtocolError});
  }
  for (const int opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
    expect(client_frame(static_cast<std::uint8_t>(kFin | opcode), ""), {kProtocolError});
  }
}

TEST(Frames, WhatIsWrongIsKnownFromTheFirstTwoBytes) {
  Log log;
  FrameReader reader(log, kMaxMessage);
  reader.feed("\x83");
  EXPECT_TRUE(log.said.empty());
  reader.feed("\x80");
  EXPECT_EQ(log.said, Said{kProtocolError});
  EXPECT_TRUE(reader.is_stopped());
  reader.feed(client_text("more"));
  EXPECT_EQ(log.said.size(), 1U);
}

TEST(Fragments, AreJoined) {  // section 5.4
  expect(client_frame(1, "Hel") + client_frame(kFin, "lo"), {"text Hello"});
  expect(client_frame(2, "a") + client_frame(0, "") + client_frame(0, "b") + client_frame(kFin, ""),
         {"binary ab"});
  expect(client_frame(1, "") + client_frame(kFin, "") + client_text("next"),
         {"text ", "text next"});
}

TEST(Fragments, MayHaveControlFramesBetween) {  // section 5.4
  expect(client_frame(1, "Hel") + client_frame(kFin | 9, "?") + client_frame(0, "l") +
             client_frame(kFin | 10, "!") + client_frame(kFin, "o"),
         {"ping ?", "pong !", "text Hello"});
  expect(client_frame(1, "Hel") + client_close(1000), {"close 1000 "});
}

TEST(Fragments, InAnyOtherSequenceAreRefused) {  // section 5.4
  expect(client_frame(kFin, "x"), {kProtocolError});
  expect(client_frame(0, "x"), {kProtocolError});
  expect(client_frame(1, "x") + client_text("y"), {kProtocolError});
  expect(client_frame(2, "x") + client_frame(1, "y"), {kProtocolError});
  expect(client_text("x") + client_frame(kFin, "y"), {"text x", kProtocolError});
}

TEST(ControlFrames, AreShortAndWhole) {  // section 5.5
  const std::string longest(125, 'x');
  expect(client_frame(kFin | 9, longest), {"ping " + longest});
  expect(client_frame(kFin | 10, longest), {"pong " + longest});
  for (const int opcode : {8, 9, 10}) {
    expect(client_frame(static_cast<std::uint8_t>(kFin | opcode), longest + "x"), {kProtocolError});
    expect(client_frame(static_cast<std::uint8_t>(opcode), ""), {kProtocolError});
  }
}

TEST(CloseFrames, HaveACodeThatMayBeSent) {  // sections 5.5.1 and 7.4
  expect(client_frame(kFin | 8, ""), {"close 0 "});
  expect(client_frame(kFin | 8, "\x03"), {kProtocolError});
  for (const int code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014,
                         3000, 3999, 4000, 4999}) {
    expect(client_close(static_cast<std::uint16_t>(code), "bye"),
           {"close " + std::to_string(code) + " bye"});
  }
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65'535}) {
    expect(client_close(static_cast<std::uint16_t>(code)), {kProtocolError});
  }
}

TEST(CloseFrames, HaveAReasonInUtf8) {  // section 5.5.1
  expect(client_close(1000, "\xe2\x82\xac"), {"close 1000 \xe2\x82\xac"});
  expect(client_close(1000, "\xe2\x82"), {kInvalidPayload});
  expect(client_close(1000) + client_text("after"), {"close 1000 "});
}

TEST(Text, IsUtf8AlsoAcrossFragments) {  // sections 5.6 and 8.1
  const std::string euro = "\xe2\x82\xac";
  expect(client_frame(1, euro.substr(0, 1)) + client_frame(0, euro.substr(1, 1)) +
             client_frame(kFin, euro.substr(2)),
         {"text " + euro});
  expect(client_text("\xe2\x82"), {kInvalidPayload});
  expect(client_frame(1, "\xe2\x82") + client_frame(kFin, ""), {kInvalidPayload});
  for (const std::string_view bad : {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"}) {
    expect(client_text(bad), {kInvalidPayload});
    expect(client_frame(1, bad), {kInvalidPayload});  // at once, not with the last fragment
  }
  expect(client_binary("\xff\xfe"), {"binary \xff\xfe"});
}

TEST(Text, ThatCannotBecomeValidIsRefusedWithinItsFrame) {
  Log log;
  FrameReader reader(log, kMaxMessage);
  reader.feed(std::string_view{client_text("ok\xf4\x90 and more to come")}.substr(0, 10));
  EXPECT_EQ(log.said, Said{kInvalidPayload});
}

TEST(Messages, HaveALargestSize) {
  const std::string largest(kMaxMessage, 'x');
  expect(client_binary(largest), {"binary " + largest});
  expect(std::string_view{client_binary(largest + "x")}.substr(0, 14), {kTooBig});
  expect(client_frame(2, largest) + client_frame(kFin, ""), {"binary " + largest});
  expect(client_frame(2, largest) + client_frame(kFin, "x"), {kTooBig});
  std::string head("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff", 10);
  expect(head + "mask", {kTooBig});
}

TEST(Frames, AreCountedBeforeTheirContent) {
  Log log;
  FrameReader reader(log, kMaxMessage);
  reader.feed(client_frame(1, "") + client_frame(0, "") + client_frame(kFin | 9, ""));
  EXPECT_EQ(log.frames, 3U);
}

}  // namespace
}  // namespace conveyor::socketio
