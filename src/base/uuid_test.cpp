// Method: the TypeID specification's own examples, properties over random bytes.
#include "base/uuid.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace conveyor {
namespace {

std::string to_base32(const Uuid& id) {
  std::string out;
  append_base32(out, id);
  return out;
}

TEST(Uuid, MatchesTheTypeIdExamples) {
  EXPECT_EQ(to_base32(Uuid{}), "00000000000000000000000000");
  Uuid all;
  all.bytes.fill(0xFF);
  EXPECT_EQ(to_base32(all), "7zzzzzzzzzzzzzzzzzzzzzzzzz");
  const Uuid valid{{0x01, 0x89, 0x0a, 0x5d, 0xac, 0x96, 0x77, 0x4b, 0xbc, 0xce, 0xb3, 0x02, 0x09,
                    0x9a, 0x80, 0x57}};
  EXPECT_EQ(to_base32(valid), "01h455vb4pex5vsknk084sn02q");
}

TEST(Uuid, RefusesOtherTexts) {
  for (const auto* text :
       {"", "01h455vb4pex5vsknk084sn02", "01h455vb4pex5vsknk084sn02qq",
        "81h455vb4pex5vsknk084sn02q", "01H455VB4PEX5VSKNK084SN02Q", "01h455vb4pex5vsknk084sn02l"}) {
    EXPECT_EQ(parse_base32(text), std::nullopt) << text;
  }
}

TEST(Uuid, CarriesVersionVariantAndTime) {
  const auto id = make_uuid_v7(from_unix_ms(1'767'225'599'999), ~0ULL, ~0ULL);
  EXPECT_EQ(id.bytes[6] >> 4, 7);
  EXPECT_EQ(id.bytes[8] >> 6, 2);
  EXPECT_EQ(timestamp_of(id), from_unix_ms(1'767'225'599'999));
}

RC_GTEST_PROP(Uuid, TextRoundTripsAndSortsAsBytes, (std::uint64_t a, std::uint64_t b)) {
  const auto first = make_uuid_v7(from_unix_ms(static_cast<std::int64_t>(a >> 16)), a, b);
  const auto second = make_uuid_v7(from_unix_ms(static_cast<std::int64_t>(b >> 16)), b, a);
  RC_ASSERT(parse_base32(to_base32(first)) == first);
  RC_ASSERT((first < second) == (to_base32(first) < to_base32(second)));
}

}  // namespace
}  // namespace conveyor
