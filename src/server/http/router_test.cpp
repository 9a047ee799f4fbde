// Method: requests are dispatched without a server; each handler answers with its own name.
#include "server/http/router.h"

#include <gtest/gtest.h>

namespace conveyor::http {
namespace {

struct Routed {
  Response response;
  std::string route;
};

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    add("GET", "/v1/orders");
    add("POST", "/v1/orders");
    add("GET", "/v1/orders/{id}");
    add("GET", "/v1/orders/groups");
    add("POST", "/v1/orders/{id}/cancel");
    add("GET", "/v1/{kind}/{id}/log");
    add("DELETE", "/v1/orders/{id}");
    add("GET", "/");
  }

  void add(std::string_view method, std::string_view pattern) {
    const std::string name = std::string(method) + " " + std::string(pattern);
    const bool has_id = pattern.find("{id}") != pattern.npos;
    router.add(method, pattern,
               [=](const Request&, const PathParameters& parameters, Respond respond) {
                 respond({.status = 200, .body = name + (has_id ? " id=" + parameters["id"] : "")});
               });
  }

  Routed dispatch(std::string method, std::string path) {
    std::optional<Routed> routed;
    Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    router.dispatch(std::move(request), Respond([&](Answer answer, std::string route) {
                      routed = Routed{std::get<Response>(std::move(answer)), std::move(route)};
                    }));
    return routed.value();
  }

  Router router;
};

TEST_F(RouterTest, FindsHandlersCapturesAndPatterns) {
  EXPECT_EQ(dispatch("GET", "/v1/orders").response.body, "GET /v1/orders");
  EXPECT_EQ(dispatch("POST", "/v1/orders").response.body, "POST /v1/orders");
  EXPECT_EQ(dispatch("GET", "/").response.body, "GET /");
  const Routed cancel = dispatch("POST", "/v1/orders/ord%2f1/cancel");
  EXPECT_EQ(cancel.response.body, "POST /v1/orders/{id}/cancel id=ord/1");
  EXPECT_EQ(cancel.route, "/v1/orders/{id}/cancel");
}

TEST_F(RouterTest, PrefersALiteralAndFallsBackToTheCapture) {
  EXPECT_EQ(dispatch("GET", "/v1/orders/groups").response.body, "GET /v1/orders/groups");
  EXPECT_EQ(dispatch("DELETE", "/v1/orders/groups").response.body,
            "DELETE /v1/orders/{id} id=groups");
  EXPECT_EQ(dispatch("GET", "/v1/orders/7/log").response.body, "GET /v1/{kind}/{id}/log id=7");
}

TEST_F(RouterTest, ServesHeadByGet) {
  EXPECT_EQ(dispatch("HEAD", "/v1/orders").response.body, "GET /v1/orders");
}

TEST_F(RouterTest, AnswersUnknownPathsWith404) {
  for (const char* path : {"/v1", "/v1/orders/", "/v1/orders/1/", "/v1//orders", "/V1/orders",
                           "/v1/orders/1/cancel/x", "/v1/orders//cancel", "//"}) {
    const Routed routed = dispatch("GET", path);
    EXPECT_EQ(routed.response.status, 404) << path;
    EXPECT_EQ(routed.route, "") << path;
  }
}

TEST_F(RouterTest, AnswersUnknownMethodsWith405AndAllow) {
  const Routed routed = dispatch("PUT", "/v1/orders");
  EXPECT_EQ(routed.response.status, 405);
  EXPECT_EQ(*find_header(routed.response.headers, "Allow"), "GET, HEAD, POST");
  EXPECT_EQ(*find_header(dispatch("PUT", "/v1/orders/groups").response.headers, "Allow"),
            "DELETE, GET, HEAD");
  EXPECT_EQ(dispatch("HEAD", "/v1/orders/1/cancel").response.status, 405);
  EXPECT_EQ(dispatch("get", "/v1/orders").response.status, 405);
}

TEST_F(RouterTest, RefusesBadEncodings) {
  EXPECT_EQ(dispatch("GET", "/v1/orders/%zz").response.status, 400);
}

TEST_F(RouterTest, WrongPatternsAreProgrammingErrors) {
  const auto handler = [](const Request&, const PathParameters&, Respond) {};
  EXPECT_DEATH(router.add("GET", "/v1/orders", handler), "added once");
  EXPECT_DEATH(router.add("GET", "v1", handler), "starts with");
  EXPECT_DEATH(router.add("GET", "/{id", handler), "a capture is");
}

TEST(RespondTest, IsCalledOnce) {
  int calls = 0;
  Respond respond([&](const Answer& answer, const std::string&) {
    ++calls;
    EXPECT_TRUE(std::holds_alternative<Response>(answer));
  });
  Respond moved = std::move(respond);
  moved({.status = 204});
  EXPECT_EQ(calls, 1);
  EXPECT_DEATH(moved({.status = 204}), "answered once");
}

TEST(RespondTest, DestroyedOrReplacedItSaysSo) {
  int abandoned = 0;
  const auto sink = [&](const Answer& answer, const std::string&) {
    if (std::holds_alternative<std::monostate>(answer)) ++abandoned;
  };
  {
    Respond first(sink);
    Respond second(sink);
    first = std::move(second);
    EXPECT_EQ(abandoned, 1);
  }
  EXPECT_EQ(abandoned, 2);
}

}  // namespace
}  // namespace conveyor::http
