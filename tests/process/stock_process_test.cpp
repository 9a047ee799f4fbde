// Method: more orders than stock over many connections at once, against the binary; counted are the
// final statuses, and `verify` looks at the file while the server still runs.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

#include "support/server_process.h"
#include "support/shop.h"

namespace conveyor::test {
namespace {

constexpr int kConnections = 64;
constexpr int kOrders = 1'000;

/// Places kOrders orders, `make(n)` each, over kConnections connections; their ids.
template <class Make>
std::vector<std::string> place_orders(const std::string& url, Make make) {
  std::vector<std::string> ids(kOrders);
  std::atomic<int> next{0};
  std::vector<std::thread> clients;
  for (int c = 0; c < kConnections; ++c) {
    clients.emplace_back([&] {
      Shop shop(url);
      for (int n = next++; n < kOrders; n = next++)
        ids.at(static_cast<std::size_t>(n)) = shop.order(make(n));
    });
  }
  for (auto& client : clients) client.join();
  return ids;
}

std::map<std::string, int> final_statuses(Shop& shop, const std::vector<std::string>& ids) {
  std::map<std::string, int> counts;
  for (const auto& id : ids) ++counts[shop.wait_for(id, {"completed", "failed"})];
  return counts;
}

void expect_verified(const std::filesystem::path& data) {
  const auto verified = run_conveyor({"verify", "--data", data.string()});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
}

TEST(Stock, AHundredUnitsServeExactlyAHundredOfAThousandOrders) {
  const TemporaryFolder folder;
  const auto data = folder.path("orders.db");
  ServerProcess server(data);
  Shop shop(server.url());
  shop.set_stock("scarce", 100);
  const auto ids = place_orders(
      server.url(), [](int) { return ShopOrder{.lines = {ShopLine{.sku = "scarce"}}}; });
  EXPECT_EQ(final_statuses(shop, ids),
            (std::map<std::string, int>{{"completed", 100}, {"failed", 900}}));
  int rejected = 0;
  for (const auto& id : ids) {
    if (shop.status_of(id) != "failed") continue;
    const std::vector<std::string> expected{"OrderCreated", "InventoryRejected",
                                            "CompensationStarted", "OrderFailed"};
    rejected += shop.event_types(id) == expected ? 1 : 0;
  }
  EXPECT_EQ(rejected, 900);
  expect_verified(data);
}

TEST(Stock, ThreeArticlesInOppositeSequencesNeitherDeadlockNorOversell) {
  const TemporaryFolder folder;
  const auto data = folder.path("orders.db");
  ServerProcess server(data);
  Shop shop(server.url());
  for (const auto* sku : {"a", "b", "c"}) shop.set_stock(sku, 100);
  const auto ids = place_orders(server.url(), [](int n) {
    std::vector<ShopLine> lines{{.sku = "a"}, {.sku = "b"}, {.sku = "c"}};
    if (n % 2 == 1) std::ranges::reverse(lines);
    return ShopOrder{.lines = lines};
  });
  EXPECT_EQ(final_statuses(shop, ids),
            (std::map<std::string, int>{{"completed", 100}, {"failed", 900}}));
  for (const auto* sku : {"a", "b", "c"}) {
    const auto item = shop.send("GET", std::string{"/v1/inventory/"} + sku).json();
    EXPECT_EQ(item.at("on_hand").as_int64(), 0);
    EXPECT_EQ(item.at("reserved").as_int64(), 0);
  }
  expect_verified(data);
}

}  // namespace
}  // namespace conveyor::test
