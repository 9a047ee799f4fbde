// Method: files of a test's own are imported into a whole server over loopback; the summary is
// compared with what the API then says.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/cli_fixture.h"

namespace conveyor::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr std::string_view kOrders =
    "\xEF\xBB\xBFInvoice;sku;quantity;unit_price;customer_id\r\n"
    "I-1;sku-1;3;1.50;c1\r\n"
    "I-2;sku-2;1;2.00;c2\r\n"
    "I-1;sku-2;2;0.25;c1\r\n"
    "C-3;sku-1;-3;1.50;c1\r\n"
    "I-4;sku-1;9999;1.00;c1\r\n";

class ImportCli : public CliTest {
 protected:
  ImportCli() { client.set_stock("sku-2", 10); }

  static std::vector<std::string> import_flags(const std::string& path,
                                               const std::vector<std::string>& more) {
    std::vector<std::string> flags{"orders", "import", path, "--map", "reference=Invoice"};
    for (const auto* set :
         {"currency=EUR", "payment_method=pm_ok", "ship_to.name=Ada", "ship_to.line1=Main 1",
          "ship_to.city=Berlin", "ship_to.postal_code=10115", "ship_to.country=DE"}) {
      flags.insert(flags.end(), {"--set", set});
    }
    flags.insert(flags.end(), more.begin(), more.end());
    return flags;
  }

  std::string on_hand(const std::string& sku) {
    return client.get("/v1/inventory/" + sku).at("/on_hand");
  }
};

TEST_F(ImportCli, PlacesWaitsAndPlacesNothingTwice) {
  const auto path = write("orders.csv", kOrders);
  const auto first = conveyor(import_flags(path, {"--yes", "--wait"}));
  EXPECT_EQ(first.code, 8) << first.err;
  EXPECT_EQ(first.out,
            "created   3 orders, 4 lines\n"
            "replayed  0 orders, 0 lines\n"
            "refused   1 order, 1 line\n"
            "  C-3 (1 line)\n"
            "    line 5: quantity is \"-3\"; it must be an integer from 1 to 1000000\n"
            "total     10006.00 EUR\n"
            "completed 2 orders\n"
            "failed    1 order\n");
  EXPECT_EQ(on_hand("sku-1"), "997");
  EXPECT_EQ(on_hand("sku-2"), "7");

  const auto again = conveyor(import_flags(path, {"--yes", "--wait", "-o", "json"}));
  EXPECT_EQ(again.code, 8) << again.err;
  const auto summary = again.json();
  EXPECT_EQ(summary.at_pointer("/created/orders").as_int64(), 0);
  EXPECT_EQ(summary.at_pointer("/replayed/orders").as_int64(), 3);
  EXPECT_EQ(summary.at_pointer("/refused/lines").as_int64(), 1);
  EXPECT_EQ(summary.at_pointer("/refused_orders/0/problems/0/line").as_int64(), 5);
  EXPECT_EQ(summary.at_pointer("/totals/EUR").as_int64(), 1'000'600);
  EXPECT_EQ(summary.at_pointer("/statuses/completed").as_int64(), 2);
  EXPECT_EQ(client.get("/v1/orders").json().at("data").as_array().size(), 3U);
  EXPECT_EQ(on_hand("sku-1"), "997");
}

TEST_F(ImportCli, AFileWithoutFaultEndsWithZero) {
  const auto path =
      write("orders.csv", "Invoice,sku,quantity,unit_price,customer_id\nI-1,sku-1,1,1,c1\n");
  const auto ran = conveyor(import_flags(path, {"--yes", "--wait"}));
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.err, "");
}

TEST_F(ImportCli, NamesTheColumnsThatItDoesNotUse) {
  const auto path =
      write("orders.csv", "Invoice,Note,sku,quantity,unit_price,customer_id\nI-1,x,sku-1,1,1,c1\n");
  EXPECT_EQ(conveyor(import_flags(path, {"--yes"})).err, "columns not used: Note\n");
}

TEST_F(ImportCli, AsksAndNeverAssumesYes) {
  const auto path = write("orders.csv", kOrders);
  const auto question = "Place 3 orders with 4 lines (10006.00 EUR) at " + server.url() + "?";
  const auto nobody = conveyor(import_flags(path, {}), {.input = "y\n"});
  EXPECT_EQ(nobody.code, 2);
  EXPECT_EQ(nobody.err,
            "error: " + question + " Nobody can be asked here: say --yes, or --dry-run to look\n");
  const auto no = conveyor(import_flags(path, {}), {.input = "n\n", .is_terminal = true});
  EXPECT_EQ(no.code, 1);
  EXPECT_EQ(no.err, question + " [y/N] nothing was done\n");
  const auto silence = conveyor(import_flags(path, {}), {.input = "", .is_terminal = true});
  EXPECT_EQ(silence.code, 1);
  const auto look = conveyor(import_flags(path, {"--dry-run"}));
  EXPECT_EQ(look.code, 8);
  EXPECT_THAT(look.out, AllOf(HasSubstr("to place  3 orders, 4 lines\n"),
                              HasSubstr("refused   1 order, 1 line\n")));
  EXPECT_EQ(client.get("/v1/orders").json().at("data").as_array().size(), 0U);
  const auto yes = conveyor(import_flags(path, {}), {.input = "y\n", .is_terminal = true});
  EXPECT_EQ(yes.code, 8);
  EXPECT_THAT(yes.out, HasSubstr("created   3 orders, 4 lines\n"));
}

TEST_F(ImportCli, WhatTheServerRefusesIsNamedByLine) {
  place({.reference = "I-2", .customer_id = "c2"});
  const auto ran = conveyor(import_flags(write("orders.csv", kOrders), {"--yes"}));
  EXPECT_EQ(ran.code, 8);
  EXPECT_THAT(ran.out, AllOf(HasSubstr("created   2 orders, 3 lines\n"),
                             HasSubstr("refused   2 orders, 2 lines\n  I-2 (1 line)\n"
                                       "    line 3: order ord_"),
                             HasSubstr("of this customer has this reference\n")));
}

TEST_F(ImportCli, FilesThatCannotBeTakenLeaveNothingDone) {
  EXPECT_EQ(conveyor(import_flags("/nowhere.csv", {"--yes"})).code, 1);
  const auto folder = conveyor(import_flags("/tmp", {"--yes"}));
  EXPECT_EQ(folder.code, 1);
  EXPECT_EQ(folder.err, "error: /tmp is a directory; name the file\n");
  const auto open_quote = conveyor(import_flags(
      write("orders.csv", std::string{kOrders} + "I-9;\"sku-1;1;1;c1\r\n"), {"--yes"}));
  EXPECT_EQ(open_quote.code, 5);
  EXPECT_EQ(conveyor(import_flags(write("orders.csv", kOrders), {"--set", "sku"})).code, 2);
  EXPECT_EQ(client.get("/v1/orders").json().at("data").as_array().size(), 0U);
}

TEST_F(ImportCli, WithoutAServerNothingIsSent) {
  std::string url;
  {
    ApiServer gone;
    url = gone.url();
  }
  const auto ran =
      conveyor(import_flags(write("orders.csv", kOrders), {"--yes", "--wait", "--server", url}));
  EXPECT_EQ(ran.code, 7);
  EXPECT_THAT(ran.out, HasSubstr("not sent  3 orders, 4 lines\n"));
  EXPECT_THAT(ran.err,
              AllOf(HasSubstr("no server at " + url), HasSubstr("stopped; run it again to go on")));
}

TEST_F(ImportCli, StockIsListedSetAdjustedAndImported) {
  EXPECT_EQ(conveyor({"inventory", "get", "nothing"}).code, 3);
  EXPECT_EQ(conveyor({"inventory", "set", "mug", "--on-hand", "5", "--title", "Mug"}).code, 0);
  const auto adjust = [&](const std::string& delta, const std::string& key) {
    return conveyor({"inventory", "adjust", "mug", "--delta", delta, "--reason", "broken",
                     "--idempotency-key", key, "-o", "json"});
  };
  EXPECT_EQ(adjust("-2", "a").json().at("on_hand").as_int64(), 3);
  const auto again = adjust("-2", "a");
  EXPECT_EQ(again.code, 0);
  EXPECT_EQ(again.err, "this was already done with the same key\n");
  EXPECT_EQ(adjust("-9", "b").code, 4) << "more than there is";
  EXPECT_EQ(conveyor({"inventory", "get", "mug"}).out,
            "SKU  ON HAND  RESERVED  AVAILABLE  TITLE\n"
            "mug        3         0          3  Mug\n");

  const auto path = write("stock.csv",
                          "sku,on_hand,title\nmug,7,\nx y,1,\nnew,2,New\nmug,8,\n"
                          "cup,-1,\n");
  const auto imported = conveyor({"inventory", "import", path, "--yes"});
  EXPECT_EQ(imported.code, 8) << imported.err;
  EXPECT_EQ(imported.out,
            "set       2\n"
            "refused   3\n"
            "    line 3: a SKU must be 1 to 64 of A-Z a-z 0-9 . _ -\n"
            "    line 5: sku mug is already in line 2\n"
            "    line 6: on_hand is \"-1\"; it must be an integer, not negative\n");
  EXPECT_EQ(on_hand("mug"), "7");
  EXPECT_EQ(client.get("/v1/inventory/mug").at("/title"), "Mug") << "an empty title says nothing";
  const auto listed = conveyor({"inventory", "list", "-o", "json"});
  EXPECT_EQ(listed.json().as_array().size(), 4U);
  EXPECT_EQ(conveyor({"inventory", "import", path}).code, 2) << "nobody to ask";
  EXPECT_EQ(conveyor({"inventory", "import", path, "--dry-run"}).out.substr(0, 12),
            "to set    3\n");
}

TEST_F(ImportCli, StockOfMoreThanAPageIsListedWhole) {
  std::string text = "sku,on_hand\n";
  for (int i = 0; i < 401; ++i) text += fmt::format("s{},{}\n", i, i);
  EXPECT_EQ(conveyor({"inventory", "import", write("stock.csv", text), "--yes"}).code, 0);
  const auto listed = conveyor({"inventory", "list", "-o", "jsonl"});
  EXPECT_EQ(std::ranges::count(listed.out, '\n'), 401 + 2);
}

}  // namespace
}  // namespace conveyor::test
