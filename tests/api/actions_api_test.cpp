// Method: a whole server in the process; orders brought into each status by the sandbox, then acted
// upon.
#include <chrono>

#include "api/api_server.h"

namespace conveyor::test {
namespace {

class ActionsApi : public ApiTest {
 protected:
  Reply act(const std::string& id, const std::string& action, std::string_view body = {},
            std::vector<http::Header> headers = {}) {
    return client.post("/v1/orders/" + id + "/" + action, body, std::move(headers));
  }
  std::string dead_letter() {
    const auto id = place({.payment_method = "pm_garbage"});
    client.wait_for(id, "dead_lettered");
    return id;
  }
  /// `allowed` of an action in the order's JSON.
  static std::string allowed(const Reply& order, std::string_view action) {
    for (const auto& entry : order.json().at("allowed_actions").as_array()) {
      if (entry.at("action").as_string() == action) {
        const bool is = entry.at("allowed").as_bool();
        EXPECT_EQ(entry.as_object().contains("because"), !is);
        return is ? "true" : "false";
      }
    }
    return "not offered";
  }
};

TEST_F(ActionsApi, CancelAnOpenOrder) {
  const auto id = place({.payment_method = "pm_slow"});
  const auto reply = act(id, "cancel", R"({"reason":"customer_asked"})");
  EXPECT_EQ(reply.status, 202) << reply.body;
  EXPECT_EQ(reply.at("/status"), "cancelling");
  EXPECT_EQ(reply.at("/undo/cause"), "cancel");
  EXPECT_EQ(reply.header("ETag"), "\"" + reply.at("/version") + "\"");
  const auto again = act(id, "cancel");
  EXPECT_EQ(again.status, 202) << "no change";
  const auto events = client.get("/v1/orders/" + id + "/events");
  EXPECT_NE(events.body.find("\"reason\":\"customer_asked\""), std::string::npos);
  EXPECT_NE(events.body.find(R"("actor":{"id":"local","kind":"operator"})"), std::string::npos);
}

TEST_F(ActionsApi, CancelADeadLetterAtOnceAndThenChangeNothing) {
  const auto id = dead_letter();
  EXPECT_EQ(act(id, "cancel").status, 202);
  client.wait_for(id, "cancelled");
  const auto again = act(id, "cancel");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.at("/status"), "cancelled");
}

TEST_F(ActionsApi, RefuseToCancelWhatIsDone) {
  const auto id = place();
  client.wait_for(id, "completed");
  const auto reply = act(id, "cancel");
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.code(), "action_not_allowed");
  EXPECT_NE(reply.at("/detail"), "");
}

TEST_F(ActionsApi, RetryADeadLetter) {
  const auto id = dead_letter();
  const auto dead = client.get("/v1/orders/" + id);
  EXPECT_EQ(dead.at("/health"), "dead");
  EXPECT_NE(dead.at("/undo_at"), "");
  EXPECT_EQ(dead.at("/last_failure/class"), "poison");
  EXPECT_EQ(allowed(dead, "cancel"), "true");
  EXPECT_EQ(allowed(dead, "retry"), "true");
  EXPECT_EQ(allowed(dead, "retry-now"), "false");
  EXPECT_EQ(allowed(dead, "hold"), "false");
  EXPECT_EQ(act(id, "retry").status, 202);
  client.wait_for(id, "dead_lettered");
  const auto done = place();
  const auto completed = client.wait_for(done, "completed");
  EXPECT_EQ(allowed(completed, "retry"), "false");
  EXPECT_EQ(act(done, "retry").code(), "action_not_allowed");
}

class SlowRetries : public ApiTest {
 protected:
  static ApiServerOptions long_waits() {
    ApiServerOptions options;
    options.core.engine.retry.base_delay = std::chrono::hours(1);
    options.core.engine.retry.cap = std::chrono::hours(1);
    return options;
  }
  SlowRetries() : ApiTest(long_waits()) {}
};

TEST_F(SlowRetries, AreSkippedByRetryNow) {
  const auto id = place({.payment_method = "pm_flaky_2"});
  const auto retry_now = [&] { return client.post("/v1/orders/" + id + "/retry-now"); };
  const auto waiting = client.get("/v1/orders/" + id);
  EXPECT_EQ(waiting.at("/health"), "retrying");
  EXPECT_NE(waiting.at("/next_attempt_at"), "");
  EXPECT_EQ(waiting.at("/attempts"), "1");
  const auto list = client.get("/v1/orders?failing=true");
  for (const auto* member : {"/id", "/health", "/attempts", "/next_attempt_at"}) {
    EXPECT_EQ(list.at(std::string{"/data/0"} + member), waiting.at(member)) << list.body;
  }
  // Full jitter may have drawn no wait at all, and then there is nothing to skip.
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  Reply order = waiting;
  while (order.at("/status") != "completed" && std::chrono::steady_clock::now() < end) {
    const auto reply = retry_now();
    if (reply.status != 202) EXPECT_EQ(reply.code(), "action_not_allowed");
    order = client.get("/v1/orders/" + id);
  }
  EXPECT_EQ(order.at("/status"), "completed");
  EXPECT_EQ(retry_now().status, 409);
}

TEST_F(ActionsApi, HonourIfMatch) {
  const auto id = dead_letter();
  const auto version = client.get("/v1/orders/" + id).header("ETag");
  const auto stale = act(id, "cancel", {}, {{"If-Match", "\"1\""}});
  EXPECT_EQ(stale.status, 412);
  EXPECT_EQ(stale.code(), "stale_version");
  EXPECT_EQ(stale.header("ETag"), version);
  EXPECT_EQ(act(id, "cancel", {}, {{"If-Match", "1"}}).code(), "invalid_header");
  EXPECT_EQ(act(id, "cancel", {}, {{"If-Match", version}}).status, 202);
  EXPECT_EQ(act(id, "cancel", {}, {{"If-Match", "*"}}).status, 200);
}

TEST_F(ActionsApi, NameTheirActor) {
  const auto id = dead_letter();
  EXPECT_EQ(act(id, "cancel", {}, {{"Conveyor-Actor", "a b"}}).code(), "invalid_header");
  EXPECT_EQ(act(id, "cancel", {}, {{"Conveyor-Actor", std::string(65, 'a')}}).status, 400);
  EXPECT_EQ(act(id, "cancel", {}, {{"Conveyor-Actor", std::string(64, 'a')}}).status, 202);
  const auto events = client.get("/v1/orders/" + id + "/events");
  EXPECT_NE(events.body.find("\"id\":\"" + std::string(64, 'a') + "\""), std::string::npos);
}

TEST_F(ActionsApi, TakeAReasonAndNothingElse) {
  const auto id = dead_letter();
  EXPECT_EQ(act(id, "cancel", R"({"changes":{}})").status, 422);
  EXPECT_EQ(act(id, "retry", R"({"reason":"free text"})").status, 422);
  EXPECT_EQ(act(id, "retry", "{").status, 400);
  EXPECT_EQ(client.post("/v1/orders/" + id + "/retry?x=1").code(), "invalid_parameter");
  EXPECT_EQ(act(id, "retry", R"({"reason":")" + std::string(64, 'r') + "\"}").status, 202);
}

}  // namespace
}  // namespace conveyor::test
