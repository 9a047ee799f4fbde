// Orders and events as text for people.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

#include "app/cli/console.h"
#include "domain/money.h"

namespace conveyor::cli {

// "12.30 USD"; the bare number if the currency is not known.
std::string money_text(std::int64_t amount_minor, const std::string& currency);

// The list's table: id, status, step, customer, reference, total, created.
Table order_table();
void add_order_row(Table& table, const boost::json::value& order);

// One order in full.
void print_order(std::ostream& out, const boost::json::value& order);

// An event among those of other orders, one line: time, order, version, type, step, attempt and
// what the event's data say; amounts as bare numbers of minor units, unless the event names a
// currency.
void print_feed_event(std::ostream& out, const boost::json::value& event);

// Events of one stream from its beginning, one line each: time, version, type, step, attempt and
// what the event's data say. The first event tells the currency of the amounts.
class EventPrinter {
 public:
  explicit EventPrinter(std::ostream& out) : out_(out) {}
  void print(const boost::json::value& event);

 private:
  std::ostream& out_;
  std::string currency_;
};

}  // namespace conveyor::cli
