// Method: commands run in the process against a whole server over loopback; what they print and
// how they end is compared.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/cli_fixture.h"

namespace conveyor::test {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

class OrdersCli : public CliTest {
 protected:
  static std::vector<std::string> create_flags(const std::vector<std::string>& more = {}) {
    std::vector<std::string> flags{"orders",
                                   "create",
                                   "--customer",
                                   "c1",
                                   "--currency",
                                   "EUR",
                                   "--line",
                                   "sku-1:2:12.50:Blue mug",
                                   "--payment-method",
                                   "pm_ok",
                                   "--ship-name",
                                   "Ada Byron",
                                   "--ship-line1",
                                   "Main 1",
                                   "--ship-city",
                                   "Berlin",
                                   "--ship-postal-code",
                                   "10115",
                                   "--ship-country",
                                   "DE"};
    flags.insert(flags.end(), more.begin(), more.end());
    return flags;
  }
};

TEST_F(OrdersCli, CreatesShowsFollowsAndListsAnOrder) {
  const auto created =
      conveyor(create_flags({"--reference", "R-1", "--adjustment", "shipping:4.90", "--metadata",
                             "note=by hand", "--idempotency-key", "key-1", "-o", "json"}));
  ASSERT_EQ(created.code, 0) << created.err;
  EXPECT_EQ(created.err, "") << "a key that was given is not printed";
  EXPECT_EQ(created.json().at("total").as_int64(), 2'990);
  const std::string id{created.json().at("id").as_string()};

  const auto watched = conveyor({"orders", "watch", id});
  EXPECT_EQ(watched.code, 0) << watched.err;
  EXPECT_THAT(watched.out,
              AllOf(HasSubstr("  1  OrderCreated"), HasSubstr("total=29.90 EUR"),
                    HasSubstr("PaymentCaptured       capture_payment"),
                    HasSubstr("amount=29.90 EUR"), HasSubstr("  8  OrderCompleted\n")));

  const auto shown = conveyor({"orders", "get", id});
  EXPECT_EQ(shown.code, 0);
  EXPECT_THAT(shown.out,
              AllOf(HasSubstr("order       " + id + "\n"),
                    HasSubstr("status      completed (ok)\n"), HasSubstr("total       29.90 EUR\n"),
                    HasSubstr("   1  sku-1         2   12.50 EUR  Blue mug\n"),
                    HasSubstr("shipping 4.90 EUR"), Not(HasSubstr("Ada"))));

  const auto events = conveyor({"orders", "events", id, "-o", "json"});
  EXPECT_EQ(events.code, 0);
  EXPECT_EQ(events.json().as_array().size(), 8U);
  const auto lines = conveyor({"orders", "events", id});
  EXPECT_EQ(lines.out, watched.out);

  const auto listed = conveyor({"orders", "list", "reference:R-1", "status:completed"});
  EXPECT_EQ(listed.code, 0);
  EXPECT_THAT(listed.out,
              AllOf(StartsWith("ID "), HasSubstr(id + "  completed"), HasSubstr("29.90 EUR")));
}

TEST_F(OrdersCli, TheSameKeyPlacesOneOrder) {
  const auto first = conveyor(create_flags({"--idempotency-key", "k", "-o", "jsonl"}));
  const auto again = conveyor(create_flags({"--idempotency-key", "k", "-o", "jsonl"}));
  EXPECT_EQ(again.code, 0);
  EXPECT_EQ(again.out, first.out);
  EXPECT_EQ(again.err, "this order was already placed with the same key\n");
  const auto other = conveyor(create_flags({"--idempotency-key", "k", "--line", "sku-1:1:1.00"}));
  EXPECT_EQ(other.code, 5) << other.err;

  const auto made = conveyor(create_flags());
  EXPECT_THAT(made.err, MatchesRegex("idempotency key: cli_[0-9a-z]{26}\n"));
}

TEST_F(OrdersCli, TakesARequestFromAFileOrStandardInput) {
  const auto path = write("order.json", OrderText{.reference = "F-1"}.str());
  EXPECT_EQ(conveyor({"orders", "create", "--file", path}).code, 0);
  EXPECT_EQ(
      conveyor({"orders", "create", "--file", "-"}, {.input = OrderText{.reference = "F-2"}.str()})
          .code,
      0);
  EXPECT_EQ(conveyor({"orders", "create", "--file", "/nowhere"}).err,
            "error: /nowhere cannot be read\n");
  EXPECT_EQ(conveyor({"orders", "create", "--file", "-"}).err, "error: - is empty\n");
  EXPECT_EQ(conveyor({"orders", "create", "--file", path, "--customer", "c1"}).code, 2);
}

TEST_F(OrdersCli, SaysWhatIsWrongWithFlags) {
  const auto error = [&](const std::vector<std::string>& more) {
    auto flags = create_flags(more);
    const auto ran = conveyor(flags);
    EXPECT_EQ(ran.code, 2) << ran.err;
    EXPECT_EQ(ran.out, "");
    return ran.err;
  };
  EXPECT_EQ(error({"--line", "sku-1:1"}),
            "error: --line sku-1:1: write SKU:QUANTITY:PRICE, such as MUG-1:2:12.50\n");
  EXPECT_EQ(error({"--line", "sku-1:two:1"}),
            "error: --line sku-1:two:1: the quantity \"two\" is not an integer\n");
  EXPECT_EQ(error({"--line", "sku-1:1:1.234"}),
            "error: --line sku-1:1:1.234: \"1.234\" is not an amount in EUR; write it like "
            "12.50\n");
  EXPECT_EQ(error({"--adjustment", "shipping"}),
            "error: --adjustment shipping: write KIND:AMOUNT, such as shipping:4.90\n");
  EXPECT_EQ(error({"--metadata", "note"}), "error: --metadata note: write NAME=VALUE\n");
  EXPECT_EQ(error({"--metadata", "note=\xFF"}), "error: the flags are not valid UTF-8\n");
  EXPECT_EQ(conveyor({"orders", "create", "--currency", "EUR"}).err,
            "error: an order needs --customer, --payment-method, --line, --ship-name, "
            "--ship-line1, --ship-city, --ship-postal-code, --ship-country (or --file)\n");
  EXPECT_EQ(conveyor({"orders", "frob"}).err,
            "error: conveyor orders does not take \"frob\"\nsee `conveyor orders --help`\n");
  EXPECT_EQ(conveyor({"orders", "get"}).err,
            "error: ID is required\nsee `conveyor orders get --help`\n");
  EXPECT_EQ(conveyor({"orders", "get", "x", "-o", "xml"}).code, 2);
  EXPECT_EQ(conveyor({"orders", "list", "status:odd"}).code, 2);
  EXPECT_EQ(conveyor({}).code, 2);
}

TEST_F(OrdersCli, EachKindOfRefusalHasItsExitCode) {
  const auto unknown = conveyor({"orders", "get", "ord_01h455vb4pex5vsknk084sn02q"});
  EXPECT_EQ(unknown.code, 3);
  EXPECT_THAT(unknown.err, AllOf(StartsWith("error: "), HasSubstr("(404 order_not_found)"),
                                 HasSubstr("\n  request: req_")));
  EXPECT_EQ(conveyor({"orders", "events", "ord_01h455vb4pex5vsknk084sn02q"}).code, 3);
  EXPECT_EQ(conveyor({"orders", "watch", "ord_01h455vb4pex5vsknk084sn02q"}).code, 3);
  EXPECT_EQ(conveyor({"orders", "get", "../../health"}).code, 3);
  EXPECT_EQ(conveyor({"orders", "cancel", "ord_01h455vb4pex5vsknk084sn02q"}).code, 3);

  const auto invalid = conveyor(create_flags({"--ship-region", std::string(101, 'r')}));
  EXPECT_EQ(invalid.code, 5);
  EXPECT_THAT(invalid.err, HasSubstr("\n  /ship_to/region: must have at most 100 characters\n"));

  EXPECT_EQ(conveyor(create_flags({"--reference", "R-1"})).code, 0);
  const auto taken = conveyor(create_flags({"--reference", "R-1"}));
  EXPECT_EQ(taken.code, 4);
  EXPECT_THAT(taken.err, HasSubstr("(409 reference_taken)"));

  const auto id = place();
  client.wait_for(id, "completed");
  const auto late = conveyor({"orders", "cancel", id});
  EXPECT_EQ(late.code, 6);
  EXPECT_THAT(late.err, HasSubstr("(409 action_not_allowed)"));
  const auto stale = conveyor({"orders", "cancel", id, "--if-match", "1"});
  EXPECT_EQ(stale.code, 4);
  EXPECT_THAT(stale.err, HasSubstr("(412 stale_version)"));
}

TEST_F(OrdersCli, ActsOnOrders) {
  const auto id = place({.payment_method = "pm_flaky_8"});
  client.wait_for(id, "dead_lettered");
  EXPECT_EQ(conveyor({"orders", "retry-now", id}).code, 6);
  const auto retried = conveyor({"orders", "retry", id, "--reason", "issuer_is_back"});
  EXPECT_EQ(retried.code, 0) << retried.err;
  EXPECT_EQ(conveyor({"orders", "watch", id}).code, 0);
  EXPECT_THAT(conveyor({"orders", "events", id}).out,
              AllOf(HasSubstr("OrderDeadLettered"), HasSubstr("code=issuer_unavailable"),
                    HasSubstr("authorize_payment  attempt 8"), HasSubstr("reason=issuer_is_back")));

  const auto other = place({.payment_method = "pm_flaky_15"});
  client.wait_for(other, "dead_lettered");
  EXPECT_EQ(conveyor({"orders", "cancel", other}).code, 0);
  EXPECT_EQ(conveyor({"orders", "watch", other}).code, 1) << "cancelled";
}

TEST_F(OrdersCli, WatchEndsWithOneWhenTheOrderFails) {
  const auto id = place({.payment_method = "pm_declined"});
  const auto watched = conveyor({"orders", "watch", id, "-o", "jsonl"});
  EXPECT_EQ(watched.code, 1);
  EXPECT_THAT(watched.out, HasSubstr("\"type\":\"OrderFailed\""));
}

TEST_F(OrdersCli, ListsPageByPage) {
  for (int i = 0; i < 205; ++i) place({.customer_id = i % 2 == 0 ? "even" : "odd"});
  const auto count = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"orders", "list", "-o", "jsonl"});
    const auto ran = conveyor(std::move(arguments));
    EXPECT_EQ(ran.code, 0) << ran.err;
    return std::pair{std::ranges::count(ran.out, '\n'), ran.err};
  };
  const std::string more = "there are more: --limit N or --all\n";
  EXPECT_EQ(count({}), (std::pair{50L, more}));
  EXPECT_EQ(count({"--limit", "204"}), (std::pair{204L, more}));
  EXPECT_EQ(count({"--limit", "205"}), (std::pair{205L, std::string{}}));
  EXPECT_EQ(count({"--all"}), (std::pair{205L, std::string{}}));
  EXPECT_EQ(count({"customer:even", "--all"}), (std::pair{103L, std::string{}}));
  EXPECT_EQ(count({"-customer:even", "--all"}), (std::pair{102L, std::string{}}));
  EXPECT_EQ(count({"-customer:even", "--limit", "101"}), (std::pair{101L, more}));
  EXPECT_EQ(count({"customer:nobody"}), (std::pair{0L, std::string{"no orders\n"}}));
  EXPECT_EQ(count({"created:>2020-01-01 created:<2020-01-02"}).first, 0);
  EXPECT_EQ(conveyor({"orders", "list", "customer:nobody", "-o", "json"}).out, "[]\n");
}

TEST(CliWithoutServer, SaysHowToStartOne) {
  // A port that was free a moment ago and has no listener now.
  std::string url;
  {
    ApiServer gone;
    url = gone.url();
  }
  const auto ran = run_command({"orders", "list", "--server", url});
  EXPECT_EQ(ran.code, 7);
  EXPECT_THAT(ran.err, AllOf(StartsWith("error: no server at " + url),
                             HasSubstr("start one with `conveyor serve`")));
  EXPECT_EQ(run_command({"orders", "list", "--server", "ftp://x"}).code, 2);
}

TEST(CliHelp, EveryCommandShowsAnExample) {
  const std::vector<std::vector<std::string>> commands{{"orders", "create"},
                                                       {"orders", "list"},
                                                       {"orders", "get"},
                                                       {"orders", "events"},
                                                       {"orders", "watch"},
                                                       {"orders", "retry"},
                                                       {"orders", "retry-now"},
                                                       {"orders", "cancel"},
                                                       {"orders", "hold"},
                                                       {"orders", "release"},
                                                       {"orders", "resolve"},
                                                       {"orders", "compensate"},
                                                       {"orders", "restart"},
                                                       {"orders", "import"},
                                                       {"inventory", "list"},
                                                       {"inventory", "get"},
                                                       {"inventory", "set"},
                                                       {"inventory", "adjust"},
                                                       {"inventory", "import"},
                                                       {"events", "tail"},
                                                       {"contacts", "erase"},
                                                       {"config", "show"},
                                                       {"config", "check"},
                                                       {"config", "schema"},
                                                       {"verify"},
                                                       {"backup"},
                                                       {"restore"},
                                                       {"migrate"},
                                                       {"doctor"},
                                                       {"completion"},
                                                       {"version"}};
  for (auto command : commands) {
    const auto spelled = fmt::format("conveyor {}", fmt::join(command, " "));
    command.emplace_back("--help");
    const auto ran = run_command(command);
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.err, "");
    EXPECT_THAT(ran.out, AllOf(HasSubstr("Usage: " + spelled), HasSubstr("\nExample:\n  "),
                               HasSubstr(spelled)));
  }
  EXPECT_THAT(run_command({"--help"}).out, HasSubstr("Exit codes:"));
  EXPECT_THAT(run_command({"version"}).out,
              MatchesRegex("conveyor [0-9]+\\.[0-9]+\\.[0-9]+ \\(data version [0-9]+\\)\n"));
}

TEST(CliOutput, OutputThatCannotBeWrittenIsAnError) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  out.setstate(std::ios::badbit);
  cli::Console console{in, out, err, false};
  EXPECT_EQ(cli::run(console, {"version"}, {}), cli::ExitCode::error);
  EXPECT_EQ(err.str(), "error: cannot write to standard output\n");
}

TEST(CliConfig, ShowsValuesAndOrigins) {
  const auto shown =
      run_command({"config", "show", "--io-threads", "3"}, {}, {{"CONVEYOR_DATA", "x.db"}});
  EXPECT_EQ(shown.code, 0);
  EXPECT_THAT(shown.out, AllOf(testing::ContainsRegex("io_threads +3 +flag --io-threads "),
                               testing::ContainsRegex("data +x.db +environment CONVEYOR_DATA ")));
  const auto json = run_command({"config", "show", "--undo-after-ms", "never", "-o", "json"});
  for (const auto& row : json.json().as_array()) {
    if (row.at("name") != "undo_after_ms") continue;
    EXPECT_EQ(row.at("value"), "never");
    EXPECT_EQ(row.at("origin"), "flag --undo-after-ms");
  }
  const auto wrong = run_command({"config", "show", "--io-threads", "0"}, {},
                                 {{"CONVEYOR_DATA", ""}, {"CONVEYOR_ODD", "1"}});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_EQ(wrong.err,
            "error: CONVEYOR_DATA must name a file\n"
            "error: CONVEYOR_ODD is no setting; `conveyor config show` lists them\n"
            "error: --io-threads is \"0\"; it must be an integer from 1 to 64\n");
}

}  // namespace
}  // namespace conveyor::test
