// Method: `load run` offers orders whose calls take time, far faster than a server with room for
// few open orders takes them. Whatever is not taken must be refused as busy, everything is
// answered, memory does not grow with what was offered, and after it everything that was accepted
// becomes final and nothing else is there. bench/overload.sh measures the same without the small
// limit.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "support/process_memory.h"
#include "support/sanitized.h"
#include "support/seed_stock.h"
#include "support/server_process.h"
#include "support/shop.h"

namespace conveyor::test {
namespace {

constexpr std::int64_t kOffered = 3'000;
constexpr std::size_t kOpenOrders = 50;
constexpr std::int64_t kMostGrowthKb = 300 * 1'000;

TEST(Overload, WhatIsTooMuchIsRefusedAndWhatIsAcceptedBecomesFinal) {
  const TemporaryFolder folder;
  const auto data = folder.path("orders.db");
  const auto ledger = folder.path("ledger.ndjson").string();
  ServerProcess server(data, {"--open-orders-max", std::to_string(kOpenOrders)});
  seed_stock(server, folder);
  const auto before = memory_kb(server.pid(), "VmHWM");
  const auto ran =
      run_conveyor({"load", "run", "--server", server.url(), "--rate", "1000000", "--connections",
                    "200", "--mix", "async", "--duration", "3600", "--orders",
                    std::to_string(kOffered), "--no-repeat", "--ledger", ledger, "-o", "json"});
  ASSERT_EQ(ran.exit_code, 8) << ran.out << ran.err;
  if (!kIsSanitized) EXPECT_LE(memory_kb(server.pid(), "VmHWM"), before + kMostGrowthKb);

  const auto tally = boost::json::parse(ran.out).as_object();
  const auto accepted = tally.at("acknowledged").as_int64();
  const auto refused = tally.at("refused").as_int64();
  EXPECT_GT(accepted, 0);
  EXPECT_GT(refused, 0);
  EXPECT_EQ(accepted + refused, kOffered) << ran.out;
  EXPECT_EQ(tally.at("unanswered").as_int64(), 0) << ran.out;
  EXPECT_EQ(tally.at("lost").as_int64(), 0) << ran.out;
  EXPECT_TRUE(tally.at("refusals").as_object().empty()) << ran.out;
  const boost::json::object busy{{"503 too_many_open_orders", refused}};
  EXPECT_EQ(tally.at("server_errors"), boost::json::value(busy)) << ran.out;

  const auto checked =
      run_conveyor({"load", "check", ledger, "--wait", "--server", server.url(), "-o", "json"});
  ASSERT_EQ(checked.exit_code, 0) << checked.out << checked.err;
  const boost::json::object completed{{"completed", accepted}};
  EXPECT_EQ(boost::json::parse(checked.out).at("statuses"), boost::json::value(completed));
  Shop shop(server.url());
  EXPECT_EQ(static_cast<std::int64_t>(all_orders(shop).size()), accepted);
  EXPECT_EQ(shop.send("GET", "/health/ready").status, 200) << "it takes orders again";
  const auto verified = run_conveyor({"verify", "--data", data.string()});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
}

}  // namespace
}  // namespace conveyor::test
