// Reading what a client has missed: from its cursor to where its room is, a bounded piece at a
// time.
//
// Functions of their arguments; the reader is used on the caller's thread. Throw StoreError.
#pragma once

#include <cstddef>
#include <vector>

#include "ports/order_store.h"
#include "server/feed/cursor.h"
#include "server/feed/filter.h"
#include "server/feed/publisher.h"

namespace conveyor::live {

/// Whether `left` is a place before `right`.
bool is_before(const feed::Cursor& left, const feed::Cursor& right);

/// Whether more than `limit` events that the filter wants lie between the two, or so many entries
/// that nobody counts them (kMaxEntriesCounted).
bool has_missed_more(OrderReader& reader, const feed::Filter& filter, feed::Cursor from,
                     const feed::Cursor& until, std::size_t limit);

struct Piece {
  std::vector<feed::LiveEvent> events;
  feed::Cursor cursor;  ///< goes on behind them; `until` if that was all
};
/// At most kMaxTurnEvents and about kMaxTurnBytes.
Piece read_piece(OrderReader& reader, const feed::Filter& filter, const feed::Cursor& from,
                 const feed::Cursor& until);

}  // namespace conveyor::live
