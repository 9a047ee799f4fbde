// Method: small files, read in pieces of every size, with their orders, refused orders and reasons
// written out as one summary.
#include "app/cli/import_ndjson.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "server/api/limits.h"

namespace conveyor::cli {
namespace {

using testing::HasSubstr;

using Plan = std::expected<ImportPlan, std::string>;

Plan plan_of(std::string_view text, const NdjsonLimits& limits = {}, std::size_t piece = 65'536) {
  return plan_ndjson_import(
      [&](char* buffer, std::size_t size) -> std::optional<std::size_t> {
        const auto taken = std::min({size, piece, text.size()});
        std::memcpy(buffer, text.data(), taken);
        text.remove_prefix(taken);
        return taken;
      },
      limits);
}

std::string summary(const Plan& plan) {
  if (!plan) return "error: " + plan.error();
  std::string out;
  for (const auto& order : plan->orders) {
    out += fmt::format("{} {} {} {} {}\n", order.lines.front(), order.customer_id, order.reference,
                       order.total_minor, order.currency);
  }
  for (const auto& order : plan->refused) {
    for (const auto& problem : order.problems) {
      out += fmt::format("{}! {}: {}\n", order.reference, problem.line, problem.reason);
    }
  }
  for (const auto& problem : plan->loose) {
    out += fmt::format("! {}: {}\n", problem.line, problem.reason);
  }
  return out;
}

struct Order {
  std::string reference = "R1";
  std::string customer_id = "c1";
  std::string quantity = "2";
  std::string more = {};

  std::string str() const {
    return fmt::format(
        R"({{"reference":"{}","customer_id":"{}","currency":"KWD","lines":[{{"sku":"A",)"
        R"("quantity":{},"unit_price":1500}}],"ship_to":{{"name":"Zoë","line1":"1","city":"K",)"
        R"("postal_code":"2","country":"KW"}},"payment_method":"pm_ok"{}}})",
        reference, customer_id, quantity, more);
  }
};

TEST(ImportNdjson, EveryLineIsARequestWhateverThePieces) {
  const auto text = "\xEF\xBB\xBF" + Order{}.str() + "\r\n\n  \t\r\n" +
                    Order{.reference = "R2"}.str() + "\n" + Order{.customer_id = "c2"}.str();
  for (const std::size_t piece : {1U, 2U, 3U, 100U, 65'536U}) {
    const auto plan = plan_of(text, {}, piece);
    EXPECT_EQ(summary(plan), "1 c1 R1 3000 KWD\n4 c1 R2 3000 KWD\n5 c2 R1 3000 KWD\n") << piece;
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->orders[0].body, Order{}.str());
    EXPECT_EQ(plan->rows, 3U);
  }
}

TEST(ImportNdjson, AWrongLineIsRefusedByItsNumberAndNoOther) {
  const auto text = Order{.reference = "R1"}.str() + "\n" +                            //
                    Order{.reference = "R2", .quantity = "0"}.str() + "\n" +           //
                    Order{.reference = "R3", .more = R"(,"colour":1)"}.str() + "\n" +  //
                    R"({"reference":"R4")" + "\n" +                                    //
                    "[]\n" +                                                           //
                    Order{.reference = "R6", .more = R"(,"currency":"EUR")"}.str() + "\n" +
                    Order{.reference = "R 7"}.str() + "\n" +  //
                    Order{.reference = "R8"}.str() + "\n";
  EXPECT_EQ(summary(plan_of(text)),
            "1 c1 R1 3000 KWD\n8 c1 R8 3000 KWD\n"
            "R2! 2: /lines/0/quantity must be between 1 and 1000000\n"
            "R3! 3: /colour there is no such member\n"
            "! 4: incomplete: the text ends too early\n"
            "! 5: must be an object\n"
            "! 6: /currency duplicate_member: the object has this member twice\n"
            "! 7: /reference must be 1 to 64 of A-Z a-z 0-9 . _ -\n");
}

TEST(ImportNdjson, TheReferenceIsRequired) {
  auto text = Order{}.str();
  text.erase(text.find("\"reference\":\"R1\","), std::strlen("\"reference\":\"R1\","));
  EXPECT_EQ(summary(plan_of(text)),
            "! 1: /reference is missing; an import needs it to place nothing twice\n");
}

TEST(ImportNdjson, TwoLinesOfOneCustomerAndReferenceAreBothRefused) {
  const auto text = Order{}.str() + "\n" + Order{.customer_id = "c2"}.str() + "\n" +
                    Order{.quantity = "3"}.str() + "\n";
  EXPECT_EQ(summary(plan_of(text)),
            "2 c2 R1 3000 KWD\n"
            "R1! 1: customer_id and reference are those of another order, in line 3; only one of "
            "them can be placed\n"
            "R1! 3: customer_id and reference are those of another order, in line 1; only one of "
            "them can be placed\n");
}

TEST(ImportNdjson, ALineMayBeAsLongAsABodyAndNoLonger) {
  auto most = Order{}.str();
  most.resize(api::kMaxBodyBytes, ' ');
  EXPECT_EQ(summary(plan_of(most + "\r\n")), "1 c1 R1 3000 KWD\n");
  const auto refused =
      "! 1: a line of more than 256 KiB, which is the most that one order may "
      "have\n";
  EXPECT_EQ(summary(plan_of(most + " \n" + Order{.reference = "R2"}.str())),
            "2 c1 R2 3000 KWD\n" + std::string{refused});
  EXPECT_EQ(summary(plan_of(std::string(10'000'000, ' ') + "\n" + Order{.reference = "R2"}.str())),
            "2 c1 R2 3000 KWD\n" + std::string{refused});
  EXPECT_EQ(summary(plan_of(std::string(10'000'000, 'x'))), refused);
}

TEST(ImportNdjson, FilesOfWhichNothingCanBeTaken) {
  EXPECT_EQ(summary(plan_of("")), "error: the file is empty");
  EXPECT_EQ(summary(plan_of("\xEF\xBB\xBF\n\r\n")), "error: the file is empty");
  EXPECT_THAT(summary(plan_of("\xFF\xFE{")), HasSubstr("line 1: the file is UTF-16"));
  const auto two = Order{}.str() + "\n" + Order{.reference = "R2"}.str() + "\n";
  EXPECT_TRUE(plan_of(two, {.max_rows = 2, .max_bytes = two.size() - 2}));
  EXPECT_EQ(summary(plan_of(two, {.max_rows = 1})),
            "error: the file has more than 1 orders; split it");
  EXPECT_EQ(summary(plan_of(two, {.max_bytes = two.size() - 3})),
            "error: the file has more than 0 MiB of orders; split it");
  const auto plan = plan_ndjson_import([](char*, std::size_t) { return std::nullopt; });
  EXPECT_THAT(summary(plan), HasSubstr("line 1: the file cannot be read"));
}

TEST(ImportNdjson, BytesThatAreNoTextAreRefusedByTheirLine) {
  const auto with = [](char byte) {
    auto text = Order{}.str();
    text[text.find("pm_ok")] = byte;
    return summary(plan_of(text + "\n" + Order{.reference = "R2"}.str()));
  };
  EXPECT_THAT(with('\0'), HasSubstr("2 c1 R2 3000 KWD\n! 1: "));
  EXPECT_THAT(with('\xFF'), HasSubstr("2 c1 R2 3000 KWD\n! 1: "));
}

}  // namespace
}  // namespace conveyor::cli
