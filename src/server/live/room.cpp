#include "server/live/room.h"

#include <algorithm>
#include <unordered_map>

#include "base/json_writer.h"
#include "base/time.h"
#include "server/api/order_json.h"

namespace conveyor::live {
namespace {

/// What brings an order among the dead letters or may take it out of them.
const std::vector<EventType>& dead_letter_types() {
  static const std::vector<EventType> kTypes{
      EventType::OrderDeadLettered,   EventType::OrderRetried,   EventType::OrderRestarted,
      EventType::OrderHeld,           EventType::OrderReleased,  EventType::CancelRequested,
      EventType::CompensationStarted, EventType::OrderCancelled, EventType::OrderFailed};
  return kTypes;
}

/// The events of one order in a batch, merged.
struct Merged {
  OrderId id;
  bool created = false;
  bool completed = false;
};

std::vector<Merged> merge(std::span<const feed::LiveEvent> events) {
  std::vector<Merged> orders;
  std::map<OrderId, std::size_t> index;
  for (const auto& event : events) {
    const auto [at, is_new] = index.try_emplace(event.entry.order_id, orders.size());
    if (is_new) orders.push_back({event.entry.order_id});
    auto& order = orders[at->second];
    if (event.entry.type == EventType::OrderCreated) order.created = true;
    if (event.entry.type == EventType::OrderCompleted) order.completed = true;
  }
  return orders;
}

void append_item(std::string& items, std::string_view event, std::string_view data) {
  if (!items.empty()) items.push_back(',');
  items.append(R"({"event":")").append(event).append(R"(","data":)").append(data).append("}");
}

std::string glance_json(const OrderRow& row) {
  std::string out;
  JsonWriter w(out, JsonWriter::Order::any);
  w.begin_object();
  w.member("id", row.id.to_string());
  w.member("version", row.version);
  w.member("status", to_string(row.status));
  w.end_object();
  return out;
}

void append_orders(std::string& items, std::span<const feed::LiveEvent> events,
                   OrderReader& reader) {
  for (const auto& order : merge(events)) {
    const auto row = reader.order_row(order.id);
    if (!row) continue;
    if (order.created) append_item(items, "order:created", glance_json(*row));
    append_item(items, "order:updated", api::order_row_json(*row));
    if (order.completed) append_item(items, "order:completed", glance_json(*row));
  }
}

void append_events(std::string& items, std::span<const feed::LiveEvent> events) {
  for (const auto& event : events) {
    if (event.json) append_item(items, "event:created", *event.json);
  }
}

bool was_dead_lettered(OrderReader& reader, const OrderId& id) {
  constexpr std::size_t kPage = 100;
  for (std::uint64_t after = 0;;) {
    const auto page = reader.events(id, after, kPage);
    for (const auto& stored : page) {
      if (stored.event.type == EventType::OrderDeadLettered) return true;
    }
    if (page.size() < kPage) return false;
    after = page.back().event.version;
  }
}

void append_dead_letters(std::string& items, std::span<const feed::LiveEvent> events,
                         OrderReader& reader) {
  for (const auto& order : merge(events)) {
    const auto row = reader.order_row(order.id);
    if (!row) continue;
    if (row->status == Status::dead_lettered) {
      append_item(items, "dead_letter:entered", api::order_row_json(*row));
    } else if (was_dead_lettered(reader, order.id)) {
      append_item(items, "dead_letter:left", glance_json(*row));
    }
  }
}

}  // namespace

std::optional<RoomName> parse_room(std::string_view text) {
  constexpr std::string_view kOrder = "order:";
  if (text == "pipeline") return RoomName{RoomKind::pipeline};
  if (text == "orders") return RoomName{RoomKind::orders};
  if (text == "events") return RoomName{RoomKind::events};
  if (text == "dead_letters") return RoomName{RoomKind::dead_letters};
  if (!text.starts_with(kOrder)) return std::nullopt;
  const auto id = OrderId::parse(text.substr(kOrder.size()));
  if (!id) return std::nullopt;
  return RoomName{RoomKind::order, id};
}

feed::Filter filter_of(const RoomName& room) {
  switch (room.kind) {
    case RoomKind::pipeline:
    case RoomKind::events:
      return {};
    case RoomKind::orders:
      return {.entries_only = true};
    case RoomKind::order:
      return {.order_id = room.order_id};
    case RoomKind::dead_letters:
      return {.types = dead_letter_types(), .entries_only = true};
  }
  return {};
}

std::string items_json(const RoomName& room, std::span<const feed::LiveEvent> events,
                       OrderReader& reader) {
  std::string items;
  switch (room.kind) {
    case RoomKind::pipeline:
      break;
    case RoomKind::orders:
      append_orders(items, events, reader);
      break;
    case RoomKind::order:
      append_events(items, events);
      append_orders(items, events, reader);
      break;
    case RoomKind::events:
      append_events(items, events);
      break;
    case RoomKind::dead_letters:
      append_dead_letters(items, events, reader);
      break;
  }
  return items;
}

std::string batch_json(std::string_view room, const feed::Cursor& cursor, Timestamp now,
                       std::string_view items) {
  std::string out;
  JsonWriter w(out, JsonWriter::Order::any);
  w.begin_object();
  w.member("room", room);
  w.member("cursor", feed::encode_cursor(cursor));
  w.member("server_time", format_rfc3339(now));
  w.key("items");
  w.raw(std::string{"["}.append(items).append("]"));
  w.end_object();
  return out;
}

}  // namespace conveyor::live
