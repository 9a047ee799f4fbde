// `inventory list | get | set | adjust | import`.
#pragma once

#include <cstdint>
#include <string>

#include "app/cli/api_client.h"
#include "app/cli/console.h"

namespace conveyor::cli {

struct StockListOptions {
  std::string server{kDefaultServer};
  Output output = Output::text;
};
ExitCode list_stock(Console& console, const StockListOptions& options);

struct StockOptions {
  std::string server{kDefaultServer};
  Output output = Output::text;
  std::string sku;
  std::int64_t on_hand = 0;     // set
  std::string title;            // set; empty: as it is
  std::int64_t delta = 0;       // adjust
  std::string reason;           // adjust: a code
  std::string idempotency_key;  // adjust; empty: one is made
};
ExitCode get_stock(Console& console, const StockOptions& options);
ExitCode set_stock(Console& console, const StockOptions& options);
ExitCode adjust_stock(Console& console, const StockOptions& options);

struct StockImportOptions {
  std::string server{kDefaultServer};
  Output output = Output::text;
  std::string file;  // columns sku, on_hand and perhaps title; "-" is standard input
  bool yes = false;
  bool dry_run = false;
};
// Sets each SKU of the file. ok, or partly_failed if some lines were refused.
ExitCode import_stock(Console& console, const StockImportOptions& options);

}  // namespace conveyor::cli
