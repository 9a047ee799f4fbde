// Method: orders of random seeds go through the API's own reader and must come back as they were
// made; a large enough sample must show every row of the sandbox's tables as docs/sandbox.md lists
// them, and the skew that is promised.
#include "app/load/order_maker.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "app/cli/import_csv.h"
#include "app/load/generate.h"
#include "app/load/order_writer.h"
#include "server/api/order_request.h"

namespace conveyor::load {
namespace {

std::string request_of(const MadeOrder& made) {
  std::string body;
  append_request_json(body, made);
  return body;
}

RC_GTEST_PROP(OrderMaker, EveryOrderIsWhatTheApiReads, ()) {
  const OrderMaker maker({.seed = *rc::gen::arbitrary<std::uint64_t>(),
                          .articles = *rc::gen::inRange<std::size_t>(1, 50),
                          .max_lines = *rc::gen::inRange<std::size_t>(1, 200),
                          .mix = *rc::gen::element(Mix::plain, Mix::async, Mix::sandbox),
                          .outcomes_percent = *rc::gen::inRange(0, 101),
                          .details = *rc::gen::arbitrary<bool>()});
  const auto made = maker.make(*rc::gen::arbitrary<std::uint64_t>());
  const auto parsed = api::parse_order_body(request_of(made));
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(parsed->order == made.order);
  RC_ASSERT(parsed->ship_to == made.ship_to);
}

std::string generated(FileFormat format, std::uint64_t seed) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  cli::Console console{in, out, err};
  GenerateOptions options;
  options.maker.seed = seed;
  options.orders = 200;
  options.format = format;
  EXPECT_EQ(generate(console, options), cli::ExitCode::ok) << err.str();
  return out.str();
}

TEST(OrderMaker, TheSameSeedIsTheSameBytes) {
  for (const auto format : {FileFormat::csv, FileFormat::ndjson}) {
    EXPECT_EQ(generated(format, 7), generated(format, 7));
    EXPECT_NE(generated(format, 7), generated(format, 8));
  }
}

// What a seed means is kept: a changed list or draw would silently be another load.
TEST(OrderMaker, OrderOneOfSeedOneStaysAsItIs) {
  const OrderMaker maker({.seed = 1, .details = false});
  EXPECT_EQ(
      request_of(maker.make(1)),
      R"({"reference":"Ldbd23897-1","customer_id":"customer-09919","currency":"USD","lines":[)"
      R"({"sku":"ART-00003","quantity":1,"unit_price":2838},)"
      R"({"sku":"ART-00054","quantity":1,"unit_price":1523}],"ship_to":{"name":"Linda O'Neill",)"
      R"("line1":"Cañon Road 149","city":"San José","postal_code":"95112","country":"US"},)"
      R"("payment_method":"pm_ok"})");
}

TEST(OrderMaker, TheImportReadsTheCsvAsTheSameOrders) {
  std::istringstream file(generated(FileFormat::csv, 7));
  CsvReader reader(file);
  const auto plan = cli::plan_csv_import(reader, *cli::parse_import_mapping({}, {}));
  ASSERT_TRUE(plan.has_value()) << plan.error();
  EXPECT_TRUE(plan->refused.empty());
  EXPECT_TRUE(plan->loose.empty());
  EXPECT_TRUE(plan->unused_columns.empty());
  ASSERT_EQ(plan->orders.size(), 200U);
  GenerateOptions options;
  options.maker.seed = 7;
  const OrderMaker maker(options.maker);
  for (std::size_t i = 0; i < plan->orders.size(); ++i) {
    auto made = maker.make(i + 1);
    auto parsed = api::parse_order_body(plan->orders[i].body);
    ASSERT_TRUE(parsed.has_value());
    // A CSV's columns have no sequence.
    std::ranges::sort(made.order.adjustments, {}, &Adjustment::kind);
    std::ranges::sort(parsed->order.adjustments, {}, &Adjustment::kind);
    EXPECT_TRUE(parsed->order == made.order) << plan->orders[i].body << request_of(made);
    EXPECT_TRUE(parsed->ship_to == made.ship_to) << plan->orders[i].body;
  }
}

std::filesystem::path sandbox_page() {
  auto folder = std::filesystem::current_path();
  while (!exists(folder / "CMakePresets.json") && folder.has_relative_path()) {
    folder = folder.parent_path();
  }
  return folder / "docs/sandbox.md";
}

// First cells of the tables' rows, up to a number that a row leaves open: `pm_flaky_<n>`.
std::set<std::string> documented_triggers() {
  std::set<std::string> triggers;
  std::ifstream page(sandbox_page());
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| `") || line.contains("| what happens |")) continue;
    const auto text = line.substr(3, line.find('`', 3) - 3);
    triggers.insert(text.substr(0, text.find('<')));
  }
  return triggers;
}

TEST(OrderMaker, EveryRowOfTheSandboxOccurs) {
  auto missing = documented_triggers();
  ASSERT_GT(missing.size(), 15U);
  const OrderMaker maker({.seed = 3, .mix = Mix::sandbox, .outcomes_percent = 20});
  for (std::uint64_t n = 0; n < 10'000 && !missing.empty(); ++n) {
    const auto made = maker.make(n);
    std::erase_if(missing, [&](const std::string& trigger) {
      const auto asks = [&](const std::string& text) {
        return trigger.ends_with('_') || trigger.ends_with('-') ? text.starts_with(trigger)
                                                                : text == trigger;
      };
      return asks(made.order.payment_method) || asks(made.ship_to.postal_code) ||
             asks(made.order.lines.front().sku);
    });
  }
  EXPECT_TRUE(missing.empty()) << *missing.begin();
}

TEST(OrderMaker, FewArticlesSellMostAndReferencesAreUnique) {
  const OrderMaker maker({.seed = 5, .articles = 1'000});
  std::map<std::string, int> sold;
  std::set<std::string> references;
  std::set<int> exponents;
  int lines = 0;
  for (std::uint64_t n = 0; n < 5'000; ++n) {
    const auto made = maker.make(n);
    references.insert(made.order.reference.value_or(""));
    exponents.insert(made.order.currency.exponent());
    for (const auto& line : made.order.lines) ++sold[line.sku], ++lines;
  }
  EXPECT_EQ(references.size(), 5'000U);
  EXPECT_EQ(exponents, (std::set{0, 2, 3}));
  int first_ten = 0;
  for (std::size_t i = 0; i < 10; ++i) first_ten += sold[maker.articles().at(i).sku];
  // Zipf: H(10)/H(1000) = 2.93/7.49.
  EXPECT_NEAR(static_cast<double>(first_ten) / lines, 0.39, 0.03);
}

TEST(OrderMaker, TheStockFileCoversWhatIsOrdered) {
  // The command writes it while it makes the orders; tests/cli/load_cli_test.cpp imports both.
  const OrderMaker maker({.articles = 2, .mix = Mix::sandbox, .outcomes_percent = 100});
  std::set<std::string> known;
  for (const auto& article : maker.articles()) known.insert(article.sku);
  for (std::uint64_t n = 0; n < 1'000; ++n) {
    for (const auto& line : maker.make(n).order.lines) EXPECT_TRUE(known.contains(line.sku));
  }
}

}  // namespace
}  // namespace conveyor::load
