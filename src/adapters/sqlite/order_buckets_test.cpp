#include "adapters/sqlite/order_buckets.h"

#include <gtest/gtest.h>

namespace conveyor::sqlite {
namespace {

OrderId id_number(std::uint32_t number) {
  Uuid uuid;
  for (std::size_t i = 0; i < 4; ++i) {
    uuid.bytes.at(15 - i) = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return OrderId{uuid};
}

OrderBuckets with_newest(std::int64_t orders, std::uint32_t last) {
  return {{{OrderId{}, 0}, {id_number(1'000), 1}, {id_number(2'000), 2}}, orders, id_number(last)};
}

TEST(OrderBuckets, TheNextOrderBeginsABucketWhenTheNewestIsFull) {
  auto buckets = with_newest(kOrdersPerBucket - 1, 3'000);
  const auto last = buckets.place(id_number(3'001));
  EXPECT_EQ(last.bucket, 2);
  EXPECT_FALSE(last.begins);
  const auto first = buckets.place(id_number(3'002));
  EXPECT_EQ(first.bucket, 3);
  EXPECT_TRUE(first.begins);
  const auto second = buckets.place(id_number(3'003));
  EXPECT_EQ(second.bucket, 3);
  EXPECT_FALSE(second.begins);
}

TEST(OrderBuckets, AnOlderIdGoesWhereItsNeighboursAre) {
  auto buckets = with_newest(kOrdersPerBucket, 3'000);
  EXPECT_EQ(buckets.place(id_number(999)).bucket, 0);
  EXPECT_EQ(buckets.place(id_number(1'000)).bucket, 1);
  EXPECT_EQ(buckets.place(id_number(1'999)).bucket, 1);
  const auto between = buckets.place(id_number(2'999));
  EXPECT_EQ(between.bucket, 2) << "full or not: a bucket that began here would part it";
  EXPECT_FALSE(between.begins);
  EXPECT_EQ(buckets.place(id_number(3'001)).bucket, 3);
  EXPECT_EQ(buckets.place(id_number(2'998)).bucket, 2);
}

}  // namespace
}  // namespace conveyor::sqlite
