// Method: clients place orders as fast as they can while a reader of the event stream is cut off at
// random places and comes back with the id of the last event that it has kept, and while the server
// is killed once and stopped once. At the end the reader has every event that the data file has, in
// order per order, each once. STREAM_ORDERS says how many orders (20,000 by default).
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "adapters/sqlite/sqlite_reader.h"
#include "support/event_reader.h"
#include "support/raw_request.h"
#include "support/sanitized.h"
#include "support/server_process.h"
#include "support/shop.h"

namespace conveyor::test {
namespace {

constexpr int kClients = 8;
constexpr std::uint64_t kMinCuts = 50;
constexpr std::chrono::minutes kWaitWithin{4 * kPatience};
const std::string kFromTheStart = "?after=ZjAuMA";  // the cursor of an empty feed

std::uint64_t orders_to_place() {
  const char* text = std::getenv("STREAM_ORDERS");
  return text == nullptr ? 20'000 : std::strtoull(text, nullptr, 10);
}

const std::vector<ShopOrder>& order_mix() {
  static const std::vector<ShopOrder> mix{{},
                                          {},
                                          {.payment_method = "pm_declined"},
                                          {},
                                          {.payment_method = "pm_async"},
                                          {.postal_code = "SBX-REJECTED"}};
  return mix;
}

/// Places orders in several threads; one that is not answered is repeated with its key.
class Placers {
 public:
  Placers(const std::string& url, std::uint64_t count) : count_(count) {
    for (int i = 0; i < kClients; ++i) threads_.emplace_back([this, url] { place_all(url); });
  }
  ~Placers() { join(); }
  Placers(const Placers&) = delete;
  Placers& operator=(const Placers&) = delete;

  void wait_until(std::uint64_t placed) {
    std::unique_lock lock(mutex_);
    const bool came = more_.wait_for(lock, kWaitWithin, [&] { return placed_ >= placed; });
    EXPECT_TRUE(came) << "only " << placed_ << " orders of " << placed << " were placed";
  }
  void join() {
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  void place_all(const std::string& url) {
    Shop shop(url);
    for (auto n = next_++; n < count_; n = next_++) {
      const auto body = order_json(order_mix().at(n % order_mix().size()));
      for (;;) {
        const auto answer = shop.try_place(body, "key-" + std::to_string(n));
        if (answer && answer->status == 201) break;
        std::this_thread::yield();
      }
      const std::lock_guard lock(mutex_);
      ++placed_;
      more_.notify_one();
    }
  }

  const std::uint64_t count_;
  std::atomic<std::uint64_t> next_{0};
  std::mutex mutex_;
  std::condition_variable more_;
  std::uint64_t placed_ = 0;  ///< guarded by mutex_
  std::vector<std::thread> threads_;
};

/// What a client keeps of the stream: of each order how far it has come.
class Follower {
 public:
  explicit Follower(std::uint64_t orders) : orders_(orders) {}

  bool is_complete() const { return final_ == orders_; }
  const std::map<std::string, std::int64_t>& versions() const { return versions_; }
  const std::string& last_id() const { return last_id_; }

  void keep(const SseEvent& event) {
    const auto json = boost::json::parse(event.data);
    const auto version = json.at("version").as_int64();
    auto& last = versions_[std::string{json.at("order_id").as_string()}];
    EXPECT_EQ(version, last + 1) << event.data;
    last = version;
    last_id_ = event.id;
    const bool is_final = event.type == "OrderCompleted" || event.type == "OrderFailed";
    final_ += is_final ? 1 : 0;
  }

 private:
  const std::uint64_t orders_;
  std::map<std::string, std::int64_t> versions_;
  std::uint64_t final_ = 0;
  std::string last_id_;
};

/// Reads on from the last event that was kept, for so many events; false: the server ended it.
bool read_some_events(const std::string& url, Follower& follower, std::uint64_t events,
                      bool with_reset) {
  const auto resume =
      follower.last_id().empty() ? "" : "Last-Event-ID: " + follower.last_id() + "\r\n";
  EventReader reader(port_of(url), "/v1/events/stream" + kFromTheStart, resume);
  if (reader.status() != 200) return false;
  for (std::uint64_t i = 0; i < events && !follower.is_complete(); ++i) {
    const auto event = reader.next();
    if (!event) return false;
    follower.keep(*event);
  }
  // What has come behind the last event that was kept is lost with the connection.
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  if (with_reset) {
    ::setsockopt(reader.socket().fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  return true;
}

TEST(EventStream, AReaderThatIsCutOffAndComesBackHasEveryEventInOrder) {
  const auto orders = orders_to_place();
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const TemporaryFolder folder;
  const auto data = folder.path("orders.db");
  ServerProcess server(data);
  Shop(server.url()).set_stock("sku-1", 100'000'000);

  Follower follower(orders);
  std::uint64_t cuts = 0;
  Placers placers(server.url(), orders);
  std::thread reader([&, url = server.url()] {
    // About 7 events an order; half as many in a piece as there may be for twice the cuts.
    const auto longest = std::max<std::uint64_t>(1, 7 * orders / kMinCuts / 2);
    while (!follower.is_complete()) {
      const bool cut = read_some_events(url, follower, 1 + random() % (2 * longest), cuts % 2 == 0);
      cuts += cut ? 1 : 0;
    }
  });
  placers.wait_until(orders / 3);
  server.kill();
  server.start();
  placers.wait_until(2 * orders / 3);
  EXPECT_EQ(server.terminate(), 0);
  server.start();
  placers.join();
  reader.join();
  EXPECT_EQ(server.terminate(), 0);

  EXPECT_GE(cuts, kMinCuts);
  EXPECT_EQ(follower.versions().size(), orders);
  auto store = SqliteReader::open(data.string()).value();
  for (const auto& [id, version] : follower.versions()) {
    const auto row = store->order_row(OrderId::parse(id).value());
    ASSERT_TRUE(row) << id;
    EXPECT_EQ(version, static_cast<std::int64_t>(row->version)) << id;
  }
}

/// Resident memory of a process in bytes.
std::uint64_t resident_bytes(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  file >> size >> resident;
  return resident * 4'096;
}

std::string metric(Shop& shop, const std::string& name) {
  const auto text = shop.send("GET", "/metrics").body;
  const auto at = text.find("\n" + name + " ");
  if (at == text.npos) return "";
  const auto begin = at + name.size() + 2;
  return text.substr(begin, text.find('\n', begin) - begin);
}

TEST(EventStream, ReadersThatNeverReadAreCutAndHinderNobody) {
  constexpr std::uint64_t kOrders = 3'000;
  constexpr int kLazy = 64;
  const TemporaryFolder folder;
  ServerProcess server(folder.path("orders.db"), {"--write-timeout-ms", "500"});
  Shop shop(server.url());
  shop.set_stock("sku-1", 100'000'000);
  Placers(server.url(), kOrders / 10).join();  // what a server takes that has been at work
  const auto before = resident_bytes(server.pid());

  std::vector<http::TestSocket> lazy;
  for (int i = 0; i < kLazy; ++i) {
    lazy.emplace_back(port_of(server.url()));
    const int small = 4'096;
    ::setsockopt(lazy.back().fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    lazy.back().send("GET /v1/events/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  Follower follower(kOrders);
  EventReader good(port_of(server.url()), "/v1/events/stream" + kFromTheStart);
  const auto clients_come_to = [&](int count) {
    return wait_until(
        [&] { return metric(shop, "conveyor_realtime_clients") == std::to_string(count); });
  };
  ASSERT_TRUE(clients_come_to(kLazy + 1));
  Placers placers(server.url(), kOrders);  // the first ones are replays
  while (!follower.is_complete()) {
    const auto event = good.next();
    ASSERT_TRUE(event);
    follower.keep(*event);
  }
  placers.join();
  EXPECT_EQ(follower.versions().size(), kOrders);
  // All that came, kept for each of them, would be 10 MB a reader.
  const auto after = resident_bytes(server.pid());
  if (!kIsSanitized) EXPECT_LT(after, before + 100'000'000);
  // Each takes what its socket and the kernel take for it, and then nothing within the time-out.
  ASSERT_TRUE(clients_come_to(1));
  const auto id = shop.order({});
  for (;;) {
    const auto event = good.next();
    ASSERT_TRUE(event);
    if (event->type != "OrderCompleted") continue;
    EXPECT_EQ(boost::json::parse(event->data).at("order_id").as_string(), id);
    break;
  }
}

}  // namespace
}  // namespace conveyor::test
