// Method: events and orders as the API sends them, and the lines that people see.
#include "app/cli/order_text.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <sstream>

namespace conveyor::cli {
namespace {

std::string printed(std::initializer_list<std::string_view> events) {
  std::ostringstream out;
  EventPrinter printer{out};
  for (const auto event : events) printer.print(boost::json::parse(event));
  return out.str();
}

TEST(OrderText, AnEventIsOneLine) {
  constexpr std::string_view kCreated =
      R"({"occurred_at":"2026-01-31T23:59:59.123Z","version":1,"type":"OrderCreated",
          "data":{"currency":"JPY","total":1500,"lines":[{},{}],"adjustments":[]}})";
  EXPECT_EQ(printed({kCreated}),
            "2026-01-31T23:59:59.123Z    1  OrderCreated          total=1500 JPY  lines=2\n");
  EXPECT_EQ(
      printed({kCreated,
               R"({"occurred_at":"t","version":12,"type":"StepAttemptFailed","attempt":3,
                   "step":"authorize_payment","data":{"class":"failed","code":"issuer_unavailable",
                   "message":"try later \u001b[2J","started_at":"t"}})",
               R"({"occurred_at":"t","version":13,"type":"PaymentAuthorized",
                   "step":"authorize_payment","data":{"amount":1500}})",
               R"({"occurred_at":"t","version":14,"type":"InventoryRejected",
                   "data":{"code":"out_of_stock",
                           "shortages":[{"sku":"A","wanted":3,"available":1},
                                        {"sku":"B","wanted":2,"available":0}]}})",
               R"({"occurred_at":"t","version":15,"type":"OrderFailed",
                   "data":{"undone_steps":["reserve_inventory","authorize_payment"]}})"}),
      printed({kCreated}) +
          "t   12  StepAttemptFailed     authorize_payment  attempt 3  class=failed  "
          "code=issuer_unavailable  message=\"try later ?[2J\"\n"
          "t   13  PaymentAuthorized     authorize_payment  amount=1500 JPY\n"
          "t   14  InventoryRejected     code=out_of_stock  shortages=\"A(1 of 3),B(0 of 2)\"\n"
          "t   15  OrderFailed           undone_steps=reserve_inventory,authorize_payment\n");
}

TEST(OrderText, WhatAServerDoesNotSayIsLeftOut) {
  EXPECT_EQ(printed({"{}"}), "\n");
  std::ostringstream out;
  print_order(out, boost::json::parse(R"({"id":"ord_1","status":"pending"})"));
  EXPECT_EQ(out.str(), "order       ord_1\nstatus      pending\n");
}

TEST(OrderText, MoneyOfAnUnknownCurrencyIsItsMinorUnits) {
  EXPECT_EQ(money_text(1250, "EUR"), "12.50 EUR");
  EXPECT_EQ(money_text(1250, "???"), "1250");
}

}  // namespace
}  // namespace conveyor::cli
