#include "server/live/catch_up.h"

#include <tuple>

#include "server/feed/row_events.h"
#include "server/live/limits.h"

namespace conveyor::live {
namespace {

constexpr std::size_t kRowsPerRead = 32;

/// Walks the entries between two places; `visit(row, index, place behind)` says whether to go on.
/// Where it stopped: `until` at the end.
template <class Visit>
feed::Cursor walk(OrderReader& reader, feed::Cursor from, const feed::Cursor& until,
                  Visit&& visit) {
  while (is_before(from, until)) {
    const auto rows = reader.feed(from.position, kRowsPerRead);
    if (rows.empty()) break;
    for (const auto& row : rows) {
      for (std::size_t i = from.entries; i < row.entries.size(); ++i) {
        if (!is_before(from, until)) return until;
        feed::Cursor behind{row.position - 1, static_cast<std::uint32_t>(i + 1)};
        if (i + 1 == row.entries.size()) behind = {row.position, 0};
        if (!visit(row, i, behind)) return from;
        from = behind;
      }
      from = {row.position, 0};
    }
  }
  return until;
}

}  // namespace

bool is_before(const feed::Cursor& left, const feed::Cursor& right) {
  return std::tie(left.position, left.entries) < std::tie(right.position, right.entries);
}

bool has_missed_more(OrderReader& reader, const feed::Filter& filter, feed::Cursor from,
                     const feed::Cursor& until, std::size_t limit) {
  std::size_t events = 0;
  std::size_t entries = 0;
  walk(reader, from, until, [&](const FeedRow& row, std::size_t i, const feed::Cursor&) {
    ++entries;
    if (filter.wants(row.entries[i])) ++events;
    return events <= limit && entries <= kMaxEntriesCounted;
  });
  return events > limit || entries > kMaxEntriesCounted;
}

Piece read_piece(OrderReader& reader, const feed::Filter& filter, const feed::Cursor& from,
                 const feed::Cursor& until) {
  Piece piece;
  std::size_t bytes = 0;
  std::int64_t position = 0;
  std::optional<FeedRow> held;
  std::optional<feed::RowEvents> events;
  piece.cursor =
      walk(reader, from, until, [&](const FeedRow& row, std::size_t i, const feed::Cursor& behind) {
        if (!filter.wants(row.entries[i])) return true;
        if (piece.events.size() == kMaxTurnEvents || bytes >= kMaxTurnBytes) return false;
        feed::LiveEvent event{row.entries[i], behind};
        if (!filter.entries_only) {
          if (position != row.position) {
            position = row.position;
            held = row;
            events.emplace(reader, *held);
          }
          event.json = events->json(i);
          bytes += event.json ? event.json->size() : 0;
        }
        piece.events.push_back(std::move(event));
        return true;
      });
  return piece;
}

}  // namespace conveyor::live
