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

TEST_F(DeadLettersCli, GetSaysWhy) {
  const auto id = dead_letter("pm_flaky_9");
  const auto page = conveyor({"orders", "get", id, "--why"});
  EXPECT_EQ(page.code, 0) << page.err;
  EXPECT_THAT(page.out, testing::StartsWith("order       " + id + "\nstatus      dead_lettered"));
  EXPECT_THAT(page.out, HasSubstr("\nwhy         It is a dead letter since 20"));
  EXPECT_THAT(page.out, HasSubstr("\nwaits for   person, since 20"));
  EXPECT_THAT(page.out, HasSubstr("\ncause       Payment could not do authorize_payment: "
                                  "issuer_unavailable, attempt 8 of 8, at"));
  EXPECT_THAT(page.out, HasSubstr("\nnext        If nobody acts"));
  EXPECT_THAT(page.out, HasSubstr("\nothers      0 other orders have the same failure"));
  EXPECT_THAT(page.out, HasSubstr("retry: tries authorize_payment again at once under the same"));
  EXPECT_THAT(page.out, HasSubstr("\nyou cannot  restart: "));
  for (std::size_t begin = 0; begin < page.out.size();) {
    const auto end = page.out.find('\n', begin);
    EXPECT_LE(end - begin, 100U) << page.out.substr(begin, end - begin);
    begin = end + 1;
  }
  const auto json = conveyor({"orders", "get", id, "--why", "-o", "json"}).json();
  EXPECT_EQ(json.at("waiting_for").at("what").as_string(), "person");
}

}  // namespace
}  // namespace conveyor::test
