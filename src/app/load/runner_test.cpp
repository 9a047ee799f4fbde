// Method: against an HTTP server in the process whose answers the test decides. Times are only
// compared with what cannot be faster.
#include "app/load/runner.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/ip/address.hpp>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "server/http/server.h"

namespace conveyor::load {
namespace {

class RunnerTest : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(ledger_path); }

  void serve(http::Handler handler) {
    server = std::make_unique<http::Server>(http::ServerOptions{}, std::move(handler));
    ASSERT_TRUE(server->start().has_value());
    settings.endpoint = {boost::asio::ip::make_address("127.0.0.1"), server->port()};
    settings.authority = "127.0.0.1";
  }

  std::vector<LedgerEntry> run(const Interrupted& interrupted = [] { return false; }) {
    LedgerWriter writer(ledger_path);
    tally = run_load(settings, OrderMaker({.details = false}), &writer, interrupted);
    server->stop();  // joins its threads: what the handler noted may be read
    EXPECT_TRUE(writer.close());
    LedgerReader reader(ledger_path);
    std::vector<LedgerEntry> entries;
    while (auto entry = reader.next().value()) entries.push_back(*std::move(entry));
    return entries;
  }

  static void created(http::Respond& respond) {
    respond({.status = 201, .body = R"({"id":"ord_1"})"});
  }

  std::unique_ptr<http::Server> server;
  RunSettings settings{.endpoint = {},
                       .authority = {},
                       .rate = 1'000,
                       .connections = 1,
                       .duration = std::chrono::hours{1},
                       .orders = 1,
                       .patience = std::chrono::hours{1}};
  Tally tally;
  const std::string ledger_path = testing::TempDir() + "runner_test." + std::to_string(::getpid());
};

TEST_F(RunnerTest, WhatIsBusyIsRepeatedWithTheSameKeyAndBody) {
  std::vector<std::string> seen;
  serve([&](http::Request request, http::Respond respond) {
    seen.push_back(*request.find_header("Idempotency-Key") + request.body);
    if (seen.size() > 2) return created(respond);
    http::Response busy{.status = seen.size() == 1 ? 503 : 429, .body = R"({"code":"busy"})"};
    respond(std::move(busy));
  });
  const auto entries = run();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].status, 201);
  EXPECT_EQ(entries[0].order_id, "ord_1");
  EXPECT_EQ(entries[0].tries, 3U);
  EXPECT_TRUE(entries[0].unanswered_at.empty());
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0], seen[1]);
  EXPECT_EQ(seen[0], seen[2]);
  EXPECT_EQ(tally.repeats, 2U);
  EXPECT_EQ(tally.server_errors, (CountByCode{{"503 busy", 1}}));
  EXPECT_EQ(tally.refusals, (CountByCode{{"429 busy", 1}}));
  EXPECT_EQ(tally.refusal_latency.count(), 2U);
}

TEST_F(RunnerTest, WhatIsBusyIsRefusedWhereItIsNotToBeRepeated) {
  serve([&](http::Request, http::Respond respond) {
    respond({.status = 503, .body = R"({"code":"busy"})"});
  });
  settings.repeat_refused = false;
  settings.orders = 3;
  const auto entries = run();
  ASSERT_EQ(entries.size(), 3U);
  for (const auto& entry : entries) {
    EXPECT_EQ(entry.status, 503);
    EXPECT_EQ(entry.tries, 1U);
  }
  EXPECT_EQ(tally.refused, 3U);
  EXPECT_EQ(tally.repeats, 0U);
  EXPECT_EQ(tally.refusal_latency.count(), 3U);
  EXPECT_GT(tally.refusal_latency.max().count(), 0);
  EXPECT_EQ(tally.latency.count(), 0U);
}

TEST_F(RunnerTest, WhatIsNotAnsweredIsNotedAndRepeated) {
  int count = 0;
  serve([&](http::Request, http::Respond respond) {
    if (++count == 1) return respond({.status = 204});  // has no length: it is no answer
    created(respond);
  });
  const auto entries = run();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].status, 201);
  EXPECT_EQ(entries[0].tries, 2U);
  EXPECT_EQ(entries[0].unanswered_at.size(), 1U);
  EXPECT_EQ(tally.lost, 1U);
}

TEST_F(RunnerTest, WhatIsRefusedIsNotRepeated) {
  serve([&](http::Request, http::Respond respond) {
    respond({.status = 409, .body = R"({"code":"reference_taken"})"});
  });
  settings.orders = 3;
  const auto entries = run();
  EXPECT_EQ(entries.size(), 3U);
  EXPECT_EQ(tally.refused, 3U);
  EXPECT_EQ(tally.repeats, 0U);
  EXPECT_EQ(tally.refusals, (CountByCode{{"409 reference_taken", 3}}));
}

// The first answer keeps the only connection; the orders behind it were due all the while.
TEST_F(RunnerTest, AStallCountsForEveryOrderThatWasDue) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kStall{100};
  int count = 0;
  std::mutex mutex;
  std::optional<http::Respond> stalled;
  Clock::time_point since;
  serve([&](http::Request, http::Respond respond) {
    if (++count > 1) return created(respond);
    const std::lock_guard lock(mutex);
    stalled.emplace(std::move(respond));
    since = Clock::now();
  });
  settings.orders = 50;  // due in the first 50 ms
  run([&] {              // asked every tick
    const std::lock_guard lock(mutex);
    if (stalled && Clock::now() >= since + kStall) {
      created(*stalled);
      stalled.reset();
    }
    return false;
  });
  EXPECT_EQ(tally.acknowledged, 50U);
  EXPECT_GE(tally.latency.percentile(0.01), kStall / 2);
}

TEST_F(RunnerTest, GivesUpWithoutAServerAndSaysWhatWasNotAnswered) {
  serve([](http::Request, http::Respond) {});
  server->stop();
  settings.connections = 4;
  settings.duration = std::chrono::milliseconds{20};
  settings.orders.reset();
  settings.patience = std::chrono::milliseconds{1};
  const auto entries = run();
  EXPECT_EQ(tally.offered, 20U);
  EXPECT_EQ(tally.sent, 0U);
  EXPECT_EQ(tally.unanswered, entries.size());
  EXPECT_EQ(entries.size(), 4U);
  for (const auto& entry : entries) {
    EXPECT_EQ(entry.status, 0);
    EXPECT_EQ(entry.sent_at, 0);
  }
}

TEST_F(RunnerTest, AnInterruptionEndsTheScheduleAndTheLedgerIsWhole) {
  std::atomic<int> count{0};
  serve([&](http::Request, http::Respond respond) {
    ++count;
    created(respond);
  });
  settings.orders.reset();
  const auto entries = run([&] { return count >= 10; });
  EXPECT_GE(entries.size(), 10U);
  EXPECT_EQ(tally.acknowledged, entries.size());
  EXPECT_EQ(tally.unanswered, 0U);
}

TEST_F(RunnerTest, AsFastAsItGoesBeginsAtEachAnswer) {
  serve([&](http::Request, http::Respond respond) { created(respond); });
  settings.rate.reset();
  settings.connections = 3;
  settings.orders = 100;
  const auto entries = run();
  EXPECT_EQ(entries.size(), 100U);
  EXPECT_EQ(tally.offered, 100U);
  EXPECT_EQ(tally.acknowledged, 100U);
}

}  // namespace
}  // namespace conveyor::load
