// The event log: events lie in the sequence in which they were appended, those of many orders in
// one row, so that a commit writes a page behind the last one and not one for each order. A row
// holds runs, each of consecutive events of one order; the order's row says where its runs begin.
// Rows are never changed. Format: docs/formats.md.
//
// Reading throws StoreError (damaged) for what was never written.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "adapters/sqlite/packed.h"
#include "domain/ids.h"

namespace conveyor::sqlite {

/// A row of the log that has so many bytes takes no further event, so it is about as long (a run
/// has some hundred events at most); a reader of one order reads it whole.
inline constexpr std::size_t kFullChunkBytes = 16'384;

/// Where a run begins.
struct EventPlace {
  std::int64_t chunk = 0;  ///< the row
  std::uint64_t offset = 0;
  std::uint64_t version = 0;  ///< of its first event

  friend bool operator==(const EventPlace&, const EventPlace&) = default;
};

/// Of one order, by version.
std::vector<std::uint8_t> encode_places(const std::vector<EventPlace>& places);
std::vector<EventPlace> decode_places(Bytes bytes);

/// An event without its order and version, as the log has it: numbers as they are stored, texts as
/// views of bytes that outlive it.
struct LoggedEvent {
  Uuid id;
  std::uint64_t type = 0;  ///< codes.h
  std::uint32_t schema_version = 0;
  std::uint32_t run = 0;
  std::optional<std::uint8_t> step;
  std::optional<std::uint32_t> generation;
  std::optional<std::uint32_t> attempt;
  /// Nothing: the event before it or, of the first, the order's correlation id. Uuid: an event.
  std::variant<std::monostate, Uuid, std::string_view> causation;
  std::optional<std::string_view> traceparent;
  std::optional<std::string_view> actor;
  std::int64_t occurred_at = 0;
  Digest hash{};
  std::string_view data;

  friend bool operator==(const LoggedEvent&, const LoggedEvent&) = default;
};

/// Rows that a transaction adds to the log.
class LogChunks {
 public:
  struct Chunk {
    std::int64_t id = 0;
    std::vector<std::uint8_t> bytes;
  };

  /// Appends the event that has this version. Returns where a run begins with it; nullopt: it goes
  /// on with the last one. `next_id` gives the number of a further row.
  template <class NextId>
  std::optional<EventPlace> append(const OrderId& order, std::uint64_t version,
                                   const LoggedEvent& event, NextId&& next_id) {
    if (continues(order, version)) {
      add(event);
      return std::nullopt;
    }
    if (chunks_.empty() || chunks_.back().bytes.size() >= kFullChunkBytes) {
      chunks_.push_back({next_id(), {}});
    }
    return begin_run(order, version, event);
  }

  const std::vector<Chunk>& chunks() const { return chunks_; }
  bool empty() const { return chunks_.empty(); }

 private:
  bool continues(const OrderId& order, std::uint64_t version) const;
  void add(const LoggedEvent& event);
  EventPlace begin_run(const OrderId& order, std::uint64_t version, const LoggedEvent& event);

  std::vector<Chunk> chunks_;
  // The last run, in the last chunk.
  OrderId order_;
  std::uint64_t next_version_ = 0;
  std::size_t count_at_ = 0;  ///< where its number of events stands
  std::size_t count_ = 0;
};

/// What begins at a place.
class RunReader {
 public:
  /// `chunk` outlives it.
  RunReader(Bytes chunk, std::uint64_t offset);

  const OrderId& order() const { return order_; }
  std::uint64_t version() const { return version_; }  ///< of the event that comes next
  bool has_next() const { return left_ > 0; }
  LoggedEvent next();
  /// After the last event: where the next run begins.
  std::uint64_t end() const;

 private:
  Bytes chunk_;
  Unpacker from_;
  OrderId order_;
  std::uint64_t version_ = 0;
  std::size_t left_ = 0;
};

}  // namespace conveyor::sqlite
