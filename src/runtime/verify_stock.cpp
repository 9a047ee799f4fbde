#include <fmt/format.h>

#include <limits>

#include "runtime/verify_parts.h"

namespace conveyor::verifying {
namespace {

using Books = std::map<std::string, SkuBook>;

bool read_books(StoreAudit& audit, Books& books, Findings& findings) {
  const bool stock = readable(Rule::stock_balance, "table stock", findings, [&] {
    audit.each_stock_item([&](const StockItem& item) { books[item.sku].item = item; });
  });
  const bool reservations = readable(Rule::stock_balance, "table reservations", findings, [&] {
    audit.each_reservation([&](const Reservation& reservation) {
      for (const auto& line : reservation.lines) {
        auto& book = books[line.sku];
        if (reservation.state == ReservationState::held) {
          book.held = saturating_add(book.held, line.quantity);
        }
        if (reservation.state == ReservationState::committed) {
          book.committed = saturating_add(book.committed, line.quantity);
        }
      }
    });
  });
  const bool movements = readable(Rule::stock_conserved, "table stock_movements", findings, [&] {
    audit.each_movement_sum([&](const StockMovementSum& sum) { books[sum.sku].sum = sum; });
  });
  return stock && reservations && movements;
}

}  // namespace

std::int64_t saturating_add(std::int64_t left, std::int64_t right) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(left, right, &sum)) return sum;
  return right > 0 ? std::numeric_limits<std::int64_t>::max()
                   : std::numeric_limits<std::int64_t>::min();
}

void check_sku(const std::string& sku, const SkuBook& book, Findings& findings) {
  const auto item = book.item.value_or(StockItem{.sku = sku, .title = std::nullopt});
  const auto report = [&](Rule rule, std::string detail) {
    findings.add(rule, sku, std::move(detail));
  };
  if (item.reserved != book.held) {
    report(Rule::stock_balance, fmt::format("reserved is {}, but held reservations ask for {}",
                                            item.reserved, book.held));
  }
  if (item.on_hand < 0 || item.reserved < 0 || item.on_hand < item.reserved) {
    report(Rule::stock_balance, fmt::format("on_hand is {} and reserved {}: something is negative",
                                            item.on_hand, item.reserved));
  }
  const auto by_ledger = saturating_add(book.sum.added, -book.sum.committed);
  if (by_ledger != item.on_hand) {
    report(Rule::stock_conserved,
           fmt::format("on_hand is {}, but its movements add up to {}", item.on_hand, by_ledger));
  }
  if (book.sum.committed != book.committed) {
    report(Rule::stock_conserved,
           fmt::format("its movements took {}, but committed reservations ask for {}",
                       book.sum.committed, book.committed));
  }
}

std::int64_t check_stock(StoreAudit& audit, Findings& findings) {
  Books books;
  if (!read_books(audit, books, findings)) return std::ssize(books);
  std::int64_t skus = 0;
  for (const auto& [sku, book] : books) {
    if (book.item) ++skus;
    // What was rejected names SKUs that need not exist.
    check_sku(sku, book, findings);
  }
  return skus;
}

}  // namespace conveyor::verifying
