// `orders create`: an order from flags, or a request as it is from a file.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "app/cli/api_client.h"
#include "app/cli/console.h"
#include "app/cli/order_flags.h"

namespace conveyor::cli {

struct CreateOptions {
  std::string server{kDefaultServer};
  Output output = Output::text;
  std::string file;             // a request as JSON, "-" for standard input; then no other flag
  std::string idempotency_key;  // empty: one is made
  std::string reference;
  std::string customer_id;
  std::string currency;
  std::string payment_method;
  std::vector<std::string> lines;        // SKU:QUANTITY:PRICE[:TITLE], price in decimal
  std::vector<std::string> adjustments;  // KIND:AMOUNT[:LABEL], amount in decimal
  std::vector<std::string> metadata;     // NAME=VALUE
  ShipToFlags ship_to = ship_to_flags();
};

// The request's body from the flags, or what is wrong with them.
std::expected<std::string, std::string> order_body(const CreateOptions& options);

ExitCode create_order(Console& console, const CreateOptions& options);

}  // namespace conveyor::cli
