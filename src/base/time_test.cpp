// Method: examples at the edges of the grammar of RFC 3339, and a round trip over random times.
#include "base/time.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace conveyor {
namespace {

TEST(Time, FormatsWithMilliseconds) {
  EXPECT_EQ(format_rfc3339(from_unix_ms(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_rfc3339(from_unix_ms(1'767'225'599'999)), "2025-12-31T23:59:59.999Z");
}

TEST(Time, ReadsOffsetsFractionsAndBareDates) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T01:00:00+01:00"), from_unix_ms(0));
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00.1Z"), from_unix_ms(100));
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00.123456789Z"), from_unix_ms(123));
  EXPECT_EQ(parse_rfc3339("1970-01-02"), from_unix_ms(86'400'000));
}

TEST(Time, RefusesWhatIsNoTime) {
  for (const auto* text :
       {"", "1970", "1970-13-01", "2025-02-29", "1970-01-01T", "1970-01-01T00:00:00",
        "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z", "1970-01-01T00:00:60Z",
        "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00.1234567890Z", "1970-01-01T00:00:00Zx",
        "1970-01-01 00:00:00Z", "1970-01-01T00:00:00+0100"}) {
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
  }
}

RC_GTEST_PROP(Time, RoundTrips, ()) {
  const auto ms = *rc::gen::inRange<std::int64_t>(-62'135'596'800'000, 253'402'300'799'999);
  RC_ASSERT(parse_rfc3339(format_rfc3339(from_unix_ms(ms))) == from_unix_ms(ms));
}

}  // namespace
}  // namespace conveyor
