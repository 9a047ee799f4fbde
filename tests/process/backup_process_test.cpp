// Method: a backup is taken while clients place orders without pause, and restored elsewhere. Every
// order that was acknowledged before the backup began must be in it. Then everything that may stand
// in the way of a backup or a restore: what was there must still be there, byte for byte.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>

#include "adapters/sqlite/data_file.h"
#include "adapters/sqlite/sqlite_reader.h"
#include "support/server_process.h"
#include "support/shop.h"
#include "verify/execute_sql.h"

namespace conveyor::test {
namespace {

constexpr int kClients = 4;
constexpr std::size_t kOrdersBefore = 300;

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Ids of acknowledged orders.
class Acknowledged {
 public:
  void add(std::string id) {
    const std::lock_guard lock(mutex_);
    ids_.push_back(std::move(id));
  }
  std::vector<std::string> all() const {
    const std::lock_guard lock(mutex_);
    return ids_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> ids_;
};

void place_until(const std::atomic<bool>& stop, const std::string& url, int client,
                 Acknowledged& acknowledged) {
  Shop shop(url);
  for (int n = 0; !stop; ++n) {
    const ShopOrder order{.payment_method = n % 3 == 0 ? "pm_async" : "pm_ok"};
    const auto answer = shop.place(order_json(order), fmt::format("c{}-{}", client, n));
    ASSERT_EQ(answer.status, 201) << answer.body;
    acknowledged.add(answer.text("id"));
  }
}

class Backup : public testing::Test {
 protected:
  std::string file(const std::string& name) const { return folder_.path(name).string(); }

  static CommandResult backup(const std::string& data, const std::string& to,
                              std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"backup", "--data", data, to};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_conveyor(arguments);
  }
  static CommandResult restore(const std::string& from, const std::string& data,
                               std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"restore", from, "--data", data};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_conveyor(arguments);
  }
  /// A closed data file with an order.
  void make_data(const std::string& path) const {
    ServerProcess server(path);
    Shop shop(server.url());
    shop.set_stock("sku-1", 10);
    shop.wait_for(shop.order({}), {"completed"});
    EXPECT_EQ(server.terminate(), 0);
  }
  /// Of every file in the folder.
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator{folder_.path("")}) {
      found.push_back(entry.path().filename().string());
    }
    std::ranges::sort(found);
    return found;
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(Backup, UnderLoadHasEveryOrderThatWasAcknowledgedBeforeItBegan) {
  ServerProcess server(file("shop.db"));
  Shop(server.url()).set_stock("sku-1", 1'000'000);
  Acknowledged acknowledged;
  std::atomic<bool> stop{false};
  std::vector<std::thread> clients;
  for (int c = 0; c < kClients; ++c) {
    clients.emplace_back([&, c] { place_until(stop, server.url(), c, acknowledged); });
  }
  EXPECT_TRUE(wait_until([&] { return acknowledged.all().size() >= kOrdersBefore; }));
  const auto before = acknowledged.all();
  const auto made = backup(file("shop.db"), file("copy.db"));
  const auto after = acknowledged.all();
  // The load goes on until the backup is surely older than some order.
  EXPECT_TRUE(wait_until([&] { return acknowledged.all().size() >= after.size() + kClients; }));
  stop = true;
  for (auto& client : clients) client.join();
  ASSERT_EQ(made.exit_code, 0) << made.err;
  EXPECT_GT(after.size(), before.size()) << "no order was placed during the backup";
  EXPECT_FALSE(std::filesystem::exists(file("copy.db-wal"))) << "a backup is one file";

  const auto restored = restore(file("copy.db"), file("elsewhere.db"));
  ASSERT_EQ(restored.exit_code, 0) << restored.err;
  const auto verified = run_conveyor({"verify", "--data", file("elsewhere.db")});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  const auto reader = SqliteReader::open(file("elsewhere.db")).value();
  for (const auto& id : before) {
    EXPECT_TRUE(reader->order_row(OrderId::parse(id).value())) << id << " is not in the backup";
  }
  EXPECT_FALSE(reader->order_row(OrderId::parse(acknowledged.all().back()).value()))
      << "an order placed after the backup is in it";
}

TEST_F(Backup, ReplacesNothingUnlessItIsToldTo) {
  make_data(file("shop.db"));
  std::ofstream(file("copy.db")) << "something else";
  EXPECT_EQ(backup(file("shop.db"), file("copy.db")).exit_code, 4);
  EXPECT_EQ(bytes_of(file("copy.db")), "something else");
  EXPECT_EQ(backup(file("shop.db"), file("shop.db"), {"--force"}).exit_code, 4);
  EXPECT_EQ(backup(file("shop.db"), file("copy.db"), {"--force"}).exit_code, 0);
  EXPECT_EQ(run_conveyor({"verify", "--data", file("copy.db")}).exit_code, 0);
  const ServerProcess other(file("other.db"));
  const auto live = backup(file("shop.db"), file("other.db"), {"--force"});
  EXPECT_EQ(live.exit_code, 4) << "a data file in use was replaced";
}

TEST_F(Backup, OfWhatIsNotThereOrNotOursIsRefused) {
  EXPECT_EQ(backup(file("no.db"), file("copy.db")).exit_code, 3);
  std::ofstream(file("text.db")) << std::string(5'000, 'x');
  EXPECT_EQ(backup(file("text.db"), file("copy.db")).exit_code, 5);
  EXPECT_EQ(backup(file("text.db"), "/no/such/folder/copy.db").exit_code, 5);
  make_data(file("shop.db"));
  const auto nowhere = backup(file("shop.db"), "/no/such/folder/copy.db");
  EXPECT_EQ(nowhere.exit_code, 1);
  EXPECT_TRUE(nowhere.err.contains("there is no folder /no/such/folder")) << nowhere.err;
  EXPECT_FALSE(std::filesystem::exists(file("copy.db")));
}

/// The copy is stopped at its first step, of which a small file has one.
TEST_F(Backup, ThatIsStoppedOrCostsTheServerTooMuchLeavesNothing) {
  make_data(file("shop.db"));
  const auto stopped =
      copy_data_file(file("shop.db"), file("copy.db"), {1 << 20, [](auto, auto) { return false; }});
  EXPECT_EQ(stopped.error().kind, CopyFailure::Kind::stopped);
  EXPECT_FALSE(std::filesystem::exists(file("copy.db")));

  // More pages than one step copies, and a WAL with something in it.
  execute_sql(file("shop.db"),
              "PRAGMA journal_mode = WAL; CREATE TABLE filler(b BLOB); "
              "INSERT INTO filler VALUES(zeroblob(8388608))");
  const ServerProcess server(file("shop.db"));
  const auto grown = copy_data_file(file("shop.db"), file("copy.db"), {-1, {}});
  ASSERT_FALSE(grown.has_value());
  EXPECT_EQ(grown.error().kind, CopyFailure::Kind::wal_grows);
  EXPECT_FALSE(std::filesystem::exists(file("copy.db")));
}

TEST_F(Backup, IsRestoredOnlyWhereNothingIsLost) {
  make_data(file("shop.db"));
  ASSERT_EQ(backup(file("shop.db"), file("copy.db")).exit_code, 0);
  make_data(file("live.db"));
  const auto before = bytes_of(file("live.db"));

  EXPECT_EQ(restore(file("no.db"), file("live.db")).exit_code, 3);
  EXPECT_EQ(restore(file("copy.db"), file("live.db")).exit_code, 4);
  EXPECT_EQ(bytes_of(file("live.db")), before);
  {
    const ServerProcess server(file("live.db"));
    const auto in_use = restore(file("copy.db"), file("live.db"), {"--force"});
    EXPECT_EQ(in_use.exit_code, 7) << in_use.err;
  }
  EXPECT_EQ(restore(file("copy.db"), file("live.db"), {"--force"}).exit_code, 0);
  EXPECT_EQ(run_conveyor({"verify", "--data", file("live.db")}).exit_code, 0);
  EXPECT_TRUE(std::filesystem::exists(file("live.db.replaced"))) << "what was there is kept";
  const auto twice = restore(file("copy.db"), file("live.db"), {"--force"});
  EXPECT_EQ(twice.exit_code, 4) << "the file that was kept is kept";
  for (const auto& name : names()) EXPECT_FALSE(name.contains("partial")) << name;
}

TEST_F(Backup, ThatIsDamagedOrBreaksAnInvariantIsNotRestored) {
  make_data(file("shop.db"));
  ASSERT_EQ(backup(file("shop.db"), file("copy.db")).exit_code, 0);
  std::filesystem::copy_file(file("copy.db"), file("wrong.db"));
  execute_sql(file("wrong.db"), "UPDATE orders SET total_minor = total_minor + 1");
  const auto wrong = restore(file("wrong.db"), file("shop.db"), {"--force"});
  EXPECT_EQ(wrong.exit_code, 1);
  EXPECT_TRUE(wrong.err.contains("nothing was changed") && wrong.err.contains("fold ord_"))
      << wrong.err;

  auto bytes = bytes_of(file("copy.db"));
  const auto middle = bytes.size() / 2;
  bytes.replace(middle, 4'096, 4'096, '\x5a');
  std::ofstream(file("damaged.db"), std::ios::binary) << bytes;
  EXPECT_EQ(restore(file("damaged.db"), file("shop.db"), {"--force"}).exit_code, 1);

  std::ofstream(file("text.db")) << std::string(5'000, 'x');
  EXPECT_EQ(restore(file("text.db"), file("shop.db"), {"--force"}).exit_code, 5);
  EXPECT_EQ(run_conveyor({"verify", "--data", file("shop.db")}).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(file("shop.db.replaced")));
}

TEST_F(Backup, OfAnOlderVersionIsBroughtForward) {
  const auto old = std::string{CONVEYOR_TEST_DATA} + "/schema-v1/data.db";
  std::filesystem::copy_file(old, file("old.db"));
  ASSERT_EQ(backup(file("old.db"), file("copy.db")).exit_code, 0);
  EXPECT_EQ(data_version_of(file("copy.db")).value(), 1) << "a backup is what the file is";
  ASSERT_EQ(restore(file("copy.db"), file("new.db")).exit_code, 0);
  EXPECT_EQ(data_version_of(file("new.db")).value(), newest_data_version());
  EXPECT_EQ(run_conveyor({"verify", "--data", file("new.db")}).exit_code, 0);
}

}  // namespace
}  // namespace conveyor::test
