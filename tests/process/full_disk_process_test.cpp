// Method: the data file lies on a disk of 8 MiB of its own (a tmpfs in a mount namespace of the
// test, which needs root). Clients place orders without pause while a file takes all the space that
// is left, and is removed again. What was refused is counted, what was acknowledged is looked for.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include <atomic>
#include <cstring>
#include <fstream>
#include <limits>
#include <mutex>
#include <thread>

#include "adapters/sqlite/sqlite_reader.h"
#include "support/server_process.h"
#include "support/shop.h"

namespace conveyor::test {
namespace {

constexpr int kClients = 4;
constexpr int kOrdersBefore = 100;
constexpr int kMustRefuse = 100;
constexpr int kOrdersAfter = 20;

/// A small disk that no other process sees.
class SmallDisk {
 public:
  explicit SmallDisk(const std::filesystem::path& at) : at_(at) {
    std::filesystem::create_directory(at_);
    // Of this thread and of what it starts; gone with the last of them.
    is_there_ = ::unshare(CLONE_NEWNS) == 0 &&
                ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                ::mount("tmpfs", at_.c_str(), "tmpfs", 0, "size=8m") == 0;
    if (!is_there_) why_ = std::strerror(errno);
  }
  ~SmallDisk() {
    if (is_there_) ::umount2(at_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool is_there() const { return is_there_; }
  const std::string& why() const { return why_; }
  std::string file(const std::string& name) const { return (at_ / name).string(); }

  /// Takes every byte that is left.
  void fill() const {
    std::ofstream ballast(file("ballast"), std::ios::binary);
    for (std::size_t block = 65'536; block > 0; block = ballast ? block : block / 16) {
      ballast.clear();
      ballast.write(std::string(block, 'b').data(), static_cast<std::streamsize>(block));
      ballast.flush();
    }
  }
  void empty() const { std::filesystem::remove(file("ballast")); }

 private:
  std::filesystem::path at_;
  bool is_there_ = false;
  std::string why_;
};

/// Clients that place orders until they have `wanted` of them.
class Placers {
 public:
  explicit Placers(const std::string& url) {
    for (int c = 0; c < kClients; ++c) threads_.emplace_back([this, url, c] { run(url, c); });
  }
  ~Placers() { stop(); }
  Placers(const Placers&) = delete;
  Placers& operator=(const Placers&) = delete;

  void want(int orders) { wanted_ = orders; }
  int placed() const { return placed_; }
  int refused() const { return refused_; }
  void stop() {
    stop_ = true;
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }
  /// After stop().
  const std::vector<std::string>& ids() const { return ids_; }

 private:
  void run(const std::string& url, int client) {
    Shop shop(url);
    for (int n = 0; !stop_; ++n) {
      if (placed_ >= wanted_) {
        std::this_thread::yield();
        continue;
      }
      const auto answer =
          shop.place(order_json({}), "c" + std::to_string(client) + "-" + std::to_string(n));
      if (answer.status == 201) {
        const std::lock_guard lock(mutex_);
        ids_.push_back(answer.text("id"));
        ++placed_;
      } else {
        EXPECT_EQ(answer.status, 503) << answer.body;
        EXPECT_EQ(answer.text("code"), "out_of_space") << answer.body;
        EXPECT_NE(answer.header("Retry-After"), "");
        ++refused_;
      }
    }
  }

  std::atomic<bool> stop_{false};
  std::atomic<int> wanted_{kOrdersBefore};
  std::atomic<int> placed_{0};
  std::atomic<int> refused_{0};
  std::mutex mutex_;
  std::vector<std::string> ids_;
  std::vector<std::thread> threads_;
};

TEST(FullDisk, RefusesReadsOnAndTakesOrdersAgainByItself) {
  const TemporaryFolder folder;
  const SmallDisk disk(folder.path("disk"));
  if (!disk.is_there()) {
    GTEST_SKIP() << "a disk of its own needs root (unshare, mount): " << disk.why();
  }
  const auto data = disk.file("shop.db");
  ServerProcess server(data);
  Shop shop(server.url());
  shop.set_stock("sku-1", 1'000'000);
  Placers placers(server.url());
  ASSERT_TRUE(wait_until([&] { return placers.placed() >= kOrdersBefore; }));

  placers.want(std::numeric_limits<int>::max());
  disk.fill();
  ASSERT_TRUE(wait_until([&] { return placers.refused() >= kMustRefuse; }));
  EXPECT_EQ(shop.send("GET", "/health/ready").status, 503);
  EXPECT_EQ(shop.send("GET", "/health/live").status, 200);
  const auto listed = shop.send("GET", "/v1/orders?limit=1");
  ASSERT_EQ(listed.status, 200) << "reads go on: " << listed.body;
  const auto id = std::string{listed.json().at("data").as_array().at(0).at("id").as_string()};
  EXPECT_EQ(shop.send("GET", "/v1/orders/" + id).status, 200);

  const auto before = placers.placed();
  placers.want(before + kOrdersAfter);
  disk.empty();
  EXPECT_TRUE(wait_until([&] { return placers.placed() >= before + kOrdersAfter; }))
      << "intake did not resume";
  placers.stop();
  EXPECT_EQ(shop.send("GET", "/health/ready").status, 200);
  EXPECT_EQ(server.terminate(), 0);

  const auto verified = run_conveyor({"verify", "--data", data});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  const auto reader = SqliteReader::open(data).value();
  for (const auto& acknowledged : placers.ids()) {
    EXPECT_TRUE(reader->order_row(OrderId::parse(acknowledged).value())) << acknowledged;
  }
}

/// The log alone would fill so small a disk many times over.
TEST(FullDisk, IsNotFilledByTheWriteAheadLog) {
  const TemporaryFolder folder;
  const SmallDisk disk(folder.path("disk"));
  if (!disk.is_there()) {
    GTEST_SKIP() << "a disk of its own needs root (unshare, mount): " << disk.why();
  }
  ServerProcess server(disk.file("shop.db"));
  Shop shop(server.url());
  // Each is a commit of a few pages; together they are more than the disk.
  for (int n = 0; n < 1'500; ++n) shop.set_stock("sku-1", n);
  EXPECT_EQ(server.terminate(), 0);
}

}  // namespace
}  // namespace conveyor::test
