// Method: the borders of RFC 3629's table; a property over generated text; every way to cut a
// character short.
#include "base/utf8.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/utf8_generator.h"

namespace conveyor {
namespace {

TEST(Utf8, AcceptsTheBordersOfEachLength) {
  for (const char32_t c :
       {0x0, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF}) {
    std::string text;
    append_utf8(text, c);
    EXPECT_TRUE(is_valid_utf8(text)) << std::hex << static_cast<unsigned>(c);
    for (std::size_t size = 1; size < text.size(); ++size) {
      EXPECT_FALSE(is_valid_utf8(std::string_view{text}.substr(0, size)));
      EXPECT_FALSE(is_valid_utf8(std::string_view{text}.substr(size)));
    }
  }
  EXPECT_TRUE(is_valid_utf8(""));
}

TEST(Utf8, RefusesOverlongFormsSurrogatesAndWhatIsBeyondUnicode) {
  for (const std::string_view text :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    EXPECT_FALSE(is_valid_utf8(text));
    EXPECT_FALSE(is_valid_utf8(std::string(70, 'a').append(text).append(70, 'b')));
  }
}

RC_GTEST_PROP(Utf8, AcceptsGeneratedText, ()) {
  RC_ASSERT(is_valid_utf8(*utf8_text()));
}

// In two pieces, cut anywhere, the checker says what is_valid_utf8 says of the whole.
RC_GTEST_PROP(Utf8, InPiecesIsAsInOne, ()) {
  auto text = *utf8_text();
  if (*rc::gen::arbitrary<bool>()) {
    text += *rc::gen::container<std::string>(
        rc::gen::elementOf(std::string{"a\x80\x8F\x90\x9F\xA0\xBF\xC2\xE0\xED\xEF\xF0\xF4\xFF"}));
  }
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    Utf8Checker checker;
    const bool first = checker.feed(std::string_view{text}.substr(0, cut));
    const bool second = checker.feed(std::string_view{text}.substr(cut));
    RC_ASSERT(first || !second);
    RC_ASSERT(checker.is_complete() == is_valid_utf8(text));
  }
}

TEST(Utf8, IsRefusedAtTheFirstByteThatCannotBe) {
  for (const std::string_view text : {"\x80", "\xC0", "\xE0\x9F", "\xED\xA0", "\xF0\x8F",
                                      "\xF4\x90", "\xF5", "\xE2\x28", "\xE2\x82\x28"}) {
    Utf8Checker checker;
    EXPECT_TRUE(checker.feed(text.substr(0, text.size() - 1)));
    EXPECT_FALSE(checker.feed(text.substr(text.size() - 1)));
    EXPECT_FALSE(checker.feed("a"));
  }
}

}  // namespace
}  // namespace conveyor
