#include "server/feed/row_events.h"

#include "domain/event_json.h"
#include "ports/unit_of_work.h"

namespace conveyor::feed {

std::optional<std::string> RowEvents::json(std::size_t index) {
  if (index < first_ || index >= first_ + run_.size()) read_run(index);
  if (run_.empty()) return std::nullopt;
  const auto& stored = run_[index - first_];
  if (stored.event.version != row_.entries.at(index).version) return std::nullopt;
  return event_json(stored.event, stored.data_json);
}

void RowEvents::read_run(std::size_t index) {
  const auto& entry = row_.entries.at(index);
  std::size_t end = index + 1;
  while (end < row_.entries.size() && row_.entries[end].order_id == entry.order_id &&
         row_.entries[end].version == entry.version + (end - index)) {
    ++end;
  }
  first_ = index;
  try {
    run_ = reader_.events(entry.order_id, entry.version - 1, end - index);
  } catch (const StoreError& error) {
    if (error.kind() != StoreError::Kind::damaged) throw;
    run_.clear();
  }
}

}  // namespace conveyor::feed
