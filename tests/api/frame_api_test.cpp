// Method: a whole server in the process; what surrounds every answer, and what never gets through.
#include "api/api_server.h"
#include "server/http/test_socket.h"

namespace conveyor::test {
namespace {

using FrameApi = ApiTest;

TEST_F(FrameApi, IsOnEveryAnswer) {
  for (const auto* target :
       {"/health/live", "/v1/orders", "/v1/orders/x", "/nothing", "/metrics"}) {
    const auto reply = client.get(target);
    EXPECT_EQ(reply.header("Request-Id").substr(0, 4), "req_") << target;
    EXPECT_EQ(reply.header("X-Correlation-Id"), reply.header("Request-Id")) << target;
    EXPECT_EQ(reply.header("traceparent").size(), 55U) << target;
    EXPECT_EQ(reply.header("X-Content-Type-Options"), "nosniff") << target;
  }
}

TEST_F(FrameApi, GoesIntoTheEvents) {
  const std::string trace = "0af7651916cd43dd8448eb211c80319c";
  const auto placed = client.post("/v1/orders", OrderText{}.str(),
                                  {{"Idempotency-Key", "key"},
                                   {"X-Correlation-Id", "shop-4711"},
                                   {"Request-Id", "mine"},
                                   {"traceparent", "00-" + trace + "-b7ad6b7169203331-01"},
                                   {"tracestate", "vendor=1"}});
  ASSERT_EQ(placed.status, 201) << placed.body;
  EXPECT_EQ(placed.header("X-Correlation-Id"), "shop-4711");
  EXPECT_NE(placed.header("Request-Id"), "mine");
  EXPECT_EQ(placed.header("traceparent").substr(3, 32), trace);
  EXPECT_EQ(placed.header("tracestate"), "vendor=1");
  EXPECT_EQ(placed.at("/correlation_id"), "shop-4711");
  const auto events = client.get("/v1/orders/" + placed.at("/id") + "/events?limit=1");
  EXPECT_EQ(events.at("/data/0/correlation_id"), "shop-4711");
  EXPECT_EQ(events.at("/data/0/causation_id"), placed.header("Request-Id"));
  EXPECT_EQ(events.at("/data/0/traceparent"), placed.header("traceparent"));
}

/// The status line and code of the answer to these bytes.
class RawApi : public ApiTest {
 protected:
  std::string code_of(const std::string& request) {
    http::TestSocket socket(server.port());
    socket.send(request);
    const auto answer = socket.read_to_end();
    const auto at = answer.find("\"code\":\"");
    if (at == answer.npos) return answer.substr(9, 3);
    const auto begin = at + 8;
    return answer.substr(9, 4) + answer.substr(begin, answer.find('"', begin) - begin);
  }
};

TEST_F(RawApi, RefusesForeignHosts) {
  const auto get = [&](const std::string& host) {
    return code_of("GET /version HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
  };
  EXPECT_EQ(get("localhost"), "200");
  EXPECT_EQ(get("[::1]:1"), "200");
  EXPECT_EQ(get("conveyor.example"), "403 foreign_host");
  EXPECT_EQ(get("127.0.0.1.conveyor.example"), "403 foreign_host");
  EXPECT_EQ(code_of("GET /version HTTP/1.0\r\n\r\n"), "403 foreign_host");
  EXPECT_EQ(code_of("GET /version HTTP/1.1\r\n\r\n"), "400 bad_host");
}

TEST_F(FrameApi, RefusesForeignPages) {
  const auto foreign = client.post("/v1/orders", OrderText{}.str(),
                                   {{"Idempotency-Key", "key"}, {"Origin", "http://evil.example"}});
  EXPECT_EQ(foreign.status, 403);
  EXPECT_EQ(foreign.code(), "foreign_origin");
  const auto own = client.post("/v1/orders", OrderText{}.str(),
                               {{"Idempotency-Key", "key"}, {"Origin", server.url()}});
  EXPECT_EQ(own.status, 201);
}

TEST_F(FrameApi, RefusesBodiesThatAreNotJson) {
  const auto post = [&](const std::string& type) {
    return client.post("/v1/orders", OrderText{}.str(),
                       {{"Idempotency-Key", "key"}, {"Content-Type", type}});
  };
  EXPECT_EQ(post("application/x-www-form-urlencoded").status, 415);
  EXPECT_EQ(post("text/plain").code(), "unsupported_media_type");
  EXPECT_EQ(post("application/json; charset=utf-8").status, 201);
}

TEST_F(FrameApi, RefusesACorrelationIdThatCannotBeKept) {
  const auto with = [&](const std::string& id) {
    return client.send("GET", "/v1/orders", {}, {{"X-Correlation-Id", id}});
  };
  EXPECT_EQ(with(std::string(128, 'x')).status, 200);
  EXPECT_EQ(with(std::string(129, 'x')).code(), "invalid_header");
}

TEST_F(FrameApi, RefusesASecondValueWhereItReadsOne) {
  const auto post = [&](std::vector<http::Header> headers) {
    return client.post("/v1/orders", OrderText{}.str(), std::move(headers));
  };
  const auto keys = post({{"Idempotency-Key", "key-1"}, {"idempotency-key", "key-2"}});
  EXPECT_EQ(keys.status, 400);
  EXPECT_EQ(keys.code(), "idempotency_key_invalid");
  EXPECT_EQ(keys.at("/detail"), "Idempotency-Key must not be given more than once");
  const auto types = post({{"Idempotency-Key", "key-1"},
                           {"Content-Type", "application/json"},
                           {"Content-Type", "text/plain"}});
  EXPECT_EQ(types.status, 400);
  EXPECT_EQ(types.code(), "invalid_header");
  EXPECT_EQ(client.get("/v1/orders").at("/data"), "[]") << "nothing was done";
}

TEST_F(FrameApi, KnowsItsPathsAndMethods) {
  const auto nothing = client.get("/v1/nothing");
  EXPECT_EQ(nothing.status, 404);
  EXPECT_EQ(nothing.code(), "not_found");
  EXPECT_EQ(nothing.at("/instance"), "/v1/nothing");
  EXPECT_EQ(nothing.at("/request_id"), nothing.header("Request-Id"));
  const auto method = client.send("DELETE", "/v1/orders");
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.code(), "method_not_allowed");
  EXPECT_EQ(method.header("Allow"), "GET, HEAD, POST");
  EXPECT_EQ(client.get("/v1/orders/").status, 404);
}

TEST_F(FrameApi, AnswersHead) {
  const auto head = client.send("HEAD", "/v1/orders");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body, "");
}

TEST_F(FrameApi, WordsWhatBreaksHttp) {
  const auto large = client.send("GET", "/v1/orders", {}, {{"X-Large", std::string(17'000, 'x')}});
  EXPECT_EQ(large.status, 431);
  EXPECT_EQ(large.code(), "header_too_large");
  EXPECT_EQ(large.at("/request_id"), large.header("Request-Id"));
  EXPECT_EQ(client.get("/v1/orders/%zz").code(), "bad_target");
}

TEST_F(FrameApi, TellsHealth) {
  EXPECT_EQ(client.get("/health/live").at("/status"), "live");
  EXPECT_EQ(client.get("/health/ready").at("/status"), "ready");
  const auto health = client.get("/health");
  EXPECT_EQ(health.at("/version"), "1.2.3");
  EXPECT_EQ(health.at("/orders_in_memory"), "0");
  server.set_missing({"store", "recovery"});
  EXPECT_EQ(client.get("/health/live").status, 200) << "liveness looks at no dependency";
  const auto ready = client.get("/health/ready");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.code(), "not_ready");
  EXPECT_EQ(ready.at("/detail"), "missing: store, recovery");
  EXPECT_EQ(ready.at("/errors/1/detail"), "recovery");
  EXPECT_EQ(client.get("/health").status, 503);
}

TEST_F(FrameApi, TellsItsVersion) {
  const auto version = client.get("/version");
  EXPECT_EQ(version.body, R"({"name":"conveyor","version":"1.2.3","commit":"abc"})"
                          "\n");
}

TEST_F(FrameApi, CountsRequests) {
  const auto id = place();
  client.wait_for(id, "completed");
  (void)client.get("/nothing/4711");
  (void)client.send("BREW", "/v1/orders");
  const auto metrics = client.get("/metrics");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_EQ(metrics.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  const auto has = [&](std::string_view text) {
    return metrics.body.find(text) != std::string::npos;
  };
  EXPECT_TRUE(has("conveyor_orders_created_total 1"));
  EXPECT_TRUE(
      has("conveyor_http_request_duration_seconds_count{code=\"201\",method=\"POST\","
          "route=\"/v1/orders\"} 1"));
  EXPECT_TRUE(has("code=\"404\",method=\"GET\",route=\"none\""));
  EXPECT_TRUE(has("method=\"other\""));
  EXPECT_TRUE(has("conveyor_reservations_open 0"));
  EXPECT_FALSE(has(id)) << "no ids in labels";
  EXPECT_FALSE(has("4711"));
}

}  // namespace
}  // namespace conveyor::test
