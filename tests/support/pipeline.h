// PipelineOver: everything behind the HTTP server in one object on virtual time: batch processor,
// engine, services and sandbox over a store. Tests place orders, send commands, move the clock and
// look at what came of it. Pipeline is the one over a memory store of its own.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "adapters/memory/memory_store.h"
#include "adapters/sandbox/sandbox_carrier.h"
#include "adapters/sandbox/sandbox_inventory.h"
#include "adapters/sandbox/sandbox_provider.h"
#include "ports/seeded_random.h"
#include "runtime/batch_processor.h"
#include "services/inventory_service.h"
#include "services/payment_service.h"
#include "services/shipping_service.h"

namespace conveyor::test {

class SilentProbe : public CoreProbe {
 public:
  void batch_committed(std::size_t, std::chrono::nanoseconds) override { ++committed; }
  void batch_lost(std::string_view why) override { lost.emplace_back(why); }
  void appended(std::span<const AppendEffect> batch) override {
    for (const auto& append : batch) events += append.events.size();
  }
  void order_unreadable(const OrderId&, std::string_view why) override {
    unreadable.emplace_back(why);
  }
  void outcome_ignored() override { ++ignored; }
  void breaker_moved(const ParticipantState& state) override { breaker_moves.push_back(state); }
  void idempotency(std::string_view result) override { ++keys[std::string{result}]; }
  void command_without_event(const OrderId&, CommandKind, const std::string&) override {}

  int committed = 0;
  int ignored = 0;
  std::size_t events = 0;
  std::vector<std::string> lost;
  std::vector<std::string> unreadable;
  std::map<std::string, int> keys;
  std::vector<ParticipantState> breaker_moves;
};

/// A store whose commits can be made to fail, around the memory store.
class FlakyUnit : public UnitOfWork {
 public:
  explicit FlakyUnit(UnitOfWork& unit) : unit_(unit) {}
  void begin() override {
    unit_.begin();
    open = true;
  }
  void hand_over() override {
    if (lose_next) {
      throw StoreError(*std::exchange(lose_next, std::nullopt), "commit refused by the test");
    }
    unit_.hand_over();
    open = false;
  }
  std::chrono::nanoseconds wait() override {
    if (fail_next) throw StoreError(*fail_next, "commit refused by the test");
    return unit_.wait();
  }
  void rollback() override {
    unit_.rollback();
    fail_next.reset();
    open = false;
  }
  bool probe() override { return probe_works; }
  bool scrub() override {
    EXPECT_FALSE(open) << "a transaction holds what is to be scrubbed";
    ++scrubs;
    return scrub_works;
  }

  std::optional<StoreError::Kind> fail_next;  ///< the commit on its way, and what is written on it
  std::optional<StoreError::Kind> lose_next;  ///< only the next that is handed over
  bool probe_works = true;
  bool scrub_works = true;
  int scrubs = 0;
  bool open = false;  ///< a transaction is

 private:
  UnitOfWork& unit_;
};

/// The sandbox's provider, with a record of who was asked when.
class WatchedProvider : public PaymentProvider {
 public:
  struct Seen {
    Timestamp at;
    OperationKey key;
    bool is_look_up = false;
    bool is_undo = false;
    bool worked = false;
  };

  WatchedProvider(PaymentProvider& provider, std::vector<Seen>& seen)
      : provider_(provider), seen_(seen) {}
  Duration latency(const PaymentCall& call) override { return provider_.latency(call); }
  ProviderAnswer call(const PaymentCall& call, Timestamp now) override {
    auto answer = provider_.call(call, now);
    const bool is_undo =
        call.verb == PaymentVerb::void_authorization || call.verb == PaymentVerb::refund;
    seen_.push_back({now, call.key, false, is_undo, answer.kind == ProviderAnswer::Kind::done});
    return answer;
  }
  ProviderAnswer look_up(const OperationKey& key, Timestamp now) override {
    auto answer = provider_.look_up(key, now);
    seen_.push_back({now, key, true, false, answer.kind != ProviderAnswer::Kind::failed});
    return answer;
  }

 private:
  PaymentProvider& provider_;
  std::vector<Seen>& seen_;
};

struct OrderSpec {
  std::string key;  ///< idempotency key; empty: a fresh one
  std::string request = "request";
  std::string customer_id = "c1";
  std::optional<std::string> reference;
  std::vector<Line> lines = {{1, "sku-1", std::nullopt, 2, 500}};
  std::string payment_method = "pm_ok";
  std::string postal_code = "10115";
};

inline constexpr Timestamp kStart = from_unix_ms(1'767'225'600'000);

template <class Store>
class PipelineOver {
 public:
  explicit PipelineOver(Store& over, std::uint64_t seed = 1, CoreOptions options = {})
      : store(over), random(seed), options_(options) {
    restart();
    set_stock("sku-1", 1'000);
  }

  /// As a process that was killed: what was committed stays, what was in memory is gone.
  void restart() {
    services_ = std::make_unique<Services>(*this);
    processor = std::make_unique<BatchProcessor>(
        CoreParts{unit,
                  store,
                  store,
                  {&services_->sandbox_inventory, &services_->payment, &services_->shipping},
                  random,
                  probe},
        options_);
    processor->recover(now);
  }

  void set_stock(const std::string& sku, std::int64_t on_hand) {
    SetStock input{sku, on_hand, std::nullopt,
                   [](SetStock::Answer answer) { EXPECT_TRUE(answer.has_value()); }};
    run(std::move(input));
  }

  PlaceOrder order_input(const OrderSpec& spec, std::function<void(PlaceOrder::Answer)> answer) {
    PlaceOrder input;
    const auto key = spec.key.empty() ? "key-" + std::to_string(++keys_) : spec.key;
    input.key = {sha256(key), sha256(spec.request)};
    input.order.customer_id = spec.customer_id;
    input.order.reference = spec.reference;
    input.order.currency = *Currency::from_code("EUR");
    input.order.lines = spec.lines;
    input.order.total_minor = *total_of(spec.lines, {});
    input.order.payment_method = spec.payment_method;
    input.ship_to = {"A. Buyer", "Main Street 1", std::nullopt,
                     "Berlin",   std::nullopt,    spec.postal_code,
                     "DE",       std::nullopt,    std::nullopt};
    input.context = {"req_1", "corr-1", std::nullopt, {ActorKind::client, "shop"}};
    input.answer = std::move(answer);
    return input;
  }

  PlaceOrder::Answer try_place(const OrderSpec& spec) {
    std::optional<PlaceOrder::Answer> result;
    run(order_input(spec, [&](PlaceOrder::Answer answer) {
      EXPECT_FALSE(result.has_value()) << "no input is answered twice";
      EXPECT_FALSE(unit.open) << "no input is answered before its batch is durable";
      result = std::move(answer);
    }));
    EXPECT_TRUE(result.has_value()) << "every input is answered";
    return result.value();
  }

  OrderId place(const OrderSpec& spec = {}) { return try_place(spec)->created.order_id; }

  OrderCommand::Answer command(const OrderId& id, CommandKind kind) {
    std::optional<OrderCommand::Answer> result;
    run(OrderCommand{id,
                     Command{kind, {}, {}, "ticket-1"},
                     std::nullopt,
                     {"req_2", "corr-2", std::nullopt, {ActorKind::operator_, "ops"}},
                     [&](OrderCommand::Answer answer) { result = std::move(answer); }});
    EXPECT_TRUE(result.has_value());
    return result.value();
  }

  OrderInspection inspect(const OrderId& id) {
    std::optional<InspectOrder::Answer> result;
    run(InspectOrder{id, [&](InspectOrder::Answer answer) { result = answer; }});
    EXPECT_TRUE(result.has_value() && result->has_value());
    return result.value().value();
  }

  void run(CoreInput input) {
    std::vector<CoreInput> inputs;
    inputs.push_back(std::move(input));
    processor->run(std::move(inputs), now);
    processor->finish(now);
    after_batch();
  }

  /// Lets everything happen that is due within `span`, at its time.
  void pass(Duration span) {
    const auto end = now + span;
    for (int batches = 0; batches < 100'000; ++batches) {
      const auto wake = processor->next_wake();
      if (!wake || *wake > end) break;
      now = std::max(now, *wake);
      processor->run({}, now);
      processor->finish(now);
      after_batch();
    }
    now = end;
  }

  /// Until the order has one of these statuses (true), at most 30 days.
  bool pass_until(const OrderId& id, std::initializer_list<Status> statuses) {
    const auto end = now + std::chrono::hours{24 * 30};
    for (int batches = 0; batches < 100'000; ++batches) {
      if (std::ranges::count(statuses, order(id).status) > 0) return true;
      const auto wake = processor->next_wake();
      if (!wake || *wake > end) return false;
      now = std::max(now, *wake);
      processor->run({}, now);
      processor->finish(now);
      after_batch();
    }
    return false;
  }

  Order order(const OrderId& id) { return load_order(store, id).value(); }

  std::vector<EventType> types(const OrderId& id) {
    std::vector<EventType> types;
    for (const auto& stored : store.events(id, 0, 1'000)) types.push_back(stored.event.type);
    return types;
  }

  std::uint32_t attempts(const OrderId& id) {
    std::uint32_t failed = 0;
    for (const auto type : types(id)) failed += type == EventType::StepAttemptFailed ? 1 : 0;
    return failed;
  }

  Timestamp now = kStart;
  Store& store;
  FlakyUnit unit{store};
  SeededRandom random;
  SilentProbe probe;
  std::vector<WatchedProvider::Seen> provider_calls;
  std::unique_ptr<BatchProcessor> processor;
  std::function<void()> after_batch = [] {};

 private:
  struct Services {
    explicit Services(PipelineOver& p)
        : sandbox(p.store, p.random),
          provider(sandbox, p.provider_calls),
          carrier(p.store, p.random),
          inventory(p.store, p.random),
          sandbox_inventory(inventory, p.store),
          payment(p.store, provider, p.random),
          shipping(p.store, carrier, p.random) {}
    SandboxProvider sandbox;
    WatchedProvider provider;
    SandboxCarrier carrier;
    InventoryService inventory;
    SandboxInventory sandbox_inventory;
    PaymentService payment;
    ShippingService shipping;
  };

  CoreOptions options_;
  int keys_ = 0;
  std::unique_ptr<Services> services_;
};

/// A base, so that the store exists before the pipeline over it.
struct OwnedMemoryStore {
  MemoryStore owned;
};

class Pipeline : private OwnedMemoryStore, public PipelineOver<MemoryStore> {
 public:
  explicit Pipeline(std::uint64_t seed = 1, CoreOptions options = {})
      : PipelineOver(owned, seed, options) {}
};

}  // namespace conveyor::test
