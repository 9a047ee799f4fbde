// Method: answers as the server writes them, cut at every byte, and what is none.
#include "app/load/answer.h"

#include <gtest/gtest.h>

#include <string>

namespace conveyor::load {
namespace {

constexpr std::string_view kBusy =
    "HTTP/1.1 503 Service Unavailable\r\nretry-after: 2\r\nContent-Length: 16\r\n"
    "Connection: close\r\nIdempotent-Replayed: true\r\n\r\n{\"code\":\"busy\"}\n";

TEST(ParseAnswer, WaitsForTheEnd) {
  for (std::size_t size = 0; size < kBusy.size(); ++size) {
    const auto parsed = parse_answer(kBusy.substr(0, size));
    ASSERT_TRUE(parsed.has_value()) << size;
    EXPECT_FALSE(parsed->has_value()) << size;
  }
  const auto parsed = parse_answer(kBusy);
  ASSERT_TRUE(parsed.has_value() && parsed->has_value());
  const auto& answer = **parsed;
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.retry_after_s, 2U);
  EXPECT_TRUE(answer.closes);
  EXPECT_TRUE(answer.is_replayed);
  EXPECT_EQ(find_member(answer.body, "code"), "busy");
}

TEST(ParseAnswer, RefusesWhatIsNone) {
  EXPECT_FALSE(parse_answer("SSH-2.0-x\r\n\r\n").has_value());
  EXPECT_FALSE(parse_answer("HTTP/1.1 2x1 Created\r\nContent-Length: 0\r\n\r\n").has_value());
  EXPECT_FALSE(parse_answer("HTTP/1.1 201 Created\r\n\r\n").has_value());
  EXPECT_FALSE(parse_answer("HTTP/1.1 201 Created\r\nno header\r\n\r\n").has_value());
  EXPECT_FALSE(parse_answer("HTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nab").has_value());
  EXPECT_FALSE(parse_answer("HTTP/1.1 201 Created\r\nContent-Length: 1048577\r\n\r\n").has_value());
  EXPECT_FALSE(parse_answer(std::string(kMaxAnswerBytes + 1, 'x')).has_value());
}

TEST(FindMember, TakesStringsOnly) {
  EXPECT_EQ(find_member(R"({"id":"ord_1","n":5})", "id"), "ord_1");
  EXPECT_EQ(find_member(R"({"id":"ord_1","n":5})", "n"), "");
  EXPECT_EQ(find_member(R"({"id":"a\"b"})", "id"), "");
  EXPECT_EQ(find_member(R"({"id":"ord)", "id"), "");
}

}  // namespace
}  // namespace conveyor::load
