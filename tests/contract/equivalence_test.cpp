// Method: RapidCheck makes sequences of operations with commits, waited for or not, and rollbacks;
// every store gets the same ones. Each answer, and after every commit and rollback everything that
// can be read, must be the same.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "contract/stores_under_test.h"
#include "contract/test_order.h"

namespace conveyor::test {
namespace {

constexpr std::array<std::string_view, 4> kSkus{"SKU-A", "SKU-B", "SKU-C", "SKU-Ü"};

/// One operation: which, and what chooses its subject and its amounts.
struct Step {
  std::uint8_t what = 0;
  std::uint8_t who = 0;
  std::uint8_t amount = 0;
};

/// Everything that the ports let one read.
struct Everything {
  std::vector<std::optional<OrderRow>> rows;
  std::vector<Event> events;
  std::vector<std::string> event_data;
  std::vector<OrderId> pages;
  std::vector<OrderReader::Due> due;
  std::vector<std::pair<Status, std::int64_t>> counts;
  std::vector<FeedRow> feed;
  std::vector<Contact> contacts;
  std::vector<IdempotencyRow> keys;
  std::vector<StockItem> stock;
  std::vector<StockMovementSum> sums;
  std::vector<Reservation> reservations;
  std::vector<Payment> payments;
  std::vector<Shipment> shipments;
  std::vector<SandboxRecord> sandbox;
  std::int64_t held = 0;
  DeadLetterGroups groups;
  FailureCount failures;
  ReservationPage held_page;

  friend bool operator==(const Everything&, const Everything&) = default;
};

Everything read_everything(StoreUnderTest& store) {
  Everything out;
  for (const auto& id : store.orders->order_ids(std::nullopt, 1'000)) {
    out.rows.push_back(store.orders->order_row(id));
    for (const auto& stored : store.orders->events(id, 0, 1'000)) {
      out.events.push_back(stored.event);
      out.event_data.push_back(stored.data_json);
    }
  }
  std::vector<OrderFilter> filters(6);
  filters[0].customer_id = "customer-1";
  filters[1].statuses = {Status::pending, Status::completed, Status::on_hold};
  filters[2].reference = "R-1";
  filters[3].step = StepNumber{1};
  filters[4].sku = "SKU-B";
  filters[5].fingerprint = fingerprint_of(1, FailureClass::transient, "issuer_unavailable");
  for (const auto& filter : filters) {
    const auto page = store.orders->orders(filter, 3);
    for (const auto& row : page.rows) out.pages.push_back(row.id);
    out.pages.push_back(page.next_before.value_or(OrderId{}));
  }
  out.due = store.orders->due_orders(from_unix_ms(kStartMs + 100), std::nullopt, 100);
  out.counts = store.audit->order_counts();
  out.groups = store.orders->dead_letter_groups(1'000);
  out.failures = store.orders->failures(*filters[5].fingerprint, 3);
  out.held_page = store.stock->held_page(std::nullopt, std::nullopt, 3);
  out.feed = store.orders->feed(0, 1'000);
  auto& audit = *store.audit;
  out.contacts = collect<Contact>([&](auto v) { audit.each_contact(v); });
  out.keys = collect<IdempotencyRow>([&](auto v) { audit.each_idempotency_row(v); });
  out.stock = collect<StockItem>([&](auto v) { audit.each_stock_item(v); });
  out.sums = collect<StockMovementSum>([&](auto v) { audit.each_movement_sum(v); });
  out.reservations = collect<Reservation>([&](auto v) { audit.each_reservation(v); });
  out.payments = collect<Payment>([&](auto v) { audit.each_payment(v); });
  out.shipments = collect<Shipment>([&](auto v) { audit.each_shipment(v); });
  out.sandbox = collect<SandboxRecord>([&](auto v) { audit.each_sandbox_record(v); });
  out.held = store.stock->held_reservations();
  return out;
}

class Twins {
 private:
  /// The same on every store; the answers must be equal.
  template <class Work>
  auto each(Work&& work) {
    auto first = work(*stores_[0]);
    for (std::size_t i = 1; i < stores_.size(); ++i) {
      const bool same = work(*stores_[i]) == first;
      RC_ASSERT(same);
    }
    return first;
  }

 public:
  Twins() {
    each([](StoreUnderTest& store) {
      store.in_transaction([&] {
        for (const auto sku : kSkus) {
          (void)store.stock->set_stock(sku, 30, std::nullopt, from_unix_ms(kStartMs));
        }
      });
      return 0;
    });
  }

  void run(const Step& step) {
    if (!open_) {
      each([](StoreUnderTest& store) { return store.unit->begin(), 0; });
      open_ = true;
    }
    switch (step.what % 14) {
      case 0:
        return accept(step);
      case 1:
      case 2:
      case 3:
        return append(step);
      case 4:
        return set_or_adjust(step);
      case 5:
        return reserve(step);
      case 6:
        return finish_reservation(step);
      case 7:
        return put_operation(step);
      case 8:
        return put_contact_and_key(step);
      case 9:
        return look_around(step);
      case 10:
        return end(true, step.amount % 2 == 0);
      case 11:
        return end(false);
      case 12:
        return erase_contact(step);
      case 13:
        return change_erasures(step);
      default:
        break;
    }
  }

  /// Nobody waits for a commit that `overlaps`: the next transaction is written on what was handed
  /// over.
  void end(bool keep, bool overlaps = false) {
    if (!open_) return;
    each([&](StoreUnderTest& store) {
      store.unit->wait();
      keep ? store.unit->hand_over() : store.unit->rollback();
      if (!overlaps) store.unit->wait();
      return 0;
    });
    open_ = false;
    if (keep) {
      committed_ = orders_;
    } else {
      orders_ = committed_;
    }
    if (overlaps) return;
    const auto seen = each(read_everything);
    RC_ASSERT(seen.held >= 0);
  }

 private:
  static Timestamp time_of(const Step& step) { return from_unix_ms(kStartMs + step.amount); }
  static std::string_view sku_of(const Step& step) { return kSkus[step.who % kSkus.size()]; }
  static OperationKey key_of(const Step& step) {
    return operation(step.who % 6, static_cast<StepNumber>(1 + step.who % kStepCount));
  }

  void accept(const Step& step) {
    OrderSpec spec;
    spec.number = ++last_number_;
    spec.created_ms = kStartMs + static_cast<std::int64_t>(last_number_ % 7);
    spec.customer_id = "customer-" + std::to_string(step.who % 2);
    if (step.who % 3 == 0) spec.reference = "R-" + std::to_string(step.amount % 3);
    const TestOrder order{spec};
    const auto key = key_number(step.amount % 16);
    const auto answer = each([&](StoreUnderTest& store) {
      const auto result = store.orders->accept(key, 1, contact_of(order), order.order(),
                                               order.events(), time_of(step));
      if (const auto* exists = std::get_if<KeyExists>(&result)) {
        return std::pair{std::size_t{1}, std::optional{exists->record}};
      }
      return std::pair{result.index(), std::optional<IdempotencyRecord>{}};
    });
    if (answer.first == 0) orders_.push_back(order);
  }

  void erase_contact(const Step& step) {
    if (orders_.empty()) return;
    const auto id = orders_[step.who % orders_.size()].id();
    each([&](StoreUnderTest& store) { return store.orders->erase_contact(id); });
  }

  void change_erasures(const Step& step) {
    Erasure erasure;
    erasure.customer_id = "customer-" + std::to_string(step.who % 4);
    erasure.requested_at = time_of(step);
    if (step.amount % 2 == 0) erasure.before = key_of(step).order;
    erasure.walked = step.amount % 3 == 0;
    erasure.erased = step.amount;
    erasure.request_id = "req_" + std::to_string(step.amount);
    if (step.amount % 5 == 0) erasure.traceparent = "00-trace-01";
    if (step.amount % 7 == 0) erasure.actor = {ActorKind::operator_, "ada"};
    each([&](StoreUnderTest& store) {
      auto& orders = *store.orders;
      orders.put_erasure(erasure);
      const auto next = orders.next_erasure();
      const bool is_being_erased = orders.is_being_erased("customer-1");
      auto walked = step.amount % 4 == 0 ? orders.take_walked_erasures() : std::vector<Erasure>{};
      return std::tuple{next, is_being_erased, std::move(walked)};
    });
  }

  void append(const Step& step) {
    if (orders_.empty()) return;
    auto& order = orders_[step.who % orders_.size()];
    if (step.amount % 5 == 0) {  // a stale version: nothing happens
      each([&](StoreUnderTest& store) {
        return store.orders->append(order.order(), order.order().version + 1, {}, std::nullopt);
      });
      return;
    }
    const auto before = order.order().version;
    const auto events = advance(order, step);
    each([&](StoreUnderTest& store) {
      return store.orders->append(order.order(), before, events, time_of(step));
    });
  }

  /// Something that the order's status allows; sometimes nothing but another alarm.
  static std::vector<Event> advance(TestOrder& order, const Step& step) {
    const auto status = order.order().status;
    if (status == Status::on_hold) return order.command(CommandKind::release);
    if (status == Status::pending && step.amount % 4 == 1) return order.command(CommandKind::hold);
    if (status == Status::processing && step.amount % 4 == 2) {
      return order.command(CommandKind::cancel);
    }
    if (status == Status::dead_lettered) return order.command(CommandKind::retry);
    if (!needed_call(order.order())) return {};
    if (status == Status::pending && step.amount % 4 == 3) return order.fail(FailureClass::poison);
    return order.succeed();
  }

  void set_or_adjust(const Step& step) {
    const auto sku = sku_of(step);
    const auto at = time_of(step);
    const auto movement = each([&](StoreUnderTest& store) {
      if (step.amount % 2 == 0) {
        return store.stock->set_stock(sku, step.amount / 4, std::nullopt, at);
      }
      return store.stock->adjust_stock(sku, std::int64_t{step.amount} - 100, "recount", at);
    });
    RC_ASSERT(!movement || movement->on_hand_after >= movement->reserved_after);
  }

  void reserve(const Step& step) {
    const auto key = key_of(step);
    if (each([&](StoreUnderTest& store) { return store.stock->reservation(key); })) return;
    Reservation wanted;
    wanted.key = key;
    wanted.at = time_of(step);
    wanted.lines = {{"SKU-A", 1 + step.amount % 9}, {"SKU-B", 1 + step.amount % 5}};
    const auto shortages =
        each([&](StoreUnderTest& store) { return store.stock->reserve(wanted); });
    if (shortages.empty()) return;
    wanted.state = ReservationState::rejected;
    wanted.shortages = shortages;
    wanted.code = "out_of_stock";
    each([&](StoreUnderTest& store) { return store.stock->record_reservation(wanted), 0; });
  }

  void finish_reservation(const Step& step) {
    const auto key = key_of(step);
    const auto present = each([&](StoreUnderTest& store) { return store.stock->reservation(key); });
    if (!present || present->state != ReservationState::held) return;
    each([&](StoreUnderTest& store) {
      if (step.amount % 2 == 0) {
        store.stock->release(key, Effect::reversed, time_of(step));
      } else {
        store.stock->commit_reservation(key, operation(step.who % 6, 6), time_of(step));
      }
      return 0;
    });
  }

  void put_operation(const Step& step) {
    Payment payment;
    payment.key = key_of(step);
    payment.amount_minor = step.amount;
    if (step.amount % 2 == 0) payment.authorization = operation(step.amount % 3, 2);
    Shipment shipment;
    shipment.key = payment.key;
    shipment.tracking = std::to_string(step.amount);
    SandboxRecord record;
    record.key = payment.key;
    record.calls = step.amount;
    each([&](StoreUnderTest& store) {
      store.payments->put_payment(payment);
      store.shipments->put_shipment(shipment);
      store.sandbox->put_sandbox_record(record);
      return store.payments->payments(payment.key.order);
    });
  }

  void put_contact_and_key(const Step& step) {
    Contact contact;
    contact.order_id = operation(step.who % 6).order;
    contact.version = 1 + step.amount % 3;
    contact.ship_to.name = std::to_string(step.amount);
    const auto key = key_number(step.amount % 16);
    each([&](StoreUnderTest& store) {
      store.orders->put_contact(contact);
      if (step.amount % 2 == 0) store.orders->drop_contact(contact.order_id, step.amount % 5);
      return store.orders->put_idempotency(key, {key.request_hash, std::int64_t{step.who}, 1});
    });
  }

  void look_around(const Step& step) {  // inside the open transaction
    each([&](StoreUnderTest& store) {
      const auto page = store.orders->orders({}, 1 + step.amount % 4);
      return std::pair{page.rows, page.next_before};
    });
    each([&](StoreUnderTest& store) { return store.orders->open_order_counts(); });
    if (orders_.empty()) return;
    const auto id = orders_[step.who % orders_.size()].id();
    each([&](StoreUnderTest& store) { return load_order(*store.orders, id); });
  }

  std::array<std::unique_ptr<StoreUnderTest>, 2> stores_{make_store(StoreKind::memory),
                                                         make_store(StoreKind::sqlite)};
  bool open_ = false;
  std::vector<TestOrder> orders_;
  std::vector<TestOrder> committed_;
  std::uint64_t last_number_ = 0;
};

RC_GTEST_PROP(StoreEquivalence, SameOperationsSameAnswers,
              (const std::vector<std::array<std::uint8_t, 3>>& steps)) {
  Twins twins;
  for (const auto& [what, who, amount] : steps) twins.run({what, who, amount});
  twins.end(true);
}

}  // namespace
}  // namespace conveyor::test
