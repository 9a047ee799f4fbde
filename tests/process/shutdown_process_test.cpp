// Method: SIGTERM while clients place orders and slow calls are in flight. The exit code, the time
// and the data file that is left are asserted.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "adapters/sqlite/sqlite_reader.h"
#include "support/server_process.h"
#include "support/shop.h"

namespace conveyor::test {
namespace {

constexpr int kClients = 4;
constexpr std::size_t kOrders = 200;
constexpr std::chrono::milliseconds kLimit{10'000};

TEST(Shutdown, UnderLoadEndsInTimeWithEveryAcknowledgedOrder) {
  const TemporaryFolder folder;
  const auto data = folder.path("shop.db");
  ServerProcess server(data, {"--shutdown-timeout-ms", std::to_string(kLimit.count())});
  Shop(server.url()).set_stock("sku-1", 1'000'000);
  std::mutex mutex;
  std::vector<std::string> acknowledged;
  std::atomic<bool> stop{false};
  std::vector<std::thread> clients;
  for (int c = 0; c < kClients; ++c) {
    clients.emplace_back([&, c] {
      Shop shop(server.url());
      for (int n = 0; !stop; ++n) {
        const ShopOrder order{.payment_method = n % 2 == 0 ? "pm_ok" : "pm_slow"};
        const auto answer =
            shop.try_place(order_json(order), std::to_string(c) + "-" + std::to_string(n));
        if (!answer) return;  // it has gone
        if (answer->status != 201) continue;
        const std::lock_guard lock(mutex);
        acknowledged.push_back(answer->text("id"));
      }
    });
  }
  const auto count = [&] {
    const std::lock_guard lock(mutex);
    return acknowledged.size();
  };
  ASSERT_TRUE(wait_until([&] { return count() >= kOrders; }));
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(server.terminate(), 0);
  const auto took = std::chrono::steady_clock::now() - before;
  stop = true;
  for (auto& client : clients) client.join();
  // Generous, for a busy machine; calls of three seconds, many of them, are in flight.
  EXPECT_LT(took, 2 * kLimit);

  const auto verified = run_conveyor({"verify", "--data", data.string()});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  const auto reader = SqliteReader::open(data.string()).value();
  for (const auto& id : acknowledged) {
    EXPECT_TRUE(reader->order_row(OrderId::parse(id).value())) << id;
  }
  EXPECT_TRUE(server.log().contains("\"stopped\"")) << "it ended by itself";
}

TEST(SecondServer, OfTheSameFileIsRefusedAndTheFirstGoesOn) {
  const TemporaryFolder folder;
  const auto data = folder.path("shop.db");
  ServerProcess server(data);
  Shop shop(server.url());
  shop.set_stock("sku-1", 10);
  const auto second = run_conveyor({"serve", "--listen", "127.0.0.1:0", "--data", data.string()});
  EXPECT_EQ(second.exit_code, 7);
  EXPECT_TRUE(second.err.contains("in use by process " + std::to_string(server.pid())))
      << second.err;
  EXPECT_EQ(shop.wait_for(shop.order({}), {"completed"}), "completed");
  EXPECT_EQ(server.terminate(), 0);
}

}  // namespace
}  // namespace conveyor::test
