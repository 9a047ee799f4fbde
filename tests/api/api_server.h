// ApiServer: the whole of a running server in one object, without the program around it: HTTP
// server on a free port, Api, core thread, services, sandbox, and an embedded store in a directory
// of its own. Tests talk to it with the blocking client and can hold the core still.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "adapters/http/client.h"
#include "adapters/sandbox/sandbox_carrier.h"
#include "adapters/sandbox/sandbox_inventory.h"
#include "adapters/sandbox/sandbox_provider.h"
#include "adapters/sqlite/sqlite_reader.h"
#include "adapters/sqlite/sqlite_store.h"
#include "contract/temporary_directory.h"
#include "ports/seeded_random.h"
#include "runtime/observer.h"
#include "server/api/api.h"
#include "server/live/live_server.h"
#include "services/inventory_service.h"
#include "services/payment_service.h"
#include "services/shipping_service.h"
#include "support/exchange_recorder.h"
#include "support/test_name.h"

namespace conveyor::test {

class WallClock : public Clock {
 public:
  Timestamp now() override {
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
  }
};

/// Stands still until a test moves it: a wait that runs goes on running, a slow call stays slow.
class HeldClock : public Clock {
 public:
  Timestamp now() override { return from_unix_ms(ms_); }
  void advance(Duration by) { ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> ms_{1'767'225'600'000};
};

/// Holds the core before its next transaction, or makes that fail.
class GatedUnit : public UnitOfWork {
 public:
  explicit GatedUnit(UnitOfWork& unit) : unit_(unit) {}

  void begin() override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_; });
    unit_.begin();
  }
  void hand_over() override {
    {
      const std::lock_guard lock(mutex_);
      if (fail_) throw StoreError(*fail_, "commit refused by the test");
    }
    unit_.hand_over();
  }
  std::chrono::nanoseconds wait() override { return unit_.wait(); }
  void rollback() override { unit_.rollback(); }
  bool probe() override {
    const std::lock_guard lock(mutex_);
    return !fail_ && unit_.probe();
  }
  bool scrub() override { return unit_.scrub(); }

  void set_open(bool open) {
    const std::lock_guard lock(mutex_);
    open_ = open;
    changed_.notify_all();
  }
  void set_failure(std::optional<StoreError::Kind> kind) {
    const std::lock_guard lock(mutex_);
    fail_ = kind;
  }

 private:
  UnitOfWork& unit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  std::optional<StoreError::Kind> fail_;
};

class FileReaders : public Readers {
 public:
  explicit FileReaders(const std::string& path) : reader_(SqliteReader::open(path).value()) {}
  OrderReader& orders() override { return *reader_; }
  StockReader& stock() override { return *reader_; }

 private:
  std::unique_ptr<SqliteReader> reader_;
};

struct ApiServerOptions {
  api::ApiOptions api;
  CoreOptions core;
  Clock* clock = nullptr;  ///< outlives the server; null: the system's
  feed::PublisherOptions live = {};
  http::ServerOptions http = {};
  std::size_t max_missed_events = live::kMaxMissedEvents;
};

/// Retries at once, so that a test need not wait for them.
inline CoreOptions quick_core() {
  CoreOptions options;
  options.engine.retry.base_delay = Duration{1};
  options.engine.retry.cap = Duration{2};
  return options;
}

class ApiServer {
 public:
  explicit ApiServer(ApiServerOptions options = {.api = {}, .core = quick_core()})
      : clock_(options.clock == nullptr ? wall_clock_ : *options.clock),
        observer_(metrics),
        store_(SqliteStore::open(path()).value()),
        unit(*store_),
        provider_(*store_, random_),
        carrier_(*store_, random_),
        inventory_(*store_, random_),
        sandbox_inventory_(inventory_, *store_),
        payment_(*store_, provider_, random_),
        shipping_(*store_, carrier_, random_),
        processor_({unit,
                    *store_,
                    *store_,
                    {&sandbox_inventory_, &payment_, &shipping_},
                    random_,
                    observer_},
                   options.core),
        core_(processor_, clock_, [](const char* why) { FAIL() << why; }),
        readers_(file_readers()),
        live_(readers_, std::make_unique<FileReaders>(path()), with_metrics(options.live)),
        live_server_({.readers = readers_,
                      .publisher = live_,
                      .own = std::make_unique<FileReaders>(path()),
                      .clock = clock_,
                      .pipeline = [] { return std::string{R"({"seconds":1})"}; },
                      .max_missed_events = options.max_missed_events}) {
    observer_.set_on_commit([this] { live_.committed(); });
    metrics.set_realtime_clients([this] { return live_.listeners(); });
    live_.start();
    live_server_.start();
    options.api.retry = options.core.engine.retry;
    api_ = std::make_unique<api::Api>(
        api::ApiParts{core_,
                      readers_,
                      metrics,
                      live_,
                      clock_,
                      {"1.2.3", "abc"},
                      [this] {
                        const std::lock_guard lock(mutex_);
                        return missing_;
                      },
                      {{"patience_ms", "5", "ms", "flag --patience-ms"}},
                      [this](http::Request request, http::Respond respond) {
                        live_server_.serve(std::move(request), std::move(respond));
                      }},
        options.api);
    processor_.recover(clock_.now());
    core_.start();
    http::ServerOptions server_options = options.http;
    server_options.io_threads = 2;
    server_options.tick = std::chrono::milliseconds(5);
    api_->configure(server_options);
    auto handler = api_->handler();
    record_exchanges(test_name(), server_options, handler);
    server_ = std::make_unique<http::Server>(server_options, std::move(handler));
    const auto started = server_->start();
    EXPECT_TRUE(started) << started.error();
  }
  ~ApiServer() {
    unit.set_open(true);
    live_server_.stop();
    server_->stop();
    live_.stop();
    core_.stop();
    readers_.stop();
  }

  std::uint16_t port() const { return server_->port(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }
  void set_missing(std::vector<std::string> missing) {
    const std::lock_guard lock(mutex_);
    missing_ = std::move(missing);
  }
  void stop_core() { core_.stop(); }
  void stop_readers() { readers_.stop(); }
  std::string path() const { return directory_.file("conveyor.db"); }

  std::size_t listeners() const { return live_.listeners(); }
  std::vector<std::pair<std::string, std::string>> routes() const { return api_->routes(); }
  const live::LiveServer& live_server() const { return live_server_; }

  Metrics metrics{"1.2.3"};

 private:
  feed::PublisherOptions with_metrics(feed::PublisherOptions options) {
    options.on_delivered = [this](std::chrono::nanoseconds lag) {
      metrics.live_events_delivered(lag);
    };
    return options;
  }
  std::vector<std::unique_ptr<Readers>> file_readers() const {
    std::vector<std::unique_ptr<Readers>> readers;
    for (int i = 0; i < 2; ++i) readers.push_back(std::make_unique<FileReaders>(path()));
    return readers;
  }

  TemporaryDirectory directory_;
  WallClock wall_clock_;
  Clock& clock_;
  SeededRandom random_{7};
  Observer observer_;
  std::unique_ptr<SqliteStore> store_;

 public:
  GatedUnit unit;

 private:
  SandboxProvider provider_;
  SandboxCarrier carrier_;
  InventoryService inventory_;
  SandboxInventory sandbox_inventory_;
  PaymentService payment_;
  ShippingService shipping_;
  BatchProcessor processor_;
  CoreThread core_;
  ReaderPool readers_;
  feed::Publisher live_;
  live::LiveServer live_server_;
  std::unique_ptr<api::Api> api_;
  std::unique_ptr<http::Server> server_;
  std::mutex mutex_;
  std::vector<std::string> missing_;
};

/// What came back, with its JSON.
struct Reply {
  int status = 0;
  std::vector<http::Header> headers;
  std::string body;

  std::string header(std::string_view name) const {
    const auto* value = http::find_header(headers, name);
    return value == nullptr ? "" : *value;
  }
  boost::json::value json() const {
    boost::system::error_code error;
    auto value = boost::json::parse(body, error);
    EXPECT_FALSE(error) << body;
    return value;
  }
  /// The text or number at a pointer; "" if there is none.
  std::string at(std::string_view pointer) const {
    const auto document = json();
    boost::system::error_code error;
    const auto* found = document.find_pointer(pointer, error);
    if (found == nullptr) return "";
    if (found->is_string()) return std::string{std::string_view{found->get_string()}};
    return boost::json::serialize(*found);
  }
  std::string code() const { return at("/code"); }
};

/// A client with the headers that the API wants.
class ApiClient {
 public:
  explicit ApiClient(const ApiServer& server) : client_(server.url()) {}

  Reply send(std::string_view method, std::string_view target, std::string_view body = {},
             std::vector<http::Header> headers = {}) {
    if (!body.empty() && http::find_header(headers, "Content-Type") == nullptr) {
      headers.push_back({"Content-Type", "application/json"});
    }
    const auto answer = client_.send(method, target, headers, body);
    if (!answer) {
      ADD_FAILURE() << method << " " << target << ": " << answer.error().detail;
      return {};
    }
    return {answer->status, answer->headers, answer->body};
  }
  Reply get(std::string_view target) { return send("GET", target); }
  Reply post(std::string_view target, std::string_view body = {},
             std::vector<http::Header> headers = {}) {
    return send("POST", target, body, std::move(headers));
  }
  Reply place(std::string_view body, const std::string& key) {
    return post("/v1/orders", body, {{"Idempotency-Key", key}});
  }
  void set_stock(const std::string& sku, std::int64_t on_hand) {
    const auto reply =
        send("PUT", "/v1/inventory/" + sku, R"({"on_hand":)" + std::to_string(on_hand) + "}");
    EXPECT_EQ(reply.status, 200) << reply.body;
  }
  /// Reads the order until it has that status; the order, or the last one read after 20 s.
  Reply wait_for(const std::string& id, std::string_view status) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    Reply reply;
    do {
      reply = get("/v1/orders/" + id);
    } while (reply.at("/status") != status && std::chrono::steady_clock::now() < end);
    EXPECT_EQ(reply.at("/status"), status) << reply.body;
    return reply;
  }

 private:
  http::Client client_;
};

struct OrderText {
  std::string reference = {};
  std::string customer_id = "c1";
  std::string sku = "sku-1";
  int quantity = 1;
  std::string payment_method = "pm_ok";
  std::string postal_code = "10115";

  std::string str() const {
    return R"({"customer_id":")" + customer_id + R"(","currency":"EUR",)" +
           (reference.empty() ? "" : R"("reference":")" + reference + R"(",)") +
           R"("lines":[{"sku":")" + sku + R"(","quantity":)" + std::to_string(quantity) +
           R"(,"unit_price":500}],"payment_method":")" + payment_method +
           R"(","ship_to":{"name":"A. Buyer","line1":"Main Street 1","city":"Berlin",)" +
           R"("postal_code":")" + postal_code + R"(","country":"DE"}})";
  }
};

/// One server and one client with stock of "sku-1".
class ApiTest : public testing::Test {
 protected:
  explicit ApiTest(ApiServerOptions options = {.api = {}, .core = quick_core()})
      : server(std::move(options)), client(server) {
    client.set_stock("sku-1", 1'000);
  }

  /// The id of a new order.
  std::string place(const OrderText& order = {}) {
    const auto reply = client.place(order.str(), "key-" + std::to_string(++keys));
    EXPECT_EQ(reply.status, 201) << reply.body;
    return reply.at("/id");
  }

  ApiServer server;
  ApiClient client;
  int keys = 0;
};

}  // namespace conveyor::test
