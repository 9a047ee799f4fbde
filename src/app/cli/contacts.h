// The personal data of customers.
#pragma once

#include <string>

#include "app/cli/api_client.h"
#include "app/cli/console.h"

namespace conveyor::cli {

struct EraseOptions {
  std::string customer_id;
  bool yes = false;
  bool dry_run = false;
  std::string server{kDefaultServer};
  Output output = Output::text;
};

// Erases the contacts of all orders of a customer, for good. Says how many orders that are and
// asks. not_found: no order has this customer; conflict: one of them is open.
ExitCode erase_contacts(Console& console, const EraseOptions& options);

}  // namespace conveyor::cli
