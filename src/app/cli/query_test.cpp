// Queries by example: what the server is asked, what is left out here, and every mistake's
// sentence.
#include "app/cli/query.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace conveyor::cli {
namespace {

std::string asked(std::string_view text) {
  const auto query = parse_order_query(text);
  return query ? query_string(*query) : "error: " + query.error();
}

bool shown(std::string_view text, const boost::json::object& row) {
  const auto query = parse_order_query(text);
  EXPECT_TRUE(query) << query.error();
  return is_wanted(*query, row);
}

TEST(OrderQuery, TermsBecomeTheServersFilter) {
  EXPECT_EQ(asked(""), "");
  EXPECT_EQ(asked("  \t"), "");
  EXPECT_EQ(asked("status:failed"), "status=failed");
  EXPECT_EQ(asked("status:failed,cancelled status:failed status:pending"),
            "status=failed&status=cancelled&status=pending");
  EXPECT_EQ(asked("customer:c1 sku:A/B reference:R-17 step:book_shipment"),
            "step=book_shipment&customer_id=c1&reference=R-17&sku=A%2FB");
  EXPECT_EQ(asked("customer:c1 customer:c1"), "customer_id=c1");
}

TEST(OrderQuery, BareDatesAreWholeDaysAndBoundsAreExclusive) {
  EXPECT_EQ(asked("created:>2026-01-01"), "created_after=2026-01-01T23%3A59%3A59.999Z");
  EXPECT_EQ(asked("created:>=2026-01-01"), "created_after=2025-12-31T23%3A59%3A59.999Z");
  EXPECT_EQ(asked("created:<2026-01-01"), "created_before=2026-01-01T00%3A00%3A00.000Z");
  EXPECT_EQ(asked("created:<=2026-01-01"), "created_before=2026-01-02T00%3A00%3A00.000Z");
  EXPECT_EQ(asked("created:2026-01-01"),
            "created_after=2025-12-31T23%3A59%3A59.999Z"
            "&created_before=2026-01-02T00%3A00%3A00.000Z");
  EXPECT_EQ(asked("created:<=2026-01-01T12:00:00Z"), "created_before=2026-01-01T12%3A00%3A00.001Z");
  EXPECT_EQ(asked("created:>2026-01-01 created:>2026-02-01T00:00:00Z created:>2026-01-15"),
            "created_after=2026-02-01T00%3A00%3A00.000Z");
}

TEST(OrderQuery, TimesOfTheLastChangeAreBoundsOfTheirOwn) {
  EXPECT_EQ(asked("status:completed updated:>=2026-01-01 created:<2026-01-01"),
            "status=completed&created_before=2026-01-01T00%3A00%3A00.000Z"
            "&updated_after=2025-12-31T23%3A59%3A59.999Z");
  EXPECT_EQ(asked("updated:2026-01-01"),
            "updated_after=2025-12-31T23%3A59%3A59.999Z"
            "&updated_before=2026-01-02T00%3A00%3A00.000Z");
}

TEST(OrderQuery, FailingIsAskedEitherWay) {
  EXPECT_EQ(asked("failing:true"), "failing=true");
  EXPECT_EQ(asked("-failing:true"), "failing=false");
  EXPECT_EQ(asked("failing:false failing:false -failing:true"), "failing=false");
  EXPECT_EQ(asked("failing:true failing:false"),
            "error: failing:true and failing:false exclude each other");
  EXPECT_EQ(asked("failing:yes"),
            "error: failing:yes is not possible: write failing:true or failing:false");
}

TEST(OrderQuery, ExcludedStatusesAreThoseNotAskedFor) {
  EXPECT_EQ(asked("-status:pending,processing,on_hold,dead_lettered,shipped,completed "
                  "-status:cancelling,compensating,needs_attention"),
            "status=cancelled&status=failed");
  EXPECT_EQ(asked("status:failed,cancelled -status:failed"), "status=cancelled");
  EXPECT_EQ(asked("status:failed -status:failed"), "error: no status is left");
}

TEST(OrderQuery, OtherExclusionsAreMadeHere) {
  const boost::json::object row{
      {"customer_id", "c1"}, {"step", "book_shipment"}, {"reference", "R1"}};
  EXPECT_EQ(asked("-step:book_shipment -customer:c1 -reference:R1"), "");
  EXPECT_TRUE(shown("", row));
  EXPECT_FALSE(shown("-step:book_shipment", row));
  EXPECT_FALSE(shown("-customer:c2 -customer:c1", row));
  EXPECT_FALSE(shown("-reference:R1", row));
  EXPECT_TRUE(shown("-reference:R2 -customer:c2 -step:capture_payment", row));
}

TEST(OrderQuery, MistakesAreNamed) {
  EXPECT_EQ(asked("failed"),
            "error: \"failed\" is no term: write FIELD:VALUE with one of status, step, customer, "
            "reference, sku, failing, created and updated (such as status:failed)");
  EXPECT_EQ(asked("state:failed"),
            "error: state is not a field; there are status, step, customer, reference, sku, "
            "failing, created and updated (such as status:failed)");
  EXPECT_EQ(asked("status:"), "error: status: has no value");
  EXPECT_EQ(asked("status:done"),
            "error: done is not a status; there are pending, processing, on_hold, dead_lettered, "
            "shipped, completed, cancelling, compensating, needs_attention, cancelled, failed");
  EXPECT_EQ(asked("-step:pack"),
            "error: pack is not a step; there are reserve_inventory, authorize_payment, "
            "book_shipment, capture_payment, dispatch_shipment, commit_inventory");
  EXPECT_EQ(asked("customer:a customer:b"), "error: customer:a and customer:b exclude each other");
  EXPECT_EQ(asked("-sku:A"), "error: -sku is not possible: the list does not tell an order's SKUs");
  EXPECT_EQ(asked("-created:2026-01-01"),
            "error: -created is not possible: turn the comparison round");
  EXPECT_EQ(asked("-updated:2026-01-01"),
            "error: -updated is not possible: turn the comparison round");
  EXPECT_EQ(asked("created:yesterday"),
            "error: \"yesterday\" is not a time: write 2026-01-31 or 2026-01-31T12:00:00Z, with "
            "<, <=, > or >= before it");
  EXPECT_EQ(asked("created:=>2026-01-01"), "error: => is not a comparison");
  EXPECT_EQ(asked("created:>"),
            "error: \"\" is not a time: write 2026-01-31 or "
            "2026-01-31T12:00:00Z, with <, <=, > or >= before it");
}

}  // namespace
}  // namespace conveyor::cli
