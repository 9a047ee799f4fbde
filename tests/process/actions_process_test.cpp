// Method: what people do to orders, against the binary: orders are brought into trouble by the
// sandbox and put right over HTTP. Compared are final status, events, and the provider's and
// carrier's own books as the data file has them; `verify` must be clean at the end of every test.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "adapters/sqlite/sqlite_reader.h"
#include "support/server_process.h"
#include "support/shop.h"

namespace conveyor::test {
namespace {

using Types = std::vector<std::string>;

constexpr StepNumber kAuthorize = 2;
constexpr StepNumber kBook = 3;
constexpr StepNumber kCapture = 4;

const std::vector<std::string> kQuick{"--retry-base-delay-ms", "5", "--retry-cap-ms", "40"};
/// A wait that only retry-now ends.
const std::vector<std::string> kWaiting{"--retry-base-delay-ms", "600000", "--retry-cap-ms",
                                        "600000"};

class ActionsProcess : public testing::Test {
 protected:
  void start(const std::vector<std::string>& flags) {
    server.emplace(data(), flags);
    shop.emplace(server->url());
    shop->set_stock("sku-1", 1'000);
  }
  void TearDown() override {
    const auto verified = run_conveyor({"verify", "--data", data().string()});
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  }

  std::filesystem::path data() const { return folder_.path("orders.db"); }

  std::string dead_letter(const ShopOrder& order) {
    auto id = shop->order(order);
    EXPECT_EQ(shop->wait_for(id, {"dead_lettered"}), "dead_lettered");
    return id;
  }
  /// With the version that the order has now.
  ShopAnswer act(const std::string& id, const std::string& action, std::string_view body = "{}") {
    const auto etag = shop->send("GET", "/v1/orders/" + id).header("ETag");
    return shop->send("POST", fmt::format("/v1/orders/{}/{}", id, action), body,
                      {{"If-Match", etag}});
  }
  /// Types of the events from `first` on.
  Types events_since(const std::string& id, std::size_t first) {
    auto types = shop->event_types(id);
    types.erase(types.begin(), types.begin() + static_cast<std::ptrdiff_t>(first));
    return types;
  }

  /// What provider and carrier have of the order.
  std::vector<SandboxRecord> books(const std::string& id) const {
    auto reader = SqliteReader::open(data().string());
    EXPECT_TRUE(reader.has_value());
    return (*reader)->sandbox_records(OrderId::parse(id).value());
  }
  std::optional<SandboxRecord> book(const std::string& id, StepNumber step, std::uint32_t run,
                                    std::uint32_t generation) const {
    for (const auto& record : books(id)) {
      const auto& key = record.key;
      if (key.step == step && key.run == run && key.generation == generation) return record;
    }
    return std::nullopt;
  }
  /// What the payment service remembers of the authorization of a generation.
  OperationState payment_state(const std::string& id, std::uint32_t generation) const {
    auto reader = SqliteReader::open(data().string());
    EXPECT_TRUE(reader.has_value());
    const OperationKey key{OrderId::parse(id).value(), 1, kAuthorize, generation};
    return (*reader)->payment(key).value().state;
  }
  /// Money that the provider holds of the order, over all its keys.
  std::int64_t taken(const std::string& id) const {
    std::int64_t sum = 0;
    for (const auto& record : books(id)) {
      EXPECT_LE(record.effects, 1U) << record.key.to_string();
      if (record.key.step == kCapture && record.effect_exists) sum += record.amount_minor;
    }
    return sum;
  }
  int authorizations(const std::string& id) const {
    return static_cast<int>(std::ranges::count_if(books(id), [](const SandboxRecord& record) {
      return record.key.step == kAuthorize && record.effect_exists;
    }));
  }

  std::optional<ServerProcess> server;
  std::optional<Shop> shop;

 private:
  TemporaryFolder folder_;
};

constexpr std::string_view kPayOk = R"({"changes":{"payment_method":"pm_ok"}})";

TEST_F(ActionsProcess, ADeclinedPaymentIsFinalAndRestartedWithAnother) {
  start(kQuick);
  const auto id = shop->order({.payment_method = "pm_declined"});
  ASSERT_EQ(shop->wait_for(id, {"failed"}), "failed");
  EXPECT_EQ(act(id, "retry", kPayOk).status, 409) << "what is final is not retried";
  const auto answer = act(id, "restart", kPayOk);
  EXPECT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(shop->wait_for(id, {"completed"}), "completed");
  EXPECT_EQ(shop->send("GET", "/v1/orders/" + id).json().at("run"), 2);
  EXPECT_EQ(taken(id), 500);
  EXPECT_EQ(authorizations(id), 1);
}

TEST_F(ActionsProcess, ADeadLetterIsRetriedWithAnotherPaymentAndTheOldKeyIsUndoneFirst) {
  start(kQuick);
  const auto id = dead_letter({.payment_method = "pm_flaky_15"});
  const auto before = shop->event_types(id).size();
  const auto answer = act(id, "retry", kPayOk);
  EXPECT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(shop->wait_for(id, {"completed"}), "completed");
  EXPECT_EQ(
      events_since(id, before),
      (Types{"OrderRetried", "PaymentVoided", "PaymentAuthorized", "ShipmentBooked",
             "PaymentCaptured", "ShipmentDispatched", "InventoryCommitted", "OrderCompleted"}));
  const auto old = book(id, kAuthorize, 1, 1);
  ASSERT_TRUE(old);
  EXPECT_EQ(old->behaviour, "pm_flaky_15");
  EXPECT_EQ(old->calls, 8U) << "not called again";
  EXPECT_EQ(old->effects, 0U);
  EXPECT_EQ(payment_state(id, 1), OperationState::undone);
  const auto fresh = book(id, kAuthorize, 1, 2);
  ASSERT_TRUE(fresh);
  EXPECT_EQ(fresh->behaviour, "pm_ok");
  EXPECT_EQ(fresh->effects, 1U);
  EXPECT_EQ(payment_state(id, 2), OperationState::succeeded);
  EXPECT_EQ(taken(id), 500) << "no money was taken twice";
  EXPECT_EQ(authorizations(id), 1);
}

TEST_F(ActionsProcess, ADeadLetterIsRetriedWithAnotherAddress) {
  start(kQuick);
  const auto id = dead_letter({.postal_code = "SBX-FLAKY-15"});
  const auto answer = act(id, "retry",
                          R"({"changes":{"ship_to":{"name":"B. Buyer","line1":"Side Street 2",)"
                          R"("city":"Potsdam","postal_code":"SBX-ASYNC","country":"DE"}}})");
  EXPECT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(shop->wait_for(id, {"completed"}), "completed");
  const auto old = book(id, kBook, 1, 1);
  ASSERT_TRUE(old);
  EXPECT_EQ(old->calls, 8U) << "not called again";
  EXPECT_EQ(old->effects, 0U);
  const auto fresh = book(id, kBook, 1, 2);
  ASSERT_TRUE(fresh);
  EXPECT_EQ(fresh->behaviour, "SBX-ASYNC") << "booked to the new address";
  EXPECT_EQ(fresh->effects, 1U);
  EXPECT_EQ(taken(id), 500);
}

/// Parked at the capture, with a booking that cannot be cancelled.
class NoCancel : public ActionsProcess {
 protected:
  std::string at_capture() {
    start(kWaiting);
    auto id = shop->order({.payment_method = "pm_lost_reply", .postal_code = "SBX-NO-CANCEL"});
    EXPECT_EQ(act(id, "retry-now").status, 202) << "the authorization's reply was lost";
    EXPECT_EQ(shop->send("GET", "/v1/orders/" + id).text("step"), "capture_payment");
    return id;
  }
};

TEST_F(NoCancel, ACancelReturnsToOnHold) {
  const auto id = at_capture();
  ASSERT_EQ(act(id, "hold").status, 202);
  const auto before = shop->event_types(id).size();
  const auto answer = act(id, "cancel");
  EXPECT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(shop->status_of(id), "on_hold");
  EXPECT_EQ(events_since(id, before), (Types{"CancelRequested", "CancelRejected"}))
      << "nothing else was undone";
  EXPECT_EQ(act(id, "release").status, 202);
  EXPECT_EQ(shop->wait_for(id, {"completed"}), "completed");
  EXPECT_EQ(taken(id), 500);
}

TEST_F(NoCancel, ACancelReturnsToProcessingAndTheOrderGoesOn) {
  const auto id = at_capture();
  const auto before = shop->event_types(id).size();
  EXPECT_EQ(act(id, "cancel").status, 202);
  EXPECT_EQ(shop->wait_for(id, {"completed"}), "completed");
  EXPECT_EQ(events_since(id, before),
            (Types{"CancelRequested", "CancelRejected", "PaymentCaptured", "ShipmentDispatched",
                   "InventoryCommitted", "OrderCompleted"}));
  EXPECT_EQ(taken(id), 500);
}

TEST_F(ActionsProcess, ABookingThatCannotBeCancelledNeedsAttentionAndIsResolved) {
  start(kQuick);
  const auto id =
      shop->order({.payment_method = "pm_capture_declined", .postal_code = "SBX-NO-CANCEL"});
  ASSERT_EQ(shop->wait_for(id, {"needs_attention"}), "needs_attention");
  auto before = shop->event_types(id).size();
  EXPECT_EQ(act(id, "retry").status, 202);
  EXPECT_EQ(shop->status_of(id), "needs_attention");
  EXPECT_EQ(events_since(id, before), (Types{"OrderRetried", "CompensationFailed"}));

  before = shop->event_types(id).size();
  const auto answer = act(id, "resolve", R"({"external_reference":"RMA-7","reason":"called"})");
  EXPECT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(shop->wait_for(id, {"failed"}), "failed");
  EXPECT_EQ(events_since(id, before), (Types{"CompensationResolved", "ShipmentCancelled",
                                             "PaymentVoided", "InventoryReleased", "OrderFailed"}));
  EXPECT_EQ(taken(id), 0);
  EXPECT_EQ(authorizations(id), 0);
  EXPECT_EQ(book(id, kBook, 1, 1)->undo_calls, 2U) << "by hand is not asked of the carrier";
}

TEST_F(ActionsProcess, AVoidThatFailsNeedsAttentionAgainAfterRetryAndIsResolved) {
  start(kQuick);
  const auto id = shop->order({.payment_method = "pm_undo_fails", .postal_code = "SBX-REJECTED"});
  ASSERT_EQ(shop->wait_for(id, {"needs_attention"}), "needs_attention");
  auto before = shop->event_types(id).size();
  EXPECT_EQ(act(id, "retry").status, 202);
  ASSERT_EQ(shop->wait_for(id, {"needs_attention"}), "needs_attention");
  auto expected = Types(10, "StepAttemptFailed");
  expected.front() = "OrderRetried";
  expected.back() = "CompensationFailed";
  EXPECT_EQ(events_since(id, before), expected) << "a fresh budget of 8 attempts";
  EXPECT_EQ(book(id, kAuthorize, 1, 1)->undo_calls, 16U);

  before = shop->event_types(id).size();
  EXPECT_EQ(act(id, "resolve", R"({"external_reference":"bank-42"})").status, 202);
  EXPECT_EQ(shop->wait_for(id, {"failed"}), "failed");
  EXPECT_EQ(events_since(id, before),
            (Types{"CompensationResolved", "PaymentVoided", "InventoryReleased", "OrderFailed"}));
  EXPECT_EQ(taken(id), 0);
  EXPECT_EQ(book(id, kAuthorize, 1, 1)->undo_calls, 16U) << "by hand is not asked of the provider";
  EXPECT_EQ(shop->send("GET", "/v1/inventory/sku-1").json().at("reserved"), 0);
}

/// The `occurred_at` of the first event of a type.
std::string time_of(Shop& shop, const std::string& id, std::string_view type) {
  const auto page = shop.send("GET", "/v1/orders/" + id + "/events?limit=200").json();
  for (const auto& event : page.at("data").as_array()) {
    if (event.at("type").as_string() == type)
      return std::string{event.at("occurred_at").as_string()};
  }
  return "";
}

std::string now_text() {
  return format_rfc3339(std::chrono::floor<Duration>(std::chrono::system_clock::now()));
}

TEST_F(ActionsProcess, ADeadLetterWhoseTimeCameWhileTheServerWasDownIsUndoneAtTheStart) {
  auto flags = kQuick;
  flags.insert(flags.end(), {"--undo-after-ms", "2000"});
  start(flags);
  const auto id = dead_letter({.payment_method = "pm_garbage"});
  const auto undo_at = shop->send("GET", "/v1/orders/" + id).text("undo_at");
  ASSERT_EQ(server->terminate(), 0);
  EXPECT_TRUE(wait_until([&] { return now_text() > undo_at; }));
  const auto started_at = now_text();
  server->start();
  EXPECT_EQ(shop->wait_for(id, {"failed"}), "failed");
  EXPECT_GE(time_of(*shop, id, "CompensationStarted"), started_at);
  EXPECT_EQ(shop->send("GET", "/v1/orders/" + id).text("code"), "not_retried_in_time");
}

TEST_F(ActionsProcess, PatienceThatEndedWhileTheServerWasDownEndsTheOrderAtTheStart) {
  auto flags = kWaiting;
  flags.insert(flags.end(), {"--patience-ms", "2000"});
  start(flags);
  const auto held = shop->order({.payment_method = "pm_flaky_3"});
  ASSERT_EQ(act(held, "hold").status, 202);
  const auto waiting = shop->order({.payment_method = "pm_flaky_3"});
  const auto dead = dead_letter({.payment_method = "pm_garbage"});
  const auto placed_at = now_text();
  ASSERT_EQ(server->terminate(), 0);
  const auto due = parse_rfc3339(placed_at).value() + Duration{2'000};
  EXPECT_TRUE(wait_until([&] { return now_text() > format_rfc3339(due); }));
  const auto started_at = now_text();
  server->start();
  for (const auto& id : {held, waiting, dead}) {
    EXPECT_EQ(shop->wait_for(id, {"failed"}), "failed");
    EXPECT_GE(time_of(*shop, id, "CompensationStarted"), started_at);
    EXPECT_EQ(shop->send("GET", "/v1/orders/" + id).text("code"), "expired");
  }
  EXPECT_EQ(shop->send("GET", "/v1/inventory/sku-1").json().at("reserved"), 0)
      << "no hold on stock lives longer";
}

}  // namespace
}  // namespace conveyor::test
