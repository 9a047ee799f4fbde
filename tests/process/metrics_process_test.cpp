// Method: one server, one row for each time series that something must move. A row drives the shop
// and waits until the value is another one than before. What /metrics exports must have its row,
// and its line in docs/operations.md; a row whose series does not exist cannot move and fails.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "support/event_reader.h"
#include "support/server_process.h"
#include "support/shop.h"
#include "verify/execute_sql.h"

namespace conveyor::test {
namespace {

/// What /metrics says: `name{labels}` and its value; and the names of all metrics.
struct Scrape {
  std::map<std::string, double> series;
  std::set<std::string> names;
};

Scrape scrape(Shop& shop) {
  Scrape all;
  std::istringstream text(shop.send("GET", "/metrics").body);
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("# TYPE ")) {
      all.names.insert(line.substr(7, line.rfind(' ') - 7));
    } else if (!line.starts_with('#')) {
      const auto space = line.rfind(' ');
      all.series[line.substr(0, space)] = std::stod(line.substr(space + 1));
    }
  }
  return all;
}

/// Repeats something in several threads while it lives.
class Flood {
 public:
  Flood(const std::string& url, std::function<void(Shop&)> again) {
    for (int i = 0; i < 8; ++i) {
      threads_.emplace_back([this, url, again] {
        Shop shop(url);
        while (!stop_) again(shop);
      });
    }
  }
  ~Flood() {
    stop_ = true;
    for (auto& thread : threads_) thread.join();
  }
  Flood(const Flood&) = delete;
  Flood& operator=(const Flood&) = delete;

 private:
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

class MetricsProcess : public testing::Test {
 protected:
  MetricsProcess() { shop.set_stock("sku-1", 1'000'000); }

  struct Row {
    std::string series;  // without the prefix conveyor_
    std::function<void()> drive;
  };

  /// Orders of this kind, without waiting for what becomes of them.
  std::function<void()> orders(const ShopOrder& order, int count = 1) {
    return [this, order, count] {
      for (int i = 0; i < count; ++i) last = shop.order(order);
    };
  }
  std::function<void()> key_used(const std::string& body) {
    return [this, body] {
      shop.place(order_json({}), "used");
      shop.place(body, "used");
    };
  }
  std::function<void()> flood(const std::function<void(Shop&)>& again) {
    return [this, again] { background = std::make_shared<Flood>(server.url(), again); };
  }

  void cancel_a_dead_letter() {
    orders({.payment_method = "pm_garbage"})();
    shop.wait_for(last, {"dead_lettered"});
    shop.send("POST", "/v1/orders/" + last + "/cancel");
  }
  void follow() {
    const auto port = server.url().substr(server.url().rfind(':') + 1);
    background = std::make_shared<EventReader>(static_cast<std::uint16_t>(std::stoi(port)),
                                               "/v1/events/stream");
  }
  void damage() {
    EXPECT_EQ(server.terminate(), 0);
    execute_sql(data.string(), "UPDATE orders SET total_minor = total_minor + 1");
    server.start();
  }
  std::vector<Row> rows();

  TemporaryFolder folder;
  std::filesystem::path data = folder.path("orders.db");
  ServerProcess server{data,
                       {"--reader-threads", "1", "--retry-base-delay-ms", "50", "--retry-cap-ms",
                        "200", "--breaker-window-ms", "500", "--breaker-open-ms", "200"}};
  Shop shop{server.url()};
  std::string last;                  // the order placed last
  std::shared_ptr<void> background;  // goes on until its row has moved
};

std::vector<MetricsProcess::Row> MetricsProcess::rows() {
  const ShopOrder ok;
  const ShopOrder slow{.payment_method = "pm_slow"};
  const ShopOrder declined{.payment_method = "pm_declined"};
  const ShopOrder garbage{.payment_method = "pm_garbage"};
  const ShopOrder flaky{.payment_method = "pm_flaky_7"};
  const ShopOrder lost{.payment_method = "pm_lost_reply"};
  const ShopOrder outage{.payment_method = "pm_outage_1"};
  const ShopOrder down{.payment_method = "pm_outage_2"};
  const ShopOrder undo_fails{.payment_method = "pm_undo_fails", .postal_code = "SBX-REJECTED"};
  const auto list = [](Shop& client) { client.try_send("GET", "/v1/orders?limit=200"); };
  const auto place = [n = std::make_shared<std::atomic<int>>(0)](const ShopOrder& order) {
    return [n, body = order_json(order)](Shop& client) {
      client.try_place(body, "flood-" + std::to_string(++*n));
    };
  };
  return {
      {"orders_created_total", orders(ok)},
      {R"(orders{status="processing"})", orders(slow)},
      {R"(orders{status="dead_lettered"})", orders(garbage)},
      {R"(step_duration_seconds_count{outcome="succeeded",step="authorize_payment"})", orders(ok)},
      {R"(step_duration_seconds_count{outcome="rejected",step="authorize_payment"})",
       orders(declined)},
      {R"(step_duration_seconds_count{outcome="failed",step="authorize_payment"})",
       orders(garbage)},
      {R"(step_duration_seconds_count{outcome="undone",step="reserve_inventory"})",
       orders(declined)},
      {R"(step_attempts_total{class="succeeded",step="commit_inventory"})", orders(ok)},
      {R"(step_attempts_total{class="rejected",step="authorize_payment"})", orders(declined)},
      {R"(step_attempts_total{class="poison",step="authorize_payment"})", orders(garbage)},
      {R"(step_attempts_total{class="failed",step="authorize_payment"})", orders(flaky)},
      {R"(step_attempts_total{class="unknown",step="authorize_payment"})", orders(lost)},
      {R"(step_attempts_total{class="transient",step="authorize_payment"})", orders(outage)},
      {R"(order_duration_seconds_count{outcome="completed"})", orders(ok)},
      {R"(order_duration_seconds_count{outcome="failed"})", orders(declined)},
      {R"(order_duration_seconds_count{outcome="cancelled"})", [this] { cancel_a_dead_letter(); }},
      {R"(compensations_total{outcome="reversed",step="reserve_inventory"})", orders(declined)},
      {R"(compensations_total{outcome="failed",step="authorize_payment"})", orders(undo_fails)},
      {R"(dead_letters{step="authorize_payment"})", orders(garbage)},
      {"dead_letter_oldest_seconds", orders(garbage)},
      {"retries_scheduled", orders(flaky, 10)},
      {"commit_batch_inputs_count", orders(ok)},
      {"commit_duration_seconds_count", orders(ok)},
      {R"(queue_depth{queue="core"})", flood(place(ok))},
      {R"(queue_depth{queue="reads"})", flood(list)},
      {R"(idempotency_requests_total{result="new"})", orders(ok)},
      {R"(idempotency_requests_total{result="replayed"})", key_used(order_json({}))},
      {R"(idempotency_requests_total{result="mismatch"})", key_used(order_json(slow))},
      {"reservations_open", orders(garbage)},
      {R"(queue_depth{queue="payment_waiting"})", flood(place(down))},
      {R"(breaker_state{participant="payment"})", flood(place(down))},
      {"realtime_clients", [this] { follow(); }},
      {"realtime_lag_seconds_count",
       [this] {
         follow();
         for (int i = 0; i < 20; ++i) orders({})();  // the first ones it may read for itself
       }},
      {R"(http_request_duration_seconds_count{code="404",method="GET",route="/v1/orders/{id}"})",
       [this] { shop.send("GET", "/v1/orders/none"); }},
      {R"(invariant_violations{rule="fold"})", [this] { damage(); }},
  };
}

/// Of what never moves while a server runs, the value.
const std::map<std::string, double> kConstants{
    {R"(conveyor_queue_limit{queue="core"})", 16'384},
    {R"(conveyor_queue_limit{queue="reads"})", 4'096},
};
const std::string kBuildInfo = "conveyor_build_info";

/// The metric of a series: without its labels and what a histogram adds.
std::string name_of(std::string series) {
  series.erase(std::min(series.find('{'), series.size()));
  const std::string_view count = "_seconds_count";
  const std::string_view inputs = "_inputs_count";
  if (series.ends_with(count) || series.ends_with(inputs)) series.erase(series.rfind('_'));
  return series;
}

/// docs/operations.md of the project in which the test runs.
std::string operations_page() {
  auto folder = std::filesystem::current_path();
  while (!std::filesystem::exists(folder / "CMakePresets.json") && folder.has_relative_path()) {
    folder = folder.parent_path();
  }
  std::ifstream file(folder / "docs/operations.md");
  EXPECT_TRUE(file) << folder;
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_F(MetricsProcess, EachMoves) {
  for (const auto& row : rows()) {
    const auto series = "conveyor_" + row.series;
    SCOPED_TRACE(series);
    const double before = scrape(shop).series[series];
    row.drive();
    EXPECT_TRUE(wait_until([&] {
      const auto now = scrape(shop).series;
      const auto found = now.find(series);
      return found != now.end() && found->second != before;
    })) << "it stays "
        << before;
    background.reset();
  }
}

TEST_F(MetricsProcess, EachHasItsRowAndItsLineInTheDocumentation) {
  std::set<std::string> known{kBuildInfo};
  for (const auto& row : rows()) known.insert(name_of("conveyor_" + row.series));
  const auto now = scrape(shop);
  for (const auto& [series, value] : kConstants) {
    known.insert(name_of(series));
    ASSERT_TRUE(now.series.contains(series)) << series;
    EXPECT_EQ(now.series.at(series), value) << series;
  }
  EXPECT_TRUE(std::ranges::any_of(now.series, [](const auto& entry) {
    return entry.first.starts_with(kBuildInfo + "{") && entry.second == 1;
  }));
  EXPECT_EQ(now.names, known);
  const auto page = operations_page();
  for (const auto& name : now.names) EXPECT_TRUE(page.contains("`" + name)) << name;
}

TEST_F(MetricsProcess, NoneHasAnIdInItsLabels) {
  orders({})();
  const auto id = last;
  for (const auto& [series, value] : scrape(shop).series) {
    EXPECT_FALSE(series.contains(id)) << series;
    EXPECT_FALSE(series.contains("ord_") || series.contains("req_")) << series;
  }
}

}  // namespace
}  // namespace conveyor::test
