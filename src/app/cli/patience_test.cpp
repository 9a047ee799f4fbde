// Method: a server of a few lines that says "later" or is gone; how often it is asked, and what is
// said, is compared.
#include "app/cli/patience.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>

#include "server/http/server.h"

namespace conveyor::cli {
namespace {

using testing::HasSubstr;

Failure busy() {
  return {
      .exit_code = ExitCode::unavailable, .text = "busy\nmore", .status = 503, .may_pass = true};
}
Failure gone() {
  return {.exit_code = ExitCode::unavailable, .text = "no server", .may_pass = true};
}

TEST(Patience, AServerThatWasNeverReachedIsNotWaitedFor) {
  Patience patience{kPatience, [](std::string_view) { FAIL(); }};
  EXPECT_EQ(patience.pause_after(gone(), 1), std::nullopt);
  patience.answered();
  EXPECT_TRUE(patience.pause_after(gone(), 1));
  EXPECT_TRUE(patience.server_was_seen());
}

TEST(Patience, ABusyAnswerIsOneOfAServer) {
  Patience patience{kPatience, [](std::string_view) { FAIL(); }};
  EXPECT_TRUE(patience.pause_after(busy(), 1));
  EXPECT_TRUE(patience.pause_after(gone(), 2)) << "it was there";
}

TEST(Patience, EndsWhenNothingIsDealtWithForItsLimit) {
  Patience patience{Duration{0}, [](std::string_view) { FAIL(); }};
  patience.answered();
  EXPECT_EQ(patience.pause_after(busy(), 1), std::nullopt);
}

TEST(Patience, PausesHaveACapAndHonourRetryAfter) {
  Patience patience{kPatience, [](std::string_view) {}};
  for (const std::uint32_t tries : {1U, 10U, 1'000'000U}) {
    const auto pause = patience.pause_after(busy(), tries);
    ASSERT_TRUE(pause);
    EXPECT_LE(*pause, Duration{5'000});
  }
  auto later = busy();
  later.retry_after = Duration{7'000};
  EXPECT_GE(patience.pause_after(later, 1), Duration{7'000});
  later.retry_after = Duration{3'600'000};
  EXPECT_LE(patience.pause_after(later, 1), Duration{ApiClient::kMaxRetryPause});
}

TEST(Patience, ARequestIsTriedAgainAsLongAsItLasts) {
  std::atomic<int> asked{0};
  http::ServerOptions options;
  options.tick = std::chrono::milliseconds{5};
  constexpr int kBusy = 4;
  http::Server server{options, [&](const http::Request&, auto respond) {
                        if (++asked <= kBusy) {
                          respond(http::Response{.status = 503});
                        } else {
                          respond(http::Response{.status = 200, .body = "{}"});
                        }
                      }};
  ASSERT_TRUE(server.start());
  ApiClient client{fmt::format("http://127.0.0.1:{}", server.port())};
  Patience none{Duration{0}, [](std::string_view) {}};
  const auto given_up = client.send_patiently({.method = "GET", .target = "/x"}, none);
  ASSERT_FALSE(given_up);
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(given_up.error().exit_code, ExitCode::unavailable);
  EXPECT_THAT(given_up.error().text, HasSubstr("the server has dealt with nothing for 0 s"));
  asked = kBusy - 2;
  Patience patience{kPatience, [](std::string_view) {}};
  EXPECT_TRUE(client.send_patiently({.method = "GET", .target = "/x"}, patience));
  EXPECT_EQ(asked, kBusy + 1);
  server.stop();
}

}  // namespace
}  // namespace conveyor::cli
