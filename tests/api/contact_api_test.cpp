// Method: a whole server in the process; the personal data of an order, as the request had them.
#include "api/api_server.h"

namespace conveyor::test {
namespace {

using ContactApi = ApiTest;

TEST_F(ContactApi, GivesTheAddressAndTheMetadataOfTheRequest) {
  auto request = boost::json::parse(OrderText{}.str()).as_object();
  request["ship_to"] = {{"name", "Zoë \"Z\" Ångström"},
                        {"line1", " Main St 1"},
                        {"line2", "c/o"},
                        {"city", "K"},
                        {"region", "R"},
                        {"postal_code", "2"},
                        {"country", "KW"},
                        {"email", "z@example.org"},
                        {"phone", "+965 1"}};
  request["metadata"] = {{"z", "first\nline"}, {"a", ""}};
  const auto id = client.place(boost::json::serialize(request), "k").at("/id");
  const auto reply = client.get("/v1/orders/" + id + "/contact");
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.header("Cache-Control"), "no-store");
  EXPECT_EQ(reply.at("/order_id"), id);
  EXPECT_EQ(reply.at("/version"), "1");
  EXPECT_EQ(reply.json().at("ship_to"), request["ship_to"]);
  EXPECT_EQ(reply.at("/metadata"), R"({"z":"first\nline","a":""})") << "in the request's sequence";
}

TEST_F(ContactApi, WhatIsNotThereIsAbsent) {
  const auto reply = client.get("/v1/orders/" + place() + "/contact");
  EXPECT_EQ(reply.at("/ship_to"),
            R"({"name":"A. Buyer","line1":"Main Street 1","city":"Berlin","postal_code":"10115",)"
            R"("country":"DE"})");
  EXPECT_EQ(reply.at("/metadata"), "{}");
}

TEST_F(ContactApi, UnknownOrdersAndParametersAreRefused) {
  const auto id = place();
  EXPECT_EQ(client.get("/v1/orders/ord_01h455vb4pex5vsknk084sn02q/contact").code(),
            "order_not_found");
  EXPECT_EQ(client.get("/v1/orders/x/contact").code(), "order_not_found");
  EXPECT_EQ(client.get("/v1/orders/" + id + "/contact?version=1").code(), "invalid_parameter");
}

TEST_F(ContactApi, IsErasedForAllOrdersOfACustomer) {
  const auto first = place();
  const auto second = place();
  const auto other = place({.customer_id = "c2"});
  for (const auto& id : {first, second, other}) client.wait_for(id, "completed");
  const auto accepted =
      client.send("DELETE", "/v1/customers/c1/contact", {}, {{"Conveyor-Actor", "ada"}});
  EXPECT_EQ(accepted.status, 202) << accepted.body;
  EXPECT_EQ(accepted.at("/customer_id"), "c1");
  EXPECT_EQ(accepted.at("/status"), "accepted");
  // Few orders: their events are in the commit that the answer waited for.
  for (const auto& id : {first, second}) {
    const auto gone = client.get("/v1/orders/" + id + "/contact");
    EXPECT_EQ(gone.status, 410);
    EXPECT_EQ(gone.code(), "contact_erased");
    const auto events = client.get("/v1/orders/" + id + "/events").json().at("data").as_array();
    EXPECT_EQ(events.back().at("type").as_string(), "ContactErased");
    EXPECT_EQ(events.back().at_pointer("/actor/id").as_string(), "ada");
    EXPECT_EQ(events.back().at("causation_id").as_string(), accepted.header("Request-Id"));
  }
  EXPECT_EQ(client.get("/v1/orders/" + other + "/contact").status, 200);
  EXPECT_EQ(client.send("DELETE", "/v1/customers/c1/contact").status, 202) << "again is no error";
}

TEST_F(ContactApi, IsNotErasedWhileAnOrderIsOpen) {
  const auto done = place();
  const auto dead = place({.payment_method = "pm_flaky_15"});
  client.wait_for(done, "completed");
  client.wait_for(dead, "dead_lettered");
  const auto refused = client.send("DELETE", "/v1/customers/c1/contact");
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.code(), "customer_has_open_orders");
  EXPECT_EQ(refused.at("/detail"), "order " + dead + " is dead_lettered");
  EXPECT_EQ(client.get("/v1/orders/" + done + "/contact").status, 200);
}

TEST_F(ContactApi, WhatCannotBeErasedIsRefused) {
  EXPECT_EQ(client.send("DELETE", "/v1/customers/nobody/contact").code(), "customer_not_found");
  EXPECT_EQ(client.send("DELETE", "/v1/customers/c1/contact?x=1").code(), "invalid_parameter");
  EXPECT_EQ(client.get("/v1/customers/c1/contact").code(), "method_not_allowed");
  EXPECT_EQ(
      client.send("DELETE", "/v1/customers/c1/contact", {}, {{"Origin", "http://example.org"}})
          .code(),
      "foreign_origin");
  server.unit.set_failure(StoreError::Kind::unavailable);
  const auto failed = client.send("DELETE", "/v1/customers/c1/contact");
  EXPECT_EQ(failed.code(), "store_unavailable");
  server.unit.set_failure(std::nullopt);
}

}  // namespace
}  // namespace conveyor::test
