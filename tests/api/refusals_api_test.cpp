// Method: a whole server in the process; what every route of a kind refuses, and what is refused
// before there is a route. Each answer is held against the OpenAPI document too (tests/openapi/).
#include <array>

#include "api/api_server.h"
#include "server/http/test_socket.h"
#include "verify/execute_sql.h"

namespace conveyor::test {
namespace {

constexpr std::string_view kNoOrder = "ord_01h455vb4pex5vsknk084sn02q";
constexpr std::array<std::string_view, 8> kActions{"cancel",    "hold",       "release", "retry",
                                                   "retry-now", "compensate", "resolve", "restart"};

using Refusals = ApiTest;

std::string target_of(std::string_view id, std::string_view action) {
  return "/v1/orders/" + std::string{id} + "/" + std::string{action};
}

TEST_F(Refusals, EveryActionWantsAnOrderAndAValidBody) {
  for (const auto action : kActions) {
    SCOPED_TRACE(action);
    const auto target = target_of(kNoOrder, action);
    const auto post = [&](std::string_view body, const std::string& type) {
      return client.post(target, body, {{"If-Match", "\"1\""}, {"Content-Type", type}});
    };
    EXPECT_EQ(post(R"({"external_reference":"r","reason":)", "application/json").code(),
              "invalid_json");
    EXPECT_EQ(post("reason=x", "text/plain").code(), "unsupported_media_type");
    EXPECT_EQ(post(R"({"reason":1})", "application/json").code(), "validation_failed");
    const std::string_view valid = action == "resolve" ? R"({"external_reference":"r"})" : "{}";
    EXPECT_EQ(post(valid, "application/json").code(), "order_not_found");
    EXPECT_EQ(client.post(target + "?x=1").code(), "invalid_parameter");
  }
}

TEST_F(Refusals, EveryWriteOfStockWantsJson) {
  const auto is_refused = [&](std::string_view method, std::string_view target) {
    return client.send(method, target, "on_hand=1",
                       {{"Content-Type", "text/plain"}, {"Idempotency-Key", "key"}});
  };
  EXPECT_EQ(is_refused("PUT", "/v1/inventory/sku-1").code(), "unsupported_media_type");
  EXPECT_EQ(is_refused("POST", "/v1/inventory/sku-1/adjust").code(), "unsupported_media_type");
}

TEST_F(Refusals, WhatTakesNoQueryRefusesOne) {
  EXPECT_EQ(client.get("/v1/services?x=1").code(), "invalid_parameter");
  EXPECT_EQ(client.send("DELETE", "/v1/customers/c1/contact?x=1").code(), "invalid_parameter");
}

TEST_F(Refusals, NothingIsDoneOnceTheCoreHasStopped) {
  const auto id = place();
  client.wait_for(id, "completed");
  server.stop_core();
  for (const auto action : kActions) {
    const std::string_view body = action == "resolve" ? R"({"external_reference":"r"})" : "{}";
    const auto reply = client.post(target_of(id, action), body, {{"If-Match", "\"1\""}});
    EXPECT_EQ(reply.code(), "stopping") << action;
    EXPECT_EQ(reply.header("Retry-After"), "1") << action;
  }
  EXPECT_EQ(client.send("DELETE", "/v1/customers/c1/contact").code(), "stopping");
  for (const auto* question : {"attempts", "diagnosis"}) {
    EXPECT_EQ(client.get(target_of(id, question)).code(), "stopping") << question;
  }
}

TEST_F(Refusals, NothingIsReadOnceTheReadersHaveStopped) {
  const auto id = place();
  client.wait_for(id, "completed");
  server.stop_readers();
  for (const auto& target :
       {std::string{"/v1/orders"}, "/v1/orders/" + id, target_of(id, "events"),
        target_of(id, "contact"), target_of(id, "attempts"), target_of(id, "diagnosis"),
        std::string{"/v1/dead-letters"}, std::string{"/v1/dead-letters/groups"},
        std::string{"/v1/events"}, std::string{"/v1/events/stream"}, std::string{"/v1/inventory"},
        std::string{"/v1/inventory/sku-1"}, std::string{"/v1/reservations"},
        std::string{"/metrics"}}) {
    const auto reply = client.get(target);
    EXPECT_EQ(reply.status, 503) << target;
    EXPECT_EQ(reply.code(), "queue_full") << target;
  }
}

TEST_F(Refusals, AnOrderThatMakesNoSenseIsAnError) {
  const auto id = place({.payment_method = "pm_garbage"});
  client.wait_for(id, "dead_lettered");  // out of memory: the next action reads it
  execute_sql(server.path(), "UPDATE event_log SET packed = zeroblob(length(packed))");
  const auto reply = client.post(target_of(id, "retry"));
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.code(), "internal");
  EXPECT_EQ(reply.at("/retryable"), "true");
}

/// Requests as bytes, on a connection each.
class BrokenHttp : public ApiTest {
 protected:
  static ApiServerOptions short_wait() {
    ApiServerOptions options{.api = {}, .core = quick_core()};
    options.http.header_timeout = std::chrono::milliseconds(200);
    return options;
  }
  BrokenHttp() : ApiTest(short_wait()) {}

  /// The code of the answer, which has to be a problem in JSON with a frame.
  std::string code_of(const std::string& bytes) {
    http::TestSocket socket(server.port());
    socket.send(bytes);
    const auto answer = socket.read_answer();
    if (!answer) return "no answer";
    EXPECT_EQ(answer->header("Content-Type"), "application/problem+json");
    EXPECT_EQ(answer->header("Request-Id").substr(0, 4), "req_");
    EXPECT_TRUE(socket.read_to_end().empty()) << "the connection is closed behind it";
    const auto body = boost::json::parse(answer->body);
    EXPECT_EQ(body.at("status").as_int64(), answer->status);
    return std::string{std::string_view{body.at("code").as_string()}};
  }
};

TEST_F(BrokenHttp, IsAnsweredWithWhatIsBroken) {
  const std::string host = "Host: localhost\r\n";
  EXPECT_EQ(code_of("GET /version\r\n" + host + "\r\n"), "bad_request_line");
  EXPECT_EQ(code_of("GET version HTTP/1.1\r\n" + host + "\r\n"), "bad_target");
  EXPECT_EQ(code_of("GET /version HTTP/1.1\r\n" + host + "Bad Name: x\r\n\r\n"), "bad_header");
  EXPECT_EQ(code_of("GET /version HTTP/1.1\r\n" + host + host + "\r\n"), "bad_host");
  EXPECT_EQ(code_of("POST /v1/orders HTTP/1.1\r\n" + host +
                    "Content-Length: 1\r\nContent-Length: 2\r\n\r\n"),
            "bad_framing");
  EXPECT_EQ(code_of("GET /version HTTP/1.1\n" + host + "\r\n"), "bad_line_ending");
  EXPECT_EQ(code_of("POST /v1/orders HTTP/1.1\r\n" + host +
                    "Transfer-Encoding: chunked\r\n\r\nnonsense\r\n"),
            "bad_chunk");
  EXPECT_EQ(code_of("GET /version HTTP/1.1\r\n" + host + "Expect: miracles\r\n\r\n"),
            "expectation_failed");
  EXPECT_EQ(code_of("GET /version HTTP/3.0\r\n" + host + "\r\n"), "version_not_supported");
  EXPECT_EQ(code_of("GET /version HTTP/1.1\r\n" + host), "request_timeout") << "and then silence";
}

class FullServer : public ApiTest {
 protected:
  static ApiServerOptions one_connection() {
    ApiServerOptions options{.api = {}, .core = quick_core()};
    options.http.max_connections = 2;  // one of each io thread
    return options;
  }
  FullServer() : ApiTest(one_connection()) {}
};

TEST_F(FullServer, SaysSoToWhoeverComes) {
  std::vector<http::TestSocket> sockets;
  std::optional<http::TestAnswer> answer;
  for (int i = 0; i < 64 && !answer; ++i) {
    auto& socket = sockets.emplace_back(server.port());
    socket.send("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
    answer = socket.read_answer();
    if (answer && answer->status == 200) answer.reset();
  }
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_NE(answer->body.find("\"too_many_connections\""), std::string::npos) << answer->body;
  EXPECT_EQ(answer->header("Retry-After"), "1");
}

}  // namespace
}  // namespace conveyor::test
