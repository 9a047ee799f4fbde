// Method: one request after another with one thing wrong in its bytes, sent to the real server.
// Each must be answered with the problem that docs/problems.md has for it, with the pointer where
// the fault lies in JSON; where HTTP itself is broken the connection must end with that answer,
// though a good order is sent right behind. Nothing may have written a row: those of all tables are
// counted after each. The good order alone does write, or none of this would say anything.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "support/raw_request.h"
#include "support/row_counts.h"
#include "support/server_process.h"
#include "support/shop.h"

namespace conveyor::test {
namespace {

struct Hostile {
  std::string bytes;
  std::string expected;  ///< as problem_text()
};

std::string repeated(std::string_view piece, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += piece;
  return out;
}

/// A good order with one piece of its text in another's place.
std::string order_with(std::string_view piece, std::string_view instead) {
  static const std::string good =
      R"({"customer_id":"c1","currency":"EUR","lines":[{"sku":"sku-1","quantity":1,)"
      R"("unit_price":500}],"ship_to":{"name":"A. Buyer","line1":"Main Street 1","city":"Berlin",)"
      R"("postal_code":"10115","country":"DE"},"payment_method":"pm_ok","metadata":{"a":"b"}})";
  auto order = good;
  const auto at = order.find(piece);
  if (!piece.empty()) {
    EXPECT_NE(at, order.npos) << piece;
    order.replace(at, piece.size(), instead);
  }
  return order;
}
std::string good_order() {
  return order_with("", "");
}

std::string post_of(const std::string& body, const std::string& headers = {}) {
  RawRequest request;
  request.headers = "Content-Type: application/json\r\nIdempotency-Key: \"hostile\"\r\n" + headers;
  request.body = body;
  return request.bytes();
}

class HostileRequests : public testing::Test {
 protected:
  HostileRequests() {
    Shop shop(server.url());
    shop.set_stock("sku-1", 1'000);
    order_id = shop.order({});
    shop.wait_for(order_id, {"completed"});
    before = rows.now();
  }
  void TearDown() override {
    // What came last is not written late either, and the server is as well as ever.
    EXPECT_EQ(server.terminate(), 0);
    EXPECT_EQ(RowCounts(path).now(), before);
  }

  http::TestSocket connect() const { return http::TestSocket(port_of(server.url())); }

  void expect_no_new_row() {
    const auto after = rows.now();
    EXPECT_EQ(after, before);
    if (after != before) before = after;  // say it once
  }

  /// The answer; the connection is kept, and goes on to answer.
  void refused(const Hostile& hostile) {
    SCOPED_TRACE(testing::PrintToString(hostile.bytes.substr(0, 500)));
    auto socket = connect();
    socket.send(hostile.bytes);
    const auto answer = socket.read_answer();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(problem_text(*answer), hostile.expected) << answer->body;
    socket.send("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const auto next = socket.read_answer();
    ASSERT_TRUE(next.has_value()) << "the connection was closed";
    EXPECT_EQ(next->status, 200);
    expect_no_new_row();
  }

  /// The answer, with which the connection ends: what comes behind is no request any more.
  void refused_for_good(const Hostile& hostile) {
    SCOPED_TRACE(testing::PrintToString(hostile.bytes.substr(0, 500)));
    auto socket = connect();
    socket.allow_reset();
    socket.send(hostile.bytes);
    socket.send(post_of(good_order()));
    socket.shutdown_send();
    const auto answer = socket.read_answer();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(problem_text(*answer), hostile.expected) << answer->body;
    EXPECT_EQ(answer->header("Connection"), "close");
    EXPECT_EQ(socket.read_to_end(), "") << "a second answer";
    expect_no_new_row();
  }

  TemporaryFolder folder;
  std::string path = folder.path("shop.db").string();
  ServerProcess server{path};
  RowCounts rows{path};
  std::map<std::string, std::int64_t> before;
  std::string order_id;
};

TEST_F(HostileRequests, TheGoodOrderIsWritten) {
  auto socket = connect();
  socket.send(post_of(good_order()));
  const auto answer = socket.read_answer();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 201) << answer->body;
  const auto id = std::string{boost::json::parse(answer->body).at("id").as_string()};
  EXPECT_EQ(Shop(server.url()).wait_for(id, {"completed"}), "completed");
  const auto after = rows.now();
  for (const auto* table : {"orders", "event_log", "contacts", "idempotency_keys", "feed"}) {
    EXPECT_GT(after.at(table), before.at(table)) << table;
  }
  before = after;
}

/// What is no JSON text, wherever a body is read. Pointers are to the value that is wrong or, where
/// the fault lies between values or in an element of an array, to the innermost one around it.
TEST_F(HostileRequests, BodiesThatAreNoJson) {
  const std::vector<std::pair<std::string, std::string>> bodies{
      {" ", ""},
      {"\xef\xbb\xbf{}", ""},                  // byte order mark
      {std::string{"\xff\xfe{\0}\0", 6}, ""},  // UTF-16
      {std::string{"{\0", 2}, ""},
      {"{}}", ""},
      {"{}{}", ""},
      {"{} x", ""},
      {std::string{"{}\0", 3}, ""},
      {"{\"a\":1,}", ""},
      {"{'a':1}", ""},
      {"{a:1}", ""},
      {"{\"a\" 1}", "/a"},
      {"{\"a\":1 \"b\":2}", ""},
      {"// no\n{}", ""},
      {"{\"a\":/* no */1}", "/a"},
      {"nul", ""},
      {"NaN", ""},
      {"{\"a\":NaN}", "/a"},
      {"{\"a\":-Infinity}", "/a"},
      {"{\"a\":01}", ""},
      {"{\"a\":+1}", "/a"},
      {"{\"a\":.5}", "/a"},
      {"{\"a\":1.}", "/a"},
      {"{\"a\":1e}", "/a"},
      {"{\"a\":0x10}", ""},
      {"{\"a\":[1,2", "/a"},
      {"{\"a\":\"", "/a"},
      {"{\"a\":\"\\x\"}", "/a"},
      {"{\"a\":\"\n\"}", "/a"},
      {"{\"a\":\"\\u12\"}", "/a"},
      {"{\"a\":1,\"a\":1}", "/a"},
      {"{\"a\":1,\"\\u0061\":1}", "/a"},
      {"{\"o\":{\"b~/\":1,\"b~/\":2}}", "/o/b~0~1"},
      {"{\"a\":[{},{\"b\":1,\"b\":1}]}", "/a/1/b"},
      {"{\"a\":1e400}", "/a"},
      {"{\"a\":-1e400}", "/a"},
      {"{\"a\":9223372036854775808}", "/a"},
      {"{\"a\":[0,-9223372036854775809]}", "/a/1"},
      {"{\"a\":" + std::string(10'000, '9') + "}", "/a"},
      {R"({"a":"\ud800"})", "/a"},
      {R"({"a":"\udc00"})", "/a"},
      {R"({"a":"\ud800\u0041"})", "/a"},
      {R"({"a":["x","\udc00\ud800"]})", "/a"},
      {R"({"\ud800":1})", ""},
      {"{\"a\":\"\xff\"}", "/a"},
      {"{\"a\":\"\xc0\xaf\"}", "/a"},          // overlong
      {"{\"a\":\"\xed\xa0\x80\"}", "/a"},      // a surrogate
      {"{\"a\":\"\xf4\x90\x80\x80\"}", "/a"},  // beyond U+10FFFF
      {"{\"a\":\"\xe2\x82\"}", "/a"},          // breaks off
      {"{\"\xff\":1}", ""},
      {repeated("[", 17) + repeated("]", 17), repeated("/0", 15)},
      {"{\"a\":" + repeated("[", 16) + repeated("]", 16) + "}", "/a" + repeated("/0", 14)},
      {repeated("[", 100'000), repeated("/0", 15)},
      {repeated("{\"a\":", 20'000), repeated("/a", 16)},
  };
  const std::vector<std::pair<std::string, std::string>> routes{
      {"POST /v1/orders", "Idempotency-Key: hostile\r\n"},
      {"PUT /v1/inventory/sku-1", ""},
      {"POST /v1/inventory/sku-1/adjust", "Idempotency-Key: hostile\r\n"},
      {"POST /v1/orders/" + order_id + "/hold", ""},
      {"POST /v1/orders/" + order_id + "/restart", "If-Match: *\r\n"},
  };
  for (const auto& [line, headers] : routes) {
    for (const auto& [body, pointer] : bodies) {
      RawRequest request;
      request.line = line + " HTTP/1.1";
      request.headers = "Content-Type: application/json\r\n" + headers;
      request.body = body;
      refused({request.bytes(), "400 invalid_json syntax " + pointer});
    }
  }
}

TEST_F(HostileRequests, TooManyMembersOfOneObject) {
  std::string members;
  for (int i = 0; i < 1'025; ++i) members += fmt::format("{}\"m{}\":1", i == 0 ? "" : ",", i);
  refused({post_of(order_with("{\"a\":\"b\"}", "{" + members + "}")),
           "400 invalid_json syntax /metadata"});
}

/// What is JSON, but no order.
TEST_F(HostileRequests, OrdersThatAreNone) {
  const auto wrong = [](std::string_view piece, std::string_view instead,
                        std::string_view expected) {
    return Hostile{post_of(order_with(piece, instead)),
                   "422 validation_failed " + std::string{expected}};
  };
  const std::string quantity = "\"quantity\":1";
  const std::string price = "\"unit_price\":500";
  for (const auto& hostile :
       {wrong(quantity, "\"quantity\":1.5", "not_an_integer /lines/0/quantity"),
        wrong(quantity, "\"quantity\":1.0", "not_an_integer /lines/0/quantity"),
        wrong(quantity, "\"quantity\":1e2", "not_an_integer /lines/0/quantity"),
        wrong(quantity, "\"quantity\":-0", "out_of_range /lines/0/quantity"),
        wrong(quantity, "\"quantity\":\"1\"", "wrong_type /lines/0/quantity"),
        wrong(quantity, "\"quantity\":null", "wrong_type /lines/0/quantity"),
        wrong(quantity, "\"quantity\":true", "wrong_type /lines/0/quantity"),
        wrong(quantity, "\"quantity\":-1", "out_of_range /lines/0/quantity"),
        wrong(quantity, "\"quantity\":1000001", "out_of_range /lines/0/quantity"),
        wrong(price, "\"unit_price\":9007199254740992", "out_of_range /lines/0/unit_price"),
        wrong(price, "\"unit_price\":9223372036854775807", "out_of_range /lines/0/unit_price"),
        wrong(price, "\"unit_price\":-9223372036854775808", "out_of_range /lines/0/unit_price"),
        wrong(price, "\"unit_price\":5.00", "not_an_integer /lines/0/unit_price"),
        wrong("\"c1\"", "\"c1\\u0000\"", "bad_format /customer_id"),
        wrong("\"c1\"", "\"../../etc\"", "bad_format /customer_id"),
        wrong("\"c1\"", "\"c1' OR 1=1 --\"", "bad_format /customer_id"),
        wrong("A. Buyer", "A\\u0000B", "bad_format /ship_to/name"),
        wrong("A. Buyer", "A\\nB", "bad_format /ship_to/name"),
        wrong("\"DE\"", "\"de\"", "bad_format /ship_to/country"),
        wrong("\"EUR\"", "\"XXX\"", "unknown_value /currency"),
        wrong("pm_ok", "4111111111111111", "card_number /payment_method"),
        wrong("\"metadata\":{", "\"__proto__\":{", "unknown_member /__proto__"),
        wrong("\"currency\"", "\"Currency\"", "unknown_member /Currency"),
        wrong(good_order(), "[]", "wrong_type "),
        wrong(good_order(), "null", "wrong_type "),
        wrong(good_order(), "\"text\"", "wrong_type "),
        wrong(good_order(), "7", "wrong_type ")}) {
    refused(hostile);
  }
}

TEST_F(HostileRequests, HeadersThatTheApiCannotTake) {
  const auto with = [](const std::string& headers) { return post_of(good_order(), headers); };
  const auto plain = [](const std::string& headers) {
    RawRequest request;
    request.headers = headers;
    request.body = good_order();
    return request.bytes();
  };
  const std::string json = "Content-Type: application/json\r\n";
  const auto key = [&](const std::string& value) {
    return plain(json + header_line("Idempotency-Key", value));
  };
  for (const auto& hostile : std::vector<Hostile>{
           {plain("Idempotency-Key: a\r\n"), "415 unsupported_media_type"},
           {plain("Idempotency-Key: a\r\nContent-Type: text/plain\r\n"),
            "415 unsupported_media_type"},
           {plain("Idempotency-Key: a\r\nContent-Type: application/json; charset=latin1\r\n"),
            "415 unsupported_media_type"},
           {with("Content-Encoding: gzip\r\n"), "415 unsupported_media_type"},
           {with("Content-Type: application/json\r\n"), "400 invalid_header"},
           {plain(json), "400 idempotency_key_missing"},
           {with("Idempotency-Key: other\r\n"), "400 idempotency_key_invalid"},
           {key(""), "400 idempotency_key_invalid"},
           {key("\"\""), "400 idempotency_key_invalid"},
           {key("\"open"), "400 idempotency_key_invalid"},
           {key("\"a\"; b"), "400 idempotency_key_invalid"},
           {key("\"a\", \"b\""), "400 idempotency_key_invalid"},
           {key("a b"), "400 idempotency_key_invalid"},
           {key("\xc3\xbc"), "400 idempotency_key_invalid"},
           {key(std::string(256, 'k')), "400 idempotency_key_invalid"},
           {with("X-Correlation-Id: \xc3\xbc\r\n"), "400 invalid_header"},
           {with("X-Correlation-Id: \r\n"), "400 invalid_header"},
           {with(header_line("X-Correlation-Id", std::string(129, 'c'))), "400 invalid_header"},
           {with("X-Correlation-Id: a\r\nX-Correlation-Id: b\r\n"), "400 invalid_header"},
           {with("Origin: https://evil.example\r\n"), "403 foreign_origin"},
           {with("Origin: null\r\n"), "403 foreign_origin"}}) {
    refused(hostile);
  }
  const auto restart = [&](const std::string& headers) {
    RawRequest request;
    request.line = "POST /v1/orders/" + order_id + "/restart HTTP/1.1";
    request.headers = headers;
    return request.bytes();
  };
  for (const auto& hostile : std::vector<Hostile>{
           {restart(""), "428 if_match_required"},
           {restart("If-Match: 1\r\n"), "400 invalid_header"},
           {restart("If-Match: W/\"1\"\r\n"), "400 invalid_header"},
           {restart("If-Match: \"1\", \"2\"\r\n"), "400 invalid_header"},
           {restart("If-Match: \"18446744073709551616\"\r\n"), "400 invalid_header"},
           {restart("If-Match: \"1\"\r\n"), "412 stale_version"},
           {restart("If-Match: *\r\nIf-Match: *\r\n"), "400 invalid_header"},
           {restart("If-Match: *\r\nConveyor-Actor: a b\r\n"), "400 invalid_header"},
           {restart("If-Match: *\r\n"), "428 if_match_required"}}) {
    refused(hostile);
  }
  RawRequest other_name;
  other_name.host = "Host: evil.example\r\n";
  other_name.headers = json + "Idempotency-Key: a\r\n";
  other_name.body = good_order();
  refused({other_name.bytes(), "403 foreign_host"});
}

TEST_F(HostileRequests, TargetsAndParametersThatDoNotExist) {
  const auto get = [](const std::string& target) {
    return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  };
  const auto line = [](const std::string& text) {
    return text + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  };
  for (const auto& hostile : std::vector<Hostile>{
           {line("FOO /v1/orders"), "405 method_not_allowed"},
           {line("post /v1/orders"), "405 method_not_allowed"},
           {line("DELETE /v1/orders"), "405 method_not_allowed"},
           {get("/nothing"), "404 not_found"},
           {get("/v1/orders/"), "404 not_found"},
           {get("//v1/orders"), "404 not_found"},
           {get("/v1/../v1/orders"), "404 not_found"},
           {get("/v1%2forders"), "404 not_found"},
           {get("/v1/orders/ord_1"), "404 order_not_found"},
           {get("/v1/orders/%27%20OR%201=1"), "404 order_not_found"},
           {get("/v1/orders?limit=0"), "400 invalid_parameter out_of_range limit"},
           {get("/v1/orders?limit=201"), "400 invalid_parameter out_of_range limit"},
           {get("/v1/orders?limit=1e1"), "400 invalid_parameter out_of_range limit"},
           {get("/v1/orders?limit=+1"), "400 invalid_parameter out_of_range limit"},
           {get("/v1/orders?limit=99999999999999999999"),
            "400 invalid_parameter out_of_range limit"},
           {get("/v1/orders?limit=1&limit=1"), "400 invalid_parameter bad_format limit"},
           {get("/v1/orders?odd=1"), "400 invalid_parameter unknown_member odd"},
           {get("/v1/orders?cursor=x"), "400 invalid_cursor"},
           {get("/v1/orders?created_after=yesterday"),
            "400 invalid_parameter bad_format created_after"},
           {get("/v1/orders?status=odd"), "400 invalid_parameter unknown_value status"}}) {
    refused(hostile);
  }
}

/// Where nobody can say where the request ends, or two readers would see two requests.
TEST_F(HostileRequests, BrokenHttp) {
  const auto with = [](const std::string& headers, const std::string& body = {}) {
    return "POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
           "Idempotency-Key: broken\r\n" +
           headers + "\r\n" + body;
  };
  const auto line = [](const std::string& text) { return text + "\r\nHost: localhost\r\n\r\n"; };
  const auto body = good_order();
  const auto length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
  const auto chunk = fmt::format("{:x}\r\n{}\r\n", body.size(), body);
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  for (const auto& hostile : std::vector<Hostile>{
           // lengths
           {with(length + "Content-Length: 5\r\n", body), "400 bad_framing"},
           {with(length + length, body), "400 bad_framing"},
           {with("Content-Length: 5, 5\r\n", body), "400 bad_framing"},
           {with("Content-Length: +5\r\n", body), "400 bad_framing"},
           {with("Content-Length: -5\r\n", body), "400 bad_framing"},
           {with("Content-Length: 0x5\r\n", body), "400 bad_framing"},
           {with("Content-Length: 5 5\r\n", body), "400 bad_framing"},
           {with("Content-Length:\r\n", body), "400 bad_framing"},
           {with(length + chunked, chunk + "0\r\n\r\n"), "400 bad_framing"},
           {with(chunked + length, chunk + "0\r\n\r\n"), "400 bad_framing"},
           // codings
           {with("Transfer-Encoding: gzip\r\n", body), "400 bad_framing"},
           {with("Transfer-Encoding: gzip, chunked\r\n", chunk), "400 bad_framing"},
           {with("Transfer-Encoding: chunked, gzip\r\n", chunk), "400 bad_framing"},
           {with("Transfer-Encoding: identity\r\n", body), "400 bad_framing"},
           {with("Transfer-Encoding: xchunked\r\n", chunk), "400 bad_framing"},
           {with("Transfer-Encoding: \"chunked\"\r\n", chunk), "400 bad_framing"},
           {with("Transfer-Encoding:\r\n", chunk), "400 bad_framing"},
           {with("Transfer-Encoding: \x0b"
                 "chunked\r\n",
                 chunk),
            "400 bad_header"},
           {with("Transfer-Encoding : chunked\r\n", chunk), "400 bad_header"},
           {with(chunked + chunked, chunk), "400 bad_framing"},
           {"POST /v1/orders HTTP/1.0\r\n" + chunked + "\r\n" + chunk, "400 bad_framing"},
           // line ends, folding, Host
           {"POST /v1/orders HTTP/1.1\nHost: localhost\n\n", "400 bad_line_ending"},
           {with("X: y\n" + length, body), "400 bad_line_ending"},
           {"GET / HTTP/1.1\r\nHost: localhost\r\n\n", "400 bad_line_ending"},
           {with("X: a\rContent-Length: 0\r\n", body), "400 bad_header"},
           {with("X: a\r\n b\r\n" + length, body), "400 bad_header"},
           {with("X: a\r\n\tb\r\n" + length, body), "400 bad_header"},
           {"GET / HTTP/1.1\r\n\r\n", "400 bad_host"},
           {with("Host: localhost\r\n" + length, body), "400 bad_host"},
           {"GET / HTTP/1.1\r\nHost:\r\n\r\n", "400 bad_host"},
           {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "400 bad_host"},
           {"GET / HTTP/1.1\r\nHost: user@localhost\r\n\r\n", "400 bad_host"},
           // headers and request lines
           {with("X : y\r\n"), "400 bad_header"},
           {with("no colon\r\n"), "400 bad_header"},
           {with(": y\r\n"), "400 bad_header"},
           {with(std::string{"X: a\0b\r\n", 8}), "400 bad_header"},
           {with("X\xc3\xbc: y\r\n"), "400 bad_header"},
           {line("GET"), "400 bad_request_line"},
           {line("GET /"), "400 bad_request_line"},
           {line("GET  / HTTP/1.1"), "400 bad_target"},
           {line("GET / HTTP/1.1 "), "400 bad_request_line"},
           {line("GET / http/1.1"), "400 bad_request_line"},
           {line("GET / HTTP/1.2"), "505 version_not_supported"},
           {line("GET / HTTP/2.0"), "505 version_not_supported"},
           {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505 version_not_supported"},
           {"SSH-2.0-OpenSSH_9.2\r\n", "400 bad_request_line"},
           {std::string{"\x16\x03\x01\x02\x00\x01\x00\x0a", 8}, "400 bad_line_ending"},
           {line("GET http://localhost/ HTTP/1.1"), "400 bad_target"},
           {line("CONNECT localhost:80 HTTP/1.1"), "400 bad_target"},
           {line("OPTIONS * HTTP/1.1"), "400 bad_target"},
           {line("GET /%zz HTTP/1.1"), "400 bad_target"},
           {line("GET /%00 HTTP/1.1"), "400 bad_target"},
           {line("GET /%ff HTTP/1.1"), "400 bad_target"},
           {line("GET /a#b HTTP/1.1"), "400 bad_target"},
           {with("Expect: tea\r\n" + length, body), "417 expectation_failed"},
           // chunks
           {with(chunked, "\r\n"), "400 bad_chunk"},
           {with(chunked, "-1\r\n"), "400 bad_chunk"},
           {with(chunked, "0x5\r\n" + body), "400 bad_chunk"},
           {with(chunked, " 5\r\n" + body), "400 bad_chunk"},
           {with(chunked, "5\n" + body), "400 bad_chunk"},
           {with(chunked, "1\r\n" + body), "400 bad_chunk"},
           {with(chunked, chunk + "zz\r\n"), "400 bad_chunk"},
           {with(chunked, chunk + "0\r\nno colon\r\n\r\n"), "400 bad_chunk"},
           {with(chunked, chunk + "0\r\nContent-Length: 5\r\n\r\n"), "400 bad_chunk"}}) {
    refused_for_good(hostile);
  }
}

TEST_F(HostileRequests, OversizeEverything) {
  constexpr std::size_t kTooMuch = 300'000;
  const std::string much(kTooMuch, 'x');
  const auto head = [](const std::string& headers) {
    return "POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
           "Idempotency-Key: oversize\r\n" +
           headers;
  };
  const std::string chunked = "Transfer-Encoding: chunked\r\n\r\n";
  for (const auto& hostile : std::vector<Hostile>{
           {"GET /" + much, "431 header_too_large"},
           {std::string(20'000, 'G'), "431 header_too_large"},
           {head("X: " + much), "431 header_too_large"},
           {head(much), "431 header_too_large"},
           {head(repeated("X: y\r\n", 101) + "\r\n"), "431 header_too_large"},
           {head("Content-Length: 262145\r\n\r\n" + much), "413 body_too_large"},
           {head("Content-Length: 18446744073709551616\r\n\r\n"), "413 body_too_large"},
           {head("Content-Length: 262145\r\nExpect: 100-continue\r\n\r\n"), "413 body_too_large"},
           {head(chunked + fmt::format("{:x}\r\n", kTooMuch) + much), "413 body_too_large"},
           {head(chunked + repeated("1000\r\n" + std::string(4'096, ' ') + "\r\n", 65)),
            "413 body_too_large"},
           {head(chunked + "ffffffffffffffff\r\n"), "413 body_too_large"},
           {head(chunked + "11111111111111111\r\n"), "400 bad_chunk"},
           {head(chunked + "1;" + much), "431 header_too_large"},
           {head(chunked + "0\r\nX: " + much), "431 header_too_large"}}) {
    refused_for_good(hostile);
  }
}

}  // namespace
}  // namespace conveyor::test
