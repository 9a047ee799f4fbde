// Method: events of a few orders are appended in any sequence and read back from the places that
// were given; bytes that nobody has written are read or refused, never trusted.
#include "adapters/sqlite/event_log.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

namespace conveyor::sqlite {
namespace {

OrderId order_number(std::uint64_t number) {
  return OrderId{make_uuid_v7(from_unix_ms(1'770'000'000'000), 1, number)};
}

template <class T>
T any() {
  return *rc::gen::arbitrary<T>();
}

/// With its texts, which the event views.
struct OwnedEvent {
  std::string causation, traceparent, actor, data;
  LoggedEvent event;
};

std::unique_ptr<OwnedEvent> any_event() {
  auto own = std::make_unique<OwnedEvent>();
  auto& event = own->event;
  own->causation = any<std::string>();
  own->traceparent = any<std::string>();
  own->actor = any<std::string>();
  own->data = std::string(*rc::gen::inRange<std::size_t>(0, 3'000), 'x') + any<std::string>();
  event.id = make_uuid_v7(from_unix_ms(1), any<std::uint64_t>(), any<std::uint64_t>());
  event.type = any<std::uint64_t>();
  event.schema_version = any<std::uint32_t>();
  event.run = any<std::uint32_t>();
  if (any<bool>()) event.step = any<std::uint8_t>();
  if (any<bool>()) event.generation = any<std::uint32_t>();
  if (any<bool>()) event.attempt = any<std::uint32_t>();
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      break;
    case 1:
      event.causation = order_number(any<std::uint64_t>()).uuid();
      break;
    default:
      event.causation = std::string_view{own->causation};
  }
  if (any<bool>()) event.traceparent = own->traceparent;
  if (any<bool>()) event.actor = own->actor;
  event.occurred_at = any<std::int64_t>();
  event.hash = sha256(own->data);
  event.data = own->data;
  return own;
}

RC_GTEST_PROP(EventLog, GivesBackWhatWasAppended, ()) {
  LogChunks log;
  std::int64_t last_id = 7;
  std::vector<std::unique_ptr<OwnedEvent>> owned;
  std::map<std::uint64_t, std::vector<EventPlace>> places;
  std::map<std::uint64_t, std::vector<const LoggedEvent*>> events;
  for (auto left = *rc::gen::inRange(0, 60); left > 0; --left) {
    const auto n = *rc::gen::inRange<std::uint64_t>(1, 4);
    auto& of_order = events[n];
    owned.push_back(any_event());
    const auto& event = owned.back()->event;
    const auto place =
        log.append(order_number(n), of_order.size() + 1, event, [&] { return ++last_id; });
    if (place) places[n].push_back(*place);
    of_order.push_back(&event);
  }
  std::map<std::int64_t, Bytes> chunks;
  for (const auto& chunk : log.chunks()) chunks.emplace(chunk.id, chunk.bytes);
  for (const auto& [n, expected] : events) {
    RC_ASSERT(decode_places(encode_places(places[n])) == places[n]);
    std::size_t seen = 0;
    for (const auto& place : places[n]) {
      RunReader run{chunks.at(place.chunk), place.offset};
      RC_ASSERT(run.order() == order_number(n));
      RC_ASSERT(run.version() == place.version);
      while (run.has_next()) {
        RC_ASSERT(run.version() == seen + 1);
        RC_ASSERT(run.next() == *expected.at(seen));
        ++seen;
      }
    }
    RC_ASSERT(seen == expected.size());
  }
  // From the first byte to the last there is nothing but runs.
  std::size_t walked = 0;
  for (const auto& [id, chunk] : chunks) {
    for (std::uint64_t at = 0; at < chunk.size();) {
      RunReader run{chunk, at};
      for (; run.has_next(); ++walked) run.next();
      at = run.end();
    }
  }
  RC_ASSERT(walked == owned.size());
}

RC_GTEST_PROP(EventLog, AnyBytesAreReadOrRefused,
              (const std::vector<std::uint8_t>& bytes, std::uint64_t offset)) {
  try {
    RunReader run{bytes, offset % (bytes.size() + 2)};
    while (run.has_next()) run.next();
  } catch (const StoreError& error) {
    RC_ASSERT(error.kind() == StoreError::Kind::damaged);
  }
  try {
    (void)decode_places(bytes);
  } catch (const StoreError& error) {
    RC_ASSERT(error.kind() == StoreError::Kind::damaged);
  }
}

TEST(EventLog, WhatNobodyWritesIsDamage) {
  LogChunks log;
  const LoggedEvent event;
  (void)log.append(order_number(1), 1, event, [] { return 1; });
  auto bytes = log.chunks().front().bytes;
  ASSERT_EQ((std::vector<std::uint8_t>(bytes.begin() + 16, bytes.begin() + 19)),
            (std::vector<std::uint8_t>{1, 1, 0}))
      << "the version of its first event, and how many it has";
  bytes[17] = 0;
  EXPECT_THROW((RunReader{bytes, 0}), StoreError) << "a run without events";
}

TEST(Packed, NumbersEndAtTheirLargest) {
  constexpr auto kLargest = std::numeric_limits<std::uint64_t>::max();
  Packer to;
  to.number(kLargest);
  auto bytes = to.take();
  ASSERT_EQ(bytes.size(), 10U);
  EXPECT_EQ((Unpacker{bytes, "a number"}.number()), kLargest);
  bytes.back() = 2;
  EXPECT_THROW((Unpacker{bytes, "a number"}.number()), StoreError) << "a 65th bit";
  bytes.back() = 0x81;
  EXPECT_THROW((Unpacker{bytes, "a number"}.number()), StoreError) << "an eleventh byte";
}

/// Appends `count` events of that size to one order; returns their places.
std::vector<EventPlace> append_many(LogChunks& log, std::size_t count, std::size_t bytes) {
  const std::string data(bytes, 'x');
  LoggedEvent event;
  event.data = data;
  std::int64_t last_id = 0;
  std::vector<EventPlace> places;
  for (std::uint64_t version = 1; version <= count; ++version) {
    const auto place = log.append(order_number(1), version, event, [&] { return ++last_id; });
    if (place) places.push_back(*place);
  }
  return places;
}

TEST(EventLog, ARowThatIsFullTakesNoMore) {
  LogChunks log;
  const auto places = append_many(log, 3, kFullChunkBytes);
  ASSERT_EQ(log.chunks().size(), 3U);
  EXPECT_EQ(places, (std::vector<EventPlace>{{1, 0, 1}, {2, 0, 2}, {3, 0, 3}}));
  EXPECT_GE(log.chunks().front().bytes.size(), kFullChunkBytes);
}

TEST(EventLog, NeighboursOfOneOrderShareARun) {
  LogChunks log;
  const auto places = append_many(log, 100, 10);
  EXPECT_EQ(places.size(), 1U);
  ASSERT_EQ(log.chunks().size(), 1U);
  const auto before = log.chunks().front().bytes.size();
  // A version that does not follow begins another one.
  EXPECT_TRUE(log.append(order_number(1), 500, LoggedEvent{}, [] { return 2; }).has_value());
  EXPECT_GT(log.chunks().front().bytes.size(), before);
}

}  // namespace
}  // namespace conveyor::sqlite
