// Method: exact output for each call; RFC 8785's own escapes and order; the order of keys against a
// sort of real UTF-16; each misuse stops the process.
#include "base/json_writer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/utf8_generator.h"

namespace conveyor {
namespace {

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::u16string to_utf16(const std::vector<char32_t>& points) {
  std::u16string units;
  for (const char32_t point : points) {
    if (point < 0x10000) {
      units += static_cast<char16_t>(point);
    } else {
      units += static_cast<char16_t>(0xD800 + ((point - 0x10000) >> 10));
      units += static_cast<char16_t>(0xDC00 + ((point - 0x10000) & 0x3FF));
    }
  }
  return units;
}

TEST(JsonString, EscapesExactlyWhatRfc8785Says) {
  EXPECT_EQ(json_string(""), R"("")");
  EXPECT_EQ(json_string("\b\t\n\f\r\"\\"), R"("\b\t\n\f\r\"\\")");
  EXPECT_EQ(json_string(std::string_view{"\0\x01\x1f", 3}), R"("\u0000\u0001\u001f")");
  EXPECT_EQ(json_string("/\x7F\u0080\u2028<>&'"), "\"/\x7F\u0080\u2028<>&'\"");
  EXPECT_EQ(json_string("\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"/"),
            R"("€$\u000f\nA'B\"\\\\\"/")");
}

TEST(JsonString, FindsASpecialByteAtEveryPosition) {
  const std::vector<std::pair<std::string_view, std::string_view>> specials = {
      {"\"", "\\\""}, {"\\", R"(\\)"}, {"\n", "\\n"}, {"\x1F", "\\u001f"}, {"é", "é"}};
  for (std::size_t size = 1; size <= 25; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      const std::string before(at, ' ');
      const std::string after(size - at - 1, '~');
      for (const auto& [special, escaped] : specials) {
        EXPECT_EQ(json_string(fmt::format("{}{}{}", before, special, after)),
                  fmt::format("\"{}{}{}\"", before, escaped, after));
      }
    }
  }
}

TEST(JsonStringDeathTest, IsUtf8) {
  EXPECT_DEATH(json_string("\xFF"), "UTF-8");
  EXPECT_DEATH(json_string("long enough \xC3"), "UTF-8");
}

TEST(JsonKeyLess, IsTheOrderOfUtf16) {
  EXPECT_TRUE(json_key_less("", "a"));
  EXPECT_TRUE(json_key_less("a", "aa"));
  EXPECT_TRUE(json_key_less("Z", "a"));
  EXPECT_FALSE(json_key_less("a", "a"));
  EXPECT_FALSE(json_key_less("", ""));
  EXPECT_TRUE(json_key_less("\U0001F600", "\uFB33")) << "surrogates sort below U+E000";
  EXPECT_TRUE(json_key_less("\uD7FF", "\U00010000"));
  EXPECT_TRUE(json_key_less("\U0010FFFF", "\uE000"));
}

RC_GTEST_PROP(JsonKeyLess, AgreesWithUtf16, ()) {
  const auto points = rc::gen::container<std::vector<char32_t>>(code_point());
  auto left = *points;
  auto right = *points;
  if (*rc::gen::arbitrary<bool>()) right.insert(right.begin(), left.begin(), left.end());
  std::string left_utf8;
  for (const char32_t point : left) append_utf8(left_utf8, point);
  std::string right_utf8;
  for (const char32_t point : right) append_utf8(right_utf8, point);
  RC_ASSERT(json_key_less(left_utf8, right_utf8) == (to_utf16(left) < to_utf16(right)));
}

TEST(JsonWriter, WritesEveryKindOfValue) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  writer.key("array");
  writer.begin_array();
  writer.value(0);
  writer.value(-1);
  writer.value(kMaxJsonInteger);
  writer.value(std::uint8_t{200});
  writer.begin_object();
  writer.end_object();
  writer.begin_array();
  writer.end_array();
  writer.end_array();
  writer.member("flag", true);
  writer.key("nothing");
  writer.null();
  writer.key("raw");
  writer.raw(R"({"x":1})");
  writer.member("text", "literal");
  writer.member("text2", std::string{"string"});
  writer.member("text3", std::string_view{"view"});
  writer.member("unset", false);
  writer.end_object();
  EXPECT_EQ(out,
            R"({"array":[0,-1,9007199254740991,200,{},[]],"flag":true,"nothing":null,)"
            R"("raw":{"x":1},"text":"literal","text2":"string","text3":"view","unset":false})");
}

TEST(JsonWriter, WritesKeysOfEveryLengthAsStrings) {
  for (std::size_t size = 1; size <= 40; ++size) {
    for (const std::string_view end : {"", "\"", "é"}) {
      const auto first = std::string(size, 'a') + std::string{end};
      const auto second = "b" + first;
      std::string out;
      JsonWriter writer(out);
      writer.begin_object();
      writer.member(first, 1);
      writer.member(second, 2);
      writer.end_object();
      EXPECT_EQ(out, fmt::format("{{{}:1,{}:2}}", json_string(first), json_string(second)));
    }
  }
}

TEST(JsonWriter, AppendsToWhatIsThere) {
  std::string out = "data: ";
  JsonWriter writer(out);
  writer.value("x");
  EXPECT_EQ(out, R"(data: "x")");
}

TEST(JsonWriter, AnyOrderTakesMembersAsTheyComeAndAnyInteger) {
  std::string out;
  JsonWriter writer(out, JsonWriter::Order::any);
  writer.begin_object();
  writer.member("b", std::numeric_limits<std::int64_t>::min());
  writer.member("a", std::numeric_limits<std::int64_t>::max());
  writer.end_object();
  EXPECT_EQ(out, R"({"b":-9223372036854775808,"a":9223372036854775807})");
}

TEST(JsonWriter, OrderIsKeptPerObject) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  writer.key("m");
  writer.begin_object();
  writer.member("z", 1);
  writer.end_object();
  writer.key("n");
  writer.begin_object();
  writer.member("a", 1);
  writer.member("b", 2);
  writer.end_object();
  writer.end_object();
  EXPECT_EQ(out, R"({"m":{"z":1},"n":{"a":1,"b":2}})");
}

TEST(JsonWriter, GoesAsDeepAsItsLimit) {
  std::string out;
  JsonWriter writer(out);
  for (int i = 0; i < kMaxJsonWriterDepth; ++i) writer.begin_array();
  for (int i = 0; i < kMaxJsonWriterDepth; ++i) writer.end_array();
  EXPECT_EQ(out, std::string(kMaxJsonWriterDepth, '[') + std::string(kMaxJsonWriterDepth, ']'));
}

class JsonWriterDeathTest : public testing::Test {
 protected:
  std::string out;
  JsonWriter writer{out};
};

TEST_F(JsonWriterDeathTest, StopsAtMembersOutOfOrder) {
  writer.begin_object();
  writer.member("b", 1);
  EXPECT_DEATH(writer.key("a"), "in order");
  EXPECT_DEATH(writer.key("b"), "in order") << "the same key again";
  writer.key("c");
  writer.begin_object();
  writer.member("a", 1);
  writer.end_object();
  EXPECT_DEATH(writer.key("b"), "in order") << "after a nested object";
}

TEST_F(JsonWriterDeathTest, StopsAtAnEmptyKeyThatComesTwice) {
  writer.begin_object();
  writer.member("", 1);
  EXPECT_DEATH(writer.key(""), "in order");
}

TEST_F(JsonWriterDeathTest, StopsAtAValueWithoutKeyAndAtAKeyWithoutValue) {
  EXPECT_DEATH(writer.key("a"), "where it may");
  writer.begin_object();
  EXPECT_DEATH(writer.value(1), "has a key");
  EXPECT_DEATH(writer.begin_array(), "has a key");
  writer.key("a");
  EXPECT_DEATH(writer.key("b"), "where it may");
  EXPECT_DEATH(writer.end_object(), "where it may");
}

TEST_F(JsonWriterDeathTest, StopsAtBracketsThatDoNotMatch) {
  EXPECT_DEATH(writer.end_object(), "where it may");
  writer.begin_array();
  EXPECT_DEATH(writer.end_object(), "match");
  EXPECT_DEATH(writer.key("a"), "in an object");
}

TEST_F(JsonWriterDeathTest, StopsAtIntegersBeyondIJson) {
  EXPECT_DEATH(writer.value(kMaxJsonInteger + 1), "I-JSON");
  EXPECT_DEATH(writer.value(-kMaxJsonInteger - 1), "I-JSON");
  EXPECT_DEATH(writer.value(std::numeric_limits<std::uint64_t>::max()), "64 bits");
}

TEST_F(JsonWriterDeathTest, StopsBeyondItsDepth) {
  for (int i = 0; i < kMaxJsonWriterDepth; ++i) writer.begin_array();
  EXPECT_DEATH(writer.begin_array(), "too deep");
}

}  // namespace
}  // namespace conveyor
