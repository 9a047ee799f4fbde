// A place in the feed. Opaque outside (base64url), strict inside: what is not exactly a cursor of
// the feed is refused. It is no secret and gives no right.
//
// Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace conveyor::feed {

/// Behind row `position` and the first `entries` of the row after it.
struct Cursor {
  std::int64_t position = 0;
  std::uint32_t entries = 0;

  friend bool operator==(const Cursor&, const Cursor&) = default;
};
std::string encode_cursor(const Cursor& cursor);
std::optional<Cursor> decode_cursor(std::string_view text);

/// A cursor of another store, or of this one before an older copy of its file was put back: the
/// place does not exist, so nothing can go on from it. `last_position` is the store's last row.
inline bool is_ahead(const Cursor& cursor, std::int64_t last_position) {
  return cursor.position > last_position ||
         (cursor.position == last_position && cursor.entries > 0);
}

}  // namespace conveyor::feed
