// Method: encode and decode values at their edges, and decode what was never encoded.
#include "adapters/sqlite/encoding.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace conveyor::sqlite {
namespace {

OrderId order_number(std::uint64_t number) {
  return OrderId{make_uuid_v7(from_unix_ms(1'770'000'000'000), 1, number)};
}

TEST(FeedEncoding, ConsecutiveEventsOfAnOrderShareTheirHead) {
  std::vector<FeedEntry> entries;
  for (std::uint64_t version = 1; version <= 8; ++version) {
    entries.push_back({order_number(1), version, EventType::OrderCreated});
  }
  EXPECT_EQ(encode_feed(entries).size(), 16u + 2u + 8u);
  EXPECT_EQ(decode_feed(encode_feed(entries)), entries);
  EXPECT_TRUE(encode_feed({}).empty());
}

TEST(FeedEncoding, DamagedBytesAreFatal) {
  auto bytes = encode_feed({{order_number(1), 300, EventType::OrderHeld}});
  ASSERT_EQ(bytes.size(), 16u + 2u + 1u + 1u);
  EXPECT_THROW(decode_feed(Bytes{bytes}.first(10)), StoreError);
  EXPECT_THROW(decode_feed(Bytes{bytes}.first(17)), StoreError);
  EXPECT_THROW(decode_feed(Bytes{bytes}.first(19)), StoreError);
  bytes.back() = 0;
  EXPECT_THROW(decode_feed(bytes), StoreError);
}

RC_GTEST_PROP(FeedEncoding, RoundTrip,
              (const std::vector<std::array<std::uint8_t, 3>>& random, std::uint64_t base)) {
  std::vector<FeedEntry> entries;
  entries.reserve(random.size());
  for (const auto& [order, version, type] : random) {
    entries.push_back({order_number(order % 3), base % (std::uint64_t{1} << 62) + version % 4,
                       static_cast<EventType>(type % kEventTypeCount)});
  }
  RC_ASSERT(decode_feed(encode_feed(entries)) == entries);
}

TEST(NamedKeyEncoding, OfTheSameOrderIsShort) {
  const OperationKey key{order_number(1), 4'294'967'295, 6, 1};
  EXPECT_EQ(decode_named_key(order_number(1), "4294967295:6:1"), key);
  EXPECT_EQ(decode_named_key(order_number(2), key.to_string()), key);
}

TEST(NamedKeyEncoding, DamagedTextIsFatal) {
  for (const auto* text : {"", "1", "1:2", "1:2:", "1:0:1", "1:7:1", "1:2:3:4", "1:2:3x", "-1:2:3",
                           "4294967296:1:1", "ord_x:1:2:3"}) {
    EXPECT_THROW(decode_named_key(order_number(1), text), StoreError) << text;
  }
}

TEST(ListEncoding, IsJson) {
  const std::vector<StockLine> lines{{"A", 2}, {"Größe \"1\"", 9'007'199'254'740'991}};
  EXPECT_EQ(decode_stock_lines(R"([["A",2],["Größe \"1\"",9007199254740991]])"), lines);
  const std::vector<Shortage> shortages{{"A", 2, 1}};
  EXPECT_EQ(decode_shortages(R"([["A",2,1]])"), shortages);
}

TEST(ListEncoding, DamagedJsonIsFatal) {
  for (const auto* json : {"", "{}", "[1]", "[[1,2]]", R"([["A"]])", R"([["A","2"]])",
                           R"([["A",2,3]])", R"([["A",2]]x)"}) {
    EXPECT_THROW(decode_stock_lines(json), StoreError) << json;
  }
}

}  // namespace
}  // namespace conveyor::sqlite
