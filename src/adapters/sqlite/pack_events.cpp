#include "adapters/sqlite/pack_events.h"

#include <fmt/format.h>

#include "adapters/sqlite/event_log.h"

namespace conveyor::sqlite {
namespace {

/// Rows of the log that are made before they are written.
constexpr std::size_t kChunksTogether = 16;

template <class T>
std::optional<T> optional_at(const Rows& rows, int column) {
  if (rows.is_null(column)) return std::nullopt;
  return rows.number<T>(column);
}

std::optional<std::string_view> optional_text_at(const Rows& rows, int column) {
  if (rows.is_null(column)) return std::nullopt;
  return rows.text(column);
}

LoggedEvent event_at(const Rows& rows) {
  LoggedEvent event;
  event.id = rows.uuid(2);
  event.type = static_cast<std::uint64_t>(rows.integer(3));
  event.schema_version = rows.number<std::uint32_t>(4);
  event.run = rows.number<std::uint32_t>(5);
  event.step = optional_at<std::uint8_t>(rows, 6);
  event.generation = optional_at<std::uint32_t>(rows, 7);
  event.attempt = optional_at<std::uint32_t>(rows, 8);
  if (rows.is_blob(9)) {
    event.causation = rows.uuid(9);
  } else if (!rows.is_null(9)) {
    event.causation = rows.text(9);
  }
  event.traceparent = optional_text_at(rows, 10);
  event.actor = optional_text_at(rows, 11);
  event.occurred_at = rows.integer(12);
  event.hash = rows.digest(13);
  event.data = rows.text(14);
  return event;
}

class Log {
 public:
  explicit Log(Connection& connection)
      : insert_(connection, "INSERT INTO event_log VALUES(?1, ?2)"),
        place_(connection, "UPDATE orders SET events = ?2 WHERE id = ?1") {}

  void append(const OrderId& order, std::uint64_t version, const LoggedEvent& event) {
    if (order != order_) finish_order();
    order_ = order;
    const auto place = chunks_.append(order, version, event, [this] { return ++last_id_; });
    if (place) places_.push_back(*place);
  }
  void finish() {
    finish_order();
    write();
  }

 private:
  void finish_order() {
    if (places_.empty()) return;
    place_.execute(order_, Bytes{encode_places(places_)});
    places_.clear();
    if (chunks_.chunks().size() >= kChunksTogether) write();
  }
  void write() {
    for (const auto& chunk : chunks_.chunks()) insert_.execute(chunk.id, Bytes{chunk.bytes});
    chunks_ = {};
  }

  Statement insert_;
  Statement place_;
  LogChunks chunks_;
  std::int64_t last_id_ = 0;
  OrderId order_;
  std::vector<EventPlace> places_;
};

}  // namespace

void pack_events(Connection& connection) {
  Log log{connection};
  Statement all{connection,
                "SELECT order_id, version, id, type, schema_version, run, step, generation, "
                "attempt, causation_id, traceparent, actor, occurred_at, hash, data "
                "FROM former_events ORDER BY order_id, version"};
  for (auto rows = all.query(); rows.next();) {
    const auto order = rows.id<OrderId>(0);
    const auto version = static_cast<std::uint64_t>(rows.integer(1));
    try {
      log.append(order, version, event_at(rows));
    } catch (const StoreError& error) {
      throw StoreError(error.kind(),
                       fmt::format("event {} of {}: {}", version, order.to_string(), error.what()));
    }
  }
  log.finish();
}

}  // namespace conveyor::sqlite
