// Method: examples at the edges of the text forms of ids and operation keys, a round trip over
// random ones, and what the step table must be for the code that walks it.
#include "domain/operation_key.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <vector>

namespace conveyor {
namespace {

constexpr std::string_view kOrder = "ord_01h455vb4pex5vsknk084sn02q";

TEST(Ids, AreReadWithTheirOwnPrefixOnly) {
  EXPECT_EQ(OrderId::parse(kOrder)->to_string(), kOrder);
  const std::string_view bare = kOrder.substr(4);
  for (const auto prefix : {"evt_", "rsv_", "pay_", "shp_", "ORD_", "ord", "", "_"}) {
    EXPECT_EQ(OrderId::parse(fmt::format("{}{}", prefix, bare)), std::nullopt) << prefix;
  }
  EXPECT_TRUE(EventId::parse(fmt::format("evt_{}", bare)));
  EXPECT_TRUE(ReservationId::parse(fmt::format("rsv_{}", bare)));
  EXPECT_TRUE(PaymentId::parse(fmt::format("pay_{}", bare)));
  EXPECT_TRUE(ShipmentId::parse(fmt::format("shp_{}", bare)));
  EXPECT_EQ(OrderId::parse(fmt::format("{} ", kOrder)), std::nullopt);
  EXPECT_EQ(OrderId::parse(kOrder.substr(0, kOrder.size() - 1)), std::nullopt);
}

TEST(Ids, SortByTheTimeTheyWereMadeInBytesAndInText) {
  const OrderId earlier{make_uuid_v7(from_unix_ms(1'000), 0xFFF, ~std::uint64_t{0})};
  const OrderId later{make_uuid_v7(from_unix_ms(1'001), 0, 0)};
  EXPECT_LT(earlier, later);
  EXPECT_LT(earlier.to_string(), later.to_string());
  EXPECT_EQ(later.created_at(), from_unix_ms(1'001));
}

TEST(OperationKey, HasOneTextForm) {
  const OperationKey key{OrderId::parse(kOrder).value(), 1, 1, 1};
  EXPECT_EQ(key.to_string(), fmt::format("{}:1:reserve_inventory:1", kOrder));
  EXPECT_EQ(OperationKey::parse(key.to_string()), key);
}

TEST(OperationKey, ReadsNothingElse) {
  for (const auto* rest :
       {"", ":", ":1", ":1:reserve_inventory", ":1:reserve_inventory:", ":0:reserve_inventory:1",
        ":1:reserve_inventory:0", ":01:reserve_inventory:1", ":1:reserve_inventory:01",
        ":1:reserve:1", ":1:Reserve_inventory:1", ":+1:reserve_inventory:1",
        ":-1:reserve_inventory:1", ":1:reserve_inventory:1:", ":1:reserve_inventory:1 ",
        ":4294967296:reserve_inventory:1", ":1:reserve_inventory:4294967296",
        ":1::reserve_inventory:1", "::1:reserve_inventory"}) {
    EXPECT_EQ(OperationKey::parse(fmt::format("{}{}", kOrder, rest)), std::nullopt) << rest;
  }
  EXPECT_EQ(OperationKey::parse(""), std::nullopt);
  EXPECT_EQ(OperationKey::parse("evt_01h455vb4pex5vsknk084sn02q:1:reserve_inventory:1"),
            std::nullopt);
  EXPECT_TRUE(
      OperationKey::parse(fmt::format("{}:4294967295:commit_inventory:4294967295", kOrder)));
}

RC_GTEST_PROP(OperationKey, IsReadBackEqual, ()) {
  constexpr auto kMax = std::numeric_limits<std::uint32_t>::max();
  const OperationKey key{OrderId{make_uuid_v7(from_unix_ms(*rc::gen::inRange(0, 1 << 30)),
                                              *rc::gen::arbitrary<std::uint64_t>(),
                                              *rc::gen::arbitrary<std::uint64_t>())},
                         *rc::gen::inRange<std::uint32_t>(1, kMax),
                         *rc::gen::inRange<StepNumber>(1, kStepCount + 1),
                         *rc::gen::inRange<std::uint32_t>(1, kMax)};
  RC_ASSERT(OperationKey::parse(key.to_string()) == key);
}

TEST(Steps, AreSixWithNamesOfTheirOwnInTheirSequence) {
  const std::vector<std::string_view> names{"reserve_inventory", "authorize_payment",
                                            "book_shipment",     "capture_payment",
                                            "dispatch_shipment", "commit_inventory"};
  ASSERT_EQ(names.size(), kStepCount);
  for (StepNumber s = 1; s <= kStepCount; ++s) {
    EXPECT_EQ(spec_of(s).name, names[s - 1U]);
    EXPECT_EQ(parse_step(names[s - 1U]), s);
  }
  EXPECT_EQ(parse_step(""), std::nullopt);
  EXPECT_EQ(parse_step("refund_payment"), std::nullopt);
}

/// What decide and evolve rely on without naming a step.
TEST(Steps, HaveOnePivotAndOneBookingBeforeItAndForwardOnlyStepsAfter) {
  StepNumber pivot = 0;
  StepNumber booking = 0;
  for (StepNumber s = 1; s <= kStepCount; ++s) {
    const auto& spec = spec_of(s);
    if (spec.pivot) {
      EXPECT_EQ(pivot, 0);
      pivot = s;
    }
    if (spec.undone_first) {
      EXPECT_EQ(booking, 0);
      booking = s;
      EXPECT_TRUE(spec.undone.has_value());
    }
    EXPECT_TRUE(!spec.names || *spec.names < s);
  }
  ASSERT_NE(pivot, 0);
  ASSERT_NE(booking, 0);
  EXPECT_LT(booking, pivot);
  EXPECT_EQ(spec_of(pivot).names, booking);
  for (StepNumber s = 1; s <= kStepCount; ++s) {
    EXPECT_EQ(spec_of(s).undone.has_value(), s < pivot);
    EXPECT_EQ(spec_of(s).refused.has_value(), s <= pivot);
  }
}

}  // namespace
}  // namespace conveyor
