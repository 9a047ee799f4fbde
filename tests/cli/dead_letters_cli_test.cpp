// Method: dead letters made by the sandbox in a whole server, then listed and grouped.
#include "cli/cli_fixture.h"

namespace conveyor::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class DeadLettersCli : public CliTest {
 protected:
  std::string dead_letter(const std::string& payment_method) {
    const auto id = place({.payment_method = payment_method});
    client.wait_for(id, "dead_lettered");
    return id;
  }
};

TEST_F(DeadLettersCli, NoneIsSaidOnStandardError) {
  for (const auto* verb : {"list", "groups"}) {
    const auto none = conveyor({"dead-letters", verb});
    EXPECT_EQ(none.code, 0);
    EXPECT_EQ(none.out, "");
    EXPECT_EQ(none.err, "no dead letters\n");
  }
}

TEST_F(DeadLettersCli, ListsAndGroups) {
  const auto garbage = dead_letter("pm_garbage");
  dead_letter("pm_garbage");
  const auto flaky = dead_letter("pm_flaky_9");

  const auto groups = conveyor({"dead-letters", "groups"});
  EXPECT_EQ(groups.code, 0) << groups.err;
  EXPECT_THAT(groups.out, testing::ContainsRegex("     2  10.00 EUR  .*malformed_answer\n"));
  EXPECT_THAT(groups.out, testing::ContainsRegex("     1  5.00 EUR   .*issuer_unavailable\n"));
  EXPECT_EQ(conveyor({"dead-letters", "groups", "-o", "json"}).json().at("data").as_array().size(),
            2U);

  const auto list = conveyor({"dead-letters", "list", "--limit", "2"});
  EXPECT_THAT(list.out, HasSubstr(flaky));
  EXPECT_THAT(list.out, Not(HasSubstr(garbage)));
  EXPECT_EQ(list.err, "there are more: --limit N or --all\n");
  const auto all = conveyor({"dead-letters", "list", "--all", "--fingerprint",
                             "payment/authorize_payment/poison/malformed_answer", "-o", "json"});
  EXPECT_EQ(all.json().as_array().size(), 2U);
  EXPECT_EQ(all.json().at(1).at("id").as_string(), garbage);
  EXPECT_EQ(all.err, "");
}

}  // namespace
}  // namespace conveyor::test
