#include "app/demo_traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json_writer.h"
#include "ports/seeded_random.h"

namespace conveyor {
namespace {

constexpr std::array kCatalogue{
    DemoArticle{"TEA-EARL-GREY", "Earl Grey, 250 g tin", 1'290, 5'000},
    DemoArticle{"TEA-SENCHA", "Sencha, 100 g", 1'450, 5'000},
    DemoArticle{"TEAPOT-BLUE", "Teapot, cobalt blue, 1.2 l", 4'900, 2'000},
    DemoArticle{"CUP-STONEWARE", "Stoneware cup, 0.3 l", 1'600, 5'000},
    DemoArticle{"KETTLE-STEEL", "Gooseneck kettle, steel", 6'900, 2'000},
    DemoArticle{"FILTER-PAPER-100", "Paper filters, 100 pieces", 490, 5'000},
    DemoArticle{"HONEY-ACACIA", "Acacia honey, 500 g", 990, 5'000},
    DemoArticle{"LAST-ONE-LEFT", "Limited edition tray", 2'500, 3},
    DemoArticle{"SBX-RESERVE-FLAKY-2", "Sandbox: reservation fails twice", 100, 5'000},
    DemoArticle{"SBX-COMMIT-FLAKY-3", "Sandbox: commit fails three times", 100, 5'000},
};

constexpr std::array kMix{
    DemoOutcome{"pm_ok", "10115", "", 52},
    DemoOutcome{"pm_async", "SBX-ASYNC", "", 16},
    DemoOutcome{"pm_slow", "75001", "", 4},
    DemoOutcome{"pm_ok", "SBX-SLOW", "", 4},
    DemoOutcome{"pm_declined", "28013", "", 4},
    DemoOutcome{"pm_declined_funds", "28013", "", 2},
    DemoOutcome{"pm_capture_declined", "10115", "", 2},
    DemoOutcome{"pm_flaky_3", "10115", "", 3},
    DemoOutcome{"pm_flaky_8", "10115", "", 1},
    DemoOutcome{"pm_outage_4", "10115", "", 2},
    DemoOutcome{"pm_lost_reply", "SBX-LOST-REPLY", "", 2},
    DemoOutcome{"pm_garbage", "10115", "", 1},
    DemoOutcome{"pm_undo_fails", "SBX-REJECTED", "", 1},
    DemoOutcome{"pm_ok", "SBX-REJECTED", "", 2},
    DemoOutcome{"pm_ok", "SBX-DISPATCH-REJECTED", "", 1},
    DemoOutcome{"pm_ok", "SBX-FLAKY-2", "", 1},
    DemoOutcome{"pm_capture_declined", "SBX-NO-CANCEL", "", 1},
    DemoOutcome{"pm_ok", "10115", "SBX-RESERVE-FLAKY-2", 1},
    DemoOutcome{"pm_ok", "10115", "SBX-COMMIT-FLAKY-3", 1},
    DemoOutcome{"pm_ok", "10115", "LAST-ONE-LEFT", 1},
};

constexpr int kStockEveryOrders = 500;  ///< the catalogue is filled up again this often
constexpr std::size_t kSandboxArticles =
    3;  ///< at the catalogue's end: only where the mix names one

template <class T>
const T& pick(std::span<const T> items, Random& random) {
  return items[random.next() % items.size()];
}

const DemoOutcome& pick_outcome(Random& random) {
  int all = 0;
  for (const auto& outcome : kMix) all += outcome.weight;
  auto left = static_cast<int>(random.next() % static_cast<std::uint64_t>(all));
  for (const auto& outcome : kMix) {
    left -= outcome.weight;
    if (left < 0) return outcome;
  }
  return kMix.front();
}

void write_line(JsonWriter& w, const DemoArticle& article, std::int64_t quantity) {
  w.begin_object();
  w.member("sku", article.sku);
  w.member("title", article.title);
  w.member("quantity", quantity);
  w.member("unit_price", article.price_minor);
  w.end_object();
}

void write_ship_to(JsonWriter& w, std::string_view postal_code) {
  w.key("ship_to");
  w.begin_object();
  w.member("name", "Demo Customer");
  w.member("line1", "1 Example Street");
  w.member("city", "Exampleton");
  w.member("postal_code", postal_code);
  w.member("country", "DE");
  w.end_object();
}

}  // namespace

std::span<const DemoArticle> demo_catalogue() {
  return kCatalogue;
}
std::span<const DemoOutcome> demo_mix() {
  return kMix;
}

std::string demo_order_json(const DemoOutcome& outcome, Random& random) {
  std::string body;
  JsonWriter w(body, JsonWriter::Order::any);
  w.begin_object();
  w.member("customer_id", fmt::format("demo-{}", random.next() % 40));
  w.member("currency", "EUR");
  w.key("lines");
  w.begin_array();
  const std::span<const DemoArticle> catalogue{kCatalogue};
  const auto ordinary = catalogue.first(catalogue.size() - kSandboxArticles);
  if (outcome.sku.empty()) {
    write_line(w, pick(ordinary, random), static_cast<std::int64_t>(1 + random.next() % 3));
  } else {
    write_line(w, *std::ranges::find(catalogue, outcome.sku, &DemoArticle::sku), 1);
  }
  if (random.next() % 2 == 0) write_line(w, pick(ordinary, random), 1);
  w.end_array();
  w.key("adjustments");
  w.begin_array();
  w.begin_object();
  w.member("kind", "shipping");
  w.member("amount", 490);
  w.end_object();
  w.end_array();
  write_ship_to(w, outcome.postal_code);
  w.member("payment_method", outcome.payment_method);
  w.end_object();
  return body;
}

DemoTraffic::DemoTraffic(std::string base_url, double orders_per_second, std::uint64_t seed,
                         std::function<void(std::string_view)> say)
    : base_url_(std::move(base_url)),
      orders_per_second_(orders_per_second),
      seed_(seed),
      say_(std::move(say)) {}

DemoTraffic::~DemoTraffic() {
  stop();
}

bool DemoTraffic::seed_catalogue() {
  http::Client client(base_url_);
  for (const auto& article : kCatalogue) {
    std::string body;
    JsonWriter w(body, JsonWriter::Order::any);
    w.begin_object();
    w.member("on_hand", article.stock);
    w.member("title", article.title);
    w.end_object();
    const std::vector<http::Header> headers{{"Content-Type", "application/json"}};
    const auto answer =
        client.send("PUT", fmt::format("/v1/inventory/{}", article.sku), headers, body);
    // 409: more is reserved than the article would be filled up to; it has stock enough then.
    if (!answer || (answer->status != 200 && answer->status != 201 && answer->status != 409)) {
      return false;
    }
  }
  return true;
}

void DemoTraffic::start() {
  thread_ = std::thread([this] { loop(); });
}

void DemoTraffic::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool DemoTraffic::wait_for_next() {
  const std::chrono::duration<double> pause(1.0 / orders_per_second_);
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, pause, [this] { return stopping_; });
}

void DemoTraffic::place_one(Random& random, http::Client& client) {
  const auto body = demo_order_json(pick_outcome(random), random);
  const std::vector<http::Header> headers{
      {"Content-Type", "application/json"},
      {"Idempotency-Key", fmt::format("\"demo-{:016x}{:016x}\"", random.next(), random.next())}};
  const auto answer = client.send("POST", "/v1/orders", headers, body);
  if (!answer) {
    say_(fmt::format("demo order was not answered: {}", answer.error().detail));
  } else if (answer->status != 201) {
    say_(fmt::format("demo order was answered {}: {}", answer->status, answer->body));
  }
}

void DemoTraffic::loop() {
  SeededRandom random(seed_);
  http::Client client(base_url_);
  for (int placed = 1; wait_for_next(); ++placed) {
    place_one(random, client);
    if (placed % kStockEveryOrders == 0 && !seed_catalogue())
      say_("the catalogue was not filled up");
  }
}

}  // namespace conveyor
