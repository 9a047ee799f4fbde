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

}  // namespace
}  // namespace conveyor::test
