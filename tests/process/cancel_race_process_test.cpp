// Method: orders whose carrier answers after 20 to 200 ms are cancelled at a random moment on their
// way to the dispatch, over many connections at once, against the binary. Each must end dispatched
// or wholly undone, by its events and by the provider's and carrier's books; both ends must occur
// often, else the test has raced nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <random>
#include <thread>

#include "adapters/sqlite/sqlite_reader.h"
#include "support/sanitized.h"
#include "support/server_process.h"
#include "support/shop.h"

namespace conveyor::test {
namespace {

constexpr int kOrders = 500;
/// A slow server is asked by fewer: a cancel must not wait until its order is through.
constexpr int kConnections = kIsSanitized ? 4 : 25;
constexpr int kEachOutcomeAtLeast = 20;
/// Booking and dispatch take 20 to 200 ms each: the cancel falls before, into or behind them.
constexpr int kMaxDelayMs = 400;

struct Race {
  std::string id;
  int delay_ms = 0;
  int answered = 0;  ///< the cancel's status code
  std::string ended;
};

void run(Shop& shop, Race& race) {
  const auto begin = std::chrono::steady_clock::now();
  race.id = shop.order({.postal_code = "SBX-ASYNC"});
  // The moment is what is tested: it is drawn, and waited for.
  std::this_thread::sleep_until(begin + std::chrono::milliseconds{race.delay_ms});
  race.answered = shop.send("POST", "/v1/orders/" + race.id + "/cancel", "{}").status;
  race.ended = shop.wait_for(race.id, {"completed", "cancelled", "failed"});
}

/// What the order's books must hold of its end: everything, or nothing.
void expect_books(SqliteReader& reader, const Race& race) {
  const bool completed = race.ended == "completed";
  int effects = 0;
  for (const auto& record : reader.sandbox_records(OrderId::parse(race.id).value())) {
    EXPECT_LE(record.effects, 1U) << record.key.to_string();
    effects += record.effect_exists ? 1 : 0;
  }
  // authorized, booked, captured, dispatched
  EXPECT_EQ(effects, completed ? 4 : 0);
}

void expect_one_end(Shop& shop, const Race& race) {
  const auto types = shop.event_types(race.id);
  const auto has = [&](std::string_view type) { return std::ranges::count(types, type) > 0; };
  if (race.ended == "completed") {
    EXPECT_TRUE(has("ShipmentDispatched"));
    EXPECT_FALSE(has("OrderCancelled") || has("ShipmentCancelled") || has("PaymentRefunded") ||
                 has("PaymentVoided") || has("InventoryReleased"));
  } else {
    EXPECT_EQ(race.ended, "cancelled");
    EXPECT_EQ(race.answered, 202);
    EXPECT_FALSE(has("ShipmentDispatched") || has("OrderCompleted"));
  }
}

TEST(CancelRace, EachOrderEndsDispatchedOrUndoneAndNeverBoth) {
  const auto seed = std::random_device{}();
  std::cout << "seed " << seed << "\n";
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::vector<Race> races(kOrders);
  for (auto& race : races) race.delay_ms = static_cast<int>(random() % kMaxDelayMs);

  const TemporaryFolder folder;
  const auto data = folder.path("orders.db");
  const ServerProcess server(data);
  Shop(server.url()).set_stock("sku-1", kOrders);
  std::atomic<std::size_t> next{0};
  std::vector<std::thread> clients;
  for (int c = 0; c < kConnections; ++c) {
    clients.emplace_back([&] {
      Shop shop(server.url());
      for (auto n = next++; n < races.size(); n = next++) run(shop, races[n]);
    });
  }
  for (auto& client : clients) client.join();

  Shop shop(server.url());
  auto reader = SqliteReader::open(data.string());
  ASSERT_TRUE(reader.has_value());
  int completed = 0;
  int cancelled = 0;
  int lost = 0;  // to the dispatch: the cancel was accepted, and the carrier had been faster
  for (const auto& race : races) {
    SCOPED_TRACE(race.id + " after " + std::to_string(race.delay_ms) + " ms");
    expect_one_end(shop, race);
    expect_books(**reader, race);
    completed += race.ended == "completed" ? 1 : 0;
    cancelled += race.ended == "cancelled" ? 1 : 0;
    lost += race.ended == "completed" && race.answered == 202 ? 1 : 0;
  }
  std::cout << completed << " dispatched (" << lost << " of them after an accepted cancel), "
            << cancelled << " undone\n";
  EXPECT_GE(completed, kEachOutcomeAtLeast);
  EXPECT_GE(cancelled, kEachOutcomeAtLeast);
  EXPECT_EQ(shop.send("GET", "/v1/inventory/sku-1").json().at("on_hand"), kOrders - completed);
  const auto verified = run_conveyor({"verify", "--data", data.string()});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
}

}  // namespace
}  // namespace conveyor::test
