// PendingRows: the rows of one table of operations that a transaction has put and the file does not
// hold yet. A saga that runs through in one transaction puts the same rows again and again and
// reads them back; here that costs no statement, and the file sees the last state only.
//
// Threads: those of the store.
#pragma once

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "domain/operation_key.h"

namespace conveyor::sqlite {

template <class Row>
class PendingRows {
 public:
  void put(Row row) {
    const auto key = row.key;
    rows_.insert_or_assign(key, std::move(row));
  }

  /// nullptr: nothing is pending under `key`. Valid until the next call that is not const.
  const Row* find(const OperationKey& key) const {
    const auto at = rows_.find(key);
    return at == rows_.end() ? nullptr : &at->second;
  }

  /// The rows of `order`, by key: `stored`, which are sorted so, and over them what is pending.
  std::vector<Row> over(std::vector<Row> stored, const OrderId& order) const {
    for (auto at = rows_.lower_bound({order, 0, 0, 0});
         at != rows_.end() && at->first.order == order; ++at) {
      const auto place = std::ranges::lower_bound(stored, at->first, {}, &Row::key);
      if (place != stored.end() && place->key == at->first) {
        *place = at->second;
      } else {
        stored.insert(place, at->second);
      }
    }
    return stored;
  }

  /// Gives every row to `visit`, by key, so that neighbours in the file are written side by side.
  template <class Visit>
  void each(Visit visit) const {
    for (const auto& [key, row] : rows_) visit(row);
  }

  bool empty() const { return rows_.empty(); }

 private:
  std::map<OperationKey, Row> rows_;
};

}  // namespace conveyor::sqlite
