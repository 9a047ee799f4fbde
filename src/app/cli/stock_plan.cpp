#include "app/cli/stock_plan.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "app/cli/console.h"
#include "base/json_writer.h"
#include "domain/money.h"

namespace conveyor::cli {
namespace {

std::optional<std::int64_t> parse_on_hand(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (number < 0 || number > kMaxMinor) return std::nullopt;
  return number;
}

struct Columns {
  std::size_t sku;
  std::size_t on_hand;
  std::optional<std::size_t> title;
};

std::expected<Columns, std::string> columns_of(const std::vector<std::string>& titles) {
  std::optional<std::size_t> sku;
  std::optional<std::size_t> on_hand;
  std::optional<std::size_t> title;
  for (std::size_t i = 0; i < titles.size(); ++i) {
    auto* const slot = titles[i] == "sku"       ? &sku
                       : titles[i] == "on_hand" ? &on_hand
                       : titles[i] == "title"   ? &title
                                                : nullptr;
    if (slot == nullptr) {
      return std::unexpected(
          fmt::format("there is no use for column \"{}\"; write sku, on_hand "
                      "and perhaps title",
                      printable(titles[i])));
    }
    if (*slot) return std::unexpected(fmt::format("two columns are called {}", titles[i]));
    *slot = i;
  }
  if (!sku) return std::unexpected("there is no column sku");
  if (!on_hand) return std::unexpected("there is no column on_hand");
  return Columns{*sku, *on_hand, title};
}

class Planner {
 public:
  explicit Planner(Columns columns) : columns_(columns) {}

  void add(const CsvRecord& record) {
    const auto& sku = record.fields.at(columns_.sku);
    const auto& text = record.fields.at(columns_.on_hand);
    const auto on_hand = parse_on_hand(text);
    if (sku.empty()) return refuse(record.line, "sku is missing");
    if (!on_hand) {
      return refuse(
          record.line,
          fmt::format("on_hand is \"{}\"; it must be an integer, not negative", printable(text)));
    }
    const auto [place, is_new] = first_lines_.try_emplace(sku, record.line);
    if (!is_new) {
      return refuse(record.line,
                    fmt::format("sku {} is already in line {}", printable(sku), place->second));
    }
    PlannedStock item{record.line, sku, {}};
    JsonWriter json{item.body, JsonWriter::Order::any};
    json.begin_object();
    json.member("on_hand", *on_hand);
    if (columns_.title && !record.fields.at(*columns_.title).empty()) {
      json.member("title", record.fields.at(*columns_.title));
    }
    json.end_object();
    plan_.items.push_back(std::move(item));
  }

  void refuse(std::size_t line, std::string reason) {
    plan_.refused.push_back({line, std::move(reason)});
  }

  StockPlan take() { return std::move(plan_); }

 private:
  Columns columns_;
  std::unordered_map<std::string, std::size_t> first_lines_;
  StockPlan plan_;
};

std::string file_error(const CsvError& error) {
  return fmt::format("line {}: {}; nothing of the file is taken", error.line,
                     to_string(error.code));
}

}  // namespace

std::expected<StockPlan, std::string> plan_stock_import(CsvReader& reader, std::size_t max_rows) {
  const auto header = reader.next();
  if (!header) return std::unexpected(file_error(header.error()));
  if (!header->has_value()) return std::unexpected("the file is empty");
  const auto columns = columns_of((*header)->fields);
  if (!columns) return std::unexpected(columns.error());
  Planner planner{*columns};
  std::size_t rows = 0;
  for (;; ++rows) {
    const auto record = reader.next();
    if (record && !record->has_value()) break;
    if (rows == max_rows) {
      return std::unexpected(fmt::format("the file has more than {} rows; split it", max_rows));
    }
    if (record) {
      planner.add(**record);
    } else if (record.error().is_recoverable) {
      planner.refuse(record.error().line, std::string{to_string(record.error().code)});
    } else {
      return std::unexpected(file_error(record.error()));
    }
  }
  if (rows == 0) return std::unexpected("the file has a header but no rows");
  return planner.take();
}

}  // namespace conveyor::cli
