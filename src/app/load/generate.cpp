#include "app/load/generate.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <string_view>
#include <unordered_map>

#include "app/cli/interrupt.h"
#include "app/load/order_writer.h"

namespace conveyor::load {
namespace {

constexpr std::size_t kFlushBytes = std::size_t{64} << 10;

using Ordered = std::unordered_map<std::string, std::int64_t>;  // pieces by SKU

bool write_stock(const GenerateOptions& options, const OrderMaker& maker, const Ordered& ordered) {
  std::ofstream file{options.stock_file, std::ios::binary};
  std::string text = "sku,on_hand,title\n";
  for (const auto& article : maker.articles()) {
    const auto found = ordered.find(article.sku);
    const auto pieces = found == ordered.end() ? 0 : found->second;
    text += fmt::format("{},{},", article.sku, std::max(pieces, options.on_hand));
    append_csv_field(text, article.title);
    text += '\n';
  }
  file << text;
  file.close();
  return !file.fail();
}

}  // namespace

cli::ExitCode generate(cli::Console& console, const GenerateOptions& options) {
  const OrderMaker maker(options.maker);
  Ordered ordered;
  std::string text;
  const auto flush = [&] {
    console.out.write(text.data(), static_cast<std::streamsize>(text.size()));
    text.clear();
    return static_cast<bool>(console.out);
  };
  cli::stop_on_signal();
  if (options.format == FileFormat::csv) text += csv_header();
  for (std::uint64_t n = 1; n <= options.orders; ++n) {
    const auto made = maker.make(n);
    if (!options.stock_file.empty()) {
      for (const auto& line : made.order.lines) ordered[line.sku] += line.quantity;
    }
    if (options.format == FileFormat::csv) {
      append_csv_rows(text, made);
    } else {
      append_request_json(text, made);
      text += '\n';
    }
    if (text.size() < kFlushBytes) continue;
    if (!flush()) return cli::fail(console, cli::ExitCode::error, "the orders cannot be written");
    if (cli::is_interrupted()) return cli::ExitCode::interrupted;
  }
  if (!flush()) return cli::fail(console, cli::ExitCode::error, "the orders cannot be written");
  if (!options.stock_file.empty() && !write_stock(options, maker, ordered)) {
    return cli::fail(console, cli::ExitCode::error,
                     fmt::format("{} cannot be written", options.stock_file));
  }
  return cli::ExitCode::ok;
}

}  // namespace conveyor::load
