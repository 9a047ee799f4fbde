// Method: requests made by hand, and every header from both sides of what is allowed.
#include "server/api/frame.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "base/trace_context.h"
#include "server/api/limits.h"

namespace conveyor::api {
namespace {

constexpr Timestamp kNow = from_unix_ms(1'770'000'000'000);

http::Request request_with(std::vector<http::Header> headers, std::string method = "GET") {
  http::Request request;
  request.method = std::move(method);
  request.path = "/v1/orders";
  request.headers = std::move(headers);
  return request;
}

std::string denied(std::vector<http::Header> headers, std::string method = "GET") {
  const auto denial = deny(request_with(std::move(headers), std::move(method)));
  return denial ? std::string{denial->problem->code} : "";
}

TEST(Frame, GivesEveryRequestItsOwnIdFromAnyThread) {
  FrameMaker maker(1);
  std::vector<std::set<std::string>> ids(4);
  std::vector<std::thread> threads;
  threads.reserve(ids.size());
  for (auto& own : ids) {
    threads.emplace_back([&maker, &own] {
      for (int i = 0; i < 1'000; ++i) own.insert(maker.make(nullptr, kNow).request_id);
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<std::string> all;
  for (auto& own : ids) all.merge(own);
  EXPECT_EQ(all.size(), 4'000U);
  EXPECT_EQ(all.begin()->substr(0, 4), "req_");
  EXPECT_EQ(all.begin()->size(), 30U);
}

TEST(Frame, TakesACorrelationIdOrUsesTheRequestsId) {
  FrameMaker maker(1);
  const auto taken = request_with({{"x-correlation-id", "shop 4711"}});
  EXPECT_EQ(maker.make(&taken, kNow).correlation_id, "shop 4711");
  const auto none = request_with({});
  const auto frame = maker.make(&none, kNow);
  EXPECT_EQ(frame.correlation_id, frame.request_id);
}

TEST(Frame, ContinuesATraceOrBeginsOne) {
  FrameMaker maker(1);
  const std::string parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const auto taken = request_with({{"traceparent", parent}, {"tracestate", "vendor=1"}});
  const auto frame = maker.make(&taken, kNow);
  const auto trace = parse_traceparent(frame.traceparent);
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_NE(trace->parent_id, "b7ad6b7169203331");
  EXPECT_EQ(frame.tracestate, "vendor=1");

  const auto broken = request_with({{"traceparent", "00-0"}, {"tracestate", "vendor=1"}});
  const auto begun = maker.make(&broken, kNow);
  EXPECT_TRUE(parse_traceparent(begun.traceparent));
  EXPECT_EQ(begun.tracestate, "");

  const auto with_state = [&](std::size_t bytes) {
    const auto request =
        request_with({{"traceparent", parent}, {"tracestate", std::string(bytes, 'a')}});
    return maker.make(&request, kNow).tracestate.size();
  };
  EXPECT_EQ(with_state(kMaxTracestateBytes), kMaxTracestateBytes);
  EXPECT_EQ(with_state(kMaxTracestateBytes + 1), 0U);
}

TEST(Frame, IsPutOnTheAnswer) {
  FrameMaker maker(1);
  const auto request = request_with({{"X-Correlation-Id", "c-1"}});
  const auto frame = maker.make(&request, kNow);
  http::Response response;
  frame.apply(response);
  EXPECT_EQ(*http::find_header(response.headers, "Request-Id"), frame.request_id);
  EXPECT_EQ(*http::find_header(response.headers, "X-Correlation-Id"), "c-1");
  EXPECT_EQ(*http::find_header(response.headers, "traceparent"), frame.traceparent);
  EXPECT_EQ(http::find_header(response.headers, "tracestate"), nullptr);
}

TEST(Hosts, AreThisMachinesNamesOnly) {
  for (const auto host : {"localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:1", "127.0.0.2",
                          "127.255.1.9:80", "[::1]", "[::1]:65535"}) {
    EXPECT_TRUE(is_loopback_host(host)) << host;
  }
  for (const auto host : {"",
                          "example.org",
                          "localhost.example.org",
                          "localhost:",
                          "localhost:x",
                          "127.0.0.1.example.org",
                          "127.1",
                          "127.0.0.256:80",
                          "127.0.0.01",
                          "[::1]x",
                          "[::1]:",
                          "[::2]",
                          "[::1]]:80",
                          "[localhost]",
                          "localhost]:80",
                          "128.0.0.1",
                          "localhost:123456",
                          "::1",
                          "evil@localhost",
                          "localhost:80:80"}) {
    EXPECT_FALSE(is_loopback_host(host)) << host;
  }
}

TEST(Denials, KeepForeignPagesOut) {
  const http::Header host{"Host", "localhost:8080"};
  EXPECT_EQ(denied({host}), "");
  EXPECT_EQ(denied({}), "foreign_host");
  EXPECT_EQ(denied({{"Host", "evil.example"}}), "foreign_host");
  EXPECT_EQ(denied({host, {"Origin", "http://evil.example"}}), "") << "reads are not written to";
  for (const auto method : {"POST", "PUT", "DELETE", "PATCH"}) {
    EXPECT_EQ(denied({host, {"Origin", "http://localhost:8080"}}, method), "");
    for (const auto origin : {"http://evil.example", "null", "https://localhost:8080",
                              "http://localhost:8081", "http://localhost", ""}) {
      EXPECT_EQ(denied({host, {"Origin", origin}}, method), "foreign_origin") << origin;
    }
  }
}

TEST(Denials, RefuseACorrelationIdThatCannotBeKept) {
  const auto with = [](const std::string& id) {
    return denied({{"Host", "localhost"}, {"X-Correlation-Id", id}});
  };
  EXPECT_EQ(with(std::string(kMaxCorrelationIdBytes, 'x')), "");
  EXPECT_EQ(with(std::string(kMaxCorrelationIdBytes + 1, 'x')), "invalid_header");
  EXPECT_EQ(with(""), "invalid_header");
  EXPECT_EQ(with("caf\xc3\xa9"), "invalid_header");
  EXPECT_EQ(with("a\tb"), "invalid_header");
}

TEST(Denials, RefuseMoreThanOneOfAHeaderThatHasOneValue) {
  const http::Header host{"Host", "localhost"};
  struct Row {
    const char* name;
    const char* other_case;
    const char* value;
    const char* code;
  };
  for (const Row& row :
       {Row{"Idempotency-Key", "idempotency-key", "key", "idempotency_key_invalid"},
        Row{"If-Match", "IF-MATCH", "\"1\"", "invalid_header"},
        Row{"X-Correlation-Id", "x-correlation-id", "c-1", "invalid_header"},
        Row{"Conveyor-Actor", "conveyor-actor", "ops", "invalid_header"},
        Row{"Origin", "origin", "http://localhost", "invalid_header"},
        Row{"Content-Type", "content-type", "application/json", "invalid_header"}}) {
    for (const auto* method : {"GET", "POST"}) {
      EXPECT_EQ(denied({host, {row.name, row.value}}, method), "") << row.name;
      EXPECT_EQ(denied({host, {row.name, row.value}, {row.other_case, row.value}}, method),
                row.code)
          << row.name;
      EXPECT_EQ(denied({host, {row.name, ""}, {"Accept", "*/*"}, {row.name, row.value}}, method),
                row.code)
          << row.name;
    }
  }
  EXPECT_EQ(denied({host, {"Accept", "text/html"}, {"Accept", "*/*"}}), "") << "may be a list";
}

TEST(ContentTypes, AreJson) {
  for (const auto type : {"application/json", "Application/JSON", "application/json; charset=utf-8",
                          "application/json;charset=UTF-8", "application/json ;"}) {
    EXPECT_TRUE(is_json_content_type(type)) << type;
  }
  for (const auto type : {"", "text/plain", "application/jsonp", "application/json; charset=latin1",
                          "application/x-www-form-urlencoded", "application/problem+json"}) {
    EXPECT_FALSE(is_json_content_type(type)) << type;
  }
}

TEST(IfMatch, IsOneVersionOrAny) {
  EXPECT_EQ(**parse_if_match("\"12\""), 12U);
  EXPECT_EQ(*parse_if_match("*"), std::nullopt);
  for (const auto wrong : {"", "12", "\"\"", "\"a\"", "W/\"12\"", "\"1\", \"2\"", "\"-1\"",
                           "\"99999999999999999999\""}) {
    EXPECT_FALSE(parse_if_match(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace conveyor::api
