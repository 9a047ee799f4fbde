// Method: every row of the sandbox through the HTTP API of the binary, with short delays: final
// status, exact sequence of event types, failed attempts, and the provider's own books as the data
// file has them. Then `cancel` in every status but on_hold.
#include <gtest/gtest.h>

#include "adapters/sqlite/sqlite_reader.h"
#include "support/server_process.h"
#include "support/shop.h"

namespace conveyor::test {
namespace {

using Types = std::vector<std::string>;

Types operator+(Types left, const Types& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}
Types failures(std::size_t n) {
  return Types(n, "StepAttemptFailed");
}

struct Row {
  std::string name;
  ShopOrder order;
  std::string status;
  Types types;
};

const Types kReserved{"OrderCreated", "InventoryReserved"};
const Types kAuthorized = kReserved + Types{"PaymentAuthorized"};
const Types kBooked = kAuthorized + Types{"ShipmentBooked"};
const Types kCaptured = kBooked + Types{"PaymentCaptured"};
const Types kDone{"ShipmentDispatched", "InventoryCommitted", "OrderCompleted"};
const Types kCompleted = kCaptured + kDone;
const Types kDeclined =
    kReserved + Types{"PaymentDeclined", "CompensationStarted", "InventoryReleased", "OrderFailed"};

ShopOrder of_sku(std::string sku) {
  return {.lines = {ShopLine{.sku = std::move(sku)}}};
}

std::vector<Row> rows() {
  return {
      {"pm_ok", {}, "completed", kCompleted},
      {"pm_async", {.payment_method = "pm_async"}, "completed", kCompleted},
      {"pm_slow", {.payment_method = "pm_slow"}, "completed", kCompleted},
      {"pm_declined", {.payment_method = "pm_declined"}, "failed", kDeclined},
      {"pm_declined_funds", {.payment_method = "pm_declined_funds"}, "failed", kDeclined},
      {"pm_capture_declined",
       {.payment_method = "pm_capture_declined"},
       "failed",
       kBooked + Types{"PaymentDeclined", "CompensationStarted", "ShipmentCancelled",
                       "PaymentVoided", "InventoryReleased", "OrderFailed"}},
      {"pm_flaky_7",
       {.payment_method = "pm_flaky_7"},
       "completed",
       kReserved + failures(7) + Types{"PaymentAuthorized", "ShipmentBooked", "PaymentCaptured"} +
           kDone},
      {"pm_flaky_8",
       {.payment_method = "pm_flaky_8"},
       "dead_lettered",
       kReserved + failures(8) + Types{"OrderDeadLettered"}},
      {"pm_lost_reply",
       {.payment_method = "pm_lost_reply"},
       "completed",
       kReserved + failures(1) + Types{"PaymentAuthorized", "ShipmentBooked"} + failures(1) +
           Types{"PaymentCaptured"} + kDone},
      {"pm_garbage",
       {.payment_method = "pm_garbage"},
       "dead_lettered",
       kReserved + failures(1) + Types{"OrderDeadLettered"}},
      {"pm_undo_fails",
       {.payment_method = "pm_undo_fails", .postal_code = "SBX-REJECTED"},
       "needs_attention",
       kAuthorized + Types{"ShipmentRejected", "CompensationStarted"} + failures(8) +
           Types{"CompensationFailed"}},
      {"SBX-ASYNC", {.postal_code = "SBX-ASYNC"}, "completed", kCompleted},
      {"SBX-SLOW", {.postal_code = "SBX-SLOW"}, "completed", kCompleted},
      {"SBX-REJECTED",
       {.postal_code = "SBX-REJECTED"},
       "failed",
       kAuthorized + Types{"ShipmentRejected", "CompensationStarted", "PaymentVoided",
                           "InventoryReleased", "OrderFailed"}},
      {"SBX-DISPATCH-REJECTED",
       {.postal_code = "SBX-DISPATCH-REJECTED"},
       "failed",
       kCaptured + Types{"ShipmentRejected", "CompensationStarted", "ShipmentCancelled",
                         "PaymentRefunded", "PaymentVoided", "InventoryReleased", "OrderFailed"}},
      {"SBX-FLAKY-3",
       {.postal_code = "SBX-FLAKY-3"},
       "completed",
       kAuthorized + failures(3) + Types{"ShipmentBooked", "PaymentCaptured"} + kDone},
      {"SBX-LOST-REPLY",
       {.postal_code = "SBX-LOST-REPLY"},
       "completed",
       kAuthorized + failures(1) + Types{"ShipmentBooked", "PaymentCaptured"} + failures(1) +
           kDone},
      {"SBX-NO-CANCEL",
       {.payment_method = "pm_capture_declined", .postal_code = "SBX-NO-CANCEL"},
       "needs_attention",
       kBooked + Types{"PaymentDeclined", "CompensationStarted", "CompensationFailed"}},
      {"SBX-RESERVE-FLAKY", of_sku("SBX-RESERVE-FLAKY-2"), "completed",
       Types{"OrderCreated"} + failures(2) +
           Types{"InventoryReserved", "PaymentAuthorized", "ShipmentBooked", "PaymentCaptured"} +
           kDone},
      {"SBX-COMMIT-FLAKY", of_sku("SBX-COMMIT-FLAKY-9"), "completed",
       kCaptured + Types{"ShipmentDispatched"} + failures(9) +
           Types{"InventoryCommitted", "OrderCompleted"}},
      {"unknown SKU", of_sku("nobody-has-this"), "failed",
       Types{"OrderCreated", "InventoryRejected", "CompensationStarted", "OrderFailed"}},
  };
}

/// One authorization per key, and nothing left at provider or carrier of an order that was undone.
void expect_clean_books(SqliteReader& books, const std::string& id, const std::string& status) {
  for (const auto& record : books.sandbox_records(OrderId::parse(id).value())) {
    EXPECT_LE(record.effects, 1U) << record.key.to_string();
    if (status == "failed" || status == "cancelled") {
      EXPECT_FALSE(record.effect_exists) << record.key.to_string();
    }
  }
}

class SandboxServer : public testing::Test {
 protected:
  void start(std::vector<std::string> flags) {
    server.emplace(folder.path("orders.db"), std::move(flags));
    shop.emplace(server->url());
    for (const auto* sku :
         {"sku-1", "SBX-RESERVE-FLAKY-2", "SBX-COMMIT-FLAKY-9", "SBX-RESERVE-FLAKY-7"}) {
      shop->set_stock(sku, 1'000);
    }
  }

  ShopAnswer cancel(const std::string& id) {
    return shop->send("POST", "/v1/orders/" + id + "/cancel", "{}");
  }

  TemporaryFolder folder;
  std::optional<ServerProcess> server;
  std::optional<Shop> shop;
};

TEST_F(SandboxServer, EveryRowEndsAsDocumented) {
  start({"--retry-base-delay-ms", "5", "--retry-cap-ms", "40"});
  std::vector<std::pair<Row, std::string>> placed;
  for (auto& row : rows()) {
    auto id = shop->order(row.order);
    placed.emplace_back(std::move(row), std::move(id));
  }
  for (const auto& [row, id] : placed) {
    SCOPED_TRACE(row.name + " " + id);
    EXPECT_EQ(shop->wait_for(id, {row.status}), row.status);
    EXPECT_EQ(shop->event_types(id), row.types);
  }
  auto books = SqliteReader::open(folder.path("orders.db").string());
  ASSERT_TRUE(books.has_value());
  for (const auto& [row, id] : placed) expect_clean_books(**books, id, row.status);
}

TEST_F(SandboxServer, ADeadLetterIsHealedByOneRetry) {
  start({"--retry-base-delay-ms", "5", "--retry-cap-ms", "40"});
  const auto id = shop->order({.payment_method = "pm_flaky_15"});
  ASSERT_EQ(shop->wait_for(id, {"dead_lettered"}), "dead_lettered");
  EXPECT_EQ(shop->send("POST", "/v1/orders/" + id + "/retry", "{}").status, 202);
  EXPECT_EQ(shop->wait_for(id, {"completed"}), "completed");
  auto types = shop->event_types(id);
  EXPECT_EQ(std::ranges::count(types, "StepAttemptFailed"), 15);
}

TEST_F(SandboxServer, AnOutageHealsByItself) {
  start({"--retry-base-delay-ms", "200", "--retry-cap-ms", "1000"});
  const auto id = shop->order({.payment_method = "pm_outage_1"});
  EXPECT_EQ(shop->wait_for(id, {"completed", "dead_lettered"}), "completed");
}

TEST_F(SandboxServer, RetryNowSkipsTheWait) {
  start({"--retry-base-delay-ms", "600000", "--retry-cap-ms", "600000"});
  const auto id = shop->order({.payment_method = "pm_flaky_1"});
  const auto waiting = shop->send("GET", "/v1/orders/" + id).json();
  ASSERT_TRUE(waiting.contains("next_attempt_at"));
  EXPECT_EQ(shop->send("POST", "/v1/orders/" + id + "/retry-now").status, 202);
  EXPECT_EQ(shop->wait_for(id, {"completed"}), "completed");
  EXPECT_EQ(shop->send("POST", "/v1/orders/" + id + "/retry-now").status, 409);
}

TEST_F(SandboxServer, CancelInEveryStatusButOnHold) {
  // Delays so long that an order which waits is still waiting when it is cancelled.
  start({"--retry-base-delay-ms", "600000", "--retry-cap-ms", "600000"});
  struct Case {
    std::string status;
    ShopOrder order;
    int answer;
    std::string ends;
  };
  const std::vector<Case> cases{
      {"pending", of_sku("SBX-RESERVE-FLAKY-7"), 202, "cancelled"},
      {"processing", {.payment_method = "pm_flaky_3"}, 202, "cancelled"},
      {"dead_lettered", {.payment_method = "pm_garbage"}, 202, "cancelled"},
      {"shipped", of_sku("SBX-COMMIT-FLAKY-9"), 409, "shipped"},
      {"completed", {}, 409, "completed"},
      {"compensating",
       {.payment_method = "pm_undo_fails", .postal_code = "SBX-REJECTED"},
       202,
       "compensating"},
      {"needs_attention",
       {.payment_method = "pm_capture_declined", .postal_code = "SBX-NO-CANCEL"},
       409,
       "needs_attention"},
      {"failed", {.payment_method = "pm_declined"}, 200, "failed"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.status);
    const auto id = shop->order(c.order);
    ASSERT_EQ(shop->wait_for(id, {c.status}), c.status);
    const auto before = shop->event_types(id).size();
    const auto answer = cancel(id);
    EXPECT_EQ(answer.status, c.answer) << answer.body;
    if (answer.status == 409) EXPECT_EQ(answer.text("code"), "action_not_allowed");
    EXPECT_EQ(shop->wait_for(id, {c.ends}), c.ends);
    if (c.ends == c.status) EXPECT_EQ(shop->event_types(id).size(), before) << "no change";
    if (c.ends == "cancelled") EXPECT_EQ(cancel(id).status, 200) << "cancelled already";
  }
}

TEST_F(SandboxServer, ASecondCancelChangesNothing) {
  start({"--retry-base-delay-ms", "600000", "--retry-cap-ms", "600000"});
  // The void of a slow payment takes three seconds: the order is cancelling meanwhile.
  const auto id = shop->order({.payment_method = "pm_slow"});
  ASSERT_EQ(cancel(id).status, 202);
  ASSERT_EQ(shop->status_of(id), "cancelling");
  const auto before = shop->event_types(id).size();
  EXPECT_EQ(cancel(id).status, 202);
  EXPECT_EQ(shop->event_types(id).size(), before);
  EXPECT_EQ(shop->wait_for(id, {"cancelled"}), "cancelled");
}

}  // namespace
}  // namespace conveyor::test
