// Method: a whole server in the process; what actions demand of a request beyond the order's status
// (a version, a valid body), and what of a changed order may be seen and is kept where.
#include <fmt/format.h>

#include "api/api_server.h"

namespace conveyor::test {
namespace {

constexpr std::string_view kPayOk = R"({"changes":{"payment_method":"pm_ok"}})";
constexpr std::string_view kPotsdam =
    R"({"changes":{"ship_to":{"name":"B. Buyer","line1":"Side Street 2","city":"Potsdam",)"
    R"("postal_code":"14467","country":"DE"}}})";

class ActionBodies : public ApiTest {
 protected:
  std::string in_status(const OrderText& order, std::string_view status) {
    auto id = place(order);
    client.wait_for(id, status);
    return id;
  }
  std::string etag(const std::string& id) { return client.get("/v1/orders/" + id).header("ETag"); }
  Reply act(const std::string& id, const std::string& action, std::string_view body,
            const std::string& if_match = {}) {
    std::vector<http::Header> headers;
    if (!if_match.empty()) headers.push_back({"If-Match", if_match});
    return client.post(fmt::format("/v1/orders/{}/{}", id, action), body, std::move(headers));
  }
  std::optional<Contact> contact(const std::string& id, std::uint32_t version) const {
    return SqliteReader::open(server.path()).value()->contact(OrderId::parse(id).value(), version);
  }
};

TEST_F(ActionBodies, SomeActionsNeedTheVersionThatSomebodyHasSeen) {
  const auto id = in_status({.payment_method = "pm_garbage"}, "dead_lettered");
  const std::vector<std::pair<std::string, std::string_view>> all{
      {"compensate", "{}"},
      {"resolve", R"({"external_reference":"RMA-7"})"},
      {"restart", "{}"},
      {"restart", kPayOk},
      {"retry", kPayOk}};
  const auto before = etag(id);
  for (const auto& [action, body] : all) {
    SCOPED_TRACE(action);
    const auto missing = act(id, action, body);
    EXPECT_EQ(missing.status, 428);
    EXPECT_EQ(missing.code(), "if_match_required");
    EXPECT_EQ(act(id, action, body, "*").status, 428) << "names no version";
    EXPECT_EQ(act(id, action, body, "7").status, 400);
    EXPECT_EQ(act(id, action, body, "7").code(), "invalid_header");
    const auto stale = act(id, action, body, "\"1\"");
    EXPECT_EQ(stale.status, 412);
    EXPECT_EQ(stale.code(), "stale_version");
    EXPECT_EQ(stale.header("ETag"), before);
    EXPECT_EQ(act("ord_01h455vb4pex5vsknk084sn02q", action, body, "\"1\"").status, 404);
  }
  for (const auto* action : {"cancel", "hold", "release", "retry", "retry-now"}) {
    EXPECT_EQ(act(id, action, "{}", "\"1\"").status, 412) << action << " honours it";
  }
  EXPECT_EQ(etag(id), before) << "nothing was done";
  EXPECT_EQ(act(id, "retry", "{}").status, 202) << "needs none";
}

TEST_F(ActionBodies, AreAsStrictAsAnOrder) {
  const auto id = in_status({.payment_method = "pm_declined"}, "failed");
  const auto refused = [&](std::string_view action, std::string_view body) {
    const auto reply = act(id, std::string{action}, body, etag(id));
    EXPECT_EQ(reply.status, 422) << reply.body;
    EXPECT_EQ(reply.code(), "validation_failed");
    return reply.at("/errors/0/code") + " " + reply.at("/errors/0/pointer");
  };
  EXPECT_EQ(refused("resolve", ""), "required /external_reference");
  EXPECT_EQ(refused("resolve", R"({"external_reference":"by phone"})"),
            "bad_format /external_reference");
  EXPECT_EQ(refused("hold", kPayOk), "unknown_member /changes");
  EXPECT_EQ(refused("restart", R"({"changes":{}})"), "too_short /changes");
  EXPECT_EQ(refused("restart", R"({"changes":{"ship_to":{}}})"), "required /changes/ship_to/name");
  EXPECT_EQ(act(id, "restart", "{", etag(id)).code(), "invalid_json");
}

TEST_F(ActionBodies, ChangedLinesMustHaveATotalWithTheAdjustments) {
  const auto placed =
      client.place(R"({"customer_id":"c1","currency":"EUR","lines":[{"sku":"sku-1","quantity":2,)"
                   R"("unit_price":500}],"adjustments":[{"kind":"discount","amount":-600}],)"
                   R"("payment_method":"pm_declined","ship_to":{"name":"A","line1":"B","city":"C",)"
                   R"("postal_code":"1","country":"DE"}})",
                   "discounted");
  const auto id = placed.at("/id");
  client.wait_for(id, "failed");
  const auto with_lines = [&](std::int64_t quantity, std::int64_t unit_price) {
    return act(id, "restart",
               fmt::format(R"({{"changes":{{"payment_method":"pm_ok","lines":[{{"sku":"sku-1",)"
                           R"("quantity":{},"unit_price":{}}}]}}}})",
                           quantity, unit_price),
               etag(id));
  };
  const auto negative = with_lines(1, 599);
  EXPECT_EQ(negative.status, 422);
  EXPECT_EQ(negative.at("/errors/0/code"), "total_negative");
  EXPECT_EQ(negative.at("/errors/0/pointer"), "/changes/lines");
  const auto beyond = with_lines(2, kMaxMinor);
  EXPECT_EQ(beyond.status, 422);
  EXPECT_EQ(beyond.at("/errors/0/code"), "total_out_of_range");

  const auto done = with_lines(3, 500);
  EXPECT_EQ(done.status, 202) << done.body;
  EXPECT_EQ(done.at("/run"), "2");
  const auto order = client.wait_for(id, "completed");
  EXPECT_EQ(order.at("/total"), "900");
  EXPECT_EQ(order.at("/lines/0/quantity"), "3");
  EXPECT_EQ(order.at("/money/captured"), "900");
  EXPECT_EQ(client.get("/v1/inventory/sku-1").at("/on_hand"), "997");
}

TEST_F(ActionBodies, AChangedTotalOfNothingNeedsNoPayment) {
  const auto id = in_status({.payment_method = "pm_declined"}, "failed");
  const auto done =
      act(id, "restart", R"({"changes":{"lines":[{"sku":"sku-1","quantity":1,"unit_price":0}]}})",
          etag(id));
  EXPECT_EQ(done.status, 202) << done.body;
  EXPECT_EQ(client.wait_for(id, "completed").at("/total"), "0");
}

TEST_F(ActionBodies, AChangedAddressIsANewContactAndNeverInEvents) {
  const auto id = in_status({.postal_code = "SBX-FLAKY-15"}, "dead_lettered");
  const auto old = contact(id, 1).value();
  EXPECT_EQ(act(id, "retry", kPotsdam, etag(id)).status, 202);
  const auto order = client.wait_for(id, "completed");
  EXPECT_EQ(contact(id, 1), std::nullopt) << "the undo of the old booking is confirmed";
  const auto changed = contact(id, 2).value();
  EXPECT_EQ(changed.ship_to.city, "Potsdam");
  EXPECT_EQ(changed.metadata, old.metadata);
  const auto events = client.get("/v1/orders/" + id + "/events?limit=200");
  EXPECT_NE(events.body.find(R"("changes":[{"field":"ship_to","from":1,"to":2}])"),
            std::string::npos)
      << events.body;
  for (const auto* personal : {"Potsdam", "14467", "B. Buyer", "Side Street"}) {
    EXPECT_EQ(events.body.find(personal), std::string::npos) << personal;
    EXPECT_EQ(order.body.find(personal), std::string::npos) << personal;
  }
}

TEST_F(ActionBodies, AnAddressThatMayNotChangeIsNotKept) {
  const auto id = in_status(
      {.payment_method = "pm_capture_declined", .postal_code = "SBX-NO-CANCEL"}, "needs_attention");
  EXPECT_EQ(act(id, "retry", kPotsdam, etag(id)).status, 409);
  EXPECT_EQ(contact(id, 2), std::nullopt);
  EXPECT_TRUE(contact(id, 1).has_value());
}

TEST_F(ActionBodies, AResolveKeepsWhoSaidItAndWhereItIsWrittenDown) {
  const auto id = in_status(
      {.payment_method = "pm_capture_declined", .postal_code = "SBX-NO-CANCEL"}, "needs_attention");
  const auto done = client.post("/v1/orders/" + id + "/resolve",
                                R"({"external_reference":"RMA-7","reason":"carrier_called"})",
                                {{"If-Match", etag(id)}, {"Conveyor-Actor", "ada"}});
  EXPECT_EQ(done.status, 202) << done.body;
  EXPECT_EQ(done.at("/status"), "failed");
  const auto events = client.get("/v1/orders/" + id + "/events?limit=200").json();
  bool resolved = false;
  bool by_hand = false;
  for (const auto& event : events.at("data").as_array()) {
    const auto& data = event.at("data").as_object();
    if (event.at("type") == "CompensationResolved") {
      EXPECT_EQ(data.at("external_reference"), "RMA-7");
      EXPECT_EQ(data.at("reason"), "carrier_called");
      EXPECT_EQ(event.at("actor").at("id"), "ada");
      EXPECT_EQ(event.at("actor").at("kind"), "operator");
      resolved = true;
    }
    if (event.at("type") == "ShipmentCancelled") by_hand = data.at("effect") == "by_hand";
  }
  EXPECT_TRUE(resolved && by_hand);
}

}  // namespace
}  // namespace conveyor::test
