// What a client can subscribe to, and how events of the feed become the items of a batch.
//
//   room            | items
//   pipeline        | pipeline:metrics, once a second
//   orders          | order:created, order:updated, order:completed, merged per order
//   order:{id}      | the same of that order, and event:created, never merged
//   events          | event:created of every order
//   dead_letters    | dead_letter:entered, dead_letter:left, merged per order
//
// `order:updated` and `dead_letter:entered` carry the order as lists show it, as it is when the
// batch is made, which may be later than its events say. No personal data.
//
// Functions of their arguments; the reader is used on the caller's thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ports/order_store.h"
#include "server/feed/cursor.h"
#include "server/feed/filter.h"
#include "server/feed/publisher.h"

namespace conveyor::live {

enum class RoomKind : std::uint8_t { pipeline, orders, order, events, dead_letters };

struct RoomName {
  RoomKind kind = RoomKind::events;
  std::optional<OrderId> order_id{};  ///< of RoomKind::order

  friend bool operator==(const RoomName&, const RoomName&) = default;
};
std::optional<RoomName> parse_room(std::string_view text);

/// What a room wants of the feed; not for RoomKind::pipeline.
feed::Filter filter_of(const RoomName& room);

/// The items of these events as JSON, with commas between. Throws StoreError.
std::string items_json(const RoomName& room, std::span<const feed::LiveEvent> events,
                       OrderReader& reader);

/// `{"room", "cursor", "server_time", "items"}`; `items` as above.
std::string batch_json(std::string_view room, const feed::Cursor& cursor, Timestamp now,
                       std::string_view items);

}  // namespace conveyor::live
