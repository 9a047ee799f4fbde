// conveyor-bench-fill FILE ORDERS: a data file that holds so many final orders, made by the product
// itself in this process: batch processor, engine, services, sandbox and the SQLite store, as
// `serve` puts them together, in batches as large as its own.
//
// The orders are those of `load run` (two lines over 1,000 articles). Of 800, 100 are declined and
// end failed, 8 are slow to be authorized and cancelled meanwhile, all others are completed. The
// clock is virtual and ends at about now, so that nothing is waited for.
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdio>

#include "adapters/sandbox/sandbox_carrier.h"
#include "adapters/sandbox/sandbox_inventory.h"
#include "adapters/sandbox/sandbox_provider.h"
#include "adapters/sqlite/sqlite_store.h"
#include "app/load/order_maker.h"
#include "app/load/order_writer.h"
#include "ports/seeded_random.h"
#include "runtime/batch_processor.h"
#include "runtime/core_thread.h"
#include "services/inventory_service.h"
#include "services/payment_service.h"
#include "services/shipping_service.h"

namespace conveyor {
namespace {

constexpr std::uint64_t kMaxOrders = 100'000'000;
constexpr std::int64_t kOnHand = 1'000'000'000;  // pieces of every article
constexpr Duration kBatchEvery{100};
constexpr std::uint64_t kFailedOneOf = 8;
constexpr std::uint64_t kCancelledOneOf = 100;
constexpr Duration kEndsBefore{60'000};  // now: what is slow is waited for in virtual time
constexpr std::uint64_t kMaxSettlingBatches = 10'000;
constexpr std::uint64_t kReportEvery = 100'000;

// Never the same: multiples of 100 leave 0 or 4 of 8.
bool is_failed(std::uint64_t number) {
  return number % kFailedOneOf == 1;
}
bool is_cancelled(std::uint64_t number) {
  return number % kCancelledOneOf == 0;
}

class Silence final : public CoreProbe {
 public:
  void batch_committed(std::size_t, std::chrono::nanoseconds) override {}
  void batch_lost(std::string_view why) override { throw std::runtime_error(std::string{why}); }
  void appended(std::span<const AppendEffect>) override {}
  void outcome_ignored() override {}
  void breaker_moved(const ParticipantState&) override {}
  void order_unreadable(const OrderId&, std::string_view why) override {
    throw std::runtime_error(std::string{why});
  }
  void idempotency(std::string_view) override {}
  void command_without_event(const OrderId&, CommandKind, const std::string&) override {}
};

class Fill {
 public:
  Fill(SqliteStore& store, std::uint64_t orders)
      : orders_(orders),
        provider_(store, random_),
        carrier_(store, random_),
        inventory_(store, random_),
        sandbox_inventory_(inventory_, store),
        payment_(store, provider_, random_),
        shipping_(store, carrier_, random_),
        processor_(CoreParts{store,
                             store,
                             store,
                             {&sandbox_inventory_, &payment_, &shipping_},
                             random_,
                             silence_},
                   {}),
        now_(start_of(orders)) {}

  void run() {
    processor_.recover(now_);
    stock_up();
    for (std::uint64_t next = 1; next <= orders_;) {
      for (auto& id : std::exchange(to_cancel_, {})) batch_.emplace_back(cancel(id));
      while (next <= orders_ && batch_.size() < kMaxBatchInputs) batch_.emplace_back(place(next++));
      run_batch();
      if ((next - 1) / kReportEvery != reported_) {
        reported_ = (next - 1) / kReportEvery;
        fmt::print(stderr, "fill: {} of {} orders\n", next - 1, orders_);
      }
    }
    settle();
    if (answers_ != inputs_) throw std::runtime_error("not every input was answered");
  }

 private:
  static Timestamp start_of(std::uint64_t orders) {
    const auto batches = static_cast<std::int64_t>(orders / kMaxBatchInputs + 1);
    return std::chrono::floor<Duration>(std::chrono::system_clock::now()) - kEndsBefore -
           batches * kBatchEvery;
  }

  void run_batch() {
    inputs_ += batch_.size();
    processor_.run(std::exchange(batch_, {}), now_);
    now_ += kBatchEvery;
  }

  void stock_up() {
    for (const auto& article : maker_.articles()) {
      batch_.emplace_back(SetStock{article.sku, kOnHand, article.title,
                                   [this](SetStock::Answer answer) { note(answer.has_value()); }});
      if (batch_.size() == kMaxBatchInputs) run_batch();
    }
    run_batch();
  }

  PlaceOrder place(std::uint64_t number) {
    auto made = maker_.make(number);
    if (is_failed(number)) made.order.payment_method = "pm_declined";
    if (is_cancelled(number)) made.order.payment_method = "pm_slow";
    body_.clear();
    load::append_request_json(body_, made);
    PlaceOrder input;
    input.key = {sha256(fmt::format("local\nPOST\n/v1/orders\nload:{}", *made.order.reference)),
                 sha256(body_)};
    input.order = std::move(made.order);
    input.ship_to = std::move(made.ship_to);
    input.context = context(ActorKind::client);
    input.answer = [this, number](PlaceOrder::Answer answer) {
      note(answer.has_value());
      if (is_cancelled(number)) to_cancel_.push_back(answer->created.order_id);
    };
    return input;
  }

  OrderCommand cancel(const OrderId& id) {
    OrderCommand input;
    input.order_id = id;
    input.command.kind = CommandKind::cancel;
    input.command.reason = "changed_mind";
    input.context = context(ActorKind::client);
    input.answer = [this](OrderCommand::Answer answer) { note(answer.has_value()); };
    return input;
  }

  RequestContext context(ActorKind kind) {
    RequestContext context;
    context.request_id = "req_";
    append_base32(context.request_id, make_uuid_v7(now_, random_.next(), random_.next()));
    context.correlation_id = context.request_id;
    context.actor = {kind, "local"};
    return context;
  }

  void note(bool taken) {
    if (!taken) throw std::runtime_error("an input was refused");
    ++answers_;
  }

  /// Cancels what is left of the last batches, and lets time pass until every order is final.
  void settle() {
    processor_.finish(now_);
    for (auto& id : std::exchange(to_cancel_, {})) batch_.emplace_back(cancel(id));
    run_batch();
    while (processor_.open_orders() > 0) {
      now_ = std::max(now_, processor_.next_wake().value());
      run_batch();
      if (++settling_ > kMaxSettlingBatches) throw std::runtime_error("orders stay open");
    }
    processor_.finish(now_);
  }

  std::uint64_t orders_;
  const load::OrderMaker maker_{{.min_lines = 2, .max_lines = 2, .details = false}};
  SeededRandom random_{1};
  Silence silence_;
  SandboxProvider provider_;
  SandboxCarrier carrier_;
  InventoryService inventory_;
  SandboxInventory sandbox_inventory_;
  PaymentService payment_;
  ShippingService shipping_;
  BatchProcessor processor_;
  Timestamp now_;
  std::vector<CoreInput> batch_;
  std::vector<OrderId> to_cancel_;
  std::string body_;
  std::uint64_t inputs_ = 0;
  std::uint64_t answers_ = 0;
  std::uint64_t reported_ = 0;
  std::uint64_t settling_ = 0;  ///< batches since the last order
};

int run(const std::string& path, std::uint64_t orders) {
  if (::access(path.c_str(), F_OK) == 0) {
    fmt::print(stderr, "fill: {} is there already\n", path);
    return 2;
  }
  auto store = SqliteStore::open(path);
  if (!store) {
    fmt::print(stderr, "fill: {}\n", store.error().message);
    return 1;
  }
  Fill(**store, orders).run();
  return 0;
}

}  // namespace
}  // namespace conveyor

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  std::uint64_t orders = 0;
  if (arguments.size() == 2) {
    const auto& text = arguments[1];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), orders);
    if (error == std::errc{} && end == text.data() + text.size() &&
        orders <= conveyor::kMaxOrders) {
      try {
        return conveyor::run(arguments[0], orders);
      } catch (const std::exception& failure) {
        fmt::print(stderr, "fill: {}\n", failure.what());
        return 1;
      }
    }
  }
  fmt::print(stderr, "usage: conveyor-bench-fill FILE ORDERS (0 to {})\n", conveyor::kMaxOrders);
  return 2;
}
