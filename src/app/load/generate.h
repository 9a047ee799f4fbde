// `load generate`: a file of made orders, and the stock that they need.
#pragma once

#include <cstdint>
#include <string>

#include "app/cli/console.h"
#include "app/load/order_maker.h"

namespace conveyor::load {

inline constexpr std::uint64_t kMaxGeneratedOrders = 100'000'000;

enum class FileFormat : std::uint8_t {
  csv,     ///< decimal amounts, a row per line item
  ndjson,  ///< request objects, minor units
};

struct GenerateOptions {
  OrderMakerOptions maker{.mix = Mix::sandbox, .outcomes_percent = 20};
  std::uint64_t orders = 1'000;
  FileFormat format = FileFormat::csv;
  std::string stock_file;    ///< empty: none
  std::int64_t on_hand = 0;  ///< in the stock file, of every SKU, at least
};

/// The orders go to the console's output. Memory does not grow with their number.
cli::ExitCode generate(cli::Console& console, const GenerateOptions& options);

}  // namespace conveyor::load
