// The site by example, over files of the test's own.
#include "server/dashboard/site.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace conveyor::dashboard {
namespace {

constexpr std::array<File, 2> kFiles{
    File{"/assets/app-1.js", "text/javascript", "\"a1\"", "script", "zipped"},
    File{"/index.html", "text/html; charset=utf-8", "\"i1\"", "page", ""},
};

http::Request get(std::string path, std::vector<http::Header> headers = {}) {
  http::Request request;
  request.method = "GET";
  request.target = path;
  request.path = std::move(path);
  request.headers = std::move(headers);
  return request;
}

std::string header(const http::Response& response, std::string_view name) {
  const auto* value = http::find_header(response.headers, name);
  return value == nullptr ? "" : *value;
}

TEST(Site, GivesAFileCompressedToThoseWhoTakeIt) {
  const auto plain = respond(get("/assets/app-1.js"), kFiles);
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->status, 200);
  EXPECT_EQ(plain->body, "script");
  EXPECT_EQ(header(*plain, "Content-Encoding"), "");
  EXPECT_EQ(header(*plain, "Content-Type"), "text/javascript");
  EXPECT_EQ(header(*plain, "Cache-Control"), "public, max-age=31536000, immutable");

  const auto zipped = respond(get("/assets/app-1.js", {{"Accept-Encoding", "br, gzip"}}), kFiles);
  ASSERT_TRUE(zipped);
  EXPECT_EQ(zipped->body, "zipped");
  EXPECT_EQ(header(*zipped, "Content-Encoding"), "gzip");
  EXPECT_EQ(header(*zipped, "Vary"), "Accept-Encoding");

  const auto refused = respond(get("/assets/app-1.js", {{"Accept-Encoding", "gzip;q=0"}}), kFiles);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->body, "script");
}

TEST(Site, GivesThePageForEveryAddressThatABrowserOpens) {
  for (const auto* path : {"/", "/orders", "/orders/ord_x", "/no/such/page"}) {
    const auto page = respond(get(path, {{"Accept", "text/html,*/*"}}), kFiles);
    ASSERT_TRUE(page) << path;
    EXPECT_EQ(page->body, "page") << path;
    EXPECT_EQ(header(*page, "Cache-Control"), "no-cache");
    EXPECT_EQ(header(*page, "Content-Security-Policy"),
              "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; "
              "base-uri 'none'; object-src 'none'");
    EXPECT_EQ(header(*page, "Referrer-Policy"), "same-origin");
  }
}

TEST(Site, LeavesToTheApiWhatIsNotItsOwn) {
  const std::vector<http::Header> browser{{"Accept", "text/html"}};
  for (const auto* path : {"/v1/orders", "/v1/nothing", "/health/live", "/metrics", "/version",
                           "/openapi.json", "/socket.io/"}) {
    EXPECT_FALSE(respond(get(path, browser), kFiles)) << path;
  }
  EXPECT_FALSE(respond(get("/orders", {{"Accept", "application/json"}}), kFiles));
  EXPECT_FALSE(respond(get("/assets/gone.js"), kFiles));
  auto post = get("/", browser);
  post.method = "POST";
  EXPECT_FALSE(respond(post, kFiles));
}

TEST(Site, DoesNotSendWhatTheBrowserHas) {
  const auto same = respond(get("/", {{"If-None-Match", "\"i1\""}}), kFiles);
  ASSERT_TRUE(same);
  EXPECT_EQ(same->status, 304);
  EXPECT_EQ(same->body, "");
  const auto other = respond(get("/", {{"If-None-Match", "\"i0\""}}), kFiles);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->status, 200);
}

TEST(Site, SaysWhatAProgramWithoutItLacks) {
  const auto lacking = respond(get("/"), {});
  ASSERT_TRUE(lacking);
  EXPECT_EQ(lacking->status, 404);
  EXPECT_NE(lacking->body.find("built without its dashboard"), std::string::npos);
  EXPECT_FALSE(respond(get("/v1/orders"), {}));
}

}  // namespace
}  // namespace conveyor::dashboard
