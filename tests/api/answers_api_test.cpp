// Method: a whole server in the process; orders brought into known states by the sandbox, then
// asked about.
#include <set>

#include "api/api_server.h"

namespace conveyor::test {
namespace {

constexpr std::string_view kGarbage = "payment/authorize_payment/poison/malformed_answer";

class AnswersApi : public ApiTest {
 protected:
  std::string dead_letter() {
    const auto id = place({.payment_method = "pm_garbage"});
    client.wait_for(id, "dead_lettered");
    return id;
  }
  std::vector<std::string> ids(const Reply& reply) {
    std::vector<std::string> ids;
    for (const auto& item : reply.json().at("data").as_array()) {
      ids.emplace_back(item.at("id").as_string().c_str());
    }
    return ids;
  }
};

TEST_F(AnswersApi, OrderAsItWasAfterEachOfItsEvents) {
  const auto id = place();
  client.wait_for(id, "completed");
  const std::vector<std::string> statuses{"pending",    "processing", "processing", "processing",
                                          "processing", "shipped",    "shipped",    "completed"};
  for (std::size_t version = 1; version <= statuses.size(); ++version) {
    const auto then = client.get("/v1/orders/" + id + "?version=" + std::to_string(version));
    EXPECT_EQ(then.status, 200) << then.body;
    EXPECT_EQ(then.at("/status"), statuses[version - 1]) << version;
    EXPECT_EQ(then.at("/version"), std::to_string(version));
    EXPECT_EQ(then.header("ETag"), "\"" + std::to_string(version) + "\"");
    EXPECT_FALSE(then.json().as_object().contains("allowed_actions")) << "the past allows nothing";
  }
  const auto beyond = client.get("/v1/orders/" + id + "?version=9");
  EXPECT_EQ(beyond.status, 404);
  EXPECT_EQ(beyond.code(), "version_not_found");
  for (const auto* bad : {"0", "-1", "x", "", "99999999999999999999"}) {
    EXPECT_EQ(client.get("/v1/orders/" + id + "?version=" + bad).code(), "invalid_parameter")
        << bad;
  }
  EXPECT_EQ(client.get("/v1/orders/ord_01kapvnr60ey9s4b0z5t9tq7mx?version=1").code(),
            "order_not_found");
}

TEST_F(AnswersApi, DeadLettersAreListedByCauseWithTheirTimes) {
  EXPECT_EQ(client.get("/v1/dead-letters").at("/data"), "[]");
  const std::vector letters{dead_letter(), dead_letter(), dead_letter()};
  const auto other = place({.payment_method = "pm_flaky_9"});
  client.wait_for(other, "dead_lettered");

  EXPECT_EQ(ids(client.get("/v1/dead-letters")).size(), 4U);
  const std::string target{"/v1/dead-letters?limit=2&fingerprint=" + std::string{kGarbage}};
  const auto first = client.get(target);
  EXPECT_EQ(ids(first), (std::vector{letters[2], letters[1]}));
  const auto second = client.get(target + "&cursor=" + first.at("/next_cursor"));
  EXPECT_EQ(ids(second), std::vector{letters[0]});
  EXPECT_EQ(second.at("/has_more"), "false");
  EXPECT_EQ(client.get("/v1/dead-letters?cursor=" + first.at("/next_cursor")).code(),
            "invalid_cursor");

  const auto order = client.get("/v1/orders/" + letters[2]);
  EXPECT_EQ(first.at("/data/0/undo_at"), order.at("/undo_at"));
  EXPECT_EQ(first.at("/data/0/dead_since"), order.at("/updated_at"));
  EXPECT_EQ(first.at("/data/0/fingerprint"), kGarbage);
  EXPECT_EQ(ids(client.get("/v1/orders?fingerprint=" + std::string{kGarbage})).size(), 3U);
  client.post("/v1/orders/" + letters[0] + "/cancel");
  client.wait_for(letters[0], "cancelled");
  EXPECT_EQ(ids(client.get("/v1/dead-letters")).size(), 3U);
  EXPECT_EQ(client.get("/v1/dead-letters?status=failed").code(), "invalid_parameter");
}

TEST_F(AnswersApi, GroupsAreOneLinePerCauseWithItsMoney) {
  const auto none = client.get("/v1/dead-letters/groups");
  EXPECT_EQ(none.body, "{\"data\":[],\"is_complete\":true}\n");
  const auto oldest = dead_letter();
  dead_letter();
  const auto other = place({.quantity = 3, .payment_method = "pm_flaky_9"});
  client.wait_for(other, "dead_lettered");
  const auto groups = client.get("/v1/dead-letters/groups");
  EXPECT_EQ(groups.json().at("data").as_array().size(), 2U) << groups.body;
  EXPECT_EQ(groups.at("/data/0/fingerprint"), kGarbage) << "the most orders come first";
  EXPECT_EQ(groups.at("/data/0/count"), "2");
  EXPECT_EQ(groups.at("/data/0/participant"), "payment");
  EXPECT_EQ(groups.at("/data/0/step"), "authorize_payment");
  EXPECT_EQ(groups.at("/data/0/class"), "poison");
  EXPECT_EQ(groups.at("/data/0/code"), "malformed_answer");
  EXPECT_EQ(groups.at("/data/0/money"),
            R"([{"currency":"EUR","currency_exponent":2,"total":1000}])");
  EXPECT_EQ(groups.at("/data/0/first_seen"), client.get("/v1/orders/" + oldest).at("/updated_at"));
  EXPECT_EQ(groups.at("/data/1/count"), "1");
  EXPECT_EQ(groups.at("/data/1/money/0/total"), "1500");
  EXPECT_EQ(ids(client.get(groups.at("/data/1/href"))), std::vector{other});
  EXPECT_EQ(client.get("/v1/dead-letters/groups?limit=1").code(), "invalid_parameter");
}

TEST_F(AnswersApi, ReservationsThatHoldStock) {
  client.set_stock("sku-2", 10);
  const auto done = place();
  client.wait_for(done, "completed");
  const auto first = dead_letter();
  const auto second = place({.sku = "sku-2", .quantity = 4, .payment_method = "pm_garbage"});
  client.wait_for(second, "dead_lettered");
  const auto all = client.get("/v1/reservations?limit=1");
  EXPECT_EQ(all.at("/data/0/order_id"), first) << "the oldest comes first";
  EXPECT_EQ(all.at("/has_more"), "true");
  const auto rest = client.get("/v1/reservations?limit=1&cursor=" + all.at("/next_cursor"));
  EXPECT_EQ(rest.at("/data/0/order_id"), second);
  EXPECT_EQ(rest.at("/has_more"), "false") << rest.body;
  EXPECT_EQ(rest.at("/data/0/state"), "held");
  EXPECT_EQ(rest.at("/data/0/lines"), R"([{"sku":"sku-2","quantity":4}])");
  EXPECT_EQ(rest.at("/data/0/id"), client.get("/v1/orders/" + second).at("/reservation_id"));
  EXPECT_EQ(rest.at("/data/0/key"), second + ":1:reserve_inventory:1");
  const auto by_sku = client.get("/v1/reservations?sku=sku-2");
  EXPECT_EQ(by_sku.json().at("data").as_array().size(), 1U);
  EXPECT_EQ(by_sku.at("/data/0/order_id"), second);
  const auto of_order = client.get("/v1/reservations?order_id=" + done);
  EXPECT_EQ(of_order.at("/data/0/state"), "committed") << "of an order all are shown";
  EXPECT_EQ(client.get("/v1/reservations?order_id=nonsense").code(), "invalid_parameter");
  EXPECT_EQ(client.get("/v1/reservations?order_id=" + done + "&sku=a").code(), "invalid_parameter");
  EXPECT_EQ(client.get("/v1/reservations?sku=sku-1&cursor=" + all.at("/next_cursor")).code(),
            "invalid_cursor");
}

TEST_F(AnswersApi, AttemptsTellEveryCall) {
  const auto id = place({.payment_method = "pm_flaky_2", .postal_code = "SBX-REJECTED"});
  client.wait_for(id, "failed");
  const auto attempts = client.get("/v1/orders/" + id + "/attempts");
  struct Wanted {
    std::string_view step;
    std::string_view action;
    std::string_view number;
    std::string_view outcome;
    std::string_view code;
  };
  const std::vector<Wanted> wanted{
      {"reserve_inventory", "perform", "1", "succeeded", ""},
      {"authorize_payment", "perform", "1", "failed", "issuer_unavailable"},
      {"authorize_payment", "perform", "2", "failed", "issuer_unavailable"},
      {"authorize_payment", "perform", "3", "succeeded", ""},
      {"book_shipment", "perform", "1", "rejected", "undeliverable"},
      {"authorize_payment", "undo", "1", "undone", ""},
      {"reserve_inventory", "undo", "1", "undone", ""},
  };
  ASSERT_EQ(attempts.json().at("data").as_array().size(), wanted.size()) << attempts.body;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto at = "/data/" + std::to_string(i);
    EXPECT_EQ(attempts.at(at + "/step"), wanted[i].step) << i;
    EXPECT_EQ(attempts.at(at + "/action"), wanted[i].action) << i;
    EXPECT_EQ(attempts.at(at + "/attempt"), wanted[i].number) << i;
    EXPECT_EQ(attempts.at(at + "/outcome"), wanted[i].outcome) << i;
    EXPECT_EQ(attempts.at(at + "/code"), wanted[i].code) << i;
    EXPECT_NE(attempts.at(at + "/started_at"), "") << i;
    EXPECT_NE(attempts.at(at + "/duration_ms"), "") << i;
  }
  EXPECT_EQ(attempts.at("/data/1/key"), id + ":1:authorize_payment:1");
  EXPECT_EQ(attempts.at("/data/1/class"), "failed");
  EXPECT_NE(attempts.at("/data/1/next_attempt_at"), "");
  EXPECT_EQ(attempts.at("/data/6/effect"), "reversed");

  std::string cursor;
  std::size_t seen = 0;
  do {
    const auto page = client.get("/v1/orders/" + id + "/attempts?limit=3" +
                                 (cursor.empty() ? "" : "&cursor=" + cursor));
    seen += page.json().at("data").as_array().size();
    cursor = page.at("/next_cursor");
  } while (cursor != "null");
  EXPECT_EQ(seen, wanted.size());
  EXPECT_EQ(client.get("/v1/orders/" + id + "/attempts?after=1").code(), "invalid_parameter");
  EXPECT_EQ(client.get("/v1/orders/ord_01kapvnr60ey9s4b0z5t9tq7mx/attempts").code(),
            "order_not_found");
}

TEST_F(AnswersApi, DiagnosisOfADeadLetterSaysItAll) {
  const auto id = dead_letter();
  dead_letter();
  const auto said = client.get("/v1/orders/" + id + "/diagnosis");
  const auto order = client.get("/v1/orders/" + id);
  EXPECT_EQ(said.status, 200) << said.body;
  EXPECT_EQ(said.header("ETag"), order.header("ETag"));
  EXPECT_EQ(said.at("/status"), "dead_lettered");
  EXPECT_EQ(said.at("/health"), "dead");
  EXPECT_EQ(said.at("/waiting_for/what"), "person");
  EXPECT_EQ(said.at("/waiting_for/since"), order.at("/updated_at"));
  EXPECT_EQ(said.at("/cause/code"), "malformed_answer");
  EXPECT_EQ(said.at("/cause/class"), "poison");
  EXPECT_EQ(said.at("/next/what"), "undo");
  EXPECT_EQ(said.at("/next/at"), order.at("/undo_at"));
  EXPECT_EQ(said.at("/next/by"), "automatic");
  EXPECT_EQ(said.at("/others/count"), "1");
  EXPECT_EQ(said.at("/others/dead_lettered"), "1");
  EXPECT_EQ(ids(client.get(said.at("/others/href"))).size(), 2U);
  EXPECT_EQ(client.get("/v1/orders/" + id + "/diagnosis?x=1").code(), "invalid_parameter");
  EXPECT_EQ(client.get("/v1/orders/ord_01kapvnr60ey9s4b0z5t9tq7mx/diagnosis").code(),
            "order_not_found");
}

TEST_F(AnswersApi, ActionsOfTheDiagnosisAreThoseThatTheOrderAllows) {
  std::vector<std::string> orders{dead_letter(), place({.payment_method = "pm_slow"}), place()};
  client.wait_for(orders[2], "completed");
  for (const auto& id : orders) {
    std::set<std::string> allowed;
    const auto order = client.get("/v1/orders/" + id).json();
    for (const auto& action : order.at("allowed_actions").as_array()) {
      if (action.at("allowed").as_bool()) allowed.emplace(action.at("action").as_string());
    }
    std::set<std::string> said;
    const auto diagnosis = client.get("/v1/orders/" + id + "/diagnosis").json();
    for (const auto& action : diagnosis.at("actions").as_array()) {
      said.emplace(action.at("action").as_string());
    }
    EXPECT_EQ(said, allowed);
  }
}

TEST_F(AnswersApi, CallInFlightIsSeenByDiagnosisAttemptsAndPipeline) {
  const auto id = place({.payment_method = "pm_slow"});
  const auto said = client.get("/v1/orders/" + id + "/diagnosis");
  EXPECT_EQ(said.at("/waiting_for/what"), "answer") << said.body;
  EXPECT_EQ(said.at("/waiting_for/participant"), "payment");
  EXPECT_EQ(said.at("/waiting_for/step"), "authorize_payment");
  EXPECT_EQ(said.at("/next/at"), said.at("/waiting_for/until"));
  const auto attempts = client.get("/v1/orders/" + id + "/attempts");
  EXPECT_EQ(attempts.at("/data/1/outcome"), "in_flight") << attempts.body;
  EXPECT_EQ(attempts.at("/data/1/attempt"), "1");
  EXPECT_EQ(attempts.at("/data/1/started_at"), said.at("/waiting_for/since"));
  const auto pipeline = client.get("/v1/pipeline?seconds=1");
  EXPECT_EQ(pipeline.at("/steps/1/step"), "authorize_payment") << pipeline.body;
  EXPECT_EQ(pipeline.at("/steps/1/orders"), "1");
  EXPECT_EQ(pipeline.at("/steps/1/in_flight"), "1");
  EXPECT_EQ(pipeline.at("/steps/1/waiting"), "0");
  const auto created = client.get("/v1/orders/" + id + "/events").at("/data/1/occurred_at");
  EXPECT_EQ(pipeline.at("/steps/1/oldest_since"), created) << "when it came to the step";
  EXPECT_FALSE(pipeline.json().at_pointer("/steps/0").as_object().contains("oldest_since"));
  EXPECT_EQ(pipeline.at("/open_money"),
            R"([{"currency":"EUR","currency_exponent":2,"orders":1,"total":500}])");
}

TEST_F(AnswersApi, PipelineHasASeriesPerStepAndWhatIsDead) {
  dead_letter();
  client.wait_for(place(), "completed");
  // The second that both fell into is shown once it is over.
  Reply pipeline;
  const auto shown = [&] {
    pipeline = client.get("/v1/pipeline");
    std::int64_t out = 0;
    const auto series = pipeline.json().at_pointer("/series/completed");
    for (const auto& n : series.as_array()) out += n.as_int64();
    return out == 1;
  };
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!shown() && std::chrono::steady_clock::now() < end) {
  }
  EXPECT_EQ(pipeline.at("/seconds"), "900") << pipeline.body;
  EXPECT_EQ(pipeline.json().at_pointer("/steps/0/series/in").as_array().size(), 900U);
  EXPECT_EQ(pipeline.at("/steps/0/shown/in"), "2");
  EXPECT_EQ(pipeline.at("/steps/0/last_minute/out"), "2");
  EXPECT_EQ(pipeline.at("/steps/1/shown/calls"), "2");
  EXPECT_EQ(pipeline.at("/steps/1/shown/errors"), "1");
  EXPECT_EQ(pipeline.at("/steps/1/shown/errors_permille"), "500");
  EXPECT_EQ(pipeline.at("/steps/1/dead"), "1");
  EXPECT_EQ(pipeline.at("/steps/1/breaker"), "closed");
  EXPECT_EQ(pipeline.at("/steps/5/shown/out"), "1");
  EXPECT_EQ(client.get("/v1/pipeline?seconds=901").code(), "invalid_parameter");
  const auto second = client.get("/v1/pipeline?seconds=1");
  EXPECT_EQ(second.json().at_pointer("/steps/0/series/in").as_array().size(), 1U);
  EXPECT_EQ(second.at("/steps/0/last_minute/out"), "2") << "however little is shown";
}

TEST_F(AnswersApi, ServicesSayHowTheNodeIs) {
  place();
  auto services = client.get("/v1/services");
  EXPECT_EQ(services.at("/roles/0"), "orders") << services.body;
  EXPECT_EQ(services.at("/nodes/0/version"), "1.2.3");
  EXPECT_EQ(services.at("/nodes/0/ready"), "true");
  EXPECT_EQ(services.at("/nodes/0/participants/1/participant"), "payment");
  EXPECT_EQ(services.at("/nodes/0/queues/0/queue"), "core");
  EXPECT_EQ(services.at("/nodes/0/queues/0/limit"), "16384");
  EXPECT_EQ(services.at("/nodes/0/settings"),
            R"([{"name":"patience_ms","value":"5","unit":"ms","origin":"flag --patience-ms"}])");
  server.set_missing({"stopping"});
  services = client.get("/v1/services");
  EXPECT_EQ(services.at("/nodes/0/ready"), "false");
  EXPECT_EQ(services.at("/nodes/0/missing/0"), "stopping");
}

}  // namespace
}  // namespace conveyor::test
