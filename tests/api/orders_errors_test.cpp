// Method: a whole server in the process; each way that an order is refused, and what becomes of its
// key.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <latch>
#include <thread>

#include "api/api_server.h"

namespace conveyor::test {
namespace {

using OrderErrors = ApiTest;

TEST_F(OrderErrors, WantAnIdempotencyKey) {
  const auto missing = client.post("/v1/orders", OrderText{}.str());
  EXPECT_EQ(missing.status, 400);
  EXPECT_EQ(missing.code(), "idempotency_key_missing");
  const auto with = [&](const std::string& key) { return client.place(OrderText{}.str(), key); };
  EXPECT_EQ(with(std::string(255, 'k')).status, 201);
  EXPECT_EQ(with(std::string(256, 'k')).code(), "idempotency_key_invalid");
  EXPECT_EQ(with("\"open").code(), "idempotency_key_invalid");
  EXPECT_EQ(with("").code(), "idempotency_key_invalid");
}

TEST_F(OrderErrors, NameEachPlaceAndLeaveNoKey) {
  auto order = OrderText{};
  order.quantity = 0;
  const auto refused = client.place(order.str(), "key");
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.code(), "validation_failed");
  EXPECT_EQ(refused.at("/errors/0/pointer"), "/lines/0/quantity");
  EXPECT_EQ(refused.at("/errors/0/code"), "out_of_range");
  EXPECT_EQ(refused.at("/retryable"), "false");
  EXPECT_EQ(refused.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(client.place("{", "key").code(), "invalid_json");
  EXPECT_EQ(client.place("", "key").code(), "invalid_json");
  order.quantity = 1;
  EXPECT_EQ(client.place(order.str(), "key").status, 201) << "the key is still free";
}

TEST_F(OrderErrors, KeepReferencesApart) {
  const OrderText order{.reference = "R-1"};
  const auto first = client.place(order.str(), "key-1");
  const auto second = client.place(order.str(), "key-2");
  EXPECT_EQ(second.status, 409);
  EXPECT_EQ(second.code(), "reference_taken");
  EXPECT_EQ(second.at("/errors/0/detail"), first.at("/id"));
  EXPECT_EQ(client.place(OrderText{.reference = "R-1", .customer_id = "c2"}.str(), "key-3").status,
            201)
      << "the reference of another customer";
  EXPECT_EQ(client.place(OrderText{.reference = "R-2"}.str(), "key-2").status, 201)
      << "a refused request leaves no key";
}

TEST_F(OrderErrors, LimitTheBody) {
  auto body = OrderText{}.str();
  body.append(256 * 1'024 - body.size(), ' ');
  EXPECT_EQ(client.place(body, "key-1").status, 201);
  body.push_back(' ');
  const auto refused = client.place(body, "key-2");
  EXPECT_EQ(refused.status, 413);
  EXPECT_EQ(refused.code(), "body_too_large");
  EXPECT_EQ(refused.header("Request-Id").substr(0, 4), "req_");
  EXPECT_EQ(refused.at("/request_id"), refused.header("Request-Id"));
}

TEST_F(OrderErrors, EndAnOrderOfUnknownStock) {
  const auto id = place({.sku = "no-such-sku"});
  const auto order = client.wait_for(id, "failed");
  EXPECT_EQ(order.at("/money/authorized"), "0");
  EXPECT_NE(order.at("/code"), "");
}

TEST_F(OrderErrors, SayThatTheDiskIsFull) {
  server.unit.set_failure(StoreError::Kind::full);
  const auto full = client.place(OrderText{}.str(), "key");
  EXPECT_EQ(full.status, 503);
  EXPECT_EQ(full.code(), "out_of_space");
  EXPECT_EQ(full.at("/retryable"), "true");
  EXPECT_EQ(full.header("Retry-After"), "1");
  server.unit.set_failure(std::nullopt);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  Reply reply;
  do {
    reply = client.place(OrderText{}.str(), "key");
  } while (reply.status == 503 && std::chrono::steady_clock::now() < end);
  EXPECT_EQ(reply.status, 201) << "recovered without a restart; the key was still free";
}

TEST_F(OrderErrors, SayThatTheStoreFailed) {
  server.unit.set_failure(StoreError::Kind::unavailable);
  EXPECT_EQ(client.place(OrderText{}.str(), "key").code(), "store_unavailable");
  EXPECT_EQ(client.send("PUT", "/v1/inventory/a", R"({"on_hand":1})").code(), "store_unavailable");
  EXPECT_EQ(
      client
          .post("/v1/inventory/a/adjust", R"({"delta":1,"reason":"r"})", {{"Idempotency-Key", "k"}})
          .code(),
      "store_unavailable");
  server.unit.set_failure(std::nullopt);
}

TEST_F(OrderErrors, SayThatTheServerStops) {
  const auto id = place();
  client.wait_for(id, "completed");
  server.stop_core();
  EXPECT_EQ(client.place(OrderText{}.str(), "key").code(), "stopping");
  EXPECT_EQ(client.post("/v1/orders/" + id + "/cancel").code(), "stopping");
  EXPECT_EQ(client.get("/v1/orders/" + id).status, 200) << "reads go on";
  server.stop_readers();
  const auto read = client.get("/v1/orders/" + id);
  EXPECT_EQ(read.status, 503);
  EXPECT_EQ(read.code(), "queue_full");
}

/// The answer to a body that is no order, once io threads know that the intake is closed, which is
/// a moment after the core does.
Reply refused_unread(ApiClient& client) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  Reply reply;
  do {
    reply = client.place("no order at all", "unread");
  } while (reply.code() == "invalid_json" && std::chrono::steady_clock::now() < end);
  return reply;
}

class TooManyOrders : public ApiTest {
 protected:
  static ApiServerOptions one_open_order() {
    ApiServerOptions options{.api = {}, .core = quick_core()};
    options.core.open_orders_max = 1;
    return options;
  }
  TooManyOrders() : ApiTest(one_open_order()) {}
};

TEST_F(TooManyOrders, AreRefusedBeforeAnyWork) {
  // Open too, but for a day nothing is due: it waits in the store and does not count.
  client.wait_for(place({.payment_method = "pm_garbage"}), "dead_lettered");
  (void)place({.payment_method = "pm_slow"});  // stays in work for seconds
  const auto refused = client.place(OrderText{}.str(), "key");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.code(), "too_many_open_orders");
  EXPECT_EQ(refused.header("Retry-After"), "1");
  EXPECT_EQ(client.get("/health").at("/orders_in_memory"), "1");
  EXPECT_EQ(refused_unread(client).code(), "too_many_open_orders");
}

TEST_F(TooManyOrders, DoNotKeepAKnownKeyFromItsAnswer) {
  const auto slow = OrderText{.payment_method = "pm_slow"}.str();
  const auto first = client.place(slow, "key");
  ASSERT_EQ(first.status, 201);
  ASSERT_EQ(client.place(slow, "other").code(), "too_many_open_orders");
  const auto again = client.place(slow, "key");
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
  EXPECT_EQ(client.place(OrderText{}.str(), "key").code(), "idempotency_key_reused");
}

TEST_F(OrderErrors, AFullDiskRefusesBeforeTheBodyIsRead) {
  server.unit.set_failure(StoreError::Kind::full);
  ASSERT_EQ(client.place(OrderText{}.str(), "key").code(), "out_of_space");
  const auto refused = refused_unread(client);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.code(), "out_of_space");
  EXPECT_EQ(refused.header("Retry-After"), "1");
  server.unit.set_failure(std::nullopt);
}

/// Deadlines short enough to be met while the core is held.
class HeldCore : public ApiTest {
 protected:
  static ApiServerOptions short_waits() {
    ApiServerOptions options{.api = {}, .core = quick_core()};
    options.api.in_flight_wait = std::chrono::milliseconds(30);
    return options;
  }
  HeldCore() : ApiTest(short_waits()) {}
};

TEST_F(HeldCore, LetsTheSecondUseOfAKeyWaitNotForEver) {
  server.unit.set_open(false);
  std::array<Reply, 2> replies;
  std::latch one_is_answered(1);
  std::atomic<int> answered{0};
  std::vector<std::thread> threads;
  for (auto& reply : replies) {
    threads.emplace_back([&] {
      ApiClient own(server);
      reply = own.place(OrderText{}.str(), "key");
      if (++answered == 1) one_is_answered.count_down();
    });
  }
  one_is_answered.wait();  // whichever came second: nothing else is answered while the core is held
  server.unit.set_open(true);
  for (auto& thread : threads) thread.join();
  if (replies[0].status != 201) std::swap(replies[0], replies[1]);
  EXPECT_EQ(replies[0].status, 201);
  EXPECT_EQ(replies[1].status, 409);
  EXPECT_EQ(replies[1].code(), "idempotency_key_in_flight");
  EXPECT_EQ(replies[1].header("Retry-After"), "1");
  EXPECT_EQ(replies[1].at("/retryable"), "true");
  const auto again = client.place(OrderText{}.str(), "key");
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, replies[0].body);
}

class NoAnswer : public ApiTest {
 protected:
  static ApiServerOptions short_waits() {
    ApiServerOptions options{.api = {}, .core = quick_core()};
    options.api.answer_deadline = std::chrono::milliseconds(300);
    return options;
  }
  NoAnswer() : ApiTest(short_waits()) {}
};

TEST_F(NoAnswer, IsSaidInTimeAndTheKeyTellsWhatBecameOfIt) {
  server.unit.set_open(false);
  const auto late = client.place(OrderText{}.str(), "key");
  EXPECT_EQ(late.status, 503);
  EXPECT_EQ(late.code(), "answer_timeout");
  server.unit.set_open(true);
  const auto again = client.place(OrderText{}.str(), "key");
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.header("Idempotent-Replayed"), "true") << "it had been done";
}

}  // namespace
}  // namespace conveyor::test
