// Method: `conveyor verify` in-process and as the program itself, over a file that is right, one
// that is damaged, one that a store writes to meanwhile, and files that are none.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <stdio.h>
#include <sys/wait.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/verify_command.h"
#include "verify/report_text.h"
#include "verify/seed_file.h"
#include "verify/traffic.h"

namespace conveyor::test {
namespace {

using cli::ExitCode;
using cli::Output;

struct Printed {
  ExitCode code = ExitCode::ok;
  std::string out;
  std::string err;
};

Printed run_command(const std::string& data, Output output = Output::text) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  cli::Console console{in, out, err};
  const auto code = cli::run_verify(console, {data, output});
  return {code, out.str(), err.str()};
}

/// The program itself; what it prints to standard output.
Printed run_program(const std::string& arguments) {
  const auto command = fmt::format("{} verify {} 2>/dev/null", CONVEYOR_PROGRAM, arguments);
  FILE* pipe = ::popen(command.c_str(), "r");
  Printed printed;
  std::array<char, 4'096> buffer{};
  for (std::size_t n = 0; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    printed.out.append(buffer.data(), n);
  }
  const int status = ::pclose(pipe);
  EXPECT_TRUE(WIFEXITED(status));
  printed.code = static_cast<ExitCode>(WEXITSTATUS(status));
  return printed;
}

class VerifyCommand : public testing::Test {
 protected:
  VerifyCommand() { std::filesystem::copy_file(seed_file().path(), copy); }
  void damage() {
    execute_sql(copy, "UPDATE orders SET status = 2 WHERE id = x'" +
                          to_hex(seed_file().failed.uuid().bytes) + "';" +
                          "UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'sku-1'");
  }

  TemporaryDirectory folder;
  std::string copy = folder.file("copy.db");
};

TEST_F(VerifyCommand, ACleanFileSaysWhatWasLookedAt) {
  const auto printed = run_command(copy);
  EXPECT_EQ(printed.code, ExitCode::ok);
  EXPECT_THAT(printed.out, testing::HasSubstr("7 orders (3 open), "));
  EXPECT_THAT(printed.out, testing::EndsWith("\nno violation\n"));
  EXPECT_EQ(printed.err, "");
}

TEST_F(VerifyCommand, TextNamesRuleSubjectAndDetail) {
  damage();
  const auto printed = run_command(copy);
  EXPECT_EQ(printed.code, ExitCode::error);
  EXPECT_THAT(printed.out, testing::HasSubstr("fold "));
  EXPECT_THAT(printed.out, testing::HasSubstr(seed_file().failed.to_string()));
  EXPECT_THAT(printed.out,
              testing::HasSubstr("status is processing in the order's row and failed by its"));
  EXPECT_THAT(printed.out, testing::EndsWith("\n2 violations\n"));
}

TEST_F(VerifyCommand, JsonHasEverything) {
  damage();
  const auto printed = run_command(copy, Output::json);
  EXPECT_EQ(printed.code, ExitCode::error);
  const auto json = boost::json::parse(printed.out).as_object();
  EXPECT_EQ(json.at("clean"), false);
  EXPECT_EQ(json.at("violations_total"), 2);
  EXPECT_EQ(json.at("orders"), 7);
  EXPECT_EQ(json.at("violations_by_rule").at("fold"), 1);
  EXPECT_EQ(json.at("violations_by_rule").at("money"), 0);
  const auto& first = json.at("violations").as_array().at(0).as_object();
  EXPECT_EQ(first.at("rule"), "fold");
  EXPECT_EQ(first.at("subject").as_string(), seed_file().failed.to_string());
}

TEST_F(VerifyCommand, JsonLinesEndWithTheSummary) {
  damage();
  const auto printed = run_command(copy, Output::jsonl);
  std::istringstream lines{printed.out};
  std::vector<boost::json::object> objects;
  for (std::string line; std::getline(lines, line);) {
    objects.push_back(boost::json::parse(line).as_object());
  }
  ASSERT_EQ(objects.size(), 3U);
  EXPECT_EQ(objects[1].at("rule"), "stock_conserved");
  EXPECT_EQ(objects[1].at("subject"), "sku-1");
  EXPECT_EQ(objects[2].at("violations_total"), 2);
}

TEST_F(VerifyCommand, WhatIsNoDataFileIsRefused) {
  EXPECT_EQ(run_command(folder.file("none.db")).code, ExitCode::not_found);
  std::ofstream{folder.file("text.db")} << "not a data file, but long enough to look at it";
  EXPECT_EQ(run_command(folder.file("text.db")).code, ExitCode::invalid);
  EXPECT_FALSE(std::filesystem::exists(folder.file("none.db")));
}

TEST_F(VerifyCommand, TheProgramAnswersWithItsExitCode) {
  const auto clean = run_program(fmt::format("--data {} -o jsonl", copy));
  EXPECT_EQ(clean.code, ExitCode::ok);
  EXPECT_THAT(clean.out, testing::HasSubstr("\"clean\":true"));
  damage();
  const auto damaged = run_program(fmt::format("--data {}", copy));
  EXPECT_EQ(damaged.code, ExitCode::error);
  EXPECT_THAT(damaged.out, testing::HasSubstr(seed_file().failed.to_string()));
  EXPECT_EQ(run_program("--data " + folder.file("none.db")).code, ExitCode::not_found);
}

// The file is open for writing, commits come between the checks, and one is under way.
TEST_F(VerifyCommand, AFileInUseIsCleanAtEveryCommit) {
  const auto path = folder.file("used.db");
  auto store = std::move(SqliteStore::open(path).value());
  PipelineOver<SqliteStore> p{*store, 7};
  Traffic traffic{p, 7};
  std::int64_t checked = 0;
  int checks = 0;
  p.after_batch = [&] {
    const auto position = store->feed_position();
    if (std::exchange(checked, position) == position) return;
    const auto report = verify_file(path, RetryPolicy{});
    ASSERT_TRUE(report.clean()) << text_of(report);
    ++checks;
  };
  traffic.run(60);
  EXPECT_GT(checks, 30);
  store->begin();
  store->put_contact({traffic.orders.front(), 9, {}, {}});
  EXPECT_EQ(run_command(path).code, ExitCode::ok);
  store->rollback();
}

// Whatever a column holds, the check comes to an end, and most of what it can hold is found.
TEST_F(VerifyCommand, NoDamageStopsTheCheck) {
  const std::uint64_t seed = 20'261;
  SCOPED_TRACE(fmt::format("seed {}", seed));
  SeededRandom dice{seed};
  const auto any_of = [&](const auto& list) { return list[dice.next() % list.size()]; };
  static constexpr std::array<std::string_view, 3> kTables{"orders", "event_log", "operations"};
  static constexpr std::array<std::string_view, 9> kValues{"-1",
                                                           "0",
                                                           "99",
                                                           "4611686018427387904",
                                                           "-9223372036854775807",
                                                           "'x'",
                                                           "x'00'",
                                                           "CAST(x'ff' AS TEXT)",
                                                           "'1:6:1'"};
  int damaged = 0;
  int found = 0;
  for (int i = 0; i < 300; ++i) {
    const auto path = folder.file("random.db");
    std::filesystem::copy_file(copy, path, std::filesystem::copy_options::overwrite_existing);
    const auto table = any_of(kTables);
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
    sqlite3_stmt* columns = nullptr;
    const auto info = fmt::format("SELECT name FROM pragma_table_info('{}')", table);
    ASSERT_EQ(sqlite3_prepare_v2(db, info.c_str(), -1, &columns, nullptr), SQLITE_OK);
    std::vector<std::string> names;
    while (sqlite3_step(columns) == SQLITE_ROW) {
      names.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(columns, 0)));
    }
    sqlite3_finalize(columns);
    const auto key = table == "operations" ? "order_id" : "id";
    const auto name = any_of(names);
    std::string value{any_of(kValues)};
    if (name == "packed" || name == "events") {
      // One byte of it, or one more.
      const std::uint64_t size = table == "orders" ? 8 : table == "operations" ? 700 : 4'000;
      value = fmt::format("CAST(substr({0}, 1, {1}) || x'{2:02x}' || substr({0}, {1} + 2) AS BLOB)",
                          name, dice.next() % size, dice.next() % 256);
    }
    const auto sql = fmt::format(
        "PRAGMA ignore_check_constraints = ON; UPDATE {0} SET {1} = {2} WHERE {3} = "
        "(SELECT {3} FROM {0} ORDER BY {3} LIMIT 1 OFFSET {4})",
        table, name, value, key, dice.next() % 5);
    // A value that the column's type does not take, or a key that exists, changes nothing.
    const bool changed = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK &&
                         sqlite3_total_changes(db) > 0;
    sqlite3_close(db);
    if (!changed) continue;
    ++damaged;
    found += run_command(path).code == ExitCode::ok ? 0 : 1;
  }
  EXPECT_GT(damaged, 50);
  EXPECT_GT(found, damaged / 2);
}

}  // namespace
}  // namespace conveyor::test
