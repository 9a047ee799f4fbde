// Method: 200 orders of a provider that is down, against the real binary. When which call was made
// is read from the events afterwards, how often the provider was asked from its own books. By
// default the outage and the breaker's times are short; SOAK_OUTAGE=full takes 20 s and the
// product's own numbers (tests/soak/outage.sh).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "adapters/sqlite/sqlite_reader.h"
#include "base/time.h"
#include "support/server_process.h"
#include "support/shop.h"

namespace conveyor::test {
namespace {

constexpr std::size_t kOrders = 200;
// The product's numbers; no flag changes them here.
constexpr std::int64_t kMinCalls = 20;
constexpr std::int64_t kProbes = 3;
constexpr std::int64_t kRetriesPerSecond = 10;
constexpr std::int64_t kRetryPercent = 20;

constexpr const char* kBreakerState = "conveyor_breaker_state{participant=\"payment\"}";

struct Plan {
  Duration outage{5'000};
  Duration open{500};
  std::vector<std::string> flags{"--breaker-open-ms", "500"};
};
Plan chosen_plan() {
  const char* wish = std::getenv("SOAK_OUTAGE");
  if (wish == nullptr || std::string_view{wish} != "full") return {};
  return {Duration{20'000}, Duration{5'000}, {}};
}

struct Call {
  Timestamp at;
  bool is_repeat = false;
  bool failed = false;
};

/// The calls to the payment provider that an order's events tell of.
std::vector<Call> payment_calls(Shop& shop, const std::string& id) {
  std::vector<Call> calls;
  std::string last_step;
  const auto page = shop.send("GET", "/v1/orders/" + id + "/events?limit=200").json();
  for (const auto& item : page.at("data").as_array()) {
    const auto& event = item.as_object();
    const std::string step{event.contains("step") ? event.at("step").as_string() : ""};
    const auto& data = event.at("data").as_object();
    if (!step.ends_with("_payment") || !data.contains("started_at")) continue;
    const auto at = parse_rfc3339(std::string_view{data.at("started_at").as_string()});
    calls.push_back({at.value(), step == last_step, event.at("type") == "StepAttemptFailed"});
    last_step = step;
  }
  return calls;
}

std::int64_t authorize_calls(SqliteReader& books, const std::string& id) {
  std::int64_t calls = 0;
  for (const auto& record : books.sandbox_records(OrderId::parse(id).value())) {
    if (record.key.step == 2) calls += record.calls;
    EXPECT_LE(record.effects, 1U) << record.key.to_string();
  }
  return calls;
}

/// In any t seconds: repeats ≤ per_second × (t + 1) + percent of the first attempts in them.
void expect_no_burst(std::vector<Call> calls) {
  std::ranges::sort(calls, {}, &Call::at);
  for (std::size_t from = 0; from < calls.size(); ++from) {
    // Calls of one millisecond have no order: the first attempts among them count from the start.
    if (from > 0 && calls[from].at == calls[from - 1].at) continue;
    std::int64_t firsts = 0;
    std::int64_t repeats = 0;
    for (std::size_t to = from; to < calls.size(); ++to) {
      (calls[to].is_repeat ? repeats : firsts) += 1;
      if (to + 1 < calls.size() && calls[to + 1].at == calls[to].at) continue;
      const auto span_ms = (calls[to].at - calls[from].at).count();
      ASSERT_LE(repeats * 1'000,
                kRetriesPerSecond * (span_ms + 1'000) + firsts * kRetryPercent * 10)
          << "within " << span_ms << " ms from " << format_rfc3339(calls[from].at);
    }
  }
}

/// The value of a metric; fails the test if there is none.
double metric(Shop& shop, const std::string& name) {
  const auto page = shop.send("GET", "/metrics").body;
  const auto at = page.find("\n" + name + " ");
  EXPECT_NE(at, page.npos) << name;
  return at == page.npos ? -1 : std::stod(page.substr(at + name.size() + 2));
}

class OutageOfAProvider : public testing::Test {
 protected:
  OutageOfAProvider() : server(folder.path("orders.db"), plan.flags), shop(server.url()) {
    shop.set_stock("sku-1", 1'000);
    shop.set_stock("SBX-COMMIT-FLAKY-2", 10);
  }

  const Plan plan = chosen_plan();
  TemporaryFolder folder;
  ServerProcess server;
  Shop shop;
};

TEST_F(OutageOfAProvider, IsSurvivedWithFewCallsWithoutADeadLetterOrABurst) {
  const auto at_commit = shop.order({.lines = {ShopLine{.sku = "SBX-COMMIT-FLAKY-2"}}});
  const auto at_booking = shop.order({.postal_code = "SBX-FLAKY-1"});
  const auto method = fmt::format("pm_outage_{}", plan.outage.count() / 1'000);
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < kOrders; ++i) {
    ids.push_back(shop.order({.payment_method = method}));
    if (ids.size() != 3 * kMinCalls) continue;
    EXPECT_EQ(metric(shop, kBreakerState), 2) << "open";
    EXPECT_GT(metric(shop, "conveyor_queue_depth{queue=\"payment_waiting\"}"), 0);
  }
  const auto first_end = OrderId::parse(ids.front()).value().created_at() + plan.outage;
  EXPECT_EQ(shop.wait_for(at_commit, {"completed"}), "completed") << "goes on meanwhile";
  EXPECT_EQ(shop.wait_for(at_booking, {"completed"}), "completed");

  std::vector<Call> calls;
  for (const auto& id : ids) {
    ASSERT_EQ(shop.wait_for(id, {"completed", "dead_lettered", "failed"}), "completed") << id;
    const auto types = shop.event_types(id);
    EXPECT_EQ(types.at(1), "InventoryReserved") << "inventory goes on";
    const auto of_order = payment_calls(shop, id);
    calls.insert(calls.end(), of_order.begin(), of_order.end());
  }

  // Twenty calls tell that the provider is down, the others are probes. It comes back order by
  // order, as they were placed, so this holds until it is back for the first.
  const auto failures = std::ranges::count_if(calls, &Call::failed);
  const auto during = std::ranges::count_if(calls, [&](auto& call) { return call.at < first_end; });
  EXPECT_GE(during, kMinCalls);
  EXPECT_LE(during, kMinCalls + kProbes * (plan.outage / plan.open + 1));
  expect_no_burst(calls);

  auto books = SqliteReader::open(folder.path("orders.db").string());
  ASSERT_TRUE(books.has_value());
  std::int64_t asked = 0;
  for (const auto& id : ids) asked += authorize_calls(**books, id);
  EXPECT_LE(asked, static_cast<std::int64_t>(kOrders) + failures);

  EXPECT_NE(server.log().find(R"("participant":"payment","breaker":"open")"), std::string::npos);
  EXPECT_NE(server.log().find(R"("participant":"payment","breaker":"closed")"), std::string::npos);
  EXPECT_EQ(metric(shop, kBreakerState), 0) << "closed";
  EXPECT_EQ(metric(shop, "conveyor_queue_depth{queue=\"payment_waiting\"}"), 0);
  EXPECT_EQ(metric(shop, "conveyor_dead_letters{step=\"authorize_payment\"}"), 0);
  const auto counted =
      metric(shop, "conveyor_step_attempts_total{class=\"transient\",step=\"authorize_payment\"}") +
      metric(shop, "conveyor_step_attempts_total{class=\"transient\",step=\"capture_payment\"}");
  EXPECT_EQ(counted, static_cast<double>(failures));
}

}  // namespace
}  // namespace conveyor::test
