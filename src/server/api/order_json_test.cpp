// Method: events and orders made by hand against texts written out here. The texts of frozen
// answers must never change: replays are equal byte for byte.
#include "server/api/order_json.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "domain/evolve.h"

namespace conveyor::api {
namespace {

constexpr Timestamp kAt = from_unix_ms(1'770'000'000'123);

Event created_event() {
  OrderCreated data;
  data.customer_id = "c1";
  data.reference = "R-1";
  data.currency = *Currency::from_code("EUR");
  data.lines = {{1, "A", "A \"thing\"", 2, 150}, {2, "B", std::nullopt, 1, 0}};
  data.adjustments = {{AdjustmentKind::discount, -50, "Spring"},
                      {AdjustmentKind::shipping, 490, std::nullopt}};
  data.total_minor = 740;
  data.payment_method = "pm_ok";
  Event event;
  event.type = EventType::OrderCreated;
  event.data = data;
  event.id = EventId{make_uuid_v7(kAt, 1, 2)};
  event.order_id = OrderId{make_uuid_v7(kAt, 3, 4)};
  event.correlation_id = "corr-1";
  event.causation_id = "req_1";
  event.occurred_at = kAt;
  return event;
}

TEST(PlacedOrder, IsFrozen) {
  const auto event = created_event();
  EXPECT_EQ(
      placed_order_json(event, 1),
      R"({"id":")" + event.order_id.to_string() +
          R"(","reference":"R-1","customer_id":"c1","currency":"EUR","currency_exponent":2,)"
          R"("lines":[{"line":1,"sku":"A","title":"A \"thing\"","quantity":2,"unit_price":150},)"
          R"({"line":2,"sku":"B","quantity":1,"unit_price":0}],)"
          R"("adjustments":[{"kind":"discount","amount":-50,"label":"Spring"},)"
          R"({"kind":"shipping","amount":490}],"total":740,"payment_method":"pm_ok",)"
          R"("status":"pending","health":"ok","step":"reserve_inventory","run":1,)"
          R"("generation":1,"attempts":0,"version":1,)"
          R"("created_at":"2026-02-02T02:40:00.123Z","updated_at":"2026-02-02T02:40:00.123Z",)"
          R"("money":{"authorized":0,"captured":0,"refunded":0,"voided":0},)"
          R"("correlation_id":"corr-1"})");
}

TEST(Movement, IsFrozen) {
  StockMovement movement;
  movement.id = 7;
  movement.sku = "A";
  movement.kind = MovementKind::adjust;
  movement.delta = -2;
  movement.reason = "lost";
  movement.on_hand_after = 8;
  movement.reserved_after = 3;
  movement.at = kAt;
  EXPECT_EQ(movement_json(movement),
            R"({"movement":7,"sku":"A","delta":-2,"reason":"lost","on_hand":8,"reserved":3,)"
            R"("available":5,"at":"2026-02-02T02:40:00.123Z"})");
}

TEST(OrderJson, BeginsAsItWasPlaced) {
  const auto event = created_event();
  const auto order = fold(std::span{&event, 1});
  const auto now = boost::json::parse(order_json(order, kAt, {})).as_object();
  const auto placed = boost::json::parse(placed_order_json(event, 1)).as_object();
  for (const auto& member : placed) EXPECT_EQ(now.at(member.key()), member.value()) << member.key();
  EXPECT_EQ(now.size(), placed.size() + 1) << "and says what is allowed";
  EXPECT_EQ(now.at("allowed_actions").as_array().size(), kAllCommands.size() + 1)
      << "every command, and retry with changes";
}

TEST(OrderJson, ShowsWhatFailedAndWhatIsUndone) {
  const auto event = created_event();
  auto order = fold(std::span{&event, 1});
  order.status = Status::compensating;
  order.step = 3;
  order.state_of(1).kind = StepState::Kind::succeeded;
  order.state_of(1).evidence.reservation_id = ReservationId{make_uuid_v7(kAt, 5, 6)};
  order.state_of(2).kind = StepState::Kind::undone;
  order.state_of(2).evidence.payment_id = PaymentId{make_uuid_v7(kAt, 7, 8)};
  order.state_of(1).undo_attempts = 4;
  order.undo = Undo{.cause = UndoCause::rejected,
                    .code = "undeliverable",
                    .outstanding = {1},
                    .undone = {3, 2},
                    .external_reference = {},
                    .since = kAt};
  order.last_failure =
      LastFailure{.action = Action::undo,
                  .step = 1,
                  .failure_class = FailureClass::transient,
                  .code = "store_busy",
                  .message = "",
                  .fingerprint = "inventory/reserve_inventory/transient/store_busy",
                  .at = kAt};
  order.next_attempt_at = kAt;
  const auto json = boost::json::parse(order_json(order, kAt, {})).as_object();
  EXPECT_EQ(json.at("attempts"), 4) << "of the undo that is being tried";
  EXPECT_EQ(json.at("undo"), boost::json::parse(R"({"cause":"rejected","code":"undeliverable",
                "outstanding":["reserve_inventory"],
                "undone":["book_shipment","authorize_payment"]})"));
  EXPECT_EQ(json.at("last_failure").at("class"), "transient");
  EXPECT_FALSE(json.at("last_failure").as_object().contains("message"));
  EXPECT_EQ(json.at("next_attempt_at"), "2026-02-02T02:40:00.123Z");
  EXPECT_TRUE(json.contains("reservation_id"));
  EXPECT_FALSE(json.contains("payment_id")) << "undone: it does not exist";
}

TEST(PageJson, HasACursorOrNull) {
  EXPECT_EQ(page_json({}, "", false), R"({"data":[],"next_cursor":null,"has_more":false})");
  EXPECT_EQ(page_json({"{}", "1"}, "abc", true),
            R"({"data":[{},1],"next_cursor":"abc","has_more":true})");
}

}  // namespace
}  // namespace conveyor::api
