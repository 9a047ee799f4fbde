// Method: `load run` orders, at a steady rate, of everything that the sandbox can do and that ends
// by itself, while the server is killed with SIGKILL at random moments and started again on the
// same port. Then `load check` holds the ledger against the server, all orders must become final,
// and `verify` must be clean. A run that acknowledged too little, or in which too few kills met a
// request, fails: it would prove nothing.
//
// SOAK_KILLS says how many kills (5; tests/soak/kill.sh: 30), and the least that is asked for
// goes with it: of 30, 10 have to meet unanswered requests and 5,000 orders to be acknowledged.
// SOAK_SEED repeats the moments of another run.
#include <gtest/gtest.h>
#include <poll.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>
#include <set>

#include "support/seed_stock.h"
#include "support/server_process.h"
#include "support/shop.h"

namespace conveyor::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

constexpr int kFullKills = 30;
constexpr int kFullMet = 10;
constexpr int kFullAcknowledged = 5'000;
constexpr std::uint64_t kOrdersPerKill = 800;  // at 600 a second: the kills end before the load
constexpr std::chrono::seconds kLoadEndsWithin{300};
constexpr int kShortestMs = 100;  // between a start and the next kill
constexpr int kLongestMs = 700;
constexpr std::chrono::seconds kSettledWithin{120};
constexpr int kAskAgainMs = 50;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// What a run of `kills` has to reach for `full` of the whole one.
std::size_t share_of(int full, std::uint64_t kills) {
  return static_cast<std::size_t>(
      std::ceil(static_cast<double>(full) * static_cast<double>(kills) / kFullKills));
}

std::int64_t wall_ms() {
  return std::chrono::floor<milliseconds>(system_clock::now()).time_since_epoch().count();
}

std::vector<boost::json::object> read_ledger(const std::filesystem::path& path) {
  std::vector<boost::json::object> entries;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    entries.push_back(boost::json::parse(line).as_object());
  }
  return entries;
}

/// Kills that a request met: one that was noticed to be lost between that kill and the next.
std::size_t count_met(const std::vector<boost::json::object>& ledger,
                      const std::vector<std::int64_t>& killed_at) {
  std::set<std::size_t> met;
  for (const auto& entry : ledger) {
    for (const auto& at : entry.at("unanswered_at").as_array()) {
      const auto after = std::ranges::upper_bound(killed_at, at.as_int64());
      if (after != killed_at.begin())
        met.insert(static_cast<std::size_t>(after - killed_at.begin()));
    }
  }
  return met.size();
}

/// Until every order is final or being undone: what may dead-letter has done so by then.
void wait_for_no_dead_letter(Shop& shop) {
  const auto deadline = std::chrono::steady_clock::now() + kSettledWithin;
  while (!all_orders(shop, "status=pending&status=processing&status=dead_lettered").empty()) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    ::poll(nullptr, 0, kAskAgainMs);
  }
}

class LoadKill : public testing::Test {
 protected:
  /// Kills and restarts; when it was killed each time. The load has to go on meanwhile.
  std::vector<std::int64_t> kill_often(ServerProcess& server, const BackgroundCommand& load) {
    std::mt19937_64 random(seed);
    std::uniform_int_distribution<int> pause(kShortestMs, kLongestMs);
    std::vector<std::int64_t> killed_at;
    Shop shop(server.url());  // a server that is away when the load begins is an error, not a kill
    EXPECT_TRUE(wait_until([&] {
      return !shop.send("GET", "/v1/orders?limit=1").json().at("data").as_array().empty();
    }));
    for (std::uint64_t i = 0; i < kills; ++i) {
      EXPECT_FALSE(load.ends_within(milliseconds{pause(random)})) << "before kill " << i;
      killed_at.push_back(wall_ms());
      server.kill();
      server.start();
    }
    return killed_at;
  }

  const std::uint64_t kills = from_environment("SOAK_KILLS", 5);
  const std::uint64_t seed = from_environment("SOAK_SEED", std::random_device{}());
  const TemporaryFolder folder;
  const std::filesystem::path data = folder.path("orders.db");
  const std::string ledger_path = folder.path("ledger.ndjson").string();
};

TEST_F(LoadKill, NothingAcknowledgedIsLostAndWhatIsRepeatedExistsOnce) {
  std::cout << "seed " << seed << ", " << kills << " kills\n";
  SCOPED_TRACE("seed " + std::to_string(seed));
  // Dead letters are undone by themselves, once the outages of the sandbox (4 s) are over.
  ServerProcess server(data, {"--retry-base-delay-ms", "20", "--retry-cap-ms", "200",
                              "--undo-after-ms", "5000", "--log-level", "error"});
  seed_stock(server, folder);
  BackgroundCommand load({"load",
                          "run",
                          "--server",
                          server.url(),
                          "--rate",
                          "600",
                          "--connections",
                          "64",
                          "--mix",
                          "settling",
                          "--duration",
                          "3600",
                          "--orders",
                          std::to_string(kills * kOrdersPerKill),
                          "--seed",
                          std::to_string(seed),
                          "--ledger",
                          ledger_path,
                          "-o",
                          "json"});
  const auto killed_at = kill_often(server, load);
  const auto ran = load.wait(kLoadEndsWithin);
  ASSERT_EQ(ran.exit_code, 0) << ran.out << ran.err;

  const auto tally = boost::json::parse(ran.out).as_object();
  EXPECT_GE(tally.at("acknowledged").as_int64(), share_of(kFullAcknowledged, kills)) << ran.out;
  EXPECT_EQ(tally.at("refused").as_int64(), 0) << ran.out;
  EXPECT_EQ(tally.at("unanswered").as_int64(), 0) << ran.out;
  const auto ledger = read_ledger(ledger_path);
  EXPECT_EQ(ledger.size(), tally.at("acknowledged").as_int64());
  const auto met = count_met(ledger, killed_at);
  EXPECT_GE(met, share_of(kFullMet, kills)) << ran.out;
  std::cout << tally.at("acknowledged") << " acknowledged, " << tally.at("lost")
            << " requests without an answer, " << met << " kills that met some\n";

  Shop shop(server.url());
  wait_for_no_dead_letter(shop);
  const auto checked =
      run_conveyor({"load", "check", ledger_path, "--wait", "--server", server.url(), "-o", "json"},
                   {}, kLoadEndsWithin);
  ASSERT_EQ(checked.exit_code, 0) << checked.out << checked.err;
  const auto found = boost::json::parse(checked.out).as_object();
  EXPECT_GT(found.at("acknowledged_after_no_answer").as_int64(), 0);
  for (const auto& [status, count] : found.at("statuses").as_object()) {
    EXPECT_TRUE(status == "completed" || status == "failed") << status << ": " << count;
  }
  // Beyond the ledger there is no order.
  EXPECT_EQ(all_orders(shop).size(), ledger.size());
  const auto verified = run_conveyor({"verify", "--data", data.string()});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
}

// Ctrl-C in the middle of a run that would last an hour: the summary comes, and the ledger holds
// every order that the server has.
TEST_F(LoadKill, AnInterruptedLoadHasItsSummaryAndItsWholeLedger) {
  const ServerProcess server(data, {"--log-level", "error"});
  BackgroundCommand load({"load", "run", "--server", server.url(), "--rate", "300", "--duration",
                          "3600", "--ledger", ledger_path, "-o", "json"});
  Shop shop(server.url());
  const auto deadline = std::chrono::steady_clock::now() + kSettledWithin;
  while (all_orders(shop).size() < 100 && std::chrono::steady_clock::now() < deadline) {
    ::poll(nullptr, 0, kAskAgainMs);
  }
  const auto ran = load.interrupt();
  EXPECT_EQ(ran.exit_code, 130) << ran.err;
  const auto tally = boost::json::parse(ran.out).as_object();
  const auto ledger = read_ledger(ledger_path);
  EXPECT_GE(ledger.size(), 100U);
  EXPECT_EQ(tally.at("acknowledged").as_int64(), static_cast<std::int64_t>(ledger.size()));
  EXPECT_EQ(all_orders(shop).size(), ledger.size());
}

}  // namespace
}  // namespace conveyor::test
