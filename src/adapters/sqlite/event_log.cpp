#include "adapters/sqlite/event_log.h"

#include "base/assert.h"

namespace conveyor::sqlite {
namespace {

constexpr std::string_view kWhat = "a row of the event log";

// Which of the parts that may be absent follow.
enum Flag : std::uint8_t {
  kHasStep = 1,
  kHasGeneration = 2,
  kHasAttempt = 4,
  kCausedByEvent = 8,
  kCausedByText = 16,
  kHasTraceparent = 32,
  kHasActor = 64,
};

std::uint8_t flags_of(const LoggedEvent& event) {
  unsigned flags = 0;
  if (event.step) flags |= kHasStep;
  if (event.generation) flags |= kHasGeneration;
  if (event.attempt) flags |= kHasAttempt;
  if (std::holds_alternative<Uuid>(event.causation)) flags |= kCausedByEvent;
  if (std::holds_alternative<std::string_view>(event.causation)) flags |= kCausedByText;
  if (event.traceparent) flags |= kHasTraceparent;
  if (event.actor) flags |= kHasActor;
  return static_cast<std::uint8_t>(flags);
}

void put(Packer& to, const LoggedEvent& event) {
  to.byte(flags_of(event));
  to.bytes(event.id.bytes);
  to.number(event.type);
  to.number(event.schema_version);
  to.number(event.run);
  if (event.step) to.byte(*event.step);
  if (event.generation) to.number(*event.generation);
  if (event.attempt) to.number(*event.attempt);
  if (const auto* id = std::get_if<Uuid>(&event.causation)) to.bytes(id->bytes);
  if (const auto* text = std::get_if<std::string_view>(&event.causation)) to.text(*text);
  if (event.traceparent) to.text(*event.traceparent);
  if (event.actor) to.text(*event.actor);
  to.integer(event.occurred_at);
  to.bytes(event.hash);
  to.text(event.data);
}

LoggedEvent take(Unpacker& from) {
  LoggedEvent event;
  const auto flags = from.byte();
  event.id = from.uuid();
  event.type = from.number();
  event.schema_version = from.number<std::uint32_t>();
  event.run = from.number<std::uint32_t>();
  if ((flags & kHasStep) != 0) event.step = from.byte();
  if ((flags & kHasGeneration) != 0) event.generation = from.number<std::uint32_t>();
  if ((flags & kHasAttempt) != 0) event.attempt = from.number<std::uint32_t>();
  if ((flags & kCausedByEvent) != 0) event.causation = from.uuid();
  if ((flags & kCausedByText) != 0) event.causation = from.view();
  if ((flags & kHasTraceparent) != 0) event.traceparent = from.view();
  if ((flags & kHasActor) != 0) event.actor = from.view();
  event.occurred_at = from.integer();
  event.hash = from.array<Digest>();
  event.data = from.view();
  return event;
}

}  // namespace

std::vector<std::uint8_t> encode_places(const std::vector<EventPlace>& places) {
  Packer to;
  EventPlace before;
  for (const auto& place : places) {
    to.integer(place.chunk - before.chunk);
    to.number(place.offset);
    to.number(place.version - before.version);
    before = place;
  }
  return to.take();
}

std::vector<EventPlace> decode_places(Bytes bytes) {
  Unpacker from{bytes, "where an order's events are"};
  std::vector<EventPlace> places;
  EventPlace place;
  while (!from.empty()) {
    const auto chunk = from.integer();
    if (__builtin_add_overflow(place.chunk, chunk, &place.chunk)) from.damaged();
    place.offset = from.number();
    place.version += from.number();
    places.push_back(place);
  }
  return places;
}

// --- LogChunks ----------------------------------------------------------------------------------

bool LogChunks::continues(const OrderId& order, std::uint64_t version) const {
  return !chunks_.empty() && order == order_ && version == next_version_ &&
         chunks_.back().bytes.size() < kFullChunkBytes;
}

void LogChunks::add(const LoggedEvent& event) {
  auto& bytes = chunks_.back().bytes;
  Packer to{std::move(bytes)};
  put(to, event);
  bytes = to.take();
  ++count_;
  ++next_version_;
  bytes[count_at_] = static_cast<std::uint8_t>(count_ & 0xff);
  bytes[count_at_ + 1] = static_cast<std::uint8_t>(count_ >> 8);
}

EventPlace LogChunks::begin_run(const OrderId& order, std::uint64_t version,
                                const LoggedEvent& event) {
  auto& chunk = chunks_.back();
  const EventPlace place{chunk.id, chunk.bytes.size(), version};
  Packer to{std::move(chunk.bytes)};
  to.bytes(order.uuid().bytes);
  to.number(version);
  chunk.bytes = to.take();
  order_ = order;
  next_version_ = version;
  count_at_ = chunk.bytes.size();
  count_ = 0;
  chunk.bytes.insert(chunk.bytes.end(), 2, 0);
  add(event);
  return place;
}

// --- RunReader ----------------------------------------------------------------------------------

RunReader::RunReader(Bytes chunk, std::uint64_t offset) : chunk_(chunk), from_(chunk, kWhat) {
  if (offset >= chunk.size()) from_.damaged();
  from_ = Unpacker{chunk.subspan(static_cast<std::size_t>(offset)), kWhat};
  order_ = from_.id<OrderId>();
  version_ = from_.number();
  const auto low = from_.byte();
  left_ = static_cast<std::size_t>(low | from_.byte() << 8);
  if (left_ == 0) from_.damaged();
}

LoggedEvent RunReader::next() {
  CONVEYOR_ASSERT(has_next(), "a run has another event");
  --left_;
  ++version_;
  return take(from_);
}

std::uint64_t RunReader::end() const {
  return chunk_.size() - from_.left();
}

}  // namespace conveyor::sqlite
