// Method: a whole server in the process, asked over loopback with a blocking client.
#include <latch>
#include <thread>

#include "api/api_server.h"

namespace conveyor::test {
namespace {

using OrdersApi = ApiTest;

TEST_F(OrdersApi, PlacesAnOrderThatCompletes) {
  const auto reply = client.place(OrderText{.reference = "R-1", .quantity = 2}.str(), "key");
  ASSERT_EQ(reply.status, 201) << reply.body;
  const auto id = reply.at("/id");
  EXPECT_EQ(reply.header("Location"), "/v1/orders/" + id);
  EXPECT_EQ(reply.header("ETag"), "\"1\"");
  EXPECT_EQ(reply.header("Idempotent-Replayed"), "");
  EXPECT_EQ(reply.header("Content-Type"), "application/json");
  EXPECT_EQ(reply.at("/status"), "pending");
  EXPECT_EQ(reply.at("/version"), "1");
  EXPECT_EQ(reply.at("/total"), "1000");

  const auto order = client.wait_for(id, "completed");
  EXPECT_EQ(order.at("/reference"), "R-1");
  EXPECT_EQ(order.at("/money/captured"), "1000");
  EXPECT_EQ(order.header("ETag"), "\"" + order.at("/version") + "\"");
  EXPECT_EQ(order.at("/reservation_id").substr(0, 4), "rsv_");
  EXPECT_EQ(order.at("/payment_id").substr(0, 4), "pay_");
  EXPECT_EQ(order.at("/shipment_id").substr(0, 4), "shp_");
  EXPECT_NE(order.at("/tracking"), "");
  EXPECT_EQ(order.body.find("Buyer"), std::string::npos) << "no personal data";
}

TEST_F(OrdersApi, RepeatsTheSameBytesForTheSameRequest) {
  const auto first = client.place(OrderText{}.str(), "key");
  const auto id = first.at("/id");
  client.wait_for(id, "completed");
  // A string is the same key as a token; members in another sequence are the same request.
  const auto again = client.place(
      R"({ "payment_method": "pm_ok", "ship_to": {"country":"DE", "postal_code":"10115",
          "city":"Berlin", "line1":"Main Street 1", "name":"A. Buyer"}, "currency":"EUR",
          "lines":[{"unit_price":500, "quantity":1, "sku":"sku-1"}], "customer_id":"c1"})",
      "\"key\"");
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
  EXPECT_EQ(again.header("Location"), first.header("Location"));
  EXPECT_EQ(again.header("ETag"), first.header("ETag"));

  const auto other = client.place(OrderText{.quantity = 2}.str(), "key");
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(other.code(), "idempotency_key_reused");
}

TEST_F(OrdersApi, TakesOneOrderFromFiftyParallelRequestsWithOneKey) {
  constexpr int kClients = 50;
  std::vector<Reply> replies(kClients);
  std::vector<std::thread> threads;
  std::latch start(kClients);
  for (int i = 0; i < kClients; ++i) {
    threads.emplace_back([&, i] {
      ApiClient own(server);
      start.arrive_and_wait();
      replies[static_cast<std::size_t>(i)] = own.place(OrderText{}.str(), "one-key");
    });
  }
  for (auto& thread : threads) thread.join();
  int fresh = 0;
  for (const auto& reply : replies) {
    EXPECT_EQ(reply.status, 201);
    EXPECT_EQ(reply.body, replies.front().body);
    if (reply.header("Idempotent-Replayed").empty()) ++fresh;
  }
  EXPECT_EQ(fresh, 1);
  EXPECT_EQ(client.get("/v1/orders").json().at("data").as_array().size(), 1U);
}

}  // namespace
}  // namespace conveyor::test
