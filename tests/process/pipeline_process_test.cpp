// Method: orders that wait in the real program; what lists and the pipeline say of them is compared
// before and after kill -9.
#include <gtest/gtest.h>

#include "support/server_process.h"
#include "support/shop.h"

namespace conveyor::test {
namespace {

/// What of the pipeline does not depend on the moment.
boost::json::object standing(Shop& shop) {
  const auto pipeline = shop.send("GET", "/v1/pipeline?seconds=1").json();
  boost::json::array steps;
  for (const auto& step : pipeline.at("steps").as_array()) {
    boost::json::object seen;
    for (const auto* member : {"orders", "retrying", "dead", "oldest_since"}) {
      if (const auto* value = step.as_object().if_contains(member)) seen[member] = *value;
    }
    steps.push_back(seen);
  }
  return {{"steps", steps}, {"open_money", pipeline.at("open_money")}};
}

TEST(PipelineProcess, WhatStandsWhereSinceWhenAndItsMoneySurviveTheProcess) {
  TemporaryFolder folder;
  // Drawn from up to an hour; whoever draws next to nothing fails once more.
  ServerProcess server(folder.path("data.db"),
                       {"--retry-base-delay-ms", "3600000", "--retry-cap-ms", "3600000"});
  Shop shop(server.url());
  shop.set_stock("sku-1", 1'000);
  const auto done = shop.order({});
  const auto dead = shop.order({.payment_method = "pm_garbage"});
  const auto oldest = shop.order({.payment_method = "pm_flaky_15"});
  (void)shop.order({.payment_method = "pm_flaky_15"});
  const auto booking = shop.order({.postal_code = "SBX-FLAKY-15"});
  ASSERT_EQ(shop.wait_for(done, {"completed"}), "completed");
  ASSERT_EQ(shop.wait_for(dead, {"dead_lettered"}), "dead_lettered");
  ASSERT_TRUE(wait_until([&] { return all_orders(shop, "failing=true").size() == 4; }));

  const auto before = standing(shop);
  const auto& steps = before.at("steps").as_array();
  EXPECT_EQ(steps[1].at("orders").as_int64(), 2);
  EXPECT_EQ(steps[1].at("dead").as_int64(), 1);
  EXPECT_EQ(steps[2].at("retrying").as_int64(), 1);
  EXPECT_EQ(steps[1].at("oldest_since"), shop.send("GET", "/v1/orders/" + oldest + "/events")
                                             .json()
                                             .at("data")
                                             .at(1)
                                             .at("occurred_at"))
      << "since its reservation";
  EXPECT_TRUE(steps[2].as_object().contains("oldest_since"));
  EXPECT_FALSE(steps[0].as_object().contains("oldest_since"));
  EXPECT_EQ(before.at("open_money").at(0).at("orders").as_int64(), 4);
  EXPECT_EQ(before.at("open_money").at(0).at("total").as_int64(), 2'000);

  server.kill();
  server.start();
  EXPECT_EQ(standing(shop), before);

  for (const auto& row : shop.send("GET", "/v1/orders").json().at("data").as_array()) {
    const auto id = std::string{row.at("id").as_string()};
    const auto order = shop.send("GET", "/v1/orders/" + id).json();
    if (order.at("version") != row.at("version")) continue;  // tried again in between
    for (const auto* member : {"health", "attempts", "next_attempt_at"}) {
      const auto* in_list = row.as_object().if_contains(member);
      const auto* in_order = order.if_contains(member);
      ASSERT_EQ(in_list == nullptr, in_order == nullptr) << id << " " << member;
      if (in_list != nullptr) EXPECT_EQ(*in_list, *in_order) << id << " " << member;
    }
  }
  EXPECT_EQ(shop.send("GET", "/v1/orders/" + booking).text("health"), "retrying");
}

}  // namespace
}  // namespace conveyor::test
