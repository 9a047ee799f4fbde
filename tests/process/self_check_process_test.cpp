// Method: the binary runs on a data file that was damaged while it was closed. What its self-check
// says of it is asserted where people and machines look: metric, log, readiness.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "support/server_process.h"
#include "support/shop.h"
#include "verify/execute_sql.h"

namespace conveyor::test {
namespace {

class SelfCheckProcess : public testing::Test {
 protected:
  /// One order whose row says another total than its events.
  void SetUp() override {
    const ServerProcess server(path());
    Shop shop(server.url());
    shop.set_stock("sku-1", 10);
    id = shop.order({});
    shop.wait_for(id, {"completed"});
  }
  std::filesystem::path path() const { return folder_.path("conveyor.db"); }
  void damage() const {
    execute_sql(path().string(), "UPDATE orders SET total_minor = total_minor + 1");
  }

  std::string id;

 private:
  TemporaryFolder folder_;
};

bool metric_says(Shop& shop, std::string_view line) {
  return shop.send("GET", "/metrics").body.contains(line);
}

TEST_F(SelfCheckProcess, SaysWhatIsBrokenAndIsNotReadyIfSoConfigured) {
  damage();
  const ServerProcess server(path(), {"--on-violation", "not_ready"});
  Shop shop(server.url());
  EXPECT_TRUE(wait_until(
      [&] { return metric_says(shop, R"(conveyor_invariant_violations{rule="fold"} 1)"); }));
  const auto ready = shop.send("GET", "/health/ready");
  EXPECT_EQ(ready.status, 503);
  EXPECT_TRUE(ready.body.contains("invariant")) << ready.body;
  EXPECT_TRUE(wait_until([&] {
    const auto log = server.log();
    return log.contains("invariant violated") && log.contains(id);
  })) << server.log();
}

TEST_F(SelfCheckProcess, ReportsByDefaultAndStaysReady) {
  damage();
  const ServerProcess server(path());
  Shop shop(server.url());
  EXPECT_TRUE(wait_until(
      [&] { return metric_says(shop, R"(conveyor_invariant_violations{rule="fold"} 1)"); }));
  EXPECT_EQ(shop.send("GET", "/health/ready").status, 200);
}

}  // namespace
}  // namespace conveyor::test
