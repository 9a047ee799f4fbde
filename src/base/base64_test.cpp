// Method: RFC 4648's test vectors; round trips of random bytes; every text that is not the one
// encoding of its bytes is refused.
#include "base/base64.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace conveyor {
namespace {

TEST(Base64, MatchesTheVectorsOfRfc4648) {
  const std::vector<std::pair<std::string, std::string>> vectors = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
      {"\xFB\xFF\xBF", "+/+/"},
  };
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes);
  }
}

TEST(Base64, RefusesWhatIsNotTheOneEncoding) {
  for (const std::string_view text : {"A", "Zg", "Zg=", "Zm8", "Zm9v\n", "-_-_", "Zm 9",
                                      "====", "Zg==Zg==", "Z===", "=", "Zh==", "Zm9="}) {
    EXPECT_EQ(base64_decode(text), std::nullopt) << text;
  }
}

RC_GTEST_PROP(Base64, ComesBack, (const std::vector<char>& content)) {
  const std::string bytes(content.begin(), content.end());
  RC_ASSERT(base64_decode(base64_encode(bytes)) == bytes);
}

RC_GTEST_PROP(Base64, AcceptsOneTextForEachBytes, ()) {
  const auto text =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string{"ABQgwz019+/=-"}));
  const auto bytes = base64_decode(text);
  if (bytes) RC_ASSERT(base64_encode(*bytes) == text);
}

}  // namespace
}  // namespace conveyor
