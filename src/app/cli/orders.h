// `orders list | get | events | watch | retry | retry-now | cancel`.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

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
};
ExitCode get_order(Console& console, const OrderOptions& options);
ExitCode list_events(Console& console, const OrderOptions& options);

// Prints each event as it comes, until the order is final: ok if it completed, error if it failed
// or was cancelled.
ExitCode watch_order(Console& console, const OrderOptions& options);

struct ActionOptions {
  std::string server{kDefaultServer};
  Output output = Output::text;
  std::string id;
  std::string reason;    // a code; empty: none
  std::string if_match;  // a version; empty: any
};
// `action` as in the route: retry, retry-now, cancel.
ExitCode act_on_order(Console& console, std::string_view action, const ActionOptions& options);

}  // namespace conveyor::cli
