// Method: two orders with a retry each; the log is read as a person would who has one correlation
// id and greps for it.
#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <sstream>

#include "support/server_process.h"
#include "support/shop.h"

namespace conveyor::test {
namespace {

using testing::ElementsAre;
using testing::MatchesRegex;

/// The lines of the log that hold the text.
std::vector<boost::json::object> grep(const std::string& log, const std::string& text) {
  std::vector<boost::json::object> found;
  std::istringstream lines{log};
  for (std::string line; std::getline(lines, line);) {
    if (line.contains(text)) found.push_back(boost::json::parse(line).as_object());
  }
  return found;
}

std::string text_of(const boost::json::object& line, std::string_view field) {
  const auto* found = line.if_contains(field);
  if (found == nullptr) return {};
  return found->is_string() ? std::string{found->as_string()} : boost::json::serialize(*found);
}

std::vector<std::string> messages(const std::vector<boost::json::object>& lines) {
  std::vector<std::string> all;
  for (const auto& line : lines) all.push_back(text_of(line, "msg"));
  return all;
}

struct Story {
  std::string order_id;
  std::string request_id;
  std::string trace_id;
  std::vector<boost::json::object> lines;
};

/// An order that needs three tries for its payment, and what the log says of it.
Story story_of(const std::string& level) {
  const TemporaryFolder folder;
  ServerProcess server(folder.path("shop.db"), {"--log-level", level, "--log-format", "json",
                                                "--retry-base-delay-ms", "20"});
  Shop shop(server.url());
  shop.set_stock("sku-1", 10);
  const auto place = [&](const std::string& correlation) {
    return shop.send(
        "POST", "/v1/orders", order_json({.payment_method = "pm_flaky_2"}),
        {{"Idempotency-Key", "\"" + correlation + "\""}, {"X-Correlation-Id", correlation}});
  };
  const auto placed = place("story-1");
  const auto other = place("story-2");
  EXPECT_EQ(shop.wait_for(placed.text("id"), {"completed"}), "completed");
  EXPECT_EQ(shop.wait_for(other.text("id"), {"completed"}), "completed");
  EXPECT_EQ(server.terminate(), 0);
  return {placed.text("id"), placed.header("Request-Id"),
          placed.header("traceparent").substr(3, 32), grep(server.log(), "story-1")};
}

TEST(Log, OneCorrelationIdFindsTheWholeStoryOfAnOrder) {
  const auto story = story_of("debug");
  std::vector<boost::json::object> events;
  int requests = 0;
  for (const auto& line : story.lines) {
    EXPECT_NE(text_of(line, "ts"), "");
    EXPECT_EQ(text_of(line, "service"), "conveyor");
    EXPECT_EQ(text_of(line, "correlation_id"), "story-1");
    EXPECT_EQ(text_of(line, "trace_id"), story.trace_id);
    if (text_of(line, "msg") == "request") {
      EXPECT_EQ(text_of(line, "request_id"), story.request_id);
      EXPECT_EQ(text_of(line, "status"), "201");
      EXPECT_NE(text_of(line, "duration_ms"), "");
      ++requests;
      continue;
    }
    EXPECT_EQ(text_of(line, "order_id"), story.order_id);
    events.push_back(line);
  }
  EXPECT_EQ(requests, 1);
  ASSERT_THAT(
      messages(events),
      ElementsAre("OrderCreated", "InventoryReserved", "StepAttemptFailed", "StepAttemptFailed",
                  "PaymentAuthorized", "ShipmentBooked", "PaymentCaptured", "ShipmentDispatched",
                  "InventoryCommitted", "OrderCompleted"));
}

/// Without the steps that just worked, which are for debugging.
TEST(Log, SaysOfEachFailedAttemptWhatAndWhenNext) {
  const auto story = story_of("info");
  ASSERT_GE(story.lines.size(), 4U);
  const auto& created = story.lines.front();
  EXPECT_EQ(text_of(created, "msg"), "OrderCreated");
  EXPECT_EQ(text_of(created, "level"), "info");
  EXPECT_EQ(text_of(created, "request_id"), story.request_id) << "accepted by this request";
  for (const std::size_t attempt : {1U, 2U}) {
    const auto& failed = story.lines.at(attempt);
    EXPECT_EQ(text_of(failed, "msg"), "StepAttemptFailed");
    EXPECT_EQ(text_of(failed, "level"), "warning");
    EXPECT_EQ(text_of(failed, "step"), "authorize_payment");
    EXPECT_EQ(text_of(failed, "attempt"), std::to_string(attempt));
    EXPECT_EQ(text_of(failed, "class"), "failed");
    EXPECT_EQ(text_of(failed, "code"), "issuer_unavailable");
    EXPECT_NE(text_of(failed, "duration_ms"), "");
    EXPECT_THAT(text_of(failed, "next_attempt_at"),
                MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z"));
  }
  EXPECT_EQ(text_of(story.lines.back(), "msg"), "OrderCompleted");
}

}  // namespace
}  // namespace conveyor::test
