// Method: the program itself as a child process with pipes, in front of a server in this process:
// what only a process has, that is signals, its environment and its exit status.
#include <csignal>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/child.h"
#include "cli/cli_fixture.h"

namespace conveyor::test {
namespace {

using testing::HasSubstr;

using Program = CliTest;

TEST_F(Program, TakesItsServerFromTheEnvironmentAndEndsWithItsCode) {
  const auto id = place();
  client.wait_for(id, "completed");
  Child get({"orders", "get", id, "-o", "jsonl"}, server.url());
  EXPECT_THAT(get.read_all(), HasSubstr("\"status\":\"completed\""));
  EXPECT_EQ(get.wait(), 0);
  Child cancel({"orders", "cancel", id}, server.url());
  EXPECT_EQ(cancel.read_all(), "");
  EXPECT_EQ(cancel.wait(), 6);
}

TEST_F(Program, CtrlCEndsAWatchWith130) {
  const auto id = place({.payment_method = "pm_flaky_15"});
  client.wait_for(id, "dead_lettered");
  Child watch({"orders", "watch", id}, server.url());
  EXPECT_THAT(watch.read_until("OrderDeadLettered"), HasSubstr("OrderDeadLettered"));
  watch.send_signal(SIGINT);
  watch.read_all();
  EXPECT_EQ(watch.wait(), 130);
}

TEST_F(Program, CtrlCEndsAnImportThatCanBeRunAgain) {
  constexpr int kOrders = 1'000;
  std::string text =
      "reference,customer_id,currency,payment_method,sku,quantity,unit_price,ship_to.name,"
      "ship_to.line1,ship_to.city,ship_to.postal_code,ship_to.country\n";
  for (int i = 0; i < kOrders; ++i) {
    text += fmt::format("R{},c1,EUR,pm_ok,sku-1,1,1,Ada,Main 1,Berlin,10115,DE\n", i);
  }
  const std::vector<std::string> arguments{"orders", "import", write("orders.csv", text),
                                           "--yes",  "-o",     "jsonl"};
  Child import(arguments, server.url());
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (client.get("/v1/orders").json().at("data").as_array().empty()) {
    ASSERT_LT(std::chrono::steady_clock::now(), end);
  }
  // The core stands still: requests are in flight when the signal comes.
  server.unit.set_open(false);
  import.send_signal(SIGINT);
  server.unit.set_open(true);
  const auto placed = [](const boost::json::value& summary) {
    return summary.at_pointer("/created/orders").as_int64() +
           summary.at_pointer("/replayed/orders").as_int64();
  };
  const auto first = boost::json::parse(import.read_all());
  EXPECT_EQ(import.wait(), 130);
  EXPECT_LT(placed(first), kOrders);
  EXPECT_EQ(placed(first) + first.at_pointer("/not_sent/orders").as_int64() +
                first.at_pointer("/unanswered/orders").as_int64(),
            kOrders);

  Child again(arguments, server.url());
  const auto second = boost::json::parse(again.read_all());
  EXPECT_EQ(again.wait(), 0);
  EXPECT_EQ(placed(second), kOrders);
  EXPECT_GE(second.at_pointer("/replayed/orders").as_int64(), placed(first));
  std::set<std::string> references;
  const auto listed = conveyor({"orders", "list", "--all", "-o", "json"}).json();
  for (const auto& order : listed.as_array()) {
    references.insert(std::string{order.at("reference").as_string()});
  }
  EXPECT_EQ(listed.as_array().size(), static_cast<std::size_t>(kOrders));
  EXPECT_EQ(references.size(), static_cast<std::size_t>(kOrders));
}

}  // namespace
}  // namespace conveyor::test
