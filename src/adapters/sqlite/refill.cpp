#include "adapters/sqlite/refill.h"

#include "adapters/sqlite/codes.h"
#include "adapters/sqlite/reads.h"

namespace conveyor::sqlite {
namespace {

/// Orders read at a time.
constexpr std::size_t kPage = 500;

class MigratedReads : public Reads {
 public:
  explicit MigratedReads(Connection& connection) : Reads(connection) {}
};

}  // namespace

void refill_open_orders(Connection& connection) {
  MigratedReads reads{connection};
  Statement update{connection,
                   "UPDATE orders SET health = ?2, attempts = ?3, next_attempt_at = ?4, "
                   "step_since = ?5 WHERE id = ?1"};
  OrderFilter filter;
  for (const auto status : kAllStatuses) {
    if (!is_final(status)) filter.statuses.push_back(status);
  }
  do {
    const auto page = reads.orders(filter, kPage);
    for (const auto& stored : page.rows) {
      const auto order = load_order(reads, stored.id);
      if (!order) continue;  // `conveyor verify` names it
      const auto row = row_of(*order, stored.wake_at);
      update.execute(row.id, code_of(row.health), row.attempts, row.next_attempt_at,
                     row.step_since);
    }
    filter.before = page.next_before;
  } while (filter.before);
}

}  // namespace conveyor::sqlite
