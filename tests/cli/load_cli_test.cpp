// Method: the load commands against a server in the same process: a generated file is imported with
// its stock, a run's ledger is checked, and a ledger that says something else is found out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "cli/cli_fixture.h"

namespace conveyor::test {
namespace {

using testing::HasSubstr;

class LoadTest : public CliTest {
 protected:
  std::string ledger_of_run(std::vector<std::string> flags = {}) {
    const auto path = files.file("ledger");
    std::vector<std::string> arguments{"load",   "run", "--orders", "20", "--seed", "7",
                                       "--skus", "10",  "--ledger", path, "-o",     "json"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    run = conveyor(arguments);
    return path;
  }

  std::string read(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  Ran run;
};

TEST_F(LoadTest, WhatIsGeneratedIsImportedWithItsStock) {
  const auto stock = files.file("stock.csv");
  const auto made = conveyor(
      {"load", "generate", "--orders", "50", "--skus", "20", "--outcomes", "0", "--stock", stock});
  ASSERT_EQ(made.code, 0) << made.err;
  const auto stocked = conveyor({"inventory", "import", stock, "--yes"});
  ASSERT_EQ(stocked.code, 0) << stocked.out << stocked.err;
  const auto imported = conveyor(
      {"orders", "import", write("orders.csv", made.out), "--yes", "--wait", "-o", "json"});
  ASSERT_EQ(imported.code, 0) << imported.out << imported.err;
  EXPECT_EQ(imported.json().at("statuses").at("completed").as_int64(), 50);
}

TEST_F(LoadTest, ARunIsAcknowledgedAndChecked) {
  const auto ledger = ledger_of_run();
  ASSERT_EQ(run.code, 0) << run.out << run.err;
  EXPECT_THAT(run.err, HasSubstr("seed: 7"));
  EXPECT_EQ(run.json().at("offered").as_int64(), 20);
  EXPECT_EQ(run.json().at("acknowledged").as_int64(), 20);
  EXPECT_EQ(run.json().at("replayed").as_int64(), 0);
  const auto checked = conveyor({"load", "check", ledger, "--wait", "-o", "json"});
  EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
  EXPECT_EQ(checked.json().at("acknowledged").as_int64(), 20);
  EXPECT_EQ(checked.json().at("discrepancies").as_int64(), 0);
}

TEST_F(LoadTest, TheSameSeedIsReplayed) {
  ledger_of_run();
  ledger_of_run();
  EXPECT_EQ(run.json().at("replayed").as_int64(), 20);
  EXPECT_EQ(run.json().at("acknowledged").as_int64(), 20);
  ledger_of_run({"--lines", "3"});
  EXPECT_EQ(run.code, 8);
  EXPECT_EQ(run.json().at("refused").as_int64(), 20);
  EXPECT_EQ(run.json().at("refusals").as_object().size(), 1U) << run.out;
}

TEST_F(LoadTest, AsFastAsItGoesOnOneConnection) {
  const auto ledger = ledger_of_run({"--rate", "max", "--connections", "1", "--mix", "sandbox"});
  ASSERT_EQ(run.code, 0) << run.out << run.err;
  EXPECT_EQ(run.json().at("sent").as_int64(), 20);
  EXPECT_EQ(conveyor({"load", "check", ledger}).code, 0);
}

TEST_F(LoadTest, EachDiscrepancyIsNamed) {
  auto text = read(ledger_of_run());
  const auto line = text.substr(0, text.find('\n') + 1);
  const auto with = [&](std::string_view from, std::string_view to) {
    auto changed = line;
    const auto at = changed.find(from);
    EXPECT_NE(at, changed.npos) << from;
    changed.replace(at, from.size(), to);
    return changed;
  };
  const auto id = std::string{boost::json::parse(line).at("id").as_string()};
  const std::vector<std::pair<std::string, std::string>> cases{
      {with("\"reference\":\"", "\"reference\":\"x"), "order " + id + " is not there"},
      {with(id, "ord_0"), "the order is " + id + ", but ord_0 was acknowledged"},
      {with("\"total\":", "\"total\":1"), "was ordered"},
      {with("\"status\":201", "\"status\":422"), "it was refused (422), but there is an order"},
  };
  for (const auto& [changed, why] : cases) {
    const auto checked = conveyor({"load", "check", write("changed", changed)});
    EXPECT_EQ(checked.code, 1) << changed;
    EXPECT_THAT(checked.out, HasSubstr(why));
  }
  const auto unanswered = conveyor(
      {"load", "check", write("changed", with("\"status\":201", "\"status\":0")), "-o", "json"});
  EXPECT_EQ(unanswered.code, 0);
  EXPECT_EQ(unanswered.json().at("unanswered_but_there").as_int64(), 1);
  const auto cut = conveyor({"load", "check", write("changed", line.substr(0, 50))});
  EXPECT_EQ(cut.code, 5);
  EXPECT_THAT(cut.err, HasSubstr("line 1 has no end"));
}

TEST_F(LoadTest, WrongUseIsSaid) {
  const auto rate = conveyor({"load", "run", "--rate", "fast"});
  EXPECT_EQ(rate.code, 2);
  EXPECT_THAT(rate.err, HasSubstr("write orders a second"));
  EXPECT_EQ(conveyor({"load", "run", "--connections", "4097"}).code, 2);
  EXPECT_EQ(conveyor({"load", "generate", "--skus", "0"}).code, 2);
  EXPECT_EQ(conveyor({"load", "check", files.file("none")}).code, 1);
  const auto nobody = run_command({"load", "run", "--server", "http://127.0.0.1:1"});
  EXPECT_EQ(nobody.code, 7);
  const auto full = conveyor({"load", "run", "--orders", "1", "--ledger", "/dev/full"});
  EXPECT_EQ(full.code, 1);
  EXPECT_THAT(full.err, HasSubstr("/dev/full is not complete"));
}

}  // namespace
}  // namespace conveyor::test
