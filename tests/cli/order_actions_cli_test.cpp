// Method: the actions on orders from the command line against a whole server over loopback: what
// they ask, what they print, how they end and what then became of the order.
#include "cli/cli_fixture.h"

namespace conveyor::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

class OrderActionsCli : public CliTest {
 protected:
  std::string in_status(const OrderText& order, std::string_view status) {
    auto id = place(order);
    client.wait_for(id, status);
    return id;
  }
  std::string version_of(const std::string& id) {
    return client.get("/v1/orders/" + id).at("/version");
  }
  Ran act(const std::string& action, const std::string& id,
          const std::vector<std::string>& more = {}, const Terminal& terminal = {}) {
    std::vector<std::string> arguments{"orders", action, id};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return conveyor(std::move(arguments), terminal);
  }
};

const std::vector<std::string> kAddress{
    "--ship-name", "B. Buyer",           "--ship-line1", "Side 2",         "--ship-city",
    "Potsdam",     "--ship-postal-code", "14467",        "--ship-country", "DE"};

TEST_F(OrderActionsCli, HoldAndReleaseAskNothing) {
  const auto id = place({.payment_method = "pm_slow"});
  const auto held = act("hold", id, {"--reason", "fraud_check"});
  EXPECT_EQ(held.code, 0) << held.err;
  EXPECT_EQ(held.err, "");
  EXPECT_THAT(held.out, HasSubstr("status      on_hold (ok)\n"));
  EXPECT_EQ(act("hold", id).code, 6) << "held already";
  const auto released = act("release", id, {"-o", "json"});
  EXPECT_EQ(released.code, 0) << released.err;
  EXPECT_EQ(released.json().at("status"), "processing");
  EXPECT_THAT(conveyor({"orders", "events", id}).out, HasSubstr("reason=fraud_check"));
}

TEST_F(OrderActionsCli, WhatCannotBeTakenBackIsShownAndAskedAbout) {
  const auto id = in_status({.payment_method = "pm_garbage"}, "dead_lettered");
  const auto version = version_of(id);
  const auto alone = act("compensate", id);
  EXPECT_EQ(alone.code, 2);
  EXPECT_EQ(alone.err,
            "error: compensate shows the order and asks; without a terminal give --yes, or "
            "--if-match with the version that was looked at\n");
  const auto refused = act("compensate", id, {}, {.input = "\n", .is_terminal = true});
  EXPECT_EQ(refused.code, 1);
  EXPECT_EQ(refused.err, id + " is dead_lettered at authorize_payment, version " + version +
                             "\ncompensate undoes all it has done, and ends it as failed\n"
                             "Go on? [y/N] nothing was done\n");
  EXPECT_EQ(version_of(id), version) << "nothing was done";
  const auto done = act("compensate", id, {}, {.input = "y\n", .is_terminal = true});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("status      failed"));
  const auto late = act("compensate", id, {"--yes"});
  EXPECT_EQ(late.code, 6);
  EXPECT_EQ(late.err,
            "error: compensate is not possible while the order is failed: it is not "
            "dead-lettered\n");
}

TEST_F(OrderActionsCli, IfMatchStandsForHavingLooked) {
  const auto id = in_status({.payment_method = "pm_declined"}, "failed");
  const auto stale = act("restart", id, {"--if-match", "1", "--payment-method", "pm_ok"});
  EXPECT_EQ(stale.code, 4);
  EXPECT_THAT(stale.err, HasSubstr("(412 stale_version)"));
  const auto done = act("restart", id, {"--if-match", version_of(id), "--payment-method", "pm_ok"});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(done.err, "");
  EXPECT_EQ(conveyor({"orders", "watch", id}).code, 0);
  EXPECT_EQ(act("restart", "ord_01h455vb4pex5vsknk084sn02q", {"--yes"}).code, 3);
}

TEST_F(OrderActionsCli, ARestartTakesLinesPaymentAndAddress) {
  const auto id = in_status({.payment_method = "pm_declined"}, "failed");
  std::vector<std::string> flags{
      "--yes", "--payment-method", "pm_ok", "--line", "sku-1:3:1.25:Blue mug", "-o", "json"};
  flags.insert(flags.end(), kAddress.begin(), kAddress.end());
  const auto restarted = act("restart", id, flags);
  EXPECT_EQ(restarted.code, 0) << restarted.err;
  EXPECT_THAT(restarted.err,
              HasSubstr("restart runs it again from its first step, with another payment method "
                        "and lines and address\n"));
  EXPECT_THAT(restarted.err, Not(HasSubstr("Go on?")));
  const auto order = client.wait_for(id, "completed");
  EXPECT_EQ(order.at("/total"), "375");
  EXPECT_EQ(order.at("/run"), "2");
  EXPECT_EQ(order.at("/lines/0/title"), "Blue mug");
}

TEST_F(OrderActionsCli, ARetryWithChangesIsAskedAboutAndAPlainOneIsNot) {
  const auto id = in_status({.postal_code = "SBX-FLAKY-99"}, "dead_lettered");
  EXPECT_EQ(act("retry", id).code, 0);
  client.wait_for(id, "dead_lettered");
  EXPECT_EQ(act("retry", id, kAddress).code, 2) << "nobody to ask";
  auto flags = kAddress;
  flags.emplace_back("--yes");
  const auto retried = act("retry", id, flags);
  EXPECT_EQ(retried.code, 0) << retried.err;
  EXPECT_THAT(retried.err, HasSubstr("retry undoes the old request if it depends on what changes, "
                                     "and goes on, with another address\n"));
  client.wait_for(id, "completed");
  const auto wrong = in_status({.postal_code = "SBX-FLAKY-99"}, "dead_lettered");
  const auto refused =
      act("retry", wrong, {"--payment-method", "pm_other", "--if-match", version_of(wrong)});
  EXPECT_EQ(refused.code, 6);
  EXPECT_THAT(refused.err, HasSubstr("a completed step has used one of the changed fields"));
}

TEST_F(OrderActionsCli, AResolveSaysWhereItIsWrittenDown) {
  const auto id = in_status(
      {.payment_method = "pm_capture_declined", .postal_code = "SBX-NO-CANCEL"}, "needs_attention");
  EXPECT_THAT(act("resolve", id, {"--yes"}).err, StartsWith("error: --external-reference is "));
  const auto resolved = act("resolve", id, {"--yes", "--external-reference", "RMA-7"});
  EXPECT_EQ(resolved.code, 0) << resolved.err;
  EXPECT_THAT(resolved.out, HasSubstr("status      failed"));
  EXPECT_THAT(conveyor({"orders", "events", id}).out, HasSubstr("external_reference=RMA-7"));
}

TEST_F(OrderActionsCli, SayWhatIsWrongWithFlags) {
  const auto id = in_status({.payment_method = "pm_declined"}, "failed");
  EXPECT_EQ(act("restart", id, {"--yes", "--ship-city", "Potsdam"}).err,
            "error: an address is changed as a whole; it needs --ship-name, --ship-line1, "
            "--ship-postal-code, --ship-country\n");
  const auto line = act("restart", id, {"--yes", "--line", "sku-1:1"});
  EXPECT_EQ(line.code, 2);
  EXPECT_EQ(line.err, "error: --line sku-1:1: write SKU:QUANTITY:PRICE, such as MUG-1:2:12.50\n");
  EXPECT_EQ(act("restart", id, {"--yes", "--reason", "\xFF"}).code, 2);
  EXPECT_EQ(act("hold", id, {"--payment-method", "pm_ok"}).code, 2) << "takes no changes";
  EXPECT_EQ(act("hold", id, {"--yes"}).code, 2) << "asks nothing";
  const auto invalid = act("restart", id, {"--yes", "--payment-method", "no token"});
  EXPECT_EQ(invalid.code, 5);
  EXPECT_THAT(invalid.err, HasSubstr("\n  /changes/payment_method: "));
}

}  // namespace
}  // namespace conveyor::test
