// Method: the binary imports and exports against the binary that serves. Importer and server are
// killed half way; the counts at the end are those of an import that nobody disturbed, no order is
// there twice, and `verify` is clean.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <map>
#include <set>

#include "support/sanitized.h"
#include "support/server_process.h"
#include "support/shop.h"

namespace conveyor::test {
namespace {

using testing::HasSubstr;

constexpr int kOrders = 10'000;
constexpr std::size_t kHalf = kOrders / 2;
constexpr std::chrono::seconds kImportWithin{120 * kPatience};
using Counts = std::map<std::string, std::int64_t>;

constexpr std::string_view kOutage = "pm_outage_4";

// A server of its own, and what a shop needs to import into it.
struct ImportedShop {
  ImportedShop()
      : server(data(),
               {"--retry-base-delay-ms", "20", "--retry-cap-ms", "200", "--log-level", "warning"}),
        shop(server.url()) {}

  std::filesystem::path data() const { return folder.path("orders.db"); }

  // Made orders, a fifth of which asks for the sandbox's other outcomes, and stock for all of them.
  std::string write_orders(int count) {
    const auto stock = folder.path("stock.csv").string();
    auto made = run_conveyor({"load", "generate", "--seed", "7", "--orders", std::to_string(count),
                              "--stock", stock, "--on-hand", "10000000"});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    // An outage ends by the clock: what becomes of it would tell how long the test took.
    for (auto at = made.out.find(kOutage); at != std::string::npos; at = made.out.find(kOutage)) {
      made.out.replace(at, kOutage.size(), "pm_ok");
    }
    const auto path = folder.path("orders.csv").string();
    std::ofstream{path} << made.out;
    const auto stocked =
        run_conveyor({"inventory", "import", stock, "--yes", "--server", server.url()});
    EXPECT_EQ(stocked.exit_code, 0) << stocked.err;
    return path;
  }

  std::vector<std::string> import_of(const std::string& path) const {
    return {"orders", "import", path, "--yes", "--wait", "-o", "json", "--server", server.url()};
  }

  // What the server has taken in this life.
  std::size_t accepted() {
    const auto answer = shop.try_send("GET", "/metrics");
    if (!answer) return 0;
    constexpr std::string_view kName = "\nconveyor_orders_created_total ";
    const auto found = answer->body.find(kName);
    return found == std::string::npos ? 0 : std::stoull(answer->body.substr(found + kName.size()));
  }
  // GET requests of a route that were answered.
  std::int64_t gets_of(const std::string& route) {
    std::istringstream lines{shop.send("GET", "/metrics").body};
    std::int64_t count = 0;
    for (std::string line; std::getline(lines, line);) {
      const bool is_it = line.starts_with("conveyor_http_request_duration_seconds_count{") &&
                         line.contains("route=\"" + route + "\"") &&
                         line.contains("method=\"GET\"");
      if (is_it) count += std::stoll(line.substr(line.rfind(' ') + 1));
    }
    return count;
  }

  void wait_for_accepted(std::size_t count) {
    ASSERT_TRUE(wait_until([&] { return accepted() >= count; }));
  }

  // How many orders have which status in the end; everything is there once, as the summary says.
  Counts final_counts(const CommandResult& ran) {
    EXPECT_EQ(ran.exit_code, 8) << ran.err;
    const auto summary = boost::json::parse(ran.out);
    Counts statuses;
    for (const auto& [status, count] : summary.at("statuses").as_object()) {
      statuses[std::string{status}] = count.as_int64();
    }
    EXPECT_EQ(summary.at_pointer("/created/orders").as_int64() +
                  summary.at_pointer("/replayed/orders").as_int64(),
              kOrders);
    EXPECT_EQ(summary.at_pointer("/refused/orders").as_int64(), 0);

    Counts listed;
    Counts totals;
    std::set<std::string> references;
    const auto all =
        run_conveyor({"orders", "list", "--all", "-o", "jsonl", "--server", server.url()});
    std::istringstream rows{all.out};
    for (std::string row; std::getline(rows, row);) {
      const auto order = boost::json::parse(row);
      ++listed[std::string{order.at("status").as_string()}];
      totals[std::string{order.at("currency").as_string()}] += order.at("total").as_int64();
      references.insert(std::string{order.at("reference").as_string()});
    }
    EXPECT_EQ(listed, statuses);
    EXPECT_EQ(references.size(), static_cast<std::size_t>(kOrders));
    EXPECT_EQ(summary.at("totals"), boost::json::value_from(totals));
    const auto verified = run_conveyor({"verify", "--data", data().string()});
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
    return statuses;
  }

  TemporaryFolder folder;
  ServerProcess server;
  Shop shop;
};

// An import that nobody disturbs, with what waiting costs.
Counts import_undisturbed() {
  ImportedShop shop;
  const auto ran = run_conveyor(shop.import_of(shop.write_orders(kOrders)), {}, kImportWithin);
  EXPECT_EQ(ran.err, "");
  EXPECT_GE(shop.gets_of("/v1/orders/{id}"), kOrders);
  EXPECT_LE(shop.gets_of("/v1/orders/{id}"), kOrders + kOrders / 10) << "a look at each order";
  EXPECT_LE(shop.gets_of("/v1/orders"), kOrders / 10) << "and pages";
  return shop.final_counts(ran);
}

// The importer is killed half way and run again, and while that one is at work the server is, half
// way through the rest.
Counts import_disturbed() {
  ImportedShop shop;
  const auto arguments = shop.import_of(shop.write_orders(kOrders));
  BackgroundCommand first{arguments};
  shop.wait_for_accepted(kHalf);
  const auto killed = first.kill();
  EXPECT_EQ(killed.exit_code, 128 + SIGKILL);
  EXPECT_EQ(killed.out, "");
  BackgroundCommand again{arguments};
  shop.wait_for_accepted(kHalf + kHalf / 2);
  shop.server.kill();
  shop.server.start();
  const auto ran = again.wait(kImportWithin);
  EXPECT_GE(boost::json::parse(ran.out).at_pointer("/replayed/orders").as_int64(),
            static_cast<std::int64_t>(kHalf));
  return shop.final_counts(ran);
}

TEST(ImportProcess, TenThousandOrdersEndTheSameWhoeverIsKilledHalfWay) {
  const auto undisturbed = import_undisturbed();
  EXPECT_GT(undisturbed.at("completed"), kOrders / 2);
  EXPECT_GT(undisturbed.at("failed"), 0);
  EXPECT_GT(undisturbed.at("dead_lettered"), 0);
  EXPECT_EQ(import_disturbed(), undisturbed);
}

TEST(ImportProcess, PatienceEndsWith7AndSaysHowToGoOn) {
  ImportedShop shop;
  auto arguments = shop.import_of(shop.write_orders(kOrders));
  arguments.insert(arguments.end(), {"--patience", "1"});
  BackgroundCommand import{arguments};
  shop.wait_for_accepted(100);
  shop.server.kill();
  const auto ran = import.wait();
  EXPECT_EQ(ran.exit_code, 7);
  EXPECT_THAT(ran.err, HasSubstr("the server has dealt with nothing for 1 s\n"
                                 "stopped; run it again to go on: nothing is placed twice\n"));
  const auto summary = boost::json::parse(ran.out);
  const auto orders = [&](std::string_view part) {
    return summary.at(part).at("orders").as_int64();
  };
  EXPECT_EQ(orders("created") + orders("unanswered") + orders("not_sent"), kOrders);
  EXPECT_GE(orders("created"), 1);
}

TEST(ImportProcess, CtrlCEndsAtOnceAlsoWhileTheServerIsSilent) {
  ImportedShop shop;
  BackgroundCommand import{shop.import_of(shop.write_orders(kOrders))};
  shop.wait_for_accepted(100);
  ::kill(shop.server.pid(), SIGSTOP);  // requests are in flight, and no answer will come
  const auto ran = import.interrupt();
  ::kill(shop.server.pid(), SIGCONT);
  EXPECT_EQ(ran.exit_code, 130);
  EXPECT_THAT(ran.err, HasSubstr("interrupted; run it again to go on"));
  const auto summary = boost::json::parse(ran.out);
  EXPECT_GE(summary.at_pointer("/unanswered/orders").as_int64(), 1);
}

// --- where nobody reads, and where nothing can be written ----------------------------------------

// A pipe of which the reading end is closed.
class ClosedPipe {
 public:
  ClosedPipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    ::close(ends[0]);
    write_end_ = ends[1];
  }
  ~ClosedPipe() { ::close(write_end_); }
  ClosedPipe(const ClosedPipe&) = delete;
  ClosedPipe& operator=(const ClosedPipe&) = delete;
  int write_end() const { return write_end_; }

 private:
  int write_end_ = -1;
};

TEST(ImportProcess, AnExportThatNobodyReadsEndsQuietly) {
  ImportedShop shop;
  shop.shop.order({});
  const ClosedPipe pipe;
  const std::vector<std::string> arguments{"orders", "export", "--server", shop.server.url()};
  const auto ran = BackgroundCommand{arguments, pipe.write_end()}.wait();
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_EQ(ran.err, "");
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  const auto on_full = BackgroundCommand{arguments, full}.wait();
  ::close(full);
  EXPECT_EQ(on_full.exit_code, 1);
  EXPECT_EQ(on_full.err, "error: cannot write to standard output: No space left on device\n");
}

TEST(ImportProcess, ASummaryThatNobodyReadsIsAnErrorAndTheOrdersArePlaced) {
  ImportedShop shop;
  const ClosedPipe pipe;
  const auto path = shop.write_orders(3);
  const auto ran = BackgroundCommand{shop.import_of(path), pipe.write_end()}.wait();
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_EQ(ran.err, "error: cannot write to standard output\n");
  EXPECT_EQ(all_orders(shop.shop).size(), 3U);
  EXPECT_EQ(boost::json::parse(run_conveyor(shop.import_of(path)).out)
                .at_pointer("/replayed/orders")
                .as_int64(),
            3);
}

TEST(ImportProcess, WithoutAPlaceForRejectsOrAFileNothingIsPlaced) {
  ImportedShop shop;
  auto arguments = shop.import_of(shop.write_orders(3));
  arguments.insert(arguments.end(), {"--rejects", "/dev/full"});
  const auto full = run_conveyor(arguments);
  EXPECT_EQ(full.exit_code, 1);
  EXPECT_THAT(full.err, HasSubstr("--rejects /dev/full: cannot be written: No space left on "
                                  "device; nothing was sent"));
  const auto directory = run_conveyor(shop.import_of(shop.folder.path("").string()));
  EXPECT_EQ(directory.exit_code, 1);
  EXPECT_THAT(directory.err, HasSubstr("is a directory; name the file"));
  EXPECT_EQ(all_orders(shop.shop).size(), 0U);
}

}  // namespace
}  // namespace conveyor::test
