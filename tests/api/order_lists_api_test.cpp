// Method: a whole server in the process; lists and streams read page by page.
#include <algorithm>
#include <functional>

#include "api/api_server.h"

namespace conveyor::test {
namespace {

class OrderListsApi : public ApiTest {
 protected:
  /// The ids of a whole list, read in pages of this size.
  std::vector<std::string> ids(const std::string& filter, int limit = 50) {
    std::vector<std::string> ids;
    std::string cursor;
    for (int pages = 0; pages < 100; ++pages) {
      const auto page = client.get("/v1/orders?" + filter + "&limit=" + std::to_string(limit) +
                                   (cursor.empty() ? "" : "&cursor=" + cursor));
      EXPECT_EQ(page.status, 200) << page.body;
      for (const auto& order : page.json().at("data").as_array()) {
        ids.emplace_back(order.at("id").as_string().c_str());
      }
      cursor = page.at("/next_cursor");
      EXPECT_EQ(page.at("/has_more"), cursor == "null" ? "false" : "true");
      if (cursor == "null") return ids;
    }
    ADD_FAILURE() << "the list does not end";
    return ids;
  }
  std::string code_of(const std::string& target) { return client.get(target).code(); }
};

TEST_F(OrderListsApi, GoFromNewToOldInPages) {
  EXPECT_TRUE(ids("").empty());
  std::vector<std::string> placed;
  for (int i = 0; i < 5; ++i) placed.insert(placed.begin(), place());
  // Ids of one millisecond have no sequence among themselves.
  std::ranges::sort(placed, std::greater<>{});
  for (const int limit : {1, 2, 5, 50}) EXPECT_EQ(ids("", limit), placed);
}

TEST_F(OrderListsApi, AreFiltered) {
  const auto done = place({.reference = "R-1", .customer_id = "c1"});
  const auto refused = place({.customer_id = "c2", .payment_method = "pm_declined"});
  const auto open = place({.customer_id = "c2", .payment_method = "pm_slow"});
  client.wait_for(done, "completed");
  client.wait_for(refused, "failed");
  using Ids = std::vector<std::string>;
  EXPECT_EQ(ids("status=completed"), Ids{done});
  EXPECT_EQ(ids("status=completed&status=failed").size(), 2U);
  EXPECT_EQ(ids("status=completed,failed").size(), 2U);
  EXPECT_EQ(ids("customer_id=c1"), Ids{done});
  EXPECT_EQ(ids("customer_id=c2&status=failed"), Ids{refused});
  EXPECT_EQ(ids("reference=R-1"), Ids{done});
  EXPECT_EQ(ids("reference=R-2"), Ids{});
  EXPECT_EQ(ids("step=authorize_payment"), Ids{open});
  EXPECT_EQ(ids("sku=sku-1"), Ids{open}) << "open orders only";
  EXPECT_EQ(ids("sku=sku-2"), Ids{});
  EXPECT_EQ(ids("created_after=2020-01-01").size(), 3U);
  EXPECT_EQ(ids("created_before=2020-01-01T00:00:00Z"), Ids{});
  EXPECT_EQ(ids("failing=true"), Ids{});
  EXPECT_EQ(ids("failing=false").size(), 3U);
  EXPECT_EQ(ids("status=completed&updated_after=2020-01-01"), Ids{done});
  EXPECT_EQ(ids("updated_before=2020-01-01T00:00:00Z"), Ids{});
  const auto changed = client.get("/v1/orders/" + done).at("/updated_at");
  EXPECT_EQ(ids("status=completed&updated_after=" + changed), Ids{}) << "exclusive";
}

TEST_F(OrderListsApi, ShowRowsAndWhereTheyStand) {
  const auto id = place({.reference = "R-1"});
  client.wait_for(id, "completed");
  const auto page = client.get("/v1/orders");
  EXPECT_EQ(page.at("/data/0/id"), id);
  EXPECT_EQ(page.at("/data/0/status"), "completed");
  EXPECT_EQ(page.at("/data/0/total"), "500");
  EXPECT_EQ(page.at("/data/0/currency_exponent"), "2");
  EXPECT_EQ(page.at("/data/0/health"), "ok");
  EXPECT_EQ(page.at("/data/0/attempts"), "0");
  EXPECT_EQ(page.at("/data/0/reference"), "R-1");
  EXPECT_NE(page.header("Conveyor-Cursor"), "");
  EXPECT_EQ(page.header("Cache-Control"), "no-store");
}

TEST_F(OrderListsApi, RefuseWhatTheyDoNotKnow) {
  EXPECT_EQ(client.get("/v1/orders?colour=red").status, 400);
  EXPECT_EQ(code_of("/v1/orders?colour=red"), "invalid_parameter");
  EXPECT_EQ(client.get("/v1/orders?colour=red").at("/errors/0/pointer"), "colour");
  EXPECT_EQ(code_of("/v1/orders?status=lost"), "invalid_parameter");
  EXPECT_EQ(code_of("/v1/orders?step=pack"), "invalid_parameter");
  EXPECT_EQ(code_of("/v1/orders?customer_id=a%20b"), "invalid_parameter");
  EXPECT_EQ(code_of("/v1/orders?created_after=yesterday"), "invalid_parameter");
  EXPECT_EQ(code_of("/v1/orders?updated_after=yesterday"), "invalid_parameter");
  EXPECT_EQ(code_of("/v1/orders?failing=1"), "invalid_parameter");
  EXPECT_EQ(code_of("/v1/orders?customer_id=a&customer_id=b"), "invalid_parameter");
  EXPECT_EQ(code_of("/v1/orders?cursor=xyz"), "invalid_cursor");
  EXPECT_EQ(code_of("/v1/orders?limit=0"), "invalid_parameter");
  EXPECT_EQ(code_of("/v1/orders?limit=201"), "invalid_parameter");
  EXPECT_EQ(code_of("/v1/orders?limit=x"), "invalid_parameter");
  EXPECT_EQ(client.get("/v1/orders?limit=1").status, 200);
  EXPECT_EQ(client.get("/v1/orders?limit=200").status, 200);
}

TEST_F(OrderListsApi, KeepACursorToItsFilter) {
  (void)place();
  (void)place();
  const auto cursor = client.get("/v1/orders?limit=1").at("/next_cursor");
  EXPECT_EQ(client.get("/v1/orders?limit=1&cursor=" + cursor).status, 200);
  EXPECT_EQ(code_of("/v1/orders?limit=1&customer_id=c1&cursor=" + cursor), "invalid_cursor");
}

TEST_F(OrderListsApi, ShowAnOrdersEventsAsTheyWereWritten) {
  const auto id = place();
  client.wait_for(id, "completed");
  const auto all = client.get("/v1/orders/" + id + "/events");
  ASSERT_EQ(all.status, 200);
  const auto count = all.json().at("data").as_array().size();
  EXPECT_EQ(all.at("/data/0/type"), "OrderCreated");
  EXPECT_EQ(all.at("/data/0/actor/id"), "local");
  EXPECT_EQ(all.at("/data/0/hash").size(), 64U);
  EXPECT_EQ(all.at("/data/" + std::to_string(count - 1) + "/type"), "OrderCompleted");
  EXPECT_EQ(all.at("/has_more"), "false");

  std::size_t seen = 0;
  std::string next = "0";
  while (next != "null") {
    const auto page = client.get("/v1/orders/" + id + "/events?limit=3&after=" + next);
    for (const auto& event : page.json().at("data").as_array()) {
      EXPECT_EQ(event.at("version").as_int64(), static_cast<std::int64_t>(++seen));
    }
    next = page.at("/next_cursor");
    EXPECT_EQ(client.get("/v1/orders/" + id + "/events?limit=3&cursor=0").status, 200);
  }
  EXPECT_EQ(seen, count);
  EXPECT_EQ(client.get("/v1/orders/" + id + "/events?after=99").at("/data"), "[]");
  EXPECT_EQ(code_of("/v1/orders/" + id + "/events?after=-1"), "invalid_parameter");
  EXPECT_EQ(code_of("/v1/orders/" + id + "/events?after=1&cursor=1"), "invalid_parameter");
}

TEST_F(OrderListsApi, DoNotKnowOtherOrders) {
  const std::string other = "/v1/orders/ord_01h455vb4pex5vsknk084sn02q";
  for (const std::string& id :
       {other, std::string("/v1/orders/1"), std::string("/v1/orders/%20")}) {
    EXPECT_EQ(client.get(id).status, 404) << id;
    EXPECT_EQ(code_of(id), "order_not_found") << id;
    EXPECT_EQ(code_of(id + "/events"), "order_not_found") << id;
    EXPECT_EQ(client.post(id + "/cancel").code(), "order_not_found") << id;
  }
  EXPECT_EQ(code_of(other + "?verson=1"), "invalid_parameter");
}

}  // namespace
}  // namespace conveyor::test
