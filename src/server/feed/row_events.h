// RowEvents: the events that one row of the feed names, as JSON. Entries that follow one another
// in an order's stream, as one commit makes them, are read together.
//
// Threads: as the reader. Lifetime: reader and row outlive it. Throws StoreError if the store
// cannot be read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ports/order_store.h"

namespace conveyor::feed {

class RowEvents {
 public:
  RowEvents(OrderReader& reader, const FeedRow& row) : reader_(reader), row_(row) {}

  /// Of the entry at `index`; quick if asked for in ascending sequence. nullopt: the stream does
  /// not have it, or it is damaged: one order that cannot be read must not keep the others from
  /// being told of (`verify` names it).
  std::optional<std::string> json(std::size_t index);

 private:
  void read_run(std::size_t index);

  OrderReader& reader_;
  const FeedRow& row_;
  std::size_t first_ = 0;  // the entry of run_.front()
  std::vector<StoredEvent> run_;
};

}  // namespace conveyor::feed
