// Method: the binary on a free port, many clients at once, one idempotency key; then kill -9 and
// the same key again on the restarted server.
#include <gtest/gtest.h>

#include <thread>

#include "support/server_process.h"
#include "support/shop.h"

namespace conveyor::test {
namespace {

TEST(Idempotency, FiftyParallelRequestsWithOneKeyAreOneOrderAlsoAfterAKill) {
  const TemporaryFolder folder;
  ServerProcess server(folder.path("orders.db"));
  Shop(server.url()).set_stock("sku-1", 100);
  const auto body = order_json({});

  std::vector<ShopAnswer> answers(50);
  std::vector<std::thread> clients;
  for (auto& answer : answers) {
    clients.emplace_back([&] { answer = Shop(server.url()).place(body, "one-key"); });
  }
  for (auto& client : clients) client.join();
  int first = 0;
  for (const auto& answer : answers) {
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(answer.body, answers.front().body);
    first += answer.header("Idempotent-Replayed") == "true" ? 0 : 1;
  }
  EXPECT_EQ(first, 1) << "exactly one of them was not a replay";
  Shop shop(server.url());
  EXPECT_EQ(all_orders(shop).size(), 1U);

  // The same members in another sequence and with other white space are the same request.
  const std::string reordered =
      R"({ "payment_method": "pm_ok", "lines": [ {"unit_price":500, "quantity":1, "sku":"sku-1"} ],
          "ship_to": {"country":"DE","postal_code":"10115","city":"Berlin",
                      "line1":"1 Main Street","name":"A. Buyer"},
          "currency": "EUR", "customer_id": "c1" })";
  EXPECT_EQ(shop.place(reordered, "one-key").body, answers.front().body);

  const auto other = shop.place(order_json({.payment_method = "pm_async"}), "one-key");
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(other.text("code"), "idempotency_key_reused");

  server.kill();
  server.start();
  Shop again(server.url());
  const auto replayed = again.place(body, "one-key");
  EXPECT_EQ(replayed.status, 201);
  EXPECT_EQ(replayed.body, answers.front().body);
  EXPECT_EQ(replayed.header("Idempotent-Replayed"), "true");
  EXPECT_EQ(all_orders(again).size(), 1U);
}

}  // namespace
}  // namespace conveyor::test
