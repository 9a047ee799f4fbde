// `orders list | get | events | watch`.
#pragma once

#include <cstddef>
#include <string>

#include "app/cli/api_client.h"
#include "app/cli/console.h"

namespace conveyor::cli {

struct ListOptions {
  std::string server{kDefaultServer};
  Output output = Output::text;
  std::string query;
  std::size_t limit = 50;
  bool all = false;
};
ExitCode list_orders(Console& console, const ListOptions& options);

struct OrderOptions {
  std::string server{kDefaultServer};
  Output output = Output::text;
  std::string id;
  bool why = false;  // of get: its diagnosis
};
ExitCode get_order(Console& console, const OrderOptions& options);
ExitCode list_events(Console& console, const OrderOptions& options);

// Prints each event as it comes, until the order is final: ok if it completed, error if it failed
// or was cancelled.
ExitCode watch_order(Console& console, const OrderOptions& options);

}  // namespace conveyor::cli
