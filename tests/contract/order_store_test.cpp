// Method: drives each order store through its port with real orders; what is read back must be what
// was written, and what stood in the way must have changed nothing.
#include "contract/stores_under_test.h"
#include "contract/test_order.h"
#include "domain/event_json.h"

namespace conveyor::test {
namespace {

class OrderStoreContract : public StoreContract {
 protected:
  AcceptResult accept(const TestOrder& order, std::uint64_t key,
                      std::optional<Timestamp> wake_at = std::nullopt) {
    return orders.accept(key_number(key), 1, contact_of(order), order.order(), order.events(),
                         wake_at);
  }
  TestOrder accepted(const OrderSpec& spec, std::optional<Timestamp> wake_at = std::nullopt) {
    TestOrder order{spec};
    store->in_transaction([&] {
      EXPECT_TRUE(std::holds_alternative<Accepted>(accept(order, spec.number, wake_at)));
    });
    return order;
  }
  void append(TestOrder& order, const std::vector<Event>& events,
              std::optional<Timestamp> wake_at = std::nullopt) {
    const auto expected = order.order().version - events.size();
    store->in_transaction(
        [&] { EXPECT_TRUE(orders.append(order.order(), expected, events, wake_at)); });
  }
  void expect_stored(const TestOrder& order, std::optional<Timestamp> wake_at = std::nullopt) {
    EXPECT_EQ(orders.order_row(order.id()), row_of(order.order(), wake_at));
    const auto stored = orders.events(order.id(), 0, 1'000);
    ASSERT_EQ(stored.size(), order.events().size());
    for (std::size_t i = 0; i < stored.size(); ++i) {
      EXPECT_EQ(stored[i].event, order.events()[i]) << i;
      EXPECT_EQ(stored[i].data_json, event_data_json(order.events()[i]));
    }
    EXPECT_EQ(load_order(orders, order.id()), order.order());
  }
};

TEST_P(OrderStoreContract, EmptyStoreHasNothing) {
  const TestOrder order{{}};
  EXPECT_EQ(orders.order_row(order.id()), std::nullopt);
  EXPECT_TRUE(orders.events(order.id(), 0, 10).empty());
  EXPECT_EQ(load_order(orders, order.id()), std::nullopt);
  EXPECT_EQ(orders.contact(order.id(), 1), std::nullopt);
  EXPECT_EQ(orders.idempotency(key_number(1).scope_hash), std::nullopt);
  EXPECT_EQ(orders.feed_position(), 0);
  EXPECT_TRUE(orders.feed(0, 10).empty());
  EXPECT_TRUE(orders.orders({}, 10).rows.empty());
  EXPECT_TRUE(orders.order_ids(std::nullopt, 10).empty());
  for (const auto& [status, count] : orders.open_order_counts()) {
    EXPECT_FALSE(is_final(status));
    EXPECT_EQ(count, 0);
  }
  EXPECT_EQ(orders.open_order_counts().size(), 8u);
}

TEST_P(OrderStoreContract, AcceptStoresKeyContactOrderAndEvents) {
  const auto wake_at = from_unix_ms(kStartMs + 500);
  const auto order = accepted({.reference = "R-1"}, wake_at);
  expect_stored(order, wake_at);
  EXPECT_EQ(orders.contact(order.id(), 1), contact_of(order));
  const auto record = orders.idempotency(key_number(1).scope_hash);
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(*record, (IdempotencyRecord{key_number(1).request_hash, order.id(), 1}));
}

TEST_P(OrderStoreContract, AcceptedKeyLeadsToItsOrderAndChangesNothing) {
  const auto first = accepted({.number = 1});
  const TestOrder second{{.number = 2}};
  store->in_transaction([&] {
    const auto result = accept(second, 1);
    ASSERT_TRUE(std::holds_alternative<KeyExists>(result));
    EXPECT_EQ(std::get<KeyExists>(result).record,
              (IdempotencyRecord{key_number(1).request_hash, first.id(), 1}));
  });
  EXPECT_EQ(orders.order_row(second.id()), std::nullopt);
  EXPECT_EQ(orders.contact(second.id(), 1), std::nullopt);
  EXPECT_EQ(orders.feed_position(), 1);
}

TEST_P(OrderStoreContract, ReferenceOfACustomerIsTakenOnceAndLeavesNoKey) {
  const auto first = accepted({.number = 1, .reference = "R-1"});
  const TestOrder same{{.number = 2, .reference = "R-1"}};
  const TestOrder elsewhere{{.number = 3, .customer_id = "customer-2", .reference = "R-1"}};
  store->in_transaction([&] {
    const auto result = accept(same, 2);
    ASSERT_TRUE(std::holds_alternative<ReferenceTaken>(result));
    EXPECT_EQ(std::get<ReferenceTaken>(result).order_id, first.id());
    EXPECT_EQ(orders.idempotency(key_number(2).scope_hash), std::nullopt);
    EXPECT_TRUE(std::holds_alternative<Accepted>(accept(elsewhere, 3)));
  });
  EXPECT_EQ(orders.order_row(same.id()), std::nullopt);
  EXPECT_EQ(orders.idempotency(key_number(2).scope_hash), std::nullopt);
}

TEST_P(OrderStoreContract, ReferenceIsTakenWithinTheSameTransactionToo) {
  const TestOrder first{{.number = 1, .reference = "R-1"}};
  const TestOrder second{{.number = 2, .reference = "R-1"}};
  store->in_transaction([&] {
    EXPECT_TRUE(std::holds_alternative<Accepted>(accept(first, 1)));
    const auto result = accept(second, 2);
    ASSERT_TRUE(std::holds_alternative<ReferenceTaken>(result));
    EXPECT_EQ(std::get<ReferenceTaken>(result).order_id, first.id());
  });
}

TEST_P(OrderStoreContract, RolledBackReferenceAndKeyAreFreeAgain) {
  const TestOrder order{{.reference = "R-1"}};
  unit.begin();
  EXPECT_TRUE(std::holds_alternative<Accepted>(accept(order, 1)));
  unit.rollback();
  EXPECT_EQ(orders.idempotency(key_number(1).scope_hash), std::nullopt);
  accepted({.reference = "R-1"});
}

TEST_P(OrderStoreContract, AppendKeepsEveryEventAsItWas) {
  auto order = accepted({});
  append(order, order.fail(FailureClass::transient), from_unix_ms(kStartMs + 1'000));
  expect_stored(order, from_unix_ms(kStartMs + 1'000));
  append(order, order.command(CommandKind::hold));
  append(order, order.command(CommandKind::release));
  append(order, order.finish());
  EXPECT_EQ(order.order().status, Status::completed);
  expect_stored(order);
}

TEST_P(OrderStoreContract, UndoneAndRestartedOrdersKeepTheirStreams) {
  auto order = accepted({});
  append(order, order.succeed());
  append(order, order.reject());
  append(order, order.finish());
  EXPECT_EQ(order.order().status, Status::failed);
  Changes changes;
  changes.lines = {{1, "SKU-C", "Größe \"XL\" \\ 木", 1'000'000, 9'007'199'254}};
  append(order, order.command(CommandKind::restart, changes));
  append(order, order.command(CommandKind::cancel));
  append(order, order.finish());
  EXPECT_EQ(order.order().status, Status::cancelled);
  expect_stored(order);
}

TEST_P(OrderStoreContract, EventPartsAreKeptWhateverTheirValues) {
  auto order = accepted({});
  const auto first = order.command(CommandKind::hold);
  auto event = first.at(0);
  event.actor = {ActorKind::operator_, "Jörg:ops"};
  event.causation_id = "req_01h455vb4pex5vsknk084sn02q";
  event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
  event.attempt = 4'294'967'295;
  event.schema_version = 1;
  auto next = order.command(CommandKind::release).at(0);
  next.causation_id = "";
  next.actor = {ActorKind::system, "reaper"};
  next.step = StepNumber{6};
  next.generation = 4'000'000'000;
  store->in_transaction([&] {
    EXPECT_TRUE(orders.append(order.order(), 1, std::vector{event, next}, std::nullopt));
  });
  const auto stored = orders.events(order.id(), 1, 10);
  ASSERT_EQ(stored.size(), 2u);
  EXPECT_EQ(stored[0].event, event);
  EXPECT_EQ(stored[1].event, next);
}

TEST_P(OrderStoreContract, EventsArePagedByVersion) {
  auto order = accepted({});
  append(order, order.finish());
  const auto& all = order.events();
  std::vector<Event> read;
  while (true) {
    const auto page = orders.events(order.id(), read.size(), 3);
    EXPECT_LE(page.size(), 3u);
    for (const auto& stored : page) read.push_back(stored.event);
    if (page.size() < 3) break;
  }
  EXPECT_EQ(read, all);
  EXPECT_TRUE(orders.events(order.id(), all.size(), 3).empty());
}

TEST_P(OrderStoreContract, AppendRefusesAnotherVersionAndAnUnknownOrder) {
  auto order = accepted({});
  const auto events = order.command(CommandKind::hold);
  store->in_transaction([&] {
    EXPECT_FALSE(orders.append(order.order(), 0, events, std::nullopt));
    EXPECT_FALSE(orders.append(order.order(), 2, events, std::nullopt));
    TestOrder stranger{{.number = 9}};
    const auto more = stranger.command(CommandKind::hold);
    EXPECT_FALSE(orders.append(stranger.order(), 1, more, std::nullopt));
    EXPECT_TRUE(orders.append(order.order(), 1, events, std::nullopt));
    EXPECT_FALSE(orders.append(order.order(), 1, events, std::nullopt))
        << "the check sees what this transaction wrote";
  });
  expect_stored(order);
}

TEST_P(OrderStoreContract, AppendWithoutEventsMovesTheAlarmOnly) {
  const auto order = accepted({}, from_unix_ms(kStartMs + 10));
  const auto later = from_unix_ms(kStartMs + 20);
  store->in_transaction([&] { EXPECT_TRUE(orders.append(order.order(), 1, {}, later)); });
  expect_stored(order, later);
  EXPECT_EQ(orders.feed_position(), 1) << "nothing happened that anybody could follow";
}

TEST_P(OrderStoreContract, OpenTransactionSeesItsOwnWrites) {
  TestOrder order{{.reference = "R-1"}};
  const auto wake_at = from_unix_ms(kStartMs + 1);
  unit.begin();
  accept(order, 1, wake_at);
  expect_stored(order, wake_at);
  EXPECT_EQ(orders.orders({.reference = "R-1"}, 10).rows.size(), 1u);
  EXPECT_EQ(orders.due_orders(wake_at, std::nullopt, 10).size(), 1u);
  const auto events = order.command(CommandKind::hold);
  EXPECT_TRUE(orders.append(order.order(), 1, events, std::nullopt));
  expect_stored(order);
  EXPECT_TRUE(orders.due_orders(wake_at, std::nullopt, 10).empty());
  EXPECT_EQ(orders.orders({.statuses = {Status::on_hold}}, 10).rows.size(), 1u);
  unit.commit();
  expect_stored(order);
}

TEST_P(OrderStoreContract, RollbackForgetsEverything) {
  auto order = accepted({.number = 1, .reference = "R-1"}, from_unix_ms(kStartMs));
  const auto committed = order;
  unit.begin();
  const auto events = order.finish();
  EXPECT_TRUE(orders.append(order.order(), 1, events, std::nullopt));
  const TestOrder other{{.number = 2, .reference = "R-2"}};
  accept(other, 2);
  EXPECT_TRUE(orders.put_idempotency(key_number(3), {key_number(3).request_hash, 1, 1}));
  auto contact = contact_of(order);
  contact.ship_to.name = "changed";
  orders.put_contact(contact);
  unit.rollback();

  expect_stored(committed, from_unix_ms(kStartMs));
  EXPECT_EQ(orders.contact(order.id(), 1), contact_of(committed));
  EXPECT_EQ(orders.order_row(other.id()), std::nullopt);
  EXPECT_TRUE(orders.events(other.id(), 0, 10).empty());
  EXPECT_EQ(orders.contact(other.id(), 1), std::nullopt);
  EXPECT_EQ(orders.idempotency(key_number(2).scope_hash), std::nullopt);
  EXPECT_EQ(orders.idempotency(key_number(3).scope_hash), std::nullopt);
  EXPECT_EQ(orders.feed_position(), 1);
  EXPECT_EQ(orders.due_orders(from_unix_ms(kStartMs), std::nullopt, 10).size(), 1u);
  EXPECT_EQ(orders.orders({.reference = "R-1"}, 10).rows.size(), 1u);
}

TEST_P(OrderStoreContract, RollbackWithoutATransactionIsNothing) {
  unit.rollback();
  const auto order = accepted({});
  unit.rollback();
  expect_stored(order);
  EXPECT_TRUE(unit.probe());
}

// --- the feed -----------------------------------------------------------------------------------

TEST_P(OrderStoreContract, FeedHasOneRowPerCommitWithoutGaps) {
  auto first = accepted({.number = 1});
  TestOrder second{{.number = 2}};
  unit.begin();  // forgotten: takes no position
  const auto lost = first.command(CommandKind::hold);
  EXPECT_TRUE(orders.append(first.order(), 1, lost, std::nullopt));
  unit.rollback();
  store->in_transaction([] {});  // nothing written: no row
  store->in_transaction([&] {
    EXPECT_TRUE(orders.append(first.order(), 1, lost, std::nullopt));
    accept(second, 2);
    const auto more = first.command(CommandKind::release);
    EXPECT_TRUE(orders.append(first.order(), 2, more, std::nullopt));
    const auto rest = second.finish();
    EXPECT_TRUE(orders.append(second.order(), 1, rest, std::nullopt));
  });
  EXPECT_EQ(orders.feed_position(), 2);
  const auto rows = orders.feed(0, 10);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0], (FeedRow{1, {{first.id(), 1, EventType::OrderCreated}}}));
  EXPECT_EQ(rows[1].position, 2);
  std::vector<FeedEntry> expected{{first.id(), 2, EventType::OrderHeld},
                                  {second.id(), 1, EventType::OrderCreated},
                                  {first.id(), 3, EventType::OrderReleased}};
  for (std::size_t i = 1; i < second.events().size(); ++i) {
    expected.push_back({second.id(), i + 1, second.events()[i].type});
  }
  EXPECT_EQ(rows[1].entries, expected);
}

TEST_P(OrderStoreContract, FeedIsReadAfterACursor) {
  auto order = accepted({});
  for (int i = 0; i < 3; ++i) {
    append(order, order.command(CommandKind::hold));
    append(order, order.command(CommandKind::release));
  }
  EXPECT_EQ(orders.feed_position(), 7);
  const auto rows = orders.feed(2, 3);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows.front().position, 3);
  EXPECT_EQ(rows.back().position, 5);
  EXPECT_TRUE(orders.feed(7, 3).empty());
  EXPECT_TRUE(orders.feed(1'000'000, 3).empty());
  EXPECT_EQ(orders.feed(-1, 100).size(), 7u);
}

// --- contacts and idempotency -------------------------------------------------------------------

TEST_P(OrderStoreContract, ContactsKeepEveryFieldOfEveryVersion) {
  const TestOrder order{{}};
  auto full = contact_of(order);
  full.version = 2;
  full.ship_to = {"Zoë Ångström", "Straße 1", "2. Stock",        "København", "Hovedstaden",
                  "1050",         "DK",       "zoe@example.org", "+45 1"};
  full.metadata = {{"z", "last"}, {"a", "ü \"quoted\""}, {"empty", ""}};
  auto empty = contact_of(order);
  empty.version = 3;
  empty.ship_to.line2 = "";
  store->in_transaction([&] {
    orders.put_contact(contact_of(order));
    orders.put_contact(full);
    orders.put_contact(empty);
  });
  EXPECT_EQ(orders.contact(order.id(), 1), contact_of(order));
  EXPECT_EQ(orders.contact(order.id(), 2), full);
  EXPECT_EQ(orders.contact(order.id(), 3), empty) << "present and empty is not absent";
  EXPECT_EQ(orders.contact(order.id(), 4), std::nullopt);
  full.ship_to = {};
  full.metadata.clear();
  store->in_transaction([&] { orders.put_contact(full); });
  EXPECT_EQ(orders.contact(order.id(), 2), full);
  EXPECT_EQ(collect<Contact>([&](auto visit) { audit.each_contact(visit); }),
            (std::vector{contact_of(order), full, empty}));
}

TEST_P(OrderStoreContract, AVersionOfAContactIsDroppedAloneAndComesBackOnRollback) {
  const TestOrder order{{}};
  auto second = contact_of(order);
  second.version = 2;
  store->in_transaction([&] {
    orders.put_contact(contact_of(order));
    orders.put_contact(second);
  });
  unit.begin();
  orders.drop_contact(order.id(), 1);
  EXPECT_EQ(orders.contact(order.id(), 1), std::nullopt) << "gone within the transaction";
  unit.rollback();
  EXPECT_EQ(orders.contact(order.id(), 1), contact_of(order));
  store->in_transaction([&] {
    orders.drop_contact(order.id(), 1);
    orders.drop_contact(order.id(), 3);
  });
  EXPECT_EQ(orders.contact(order.id(), 1), std::nullopt);
  EXPECT_EQ(orders.contact(order.id(), 2), second);
}

TEST_P(OrderStoreContract, ErasingAContactForgetsTheHashesThatCoverIt) {
  const TestOrder order{{}};
  const auto key = key_number(1);
  OrderSpec other_spec;
  other_spec.number = 2;
  const TestOrder other{other_spec};
  Shipment booking;
  booking.key = order.order().key_of(3);
  booking.request_hash = sha256("booking");
  auto second = contact_of(order);
  second.version = 2;
  store->in_transaction([&] {
    for (const auto* placed : {&order, &other}) {
      const auto result =
          orders.accept(placed == &order ? key : key_number(2), 1, contact_of(*placed),
                        placed->order(), placed->events(), std::nullopt);
      EXPECT_TRUE(std::holds_alternative<Accepted>(result));
    }
    orders.put_contact(second);
    store->shipments->put_shipment(booking);
  });
  unit.begin();
  EXPECT_TRUE(orders.erase_contact(order.id()));
  unit.rollback();
  EXPECT_EQ(orders.contact(order.id(), 2), second);
  EXPECT_EQ(orders.idempotency(key.scope_hash)->request_hash, key.request_hash);

  store->in_transaction([&] {
    store->shipments->put_shipment(booking);  // also what the same transaction has put
    EXPECT_TRUE(orders.erase_contact(order.id()));
    EXPECT_FALSE(orders.erase_contact(order.id())) << "there is nothing left";
  });
  EXPECT_TRUE(unit.scrub());
  EXPECT_EQ(orders.contact(order.id(), 1), std::nullopt);
  EXPECT_EQ(orders.contact(order.id(), 2), std::nullopt);
  EXPECT_EQ(orders.contact(other.id(), 1), contact_of(other));
  EXPECT_EQ(orders.idempotency(key.scope_hash)->request_hash, std::nullopt);
  EXPECT_EQ(orders.idempotency(key_number(2).scope_hash)->request_hash, key_number(2).request_hash);
  EXPECT_EQ(store->shipments->shipment(booking.key)->request_hash, std::nullopt);
  EXPECT_EQ(collect<Contact>([&](auto visit) { audit.each_contact(visit); }),
            std::vector{contact_of(other)});
}

/// What a store still has in memory of an order that is under way goes with the contact, too.
TEST_P(OrderStoreContract, ContactOfAnOrderUnderWayIsErasedOrDropped) {
  const auto erased = accepted({.number = 1});
  const auto dropped = accepted({.number = 2});
  Shipment booking;
  booking.key = erased.order().key_of(3);
  booking.request_hash = sha256("booking");
  store->in_transaction([&] { store->shipments->put_shipment(booking); });
  EXPECT_EQ(orders.contact(erased.id(), 1), contact_of(erased));
  EXPECT_EQ(store->shipments->shipment(booking.key)->request_hash, booking.request_hash);
  EXPECT_EQ(orders.contact(dropped.id(), 1), contact_of(dropped));
  store->in_transaction([&] {
    EXPECT_TRUE(orders.erase_contact(erased.id()));
    orders.drop_contact(dropped.id(), 1);
  });
  EXPECT_EQ(orders.contact(erased.id(), 1), std::nullopt);
  EXPECT_EQ(store->shipments->shipment(booking.key)->request_hash, std::nullopt);
  EXPECT_EQ(orders.contact(dropped.id(), 1), std::nullopt);
}

TEST_P(OrderStoreContract, ErasuresAreKeptUntilTheyAreTaken) {
  Erasure first;
  first.customer_id = "c1";
  first.requested_at = from_unix_ms(kStartMs);
  first.request_id = "req_1";
  first.actor = {ActorKind::operator_, "ada"};
  auto second = first;
  second.customer_id = "c2";
  second.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  store->in_transaction([&] {
    EXPECT_EQ(orders.next_erasure(), std::nullopt);
    orders.put_erasure(first);
    orders.put_erasure(second);
    EXPECT_EQ(orders.next_erasure(), first);
    first.before = TestOrder{{}}.id();
    first.walked = true;
    first.erased = 3;
    orders.put_erasure(first);
    EXPECT_EQ(orders.next_erasure(), second) << "what is not yet walked comes first";
    EXPECT_FALSE(orders.is_being_erased("c1"));
    EXPECT_TRUE(orders.is_being_erased("c2"));
  });
  unit.begin();
  EXPECT_EQ(orders.take_walked_erasures(), std::vector{first});
  unit.rollback();
  store->in_transaction([&] {
    EXPECT_EQ(orders.take_walked_erasures(), std::vector{first});
    EXPECT_TRUE(orders.take_walked_erasures().empty());
    second.walked = true;
    orders.put_erasure(second);
    EXPECT_EQ(orders.next_erasure(), second);
  });
}

TEST_P(OrderStoreContract, IdempotencyKeysAreKeptOnce) {
  const IdempotencyRecord movement{key_number(1).request_hash, std::int64_t{1} << 53, 4'000'000};
  const IdempotencyRecord order{key_number(2).request_hash, TestOrder{{}}.id(), 2};
  store->in_transaction([&] {
    EXPECT_TRUE(orders.put_idempotency(key_number(1), movement));
    EXPECT_TRUE(orders.put_idempotency(key_number(2), order));
    EXPECT_FALSE(orders.put_idempotency(key_number(1), order));
  });
  EXPECT_EQ(orders.idempotency(key_number(1).scope_hash), movement);
  EXPECT_EQ(orders.idempotency(key_number(2).scope_hash), order);
  EXPECT_EQ(orders.idempotency(key_number(3).scope_hash), std::nullopt);
  const auto rows = collect<IdempotencyRow>([&](auto visit) { audit.each_idempotency_row(visit); });
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_LT(rows[0].scope, rows[1].scope);
}

INSTANTIATE_FOR_ALL_STORES(OrderStoreContract);

}  // namespace
}  // namespace conveyor::test
