// Method: small files with their orders, refused orders and reasons written out as one summary;
// every reason once; and a property: shuffled rows give the same orders, refusals and sums.
#include "app/cli/import_csv.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <random>
#include <set>
#include <sstream>

namespace conveyor::cli {
namespace {

constexpr std::string_view kHeader =
    "reference,customer_id,currency,payment_method,sku,title,quantity,unit_price,ship_to.name,"
    "ship_to.line1,ship_to.city,ship_to.postal_code,ship_to.country\n";
constexpr std::string_view kAddress = "Ada,Main St 1,Berlin,10115,DE";

std::expected<ImportPlan, std::string> plan_of(std::string_view text,
                                               const ImportMapping& mapping = {},
                                               std::size_t max_rows = kMaxImportRows) {
  std::istringstream input{std::string{text}};
  CsvReader reader{input};
  return plan_csv_import(reader, mapping, max_rows);
}

// "reference total currency lines" per order, "reference! lines: line reason; ..." per refusal.
std::string summary(const std::expected<ImportPlan, std::string>& plan) {
  if (!plan) return "error: " + plan.error();
  std::string out;
  for (const auto& order : plan->orders) {
    out += fmt::format("{} {} {} {}\n", order.reference, order.total_minor, order.currency,
                       fmt::join(order.lines, ","));
  }
  for (const auto& order : plan->refused) {
    out += fmt::format("{}! {}:", order.reference, fmt::join(order.lines, ","));
    for (const auto& problem : order.problems) {
      out += fmt::format(" {} {};", problem.line, problem.reason);
    }
    out += '\n';
  }
  for (const auto& problem : plan->loose) {
    out += fmt::format("! {} {}\n", problem.line, problem.reason);
  }
  return out;
}

// A file of rows "reference,customer,currency,sku,title,quantity,price".
std::string file_of(const std::vector<std::string>& rows) {
  std::string text{kHeader};
  for (const auto& row : rows) {
    std::vector<std::string> cells;
    std::istringstream input{row};
    for (std::string cell; std::getline(input, cell, ',');) cells.push_back(cell);
    cells.resize(7);
    text += fmt::format("{},{},{},pm_ok,{},{},{},{},{}\n", cells[0], cells[1], cells[2], cells[3],
                        cells[4], cells[5], cells[6], kAddress);
  }
  return text;
}

std::string planned(const std::vector<std::string>& rows) {
  return summary(plan_of(file_of(rows)));
}

TEST(ImportPlan, RowsOfAReferenceAreOneOrderWhereverTheyStand) {
  EXPECT_EQ(planned({"R1,c1,USD,A,Mug,2,12.50", "R2,c2,JPY,B,,1,300", "R1,c1,USD,B,,1,0.5"}),
            "R1 2550 USD 2,4\nR2 300 JPY 3\n");
}

TEST(ImportPlan, ADecimalCommaIsRefused) {
  const auto plan = plan_of(
      "reference;sku;title;quantity;unit_price;customer_id;adjustment.shipping;"
      "adjustment.discount;ship_to.email;note\r\n"
      "R1;A;\"A \"\"big\"\" mug;\nblue\";2;1,5;c1;;;;x\r\n"
      "R1;B;;1;0.125;;4.900;-1;a@example.org;y\r\n",
      {.columns = {},
       .constants = {{"currency", "KWD"},
                     {"payment_method", "pm_ok"},
                     {"ship_to.name", "Zoë"},
                     {"ship_to.line1", "1"},
                     {"ship_to.city", "K"},
                     {"ship_to.postal_code", "2"},
                     {"ship_to.country", "KW"}}});
  EXPECT_EQ(summary(plan),
            "R1! 2,4: 2 unit_price is \"1,5\"; it must be an amount in KWD, not negative, such as "
            "1.250;\n");
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->unused_columns, std::vector<std::string>{"note"});
  EXPECT_EQ(plan->rows, 2U);
}

TEST(ImportPlan, TheBodyIsTheApisRequest) {
  const auto plan = plan_of(
      "\xEF\xBB\xBFInvoice;Article;Name;Count;Price;Customer;adjustment.shipping;ship_to.email\r\n"
      "R1;A;\"A \"\"big\"\" mug, blue\";2;1.5;c1;;\r\n"
      "R1;B;;1;0.125;;4.900;a@example.org\r\n",
      {.columns = {{"reference", "Invoice"},
                   {"sku", "Article"},
                   {"title", "Name"},
                   {"quantity", "Count"},
                   {"unit_price", "Price"},
                   {"customer_id", "Customer"}},
       .constants = {{"currency", "KWD"},
                     {"payment_method", "pm_ok"},
                     {"ship_to.name", "Zoë"},
                     {"ship_to.line1", "1"},
                     {"ship_to.city", "K"},
                     {"ship_to.postal_code", "2"},
                     {"ship_to.country", "KW"}}});
  ASSERT_TRUE(plan) << plan.error();
  ASSERT_EQ(summary(plan), "R1 8025 KWD 2,3\n");
  EXPECT_EQ(boost::json::parse(plan->orders[0].body),
            boost::json::parse(R"({"reference":"R1","customer_id":"c1","currency":"KWD",
              "lines":[{"sku":"A","title":"A \"big\" mug, blue","quantity":2,"unit_price":1500},
                       {"sku":"B","quantity":1,"unit_price":125}],
              "adjustments":[{"kind":"shipping","amount":4900}],
              "ship_to":{"name":"Zoë","line1":"1","city":"K","postal_code":"2","country":"KW",
                         "email":"a@example.org"},
              "payment_method":"pm_ok"})"));
  EXPECT_EQ(import_key(plan->orders[0]), "import:c1:R1");
}

TEST(ImportPlan, AWrongLineRefusesItsWholeOrderAndNoOther) {
  EXPECT_EQ(
      planned({"R1,c1,USD,A,,1,1", "R2,c1,USD,A,,1,1", "R1,c1,USD,B,,-2,1", "R1,c1,USD,C,,1,x"}),
      "R2 100 USD 3\n"
      "R1! 2,4,5: 4 quantity is \"-2\"; it must be an integer from 1 to 1000000; 5 "
      "unit_price is \"x\"; it must be an amount in USD, not negative, such as 12.50;\n");
}

TEST(ImportPlan, EveryReasonIsSaid) {
  const auto reason = [](const std::string& row) {
    const auto plan = plan_of(file_of({row}));
    if (!plan || plan->refused.size() + plan->loose.size() != 1) return summary(plan);
    return plan->loose.empty() ? plan->refused[0].problems[0].reason : plan->loose[0].reason;
  };
  const std::string id65(65, 'i');
  EXPECT_EQ(reason(",c1,USD,A,,1,1"), "reference is missing");
  EXPECT_EQ(reason("R 1,c1,USD,A,,1,1"),
            "reference is \"R 1\"; it must be 1 to 64 of A-Z a-z 0-9 . _ -");
  EXPECT_EQ(reason("R1,,USD,A,,1,1"), "customer_id is missing");
  EXPECT_EQ(reason("R1," + id65 + ",USD,A,,1,1"),
            "customer_id must be 1 to 64 of A-Z a-z 0-9 . _ -");
  EXPECT_EQ(reason("R1,c1,,A,,1,1"), "currency is missing");
  EXPECT_EQ(reason("R1,c1,usd,A,,1,1"), "currency is \"usd\"; it must be a code of ISO 4217");
  EXPECT_EQ(reason("R1,c1,USD,,,1,1"), "sku must be 1 to 64 of A-Z a-z 0-9 . _ -");
  EXPECT_EQ(reason("R1,c1,USD,A/B,,1,1"), "sku must be 1 to 64 of A-Z a-z 0-9 . _ -");
  EXPECT_EQ(reason("R1,c1,USD,A," + std::string(201, 't') + ",1,1"),
            "title must have at most 200 characters");
  for (const auto* quantity :
       {"", "0", "-1", "1000001", "1.0", "+1", " 1", "99999999999999999999"}) {
    EXPECT_EQ(reason(fmt::format("R1,c1,USD,A,,{},1", quantity)),
              fmt::format("quantity is \"{}\"; it must be an integer from 1 to 1000000", quantity));
  }
  for (const auto* price : {"", "-1", "1.234", "1e3", "1 000", "90071992547409.92"}) {
    EXPECT_EQ(reason(fmt::format("R1,c1,USD,A,,1,{}", price)),
              fmt::format("unit_price is \"{}\"; it must be an amount in USD, not negative, such "
                          "as 12.50",
                          price));
  }
  EXPECT_EQ(reason("R1,c1,USD,A,,2,90071992547409.91"),
            "lines and adjustments add up to more than 2^53 - 1");
  // At the edges all is well.
  EXPECT_EQ(reason("R1," + id65.substr(1) + ",USD,A," + std::string(200, 't') + ",1000000,0"),
            "R1 0 USD 2\n");
  EXPECT_EQ(reason("R1,c1,USD,A,,1,90071992547409.91"), "R1 9007199254740991 USD 2\n");
}

TEST(ImportPlan, MembersOfTheOrderAgreeOrAreNotSaid) {
  EXPECT_EQ(planned({"R1,,USD,A,,1,1", "R1,c1,,B,,1,1"}), "R1 200 USD 2,3\n");
  EXPECT_EQ(planned({"R1,c1,USD,A,,1,1", "R1,c2,USD,B,,1,1"}),
            "R1! 2,3: 3 customer_id is \"c2\", but \"c1\" in line 2 of the same order;\n");
}

TEST(ImportPlan, AnOrderHasAtMost200Lines) {
  std::vector<std::string> rows(200, "R1,c1,USD,A,,1,1");
  EXPECT_TRUE(planned(rows).starts_with("R1 20000 USD 2,3,"));
  rows.emplace_back("R1,c1,USD,A,,1,1");
  EXPECT_TRUE(planned(rows).ends_with(": 2 lines must have at most 200 elements;\n"));
}

TEST(ImportPlan, ALineThatCannotBeReadRefusesWhatItMayBelongTo) {
  const auto good = file_of({"R1,c1,USD,A,,1,1", "R2,c1,USD,A,,1,1", "R3,c1,USD,A,,1,1"});
  EXPECT_EQ(summary(plan_of(good + "R2,c1\n")),
            "R1 100 USD 2\nR3 100 USD 4\n"
            "R2! 3: 5 cannot be read and may belong to this order;\n"
            "! 5 not as many fields as the header\n");
  // A stray quote swallows the line behind it.
  EXPECT_EQ(summary(plan_of(good + "R1,\"c1,USD\nR3,c1,\"US\"D\nR4,c1\n")),
            "R2 100 USD 3\n"
            "R1! 2: 5 cannot be read and may belong to this order;\n"
            "R3! 4: 5 cannot be read and may belong to this order;\n"
            "! 5 text after a closing quote\n"
            "! 7 not as many fields as the header\n");
}

TEST(ImportPlan, FilesOfWhichNothingCanBeTaken) {
  EXPECT_EQ(summary(plan_of("")), "error: the file is empty");
  EXPECT_EQ(summary(plan_of(kHeader)), "error: the file has a header but no rows");
  EXPECT_EQ(
      summary(plan_of(file_of({"R1,c1,USD,A,,1,1"}) + "R2,\"c1,USD\n")),
      "error: line 3: a quote is not closed: close the quote of this record, or write a quote "
      "within a field twice; nothing of the file is taken");
  EXPECT_EQ(
      summary(plan_of("\xFF\xFEr\0e\0")),
      "error: line 1: the file is UTF-16, not UTF-8: save it as UTF-8; nothing of the file is "
      "taken");
  EXPECT_EQ(summary(plan_of(file_of({"R1,c1,USD,A,,1,1"}) + std::string(2'000'000, 'x') + "\n")),
            "error: line 3: a record of more than 1 MiB: is there a quote that is not closed?; "
            "nothing of the file is taken");
  EXPECT_EQ(summary(plan_of("reference,sku,sku,quantity\n1,2,3,4\n",
                            {.columns = {{"title", "Name"}},
                             .constants = {{"currency", "EUR"},
                                           {"payment_method", "pm_ok"},
                                           {"ship_to.name", "n"},
                                           {"ship_to.line1", "l"},
                                           {"ship_to.city", "c"},
                                           {"ship_to.country", "DE"}}})),
            "error: two columns are called \"sku\"\n"
            "there is no column \"Name\" for title\n"
            "there is no column unit_price: use --map unit_price=COLUMN or --set "
            "unit_price=VALUE\n"
            "there is no column customer_id: use --map customer_id=COLUMN or --set "
            "customer_id=VALUE\n"
            "there is no column ship_to.postal_code: use --map ship_to.postal_code=COLUMN or "
            "--set ship_to.postal_code=VALUE\n"
            "the file's columns are reference, sku, sku, quantity");
  const auto three = file_of({"R1,c1,USD,A,,1,1", "R2,c1,USD,A,,1,1", "R3,c1,USD,A,,1,1"});
  EXPECT_TRUE(plan_of(three, {}, 3));
  EXPECT_EQ(summary(plan_of(three, {}, 2)), "error: the file has more than 2 rows; split it");
}

TEST(ImportPlan, ASecondHeaderIsNamedAsSuch) {
  const auto rows = file_of({"R1,c1,USD,A,,1,1"});
  EXPECT_EQ(summary(plan_of(rows + std::string{kHeader} + "R2,c1\n")),
            "error: line 3: the header stands here again: remove the line, and see that what "
            "follows it belongs into this file; nothing of the file is taken");
}

// A file with a column `order` before those of file_of().
std::string ordered(const std::vector<std::pair<std::string, std::string>>& rows) {
  std::string text = "order," + std::string{kHeader};
  for (const auto& [order, row] : rows) {
    const auto whole = file_of({row});
    text += order + ',' + whole.substr(kHeader.size());
  }
  return text;
}

TEST(ImportPlan, AColumnOfOrdersGroupsRowsInsteadOfTheReference) {
  const auto plan = plan_of(ordered({{"o1", "R1,c1,USD,A,,1,1"},
                                     {"o2", "R1,c2,USD,A,,2,1"},
                                     {"o1", ",,,B,,3,1"},
                                     {"", "R2,c1,USD,A,,1,1"},
                                     {"o3", ",c3,USD,A,,1,1"}}));
  EXPECT_EQ(summary(plan),
            "R1 400 USD 2,4\nR1 200 USD 3\no3! 6: 6 reference is missing;\n"
            "! 5 order is missing\n");
  ASSERT_TRUE(plan);
  EXPECT_EQ(import_key(plan->orders[0]), "import:c1:R1");
  EXPECT_EQ(import_key(plan->orders[1]), "import:c2:R1");
}

TEST(ImportPlan, TwoOrdersWithOneCustomerAndReferenceAreBothRefused) {
  EXPECT_EQ(
      summary(plan_of(ordered(
          {{"o1", "R1,c1,USD,A,,1,1"}, {"o2", "R2,c1,USD,A,,1,1"}, {"o3", "R1,c1,USD,A,,1,1"}}))),
      "R2 100 USD 3\n"
      "R1! 2: 2 customer_id and reference are those of another order, in line 4; only one "
      "of them can be placed;\n"
      "R1! 4: 4 customer_id and reference are those of another order, in line 2; only one "
      "of them can be placed;\n");
}

TEST(ImportPlan, ALineThatCannotBeReadRefusesByOrderOrReference) {
  const auto good = ordered({{"o1", "R1,c1,USD,A,,1,1"}, {"o2", "R2,c1,USD,A,,1,1"}});
  const auto spoiled = [&](const std::string& line) {
    const auto plan = plan_of(good + line);
    return plan && plan->orders.size() == 1 ? plan->orders[0].reference : summary(plan);
  };
  EXPECT_EQ(spoiled("o1\n"), "R2");
  EXPECT_EQ(spoiled("x,R2\n"), "R1");
}

TEST(ImportPlan, ColumnsOfAnExportThatSayNothingToAnImportAreNotComplainedOf) {
  const auto plan = plan_of(
      "status,created_at,note,reference,sku,quantity,unit_price,customer_id\nx,y,z,R,A,1,1,c\n",
      {.columns = {},
       .constants = {{"currency", "USD"},
                     {"payment_method", "pm_ok"},
                     {"ship_to.name", "n"},
                     {"ship_to.line1", "l"},
                     {"ship_to.city", "c"},
                     {"ship_to.postal_code", "p"},
                     {"ship_to.country", "DE"}}});
  ASSERT_TRUE(plan) << plan.error();
  EXPECT_EQ(plan->unused_columns, std::vector<std::string>{"note"});
}

TEST(ImportPlan, MapAndSetAreChecked) {
  const auto error = [](const std::vector<std::string>& maps,
                        const std::vector<std::string>& sets) {
    const auto mapping = parse_import_mapping(maps, sets);
    return mapping ? std::string{} : mapping.error();
  };
  EXPECT_EQ(error({"sku=Stock=Code", "title=T"}, {"currency=EUR"}), "");
  EXPECT_EQ(parse_import_mapping({"sku=Stock=Code"}, {})->columns.at("sku"), "Stock=Code");
  EXPECT_EQ(error({"sku"}, {}), "--map sku: write path=Column");
  EXPECT_EQ(error({}, {"currency="}), "--set currency=: write path=value");
  EXPECT_EQ(error({"sku=A", "sku=B"}, {}), "--map sku is given twice");
  EXPECT_EQ(error({"currency=A"}, {"currency=EUR"}), "currency is given by --map and by --set");
  EXPECT_EQ(error({}, {"reference=R"}), "--set reference: every order needs its own");
  EXPECT_TRUE(error({"price=P"}, {})
                  .starts_with("--map price=P: \"price\" is no path; there are "
                               "reference, order, sku, title, quantity, unit_price, "));
}

TEST(ImportPlan, ProblemsOfARequestAreThoseOfALine) {
  const std::vector<std::size_t> lines{7, 3, 12};
  EXPECT_EQ(place_problem(ImportFormat::csv, lines, "/lines/1/sku", "is odd"),
            (LineProblem{3, "sku is odd"}));
  EXPECT_EQ(place_problem(ImportFormat::csv, lines, "/lines/3/sku", "is odd"),
            (LineProblem{7, "lines.3.sku is odd"}));
  EXPECT_EQ(place_problem(ImportFormat::csv, lines, "/ship_to/country", "is odd"),
            (LineProblem{7, "ship_to.country is odd"}));
  EXPECT_EQ(place_problem(ImportFormat::csv, lines, "", "it is odd"),
            (LineProblem{7, "it is odd"}));
  EXPECT_EQ(place_problem(ImportFormat::ndjson, {5}, "/lines/0/sku", "is odd"),
            (LineProblem{5, "/lines/0/sku is odd"}));
}

TEST(ImportPlan, SumsBeyondMoneyAreNotGiven) {
  const auto plan = plan_of(file_of({"R1,c1,USD,A,,1,90071992547409.91", "R2,c1,JPY,A,,1,7",
                                     "R3,c1,USD,A,,1,0.01", "R4,c1,JPY,A,,2,7"}));
  ASSERT_TRUE(plan);
  const auto totals = totals_of(plan->orders);
  EXPECT_EQ(totals.at("USD"), std::nullopt);
  EXPECT_EQ(totals.at("JPY"), 21);
}

// What a plan says, whatever the sequence of rows: orders with their lines as sets, and refusals.
std::set<std::string> without_sequence(const ImportPlan& plan) {
  std::set<std::string> out;
  for (const auto& order : plan.orders) {
    const auto body = boost::json::parse(order.body);
    std::multiset<std::string> lines;
    for (const auto& line : body.at("lines").as_array()) {
      lines.insert(boost::json::serialize(line));
    }
    out.insert(fmt::format("{} {} {} {}", order.reference, order.customer_id, order.total_minor,
                           fmt::join(lines, " ")));
  }
  for (const auto& order : plan.refused) {
    out.insert(fmt::format("{}! {}", order.reference, order.lines.size()));
  }
  return out;
}

RC_GTEST_PROP(ImportPlan, GroupingDoesNotDependOnTheSequenceOfRows, ()) {
  const auto rows = *rc::gen::container<std::vector<std::string>>(rc::gen::map(
      rc::gen::tuple(rc::gen::inRange(1, 6), rc::gen::inRange(0, 40), rc::gen::inRange(0, 12),
                     rc::gen::inRange(0, 300)),
      [](const std::tuple<int, int, int, int>& cell) {
        const auto [reference, customer, quantity, price] = cell;
        // Seldom another customer or none, seldom a quantity of 0.
        const std::string name = customer == 0   ? ""
                                 : customer == 1 ? "c0"
                                                 : fmt::format("c{}", reference);
        return fmt::format("R{},{},USD,S{},,{},{}", reference, name, price % 7, quantity, price);
      }));
  RC_PRE(!rows.empty());
  auto shuffled = rows;
  const auto seed = *rc::gen::arbitrary<std::uint32_t>();
  std::minstd_rand random{seed};
  std::ranges::shuffle(shuffled, random);
  const auto plan = plan_of(file_of(rows));
  const auto other = plan_of(file_of(shuffled));
  RC_ASSERT(plan.has_value());
  RC_ASSERT(other.has_value());
  RC_ASSERT(without_sequence(*plan) == without_sequence(*other));
  RC_ASSERT(totals_of(plan->orders) == totals_of(other->orders));
  RC_ASSERT(planned_lines(*plan) + refused_lines(*plan) == rows.size());
}

}  // namespace
}  // namespace conveyor::cli
