// Method: several clients place orders without pause while the server is killed with SIGKILL at
// random moments and started again on the same file. Every acknowledged order must be there with
// the bytes that were acknowledged, every unanswered one that is repeated with its key exists once;
// at the end all are final and `verify` is clean. A run that acknowledged too little fails.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "support/server_process.h"
#include "support/shop.h"

namespace conveyor::test {
namespace {

constexpr int kKills = 10;
constexpr int kClients = 8;
constexpr std::size_t kMustAcknowledge = 1'000;

const std::vector<ShopOrder>& order_mix() {
  static const std::vector<ShopOrder> mix{
      {},
      {},
      {.payment_method = "pm_async"},
      {.postal_code = "SBX-ASYNC"},
      {.payment_method = "pm_flaky_2"},
      {.payment_method = "pm_lost_reply", .postal_code = "SBX-LOST-REPLY"},
      {.payment_method = "pm_declined"},
      {.postal_code = "SBX-DISPATCH-REJECTED"},
  };
  return mix;
}

/// What clients sent and what came back.
class Ledger {
 public:
  void acknowledged(const std::string& key, std::string body) {
    const std::lock_guard lock(mutex_);
    acknowledged_[key] = std::move(body);
  }
  std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return acknowledged_.size();
  }
  const std::map<std::string, std::string>& all() const { return acknowledged_; }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> acknowledged_;
};

/// Places orders until told to stop; one that is not answered is repeated with its key.
void place_until(const std::atomic<bool>& stop, const std::string& url, int client,
                 Ledger& ledger) {
  Shop shop(url);
  for (std::size_t n = 0; !stop; ++n) {
    const auto key = "client-" + std::to_string(client) + "-" + std::to_string(n);
    const auto body = order_json(order_mix().at(n % order_mix().size()));
    for (;;) {
      const auto answer = shop.try_place(body, key);
      if (answer && answer->status == 201) {
        ledger.acknowledged(key, answer->body);
        break;
      }
      if (stop) return;
      std::this_thread::yield();
    }
  }
}

TEST(Kill, NothingAcknowledgedIsLostAndNothingIsDoneTwice) {
  const auto seed = std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const TemporaryFolder folder;
  const auto data = folder.path("orders.db");
  ServerProcess server(data, {"--retry-base-delay-ms", "20", "--retry-cap-ms", "200"});
  Shop(server.url()).set_stock("sku-1", 1'000'000);

  Ledger ledger;
  std::atomic<bool> stop{false};
  std::vector<std::thread> clients;
  for (int c = 0; c < kClients; ++c) {
    clients.emplace_back([&, c] { place_until(stop, server.url(), c, ledger); });
  }
  for (int kill = 0; kill < kKills; ++kill) {
    // A random moment is after a random number of further acknowledgements.
    const auto until = ledger.count() + 50 + random() % 150;
    while (ledger.count() < until) std::this_thread::yield();
    server.kill();
    server.start();
  }
  while (ledger.count() < kMustAcknowledge) std::this_thread::yield();
  stop = true;
  for (auto& client : clients) client.join();
  ASSERT_GE(ledger.all().size(), kMustAcknowledge);

  Shop shop(server.url());
  std::map<std::string, int> statuses;
  for (const auto& [key, body] : ledger.all()) {
    const auto id = std::string{boost::json::parse(body).at("id").as_string()};
    ++statuses[shop.wait_for(id, {"completed", "failed"})];
  }
  EXPECT_GT(statuses["completed"], 0);
  EXPECT_GT(statuses["failed"], 0);
  EXPECT_EQ(statuses["completed"] + statuses["failed"], static_cast<int>(ledger.all().size()));
  for (const auto& [key, body] : ledger.all()) {
    const auto n = std::stoul(key.substr(key.rfind('-') + 1));
    const auto again = shop.place(order_json(order_mix().at(n % order_mix().size())), key);
    EXPECT_EQ(again.body, body) << key;
  }
  // Orders that nobody heard of can only be those of the clients' last, unanswered requests.
  EXPECT_LE(all_orders(shop).size(), ledger.all().size() + kClients);
  const auto verified = run_conveyor({"verify", "--data", data.string()});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
}

}  // namespace
}  // namespace conveyor::test
