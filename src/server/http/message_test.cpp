// Method: examples at the edges of each decoding rule.
#include "server/http/message.h"

#include <gtest/gtest.h>

namespace conveyor::http {
namespace {

TEST(DecodeSegment, DecodesPercentAndKeepsPlus) {
  EXPECT_EQ(*decode_segment("a%20b+c%2Fd%c3%A9"), "a b+c/d\u00e9");
  EXPECT_EQ(*decode_segment(""), "");
}

TEST(DecodeSegment, RefusesBadEncodings) {
  for (const char* text : {"%", "%4", "a%4", "%zz", "%4g", "%-1"}) {
    EXPECT_EQ(decode_segment(text).error(), DecodeError::kBadPercent) << text;
  }
  for (const char* text : {"%00", "%1F", "%7f", "%0a"}) {
    EXPECT_EQ(decode_segment(text).error(), DecodeError::kControlCharacter) << text;
  }
  for (const char* text : {"%ff", "%c3", "%ed%a0%80", "%c0%af"}) {
    EXPECT_EQ(decode_segment(text).error(), DecodeError::kBadUtf8) << text;
  }
}

TEST(DecodePath, KeepsAnEncodedSlashInItsSegmentAndNormalisesNothing) {
  using Segments = std::vector<std::string>;
  EXPECT_EQ(*decode_path("/"), (Segments{""}));
  EXPECT_EQ(*decode_path("/v1/a%2Fb"), (Segments{"v1", "a/b"}));
  EXPECT_EQ(*decode_path("/v1//../x/"), (Segments{"v1", "", "..", "x", ""}));
  EXPECT_EQ(decode_path("/v1/%zz").error(), DecodeError::kBadPercent);
}

TEST(QueryParameters, AreDecodedInFormStyleAndAllKept) {
  const auto query =
      QueryParameters::parse("status=a&limit=5&&status=b%26c&q=x+y%2B&flag&e=&=v&a=b=c");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->all("status"), (std::vector<std::string_view>{"a", "b&c"}));
  EXPECT_EQ(*query->find("status"), "a");
  EXPECT_EQ(*query->find("q"), "x y+");
  EXPECT_EQ(*query->find("flag"), "");
  EXPECT_EQ(*query->find("e"), "");
  EXPECT_EQ(*query->find(""), "v");
  EXPECT_EQ(*query->find("a"), "b=c");
  EXPECT_EQ(query->find("Status"), nullptr);
  EXPECT_EQ(query->list().size(), 8U);
  EXPECT_TRUE(QueryParameters::parse("")->list().empty());
}

TEST(QueryParameters, RefuseBadEncodings) {
  EXPECT_EQ(QueryParameters::parse("a=%").error(), DecodeError::kBadPercent);
  EXPECT_EQ(QueryParameters::parse("%00=a").error(), DecodeError::kControlCharacter);
  EXPECT_EQ(QueryParameters::parse("ok=1&a=%ff").error(), DecodeError::kBadUtf8);
}

TEST(Request, FindsHeadersInAnyCase) {
  Request request;
  request.headers = {{"If-Match", "1"}, {"if-match", "2"}};
  EXPECT_EQ(*request.find_header("IF-MATCH"), "1");
  EXPECT_EQ(request.find_header("If-Matc"), nullptr);
}

}  // namespace
}  // namespace conveyor::http
