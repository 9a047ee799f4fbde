// Method: a server whose every limit of a request is set lower than its default, and for each a
// request that has just as much as it allows and one that has one more. The first is done, the
// second refused with the problem, code and pointer of that limit, and writes no row. A limit that
// the program has and this file does not fails the test.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "support/raw_request.h"
#include "support/row_counts.h"
#include "support/server_process.h"
#include "support/shop.h"

namespace conveyor::test {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

/// A request that has `count` of what a limit limits.
using Make = std::function<RawRequest(std::size_t count)>;

struct Limit {
  std::string setting;
  std::size_t value;  ///< what the server is told
  Make make;
  std::string refused;  ///< as problem_text(), of one more
};

object good_order() {
  return {
      {"customer_id", "c1"},
      {"currency", "EUR"},
      {"lines", array{object{{"sku", "sku-1"}, {"quantity", 1}, {"unit_price", 5}}}},
      {"ship_to",
       object{
           {"name", "A"}, {"line1", "B"}, {"city", "C"}, {"postal_code", "1"}, {"country", "DE"}}},
      {"payment_method", "pm_ok"}};
}

/// A new order; `key` is used once.
RawRequest order_request(const std::string& body, const std::string& headers = {}) {
  static int number = 0;
  RawRequest request;
  request.headers = "Content-Type: application/json\r\n" + headers;
  if (!headers.contains("Idempotency-Key")) {
    request.headers += header_line("Idempotency-Key", std::to_string(++number));
  }
  request.body = body;
  return request;
}
RawRequest order_request(const value& order) {
  return order_request(boost::json::serialize(order));
}

/// A good order in which the member at `parent`/`name` is what `make` makes.
Make member(std::string parent, std::string name, std::function<value(std::size_t)> make) {
  return [=](std::size_t count) {
    value order = good_order();
    order.at_pointer(parent).as_object()[name] = make(count);
    return order_request(order);
  };
}
value text(std::size_t count) {
  return value(std::string(count, 'x'));
}
value digits(std::size_t count) {
  return value(std::string(count, '1'));
}
value mail(std::size_t count) {
  return value(std::string(count - 4, 'x') + "@a.b");
}
value number(std::size_t count) {
  return count;
}

value lines(std::size_t count) {
  array all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(good_order().at("lines").at(0));
  return all;
}
value adjustments(std::size_t count) {
  array all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(object{{"kind", "fee"}, {"amount", 1}});
  return all;
}
value labelled(std::size_t count) {
  return array{object{{"kind", "fee"}, {"amount", 1}, {"label", text(count)}}};
}
value metadata(std::size_t count) {
  object all;
  for (std::size_t i = 0; i < count; ++i) all[std::to_string(i)] = "x";
  return all;
}

RawRequest sized_body(std::size_t bytes) {
  auto body = boost::json::serialize(good_order());
  return order_request(body + std::string(bytes - body.size(), ' '));
}
/// Below the root, whose member is not known: too deep is seen first.
RawRequest nested(std::size_t depth) {
  return order_request("{\"metadata\":" + std::string(depth - 1, '[') +
                       std::string(depth - 1, ']') + "}");
}
RawRequest many_members(std::size_t count) {
  object all;
  for (std::size_t i = 0; i < count; ++i) all[fmt::format("m{}", i)] = 1;
  return order_request(value(all));
}
RawRequest with_header(std::string_view name, const std::string& content) {
  return order_request(boost::json::serialize(good_order()), header_line(name, content));
}
RawRequest sized_head(std::size_t bytes) {
  RawRequest request{
      .line = "GET /version HTTP/1.1", .headers = "X: ", .body = "", .with_length = false};
  const auto rest = request.bytes().size() + 2;
  request.headers += std::string(bytes - rest, 'x') + "\r\n";
  return request;
}
RawRequest counted_headers(std::size_t count) {
  RawRequest request{
      .line = "GET /version HTTP/1.1", .headers = "", .body = "", .with_length = false};
  for (std::size_t i = 1; i < count; ++i) request.headers += "X: y\r\n";  // 1: Host
  return request;
}
RawRequest page_of(std::size_t size) {
  return {.line = fmt::format("GET /v1/orders?limit={} HTTP/1.1", size),
          .headers = "",
          .body = "",
          .with_length = false};
}
RawRequest stock_title(std::size_t size) {
  auto request = order_request(object{{"on_hand", 1}, {"title", text(size)}});
  request.line = "PUT /v1/inventory/titled HTTP/1.1";
  return request;
}

/// The root, its member `metadata` and 2 more are 4 levels.
constexpr std::size_t kDepth = 4;
constexpr std::size_t kMembers = 16;

const std::vector<Limit>& limits() {
  static const std::vector<Limit> all{
      {"max_header_bytes", 2'048, sized_head, "431 header_too_large"},
      {"max_header_count", 12, counted_headers, "431 header_too_large"},
      {"max_body_bytes", 4'096, sized_body, "413 body_too_large"},
      {"max_lines", 3, member("", "lines", lines), "422 validation_failed too_long /lines"},
      {"max_quantity", 7, member("/lines/0", "quantity", number),
       "422 validation_failed out_of_range /lines/0/quantity"},
      {"max_adjustments", 2, member("", "adjustments", adjustments),
       "422 validation_failed too_long /adjustments"},
      {"max_title", 5, member("/lines/0", "title", text),
       "422 validation_failed too_long /lines/0/title"},
      {"max_title", 5, stock_title, "422 validation_failed too_long /title"},
      {"max_label", 6, member("", "adjustments", labelled),
       "422 validation_failed too_long /adjustments/0/label"},
      {"max_name_bytes", 8, member("", "customer_id", text),
       "422 validation_failed bad_format /customer_id"},
      {"max_name_bytes", 8, member("", "reference", text),
       "422 validation_failed bad_format /reference"},
      {"max_name_bytes", 8, member("/lines/0", "sku", text),
       "422 validation_failed bad_format /lines/0/sku"},
      {"max_name_bytes", 8, member("", "payment_method", text),
       "422 validation_failed bad_format /payment_method"},
      {"max_name_bytes", 8,
       [](std::size_t count) { return with_header("Conveyor-Actor", std::string(count, 'a')); },
       "400 invalid_header"},
      {"max_metadata_members", 3, member("", "metadata", metadata),
       "422 validation_failed too_long /metadata"},
      {"max_metadata_name_bytes", 4,
       member("", "metadata",
              [](std::size_t count) { return object{{std::string(count, 'n'), "x"}}; }),
       "422 validation_failed too_long /metadata/nnnnn"},
      {"max_metadata_value_bytes", 9,
       member("", "metadata", [](std::size_t count) { return object{{"n", text(count)}}; }),
       "422 validation_failed too_long /metadata/n"},
      {"max_ship_to_line", 10, member("/ship_to", "name", text),
       "422 validation_failed too_long /ship_to/name"},
      {"max_ship_to_line", 10, member("/ship_to", "line1", text),
       "422 validation_failed too_long /ship_to/line1"},
      {"max_ship_to_line", 10, member("/ship_to", "line2", text),
       "422 validation_failed too_long /ship_to/line2"},
      {"max_ship_to_city", 11, member("/ship_to", "city", text),
       "422 validation_failed too_long /ship_to/city"},
      {"max_ship_to_city", 11, member("/ship_to", "region", text),
       "422 validation_failed too_long /ship_to/region"},
      {"max_postal_code", 6, member("/ship_to", "postal_code", text),
       "422 validation_failed too_long /ship_to/postal_code"},
      {"max_email", 12, member("/ship_to", "email", mail),
       "422 validation_failed too_long /ship_to/email"},
      {"max_phone", 13, member("/ship_to", "phone", digits),
       "422 validation_failed too_long /ship_to/phone"},
      {"max_idempotency_key_bytes", 14,
       [](std::size_t count) { return with_header("Idempotency-Key", std::string(count, 'k')); },
       "400 idempotency_key_invalid"},
      {"max_correlation_id_bytes", 15,
       [](std::size_t count) { return with_header("X-Correlation-Id", std::string(count, 'c')); },
       "400 invalid_header"},
      {"max_page", 5, page_of, "400 invalid_parameter out_of_range limit"},
  };
  return all;
}

std::vector<std::string> flags() {
  std::set<std::string> given;
  std::vector<std::string> all{"--max-json-depth",       std::to_string(kDepth),
                               "--max-json-members",     std::to_string(kMembers),
                               "--max-tracestate-bytes", "16"};
  for (const auto& limit : limits()) {
    if (!given.insert(limit.setting).second) continue;
    auto flag = "--" + limit.setting;
    std::ranges::replace(flag, '_', '-');
    all.push_back(flag);
    all.push_back(std::to_string(limit.value));
  }
  return all;
}

class Limits : public testing::Test {
 protected:
  http::TestAnswer ask(const RawRequest& request) const {
    http::TestSocket socket(port_of(server.url()));
    socket.allow_reset();
    socket.send(request.bytes());
    auto answer = socket.read_answer();
    EXPECT_TRUE(answer.has_value()) << request.bytes();
    return answer.value_or(http::TestAnswer{});
  }
  void expect_refused(const RawRequest& request, const std::string& expected) const {
    const auto before = rows.now();
    const auto answer = ask(request);
    EXPECT_EQ(problem_text(answer), expected) << answer.body;
    EXPECT_EQ(rows.now(), before) << "a refused request has written a row";
  }

  TemporaryFolder folder;
  ServerProcess server{folder.path("shop.db"), flags()};
  RowCounts rows{folder.path("shop.db").string()};
};

TEST_F(Limits, EachHoldsAtBothSidesOfWhatItsSettingSays) {
  for (const auto& limit : limits()) {
    SCOPED_TRACE(limit.setting + " " + limit.refused);
    const auto answer = ask(limit.make(limit.value));
    EXPECT_TRUE(answer.status == 200 || answer.status == 201) << answer.status << answer.body;
    if (answer.status == 201) {
      // At its end it writes no more, which would look like rows of the refused one.
      const auto id = std::string{boost::json::parse(answer.body).at("id").as_string()};
      Shop(server.url()).wait_for(id, {"completed", "failed"});
    }
    expect_refused(limit.make(limit.value + 1), limit.refused);
  }
}

TEST_F(Limits, OfJsonAreMetBeforeTheBodyIsAnOrder) {
  expect_refused(nested(kDepth), "422 validation_failed required /customer_id");
  expect_refused(nested(kDepth + 1), "400 invalid_json syntax /metadata/0/0");
  expect_refused(many_members(kMembers), "422 validation_failed unknown_member /m0");
  expect_refused(many_members(kMembers + 1), "400 invalid_json syntax ");
}

/// As W3C Trace Context has it.
TEST_F(Limits, ALongerTracestateIsDropped) {
  const auto tracestate = [&](std::size_t size) {
    RawRequest request{
        .line = "GET /version HTTP/1.1", .headers = "", .body = "", .with_length = false};
    request.headers =
        header_line("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01") +
        header_line("tracestate", "a=" + std::string(size - 2, 'x'));
    return ask(request).header("tracestate").size();
  };
  EXPECT_EQ(tracestate(16), 16U);
  EXPECT_EQ(tracestate(17), 0U);
}

TEST(ConnectionLimits, HoldAtBothSidesOfWhatTheirSettingsSay) {
  const TemporaryFolder folder;
  const ServerProcess server(folder.path("shop.db"), {"--max-connections", "3", "--max-refusals",
                                                      "1", "--max-streams", "1"});
  const auto port = port_of(server.url());
  const auto stream = [] {
    return std::string{"GET /v1/events/stream HTTP/1.1\r\nHost: localhost\r\n\r\n"};
  };
  http::TestSocket first(port);
  first.send(stream());
  EXPECT_TRUE(first.read_until("\r\n\r\n").starts_with("HTTP/1.1 200"));
  http::TestSocket second(port);
  second.send(stream());
  EXPECT_EQ(problem_text(second.read_answer().value()), "503 too_many_streams");
  http::TestSocket third(port);
  EXPECT_EQ(third.get("/health/live")->status, 403) << "its Host is foreign, but it is served";
  http::TestSocket told(port);
  EXPECT_EQ(problem_text(told.read_answer().value()), "503 too_many_connections");
  http::TestSocket closed(port);
  closed.allow_reset();
  EXPECT_EQ(closed.read_to_end(), "");
}

/// Names of settings for which `is_limit` holds.
std::set<std::string> settings_that(const std::function<bool(const std::string&)>& is_limit) {
  std::set<std::string> found;
  const auto schema = run_conveyor({"config", "schema"});
  for (const auto& setting : boost::json::parse(schema.out).at("properties").as_object()) {
    const std::string name{setting.key().data(), setting.key().size()};
    if (is_limit(name)) found.insert(name);
  }
  return found;
}

/// No limit of a request without a row here, nor a row without a limit.
TEST(LimitSettings, AreAllTested) {
  std::set<std::string> tested{"max_json_depth",  "max_json_members", "max_tracestate_bytes",
                               "max_connections", "max_refusals",     "max_streams"};
  for (const auto& limit : limits()) tested.insert(limit.setting);
  tested.insert("max_linger_bytes");  // time_limits_process_test.cpp
  EXPECT_EQ(settings_that([](const std::string& name) { return name.starts_with("max_"); }),
            tested);
}

TEST(LimitSettings, OfTimeAreAllTested) {
  const std::set<std::string> tested{// time_limits_process_test.cpp
                                     "header_timeout_ms", "body_timeout_ms", "idle_timeout_ms",
                                     "write_timeout_ms", "linger_timeout_ms",
                                     // tests/cli/time_limits_cli_test.cpp
                                     "in_flight_wait_ms", "answer_deadline_ms"};
  const std::set<std::string> of_no_request{"shutdown_timeout_ms", "call_deadline_ms",
                                            "realtime_ping_timeout_ms"};
  const auto there = settings_that([&](const std::string& name) {
    const bool is_time = name.ends_with("_timeout_ms") || name.ends_with("_wait_ms") ||
                         name.ends_with("_deadline_ms");
    return is_time && !of_no_request.contains(name);
  });
  EXPECT_EQ(there, tested);
}

}  // namespace
}  // namespace conveyor::test
