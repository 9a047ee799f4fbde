// Method: a server of a few lines answers what each test says; what the client makes of it, and how
// often it asked, is compared.
#include "app/cli/api_client.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "server/http/server.h"

namespace conveyor::cli {
namespace {

using testing::HasSubstr;

// Answers in sequence, the last one for ever.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::vector<http::Response> answers)
      : answers_(std::move(answers)),
        server_(options(), [this](http::Request request, auto respond) {
          last_ = std::move(request);
          respond(answers_.at(std::min<std::size_t>(asked_++, answers_.size() - 1)));
        }) {
    const auto started = server_.start();
    EXPECT_TRUE(started) << started.error();
  }
  ~ScriptedServer() { server_.stop(); }

  std::string url() const { return fmt::format("http://127.0.0.1:{}", server_.port()); }
  std::size_t asked() const { return asked_; }
  const http::Request& last() const { return last_; }

 private:
  static http::ServerOptions options() {
    http::ServerOptions options;
    options.tick = std::chrono::milliseconds{5};
    return options;
  }

  std::vector<http::Response> answers_;
  std::atomic<std::size_t> asked_{0};
  http::Request last_;  // written before the answer that a test waits for
  http::Server server_;
};

http::Response answer(int status, std::string body) {
  http::Response response{.status = status, .body = std::move(body)};
  return response;
}

http::Response problem(int status, std::string_view code, bool retryable) {
  return answer(status, fmt::format(R"({{"title":"No","detail":"not now","code":"{}",
      "request_id":"req_1","retryable":{},
      "errors":[{{"pointer":"/lines/0/sku","code":"bad","detail":"is odd"}}]}})",
                                    code, retryable));
}

std::expected<Answer, Failure> ask(const http::Response& response) {
  ScriptedServer server{{response}};
  return ApiClient{server.url()}.get("/x");
}

TEST(ApiClient, EveryStatusHasItsExitCode) {
  const auto code_of = [](int status, std::string_view code) {
    const auto asked = ask(problem(status, code, false));
    return asked ? ExitCode::ok : asked.error().exit_code;
  };
  EXPECT_EQ(code_of(400, "invalid_json"), ExitCode::invalid);
  EXPECT_EQ(code_of(401, "x"), ExitCode::not_allowed);
  EXPECT_EQ(code_of(403, "x"), ExitCode::not_allowed);
  EXPECT_EQ(code_of(404, "order_not_found"), ExitCode::not_found);
  EXPECT_EQ(code_of(408, "x"), ExitCode::unavailable);
  EXPECT_EQ(code_of(409, "action_not_allowed"), ExitCode::not_allowed);
  EXPECT_EQ(code_of(409, "reference_taken"), ExitCode::conflict);
  EXPECT_EQ(code_of(412, "stale_version"), ExitCode::conflict);
  EXPECT_EQ(code_of(413, "body_too_large"), ExitCode::invalid);
  EXPECT_EQ(code_of(422, "validation_failed"), ExitCode::invalid);
  EXPECT_EQ(code_of(429, "x"), ExitCode::unavailable);
  EXPECT_EQ(code_of(500, "internal"), ExitCode::error);
  EXPECT_EQ(code_of(503, "unavailable"), ExitCode::unavailable);
}

TEST(ApiClient, AProblemIsSaidInFull) {
  const auto asked = ask(problem(422, "validation_failed", false));
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().text,
            "No: not now (422 validation_failed)\n  /lines/0/sku: is odd\n  request: req_1");
  ASSERT_EQ(asked.error().fields.size(), 1U);
  EXPECT_EQ(asked.error().fields[0].pointer, "/lines/0/sku");
}

TEST(ApiClient, WhatIsNoConveyorServerIsSaid) {
  const auto page = ask(answer(404, "<html>nothing here</html>"));
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().exit_code, ExitCode::not_found);
  EXPECT_THAT(page.error().text, HasSubstr("answered 404 without saying why"));
  const auto text = ask(answer(200, "hello"));
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().exit_code, ExitCode::error);
  EXPECT_THAT(text.error().text, HasSubstr("is not JSON"));
}

TEST(ApiClient, RepeatsTheSameRequestWhileItMayPass) {
  ScriptedServer server{{problem(503, "unavailable", true), problem(409, "in_flight", true),
                         answer(201, R"({"id":"1"})")}};
  const auto asked =
      ApiClient{server.url()}.send_patiently({.method = "POST",
                                              .target = "/v1/orders",
                                              .headers = {idempotency_header("k\"1")},
                                              .body = "{}"});
  ASSERT_TRUE(asked) << asked.error().text;
  EXPECT_EQ(asked->status, 201);
  EXPECT_EQ(server.asked(), 3U);
  const auto* key = server.last().find_header("Idempotency-Key");
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(*key, R"("k\"1")");
}

TEST(ApiClient, DoesNotRepeatWhatCannotPass) {
  ScriptedServer server{{problem(422, "validation_failed", false)}};
  EXPECT_FALSE(ApiClient{server.url()}.send_patiently({.method = "GET", .target = "/x"}));
  EXPECT_EQ(server.asked(), 1U);
}

TEST(ApiClient, ComponentsAreEncoded) {
  EXPECT_EQ(encode_component("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(encode_component("a/b c?&=%\xC3\xA9"), "a%2Fb%20c%3F%26%3D%25%C3%A9");
  EXPECT_EQ(encode_component(".."), "..");
}

}  // namespace
}  // namespace conveyor::cli
