// Method: RFC 4648's test vectors; round trips of random bytes; every text that is not the one
// encoding of its bytes is refused.
#include "base/base64url.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace conveyor {
namespace {

TEST(Base64Url, MatchesTheVectorsOfRfc4648) {
  const std::vector<std::pair<std::string, std::string>> vectors = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xFB\xFF\xBF", "-_-_"},
  };
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64url_encode(bytes), text);
    EXPECT_EQ(base64url_decode(text), bytes);
  }
}

TEST(Base64Url, RefusesPaddingOtherAlphabetsAndStrayBits) {
  for (const std::string_view text :
       {"A", "AAAAA", "Zg==", "Zm8=", "Zm9v\n", " Zm9v", "+_-_", "/_-_", "Zm 9", "Zm9\xC3"}) {
    EXPECT_EQ(base64url_decode(text), std::nullopt) << text;
  }
  EXPECT_EQ(base64url_decode("Zh"), std::nullopt) << "four bits behind the last byte";
  EXPECT_EQ(base64url_decode("Zm9"), std::nullopt) << "two bits behind the last byte";
  EXPECT_EQ(base64url_decode(std::string_view{"Z\0g", 3}), std::nullopt);
}

RC_GTEST_PROP(Base64Url, ComesBack, (const std::vector<char>& content)) {
  const std::string bytes(content.begin(), content.end());
  RC_ASSERT(base64url_decode(base64url_encode(bytes)) == bytes);
}

RC_GTEST_PROP(Base64Url, AcceptsOneTextForEachBytes, ()) {
  const auto text =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string{"ABQgwz019-_="}));
  const auto bytes = base64url_decode(text);
  if (bytes) RC_ASSERT(base64url_encode(*bytes) == text);
}

}  // namespace
}  // namespace conveyor
