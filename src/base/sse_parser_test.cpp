// Method: the examples of the standard and every edge of it, each stream fed whole, byte by byte
// and in random pieces, which must make no difference.
#include "base/sse_parser.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace conveyor {
namespace {

/// "type|data|id" of every event, then ">last id", or "!error".
using Seen = std::vector<std::string>;

Seen parse(std::string_view text, const std::vector<std::size_t>& cuts = {},
           std::size_t max_event_bytes = 1'000) {
  Seen seen;
  SseParser parser(max_event_bytes);
  const auto feed = [&](std::string_view piece) {
    const auto fed = parser.feed(piece, [&](const SseEvent& event) {
      seen.push_back(event.type + "|" + event.data + "|" + event.id);
    });
    if (fed) return true;
    seen.emplace_back(fed.error() == SseParser::Error::too_large ? "!too_large" : "!not_utf8");
    return false;
  };
  for (const auto cut : cuts) {
    const auto size = std::min(cut, text.size());
    if (!feed(text.substr(0, size))) return seen;
    text.remove_prefix(size);
  }
  if (!feed(text)) return seen;
  seen.push_back(">" + parser.last_event_id());
  return seen;
}

Seen parse_bytewise(std::string_view text) {
  return parse(text, std::vector<std::size_t>(text.size(), 1));
}

struct Case {
  std::string_view text;
  Seen seen;
};

// clang-format off
const std::vector<Case> kCases{
    // The standard's examples.
    {"data: YHOO\ndata: +2\ndata: 10\n\n", {"message|YHOO\n+2\n10|", ">"}},
    {": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n",
     {"message|first event|1", "message|second event|", ">"}},
    {"data\n\ndata\ndata\n\ndata:", {"message||", "message|\n|", ">"}},
    {"data:test\n\ndata: test\n\n", {"message|test|", "message|test|", ">"}},
    // Fields.
    {"event: add\ndata: 7\nid: a b\n\n", {"add|7|a b", ">a b"}},
    {"event: add\n\ndata: x\n\n", {"message|x|", ">"}},
    {"id: 1\n\n", {">1"}},
    {"id: 1\ndata: x", {">"}},
    {"id: 1\ndata: x\n", {">"}},
    {"id: 1\n\ndata: x\n\nid: 2\n\n", {"message|x|1", ">2"}},
    {"Data: x\ndata : y\n data: z\nother: 1\n\n", {">"}},
    {":\n::\n: data: x\n\n", {">"}},
    {"data: a:b\n\n", {"message|a:b|", ">"}},
    {std::string_view("id: 1\n\nid: 2\0\n\n", 15), {">1"}},
    // Line ends.
    {"data: a\rdata: b\r\ndata: c\n\r\ndata: d\r\rdata: e\r\n\r\n",
     {"message|a\nb\nc|", "message|d|", "message|e|", ">"}},
    {"\n\n\r\r\n\ndata: x\n\n", {"message|x|", ">"}},
    // A byte order mark, once and at the start alone.
    {"\xEF\xBB\xBF" "data: x\n\n", {"message|x|", ">"}},
    {"\xEF\xBB\xBF\xEF\xBB\xBF" "data: x\n\n", {">"}},
    {"\n\xEF\xBB\xBF" "data: x\n\n", {">"}},
    // Text.
    {"data: d\xC3\xA9j\xC3\xA0\n\n", {"message|d\xC3\xA9j\xC3\xA0|", ">"}},
    {"data: a\n\ndata: \xFF\n\ndata: b\n\n", {"message|a|", "!not_utf8"}},
    {"data: \xC3\n\xA9\n\n", {"!not_utf8"}},
    {"", {">"}},
};
// clang-format on

TEST(SseParser, ReadsWhatTheStandardSays) {
  for (const auto& [text, seen] : kCases) EXPECT_EQ(parse(text), seen) << text;
}

TEST(SseParser, TakesTheStreamByteByByte) {
  for (const auto& [text, seen] : kCases) EXPECT_EQ(parse_bytewise(text), seen) << text;
}

TEST(SseParser, TakesAnEventUpToTheLimit) {
  // A line of 10 bytes, and an event whose data (a line end after each line) have 10.
  EXPECT_EQ(parse("data: abcd\n\n", {}, 10), (Seen{"message|abcd|", ">"}));
  EXPECT_EQ(parse("data: abcde\n\n", {}, 10), (Seen{"!too_large"}));
  EXPECT_EQ(parse("data: abcde", {}, 10), (Seen{"!too_large"})) << "although it has no end yet";
  EXPECT_EQ(parse("data:abcd\ndata:efgh\n\n", {}, 10), (Seen{"message|abcd\nefgh|", ">"}));
  EXPECT_EQ(parse("data:abcd\ndata:efghi\n\n", {}, 10), (Seen{"!too_large"}));
  EXPECT_EQ(parse("data:abcd\n\ndata:efghi\n\n", {}, 10),
            (Seen{"message|abcd|", "message|efghi|", ">"}));
}

TEST(SseParser, TakesNothingMoreAfterAnError) {
  SseParser parser(10);
  const auto ignore = [](const SseEvent&) { FAIL() << "no event"; };
  EXPECT_FALSE(parser.feed("data: \xFF\n", ignore));
  const auto again = parser.feed("data: x\n\n", ignore);
  EXPECT_EQ(again.error(), SseParser::Error::not_utf8);
}

TEST(SseParser, ReadsHowLongToWait) {
  const auto retry = [](std::string_view text) {
    SseParser parser(100);
    EXPECT_TRUE(parser.feed(text, [](const SseEvent&) {}));
    return parser.retry();
  };
  using std::chrono::milliseconds;
  EXPECT_EQ(retry("retry: 1500\n"), milliseconds{1'500});
  EXPECT_EQ(retry("retry: 1500\nretry: 1.5\n"), milliseconds{1'500});
  for (const auto* text : {"retry\n", "retry: -1\n", "retry: 1s\n", "retry:  1\n",
                           "retry: 99999999999\n", "retry: 1500"}) {
    EXPECT_EQ(retry(text), std::nullopt) << text;
  }
}

RC_GTEST_PROP(SseParser, MakesNoDifferenceOfPieces, (const std::vector<std::size_t>& sizes)) {
  const auto& chosen = kCases.at(*rc::gen::inRange<std::size_t>(0, kCases.size()));
  std::vector<std::size_t> cuts;
  for (const auto size : sizes) cuts.push_back(size % 7);
  RC_ASSERT(parse(chosen.text, cuts) == chosen.seen);
}

RC_GTEST_PROP(SseParser, TakesAnyBytes, (const std::string& text)) {
  const auto whole = parse(text, {}, 20);
  RC_ASSERT(!whole.empty());
}

}  // namespace
}  // namespace conveyor
