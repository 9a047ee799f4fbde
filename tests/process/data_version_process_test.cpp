// Method: a data file that an older program has left (tests/data/schema-v1 to -v4) is brought
// forward by `migrate` and by `serve`; every request of its time is sent again and must be answered
// with the bytes of its time. A file that says it is newer is given to every command that opens
// one, and its SHA-256 is compared.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "adapters/sqlite/data_file.h"
#include "base/sha256.h"
#include "support/server_process.h"
#include "support/shop.h"
#include "verify/execute_sql.h"

namespace conveyor::test {
namespace {

constexpr int kOldOrders = 22;

std::filesystem::path fixture(int version, const std::string& name) {
  return std::filesystem::path{CONVEYOR_TEST_DATA} / fmt::format("schema-v{}", version) / name;
}

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_FALSE(text.str().empty()) << path;
  return text.str();
}

/// The parameter is the version that wrote the file.
class DataVersion : public testing::TestWithParam<int> {
 protected:
  DataVersion() { std::filesystem::copy_file(fixture(GetParam(), "data.db"), data()); }

  std::filesystem::path data() const { return folder_.path("old.db"); }
  std::string path() const { return data().string(); }
  std::int64_t version() const { return data_version_of(path()).value(); }

  /// Everything that was acknowledged before is acknowledged again, byte for byte.
  static void replay_all(Shop& shop) {
    for (int n = 1; n <= kOldOrders; ++n) {
      const auto key = "key-" + std::to_string(n);
      const auto again =
          shop.place(bytes_of(fixture(GetParam(), "requests/" + key + ".json")), key);
      EXPECT_EQ(again.status, 201) << key;
      EXPECT_EQ(again.header("Idempotent-Replayed"), "true") << key;
      EXPECT_EQ(again.body, bytes_of(fixture(GetParam(), "answers/" + key + ".json"))) << key;
    }
    const auto adjusted =
        shop.send("POST", "/v1/inventory/A-1/adjust", R"({"delta":-7,"reason":"broken"})",
                  {{"Idempotency-Key", "\"adjust-1\""}});
    EXPECT_EQ(adjusted.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(adjusted.body, bytes_of(fixture(GetParam(), "adjust.json")));
    EXPECT_EQ(all_orders(shop).size(), static_cast<std::size_t>(kOldOrders));
    const auto other = shop.place(order_json({}), "key-1");
    EXPECT_EQ(other.status, 422) << "another request under an old key: " << other.body;
  }

  void verify_clean() const {
    const auto verified = run_conveyor({"verify", "--data", path()});
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  }

 private:
  TemporaryFolder folder_;
};

TEST_P(DataVersion, AnOlderFileIsBroughtForwardByMigrate) {
  ASSERT_EQ(version(), GetParam());
  const auto refused = run_conveyor({"verify", "--data", path()});
  EXPECT_EQ(refused.exit_code, 5) << "only what was brought forward is read";
  EXPECT_TRUE(refused.err.contains("conveyor migrate")) << refused.err;
  const auto migrated = run_conveyor({"migrate", "--data", path(), "-o", "jsonl"});
  EXPECT_EQ(migrated.exit_code, 0) << migrated.err;
  const auto said = boost::json::parse(migrated.out);
  EXPECT_EQ(said.at("from").as_int64(), GetParam());
  EXPECT_EQ(said.at("to").as_int64(), newest_data_version());
  EXPECT_EQ(version(), newest_data_version());
  verify_clean();

  const auto closed = sha256(bytes_of(data()));
  const auto again = run_conveyor({"migrate", "--data", path(), "-o", "jsonl"});
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_FALSE(boost::json::parse(again.out).at("migrated").as_bool());
  EXPECT_EQ(sha256(bytes_of(data())), closed) << "nothing to do is nothing done";
  ServerProcess server(data());
  Shop shop(server.url());
  replay_all(shop);
  EXPECT_EQ(server.terminate(), 0);
  verify_clean();
}

TEST_P(DataVersion, AnOlderFileIsBroughtForwardByServe) {
  ASSERT_EQ(version(), GetParam());
  ServerProcess server(data());
  EXPECT_EQ(version(), newest_data_version());
  Shop shop(server.url());
  replay_all(shop);
  EXPECT_EQ(server.terminate(), 0);
  verify_clean();
}

TEST_P(DataVersion, ANewerFileIsRefusedUntouched) {
  ASSERT_EQ(run_conveyor({"migrate", "--data", path()}).exit_code, 0);
  execute_sql(path(), "PRAGMA user_version = " + std::to_string(newest_data_version() + 1));
  execute_sql(path(), "PRAGMA wal_checkpoint(TRUNCATE)");
  const auto before = sha256(bytes_of(data()));
  const auto elsewhere = data().string() + ".restored";
  const std::vector<std::vector<std::string>> commands{
      {"serve", "--listen", "127.0.0.1:0", "--data", path()},
      {"migrate", "--data", path()},
      {"verify", "--data", path()},
      {"backup", "--data", path(), elsewhere},
      {"restore", path(), "--data", elsewhere},
      {"doctor", "--data", path()}};
  for (const auto& command : commands) {
    const auto ran = run_conveyor(command);
    const auto expected = command.front() == "serve" ? 7 : command.front() == "doctor" ? 1 : 5;
    EXPECT_EQ(ran.exit_code, expected) << command.front() << ": " << ran.err;
    EXPECT_TRUE((ran.out + ran.err).contains("newer")) << command.front() << ": " << ran.err;
    EXPECT_EQ(sha256(bytes_of(data())), before) << command.front();
  }
  EXPECT_FALSE(std::filesystem::exists(elsewhere));
}

TEST_P(DataVersion, AFileInUseIsNotMigrated) {
  const ServerProcess server(data());
  execute_sql(path(), "PRAGMA user_version = 1");
  const auto ran = run_conveyor({"migrate", "--data", path()});
  EXPECT_EQ(ran.exit_code, 7);
  EXPECT_TRUE(ran.err.contains("in use by process " + std::to_string(server.pid()))) << ran.err;
}

INSTANTIATE_TEST_SUITE_P(Of, DataVersion, testing::Values(1, 2, 3, 4),
                         [](const auto& info) { return fmt::format("v{}", info.param); });

}  // namespace
}  // namespace conveyor::test
