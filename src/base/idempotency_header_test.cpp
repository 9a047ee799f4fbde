// Method: tables of accepted and refused header values, the limit at its edge, and a property: any
// printable key comes back from its RFC 8941 string.
#include "base/idempotency_header.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace conveyor {
namespace {

std::string quote(std::string_view key) {
  std::string text = "\"";
  for (const char c : key) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

TEST(IdempotencyHeader, ReadsStringsAndBareKeys) {
  const std::vector<std::pair<std::string_view, std::string_view>> table = {
      {R"("8e03978e-40d5-43dd-bc93-6894a57f9324")", "8e03978e-40d5-43dd-bc93-6894a57f9324"},
      {"8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"},
      {R"(  "k"  )", "k"},
      {"  k  ", "k"},
      {R"("a b;c,d")", "a b;c,d"},
      {R"("say \"hi\" \\ there")", R"(say "hi" \ there)"},
      {"shop:order/1.2_3~4*5", "shop:order/1.2_3~4*5"},
      {"!#$%&'*+-.^_`|~:/", "!#$%&'*+-.^_`|~:/"},
      {"*", "*"},
      {R"("~")", "~"},
      {R"(" ")", " "},
  };
  for (const auto& [header, key] : table) {
    const auto parsed = parse_idempotency_key(header);
    ASSERT_TRUE(parsed) << header << ": " << parsed.error();
    EXPECT_EQ(*parsed, key);
  }
}

TEST(IdempotencyHeader, RefusesEverythingElseWithAReason) {
  const std::vector<std::pair<std::string_view, std::string_view>> table = {
      {"", "empty"},
      {"   ", "empty"},
      {R"("")", "empty"},
      {"\"", "closing quote"},
      {R"("abc)", "closing quote"},
      {R"("abc\)", "backslash"},
      {R"("abc\")", "closing quote"},
      {R"("a\bc")", "backslash"},
      {R"("abc";p=1)", "follow"},
      {R"("abc", "def")", "follow"},
      {R"("abc"def)", "follow"},
      {R"("abc" x)", "follow"},
      {"abc;p=1", "quoted"},
      {"abc, def", "quoted"},
      {"a b", "quoted"},
      {"a\"b", "quoted"},
      {"a=b", "quoted"},
      {"\tabc", "quoted"},
      {"a\x7F", "quoted"},
      {"\xC3\xA9", "quoted"},
      {"\"\xC3\xA9\"", "printable"},
      {"\"a\tb\"", "printable"},
      {"\"a\x7F\"", "printable"},
      {std::string_view{"\"a\0b\"", 5}, "printable"},
      {std::string_view{"a\0b", 3}, "quoted"},
  };
  for (const auto& [header, reason] : table) {
    const auto parsed = parse_idempotency_key(header);
    ASSERT_FALSE(parsed) << header;
    EXPECT_TRUE(parsed.error().contains(reason)) << header << ": " << parsed.error();
  }
}

TEST(IdempotencyHeader, LimitsTheKeyNotItsEscapes) {
  const std::string longest(kMaxIdempotencyKeyBytes, 'k');
  EXPECT_EQ(parse_idempotency_key(longest), longest);
  EXPECT_EQ(parse_idempotency_key(quote(longest)), longest);
  EXPECT_FALSE(parse_idempotency_key(longest + "k"));
  EXPECT_FALSE(parse_idempotency_key(quote(longest + "k")));
  const std::string escaped(kMaxIdempotencyKeyBytes, '"');
  EXPECT_EQ(parse_idempotency_key(quote(escaped)), escaped);
}

RC_GTEST_PROP(IdempotencyHeader, ReadsBackAnyPrintableKey, ()) {
  const auto printable = rc::gen::inRange<char>(0x20, 0x7F);
  const auto key = *rc::gen::nonEmpty(rc::gen::container<std::string>(printable));
  RC_PRE(key.size() <= kMaxIdempotencyKeyBytes);
  RC_ASSERT(parse_idempotency_key(quote(key)).value() == key);
}

}  // namespace
}  // namespace conveyor
