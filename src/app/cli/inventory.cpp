#include "app/cli/inventory.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstddef>
#include <expected>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "app/cli/bulk.h"
#include "app/cli/interrupt.h"
#include "app/cli/json_text.h"
#include "app/cli/pages.h"
#include "app/cli/parallel.h"
#include "app/cli/stock_plan.h"
#include "base/json_writer.h"
#include "base/utf8.h"

namespace conveyor::cli {
namespace {

Table stock_table() {
  return Table({{"SKU"},
                {"ON HAND", Table::Align::right},
                {"RESERVED", Table::Align::right},
                {"AVAILABLE", Table::Align::right},
                {"TITLE"}});
}

void add_stock_row(Table& table, const boost::json::value& item) {
  table.add({text_member(item, "sku"), text_member(item, "on_hand"), text_member(item, "reserved"),
             text_member(item, "available"), text_member(item, "title")});
}

std::string target_of(std::string_view sku, std::string_view rest = {}) {
  return fmt::format("/v1/inventory/{}{}", encode_component(sku), rest);
}

ExitCode print_item(Console& console, const std::expected<Answer, Failure>& answer, Output output) {
  if (!answer) return fail(console, answer.error().exit_code, answer.error().text);
  if (output == Output::text) {
    auto table = stock_table();
    add_stock_row(table, answer->json);
    table.print(console.out);
  } else {
    print_json(console.out, answer->json, output);
  }
  return ExitCode::ok;
}

// --- import --------------------------------------------------------------------------------------

std::expected<StockPlan, Failure> read_plan(Console& console, const std::string& path) {
  CsvFile file{console, path};
  if (!file.is_open()) {
    return std::unexpected(
        Failure{.exit_code = ExitCode::error, .text = fmt::format("{} cannot be opened", path)});
  }
  auto plan = plan_stock_import(file.reader());
  if (plan) return std::move(*plan);
  return std::unexpected(
      Failure{.exit_code = ExitCode::invalid, .text = fmt::format("{}: {}", path, plan.error())});
}

struct StockImport {
  StockPlan plan;
  std::size_t set = 0;
  std::optional<Failure> stopped;
};

void send_all(const std::string& server, StockImport& import) {
  std::mutex mutex;
  for_each_in_flight(
      server, kDefaultInFlight, import.plan.items.size(), [&](std::size_t i, ApiClient& client) {
        const auto& item = import.plan.items[i];
        const auto answer = client.send_patiently(
            {.method = "PUT", .target = target_of(item.sku), .body = item.body});
        const std::scoped_lock lock{mutex};
        if (answer) {
          ++import.set;
          return true;
        }
        const auto& failure = answer.error();
        if (failure.status >= 400 && failure.status < 500 && !failure.may_pass) {
          std::string reason = failure.detail.empty() ? failure.text : failure.detail;
          for (const auto& field : failure.fields) {
            reason += fmt::format("; {}: {}", field.pointer, field.detail);
          }
          import.plan.refused.push_back({item.line, printable(reason)});
          return true;
        }
        if (!import.stopped) import.stopped = failure;
        return false;
      });
  std::ranges::sort(import.plan.refused);
}

void print_summary(Console& console, const StockImport& import, std::string_view verb,
                   std::size_t count, Output output) {
  if (output == Output::text) {
    fmt::print(console.out, "{:<10}{}\n{:<10}{}\n", verb, count, "refused",
               import.plan.refused.size());
    for (const auto& problem : import.plan.refused) {
      fmt::print(console.out, "    line {}: {}\n", problem.line, problem.reason);
    }
    return;
  }
  boost::json::array refused;
  for (const auto& problem : import.plan.refused) {
    refused.push_back({{"line", problem.line}, {"reason", problem.reason}});
  }
  boost::json::object summary;
  summary["set"] = import.set;
  summary["refused"] = std::move(refused);
  print_json(console.out, summary, output);
}

}  // namespace

ExitCode list_stock(Console& console, const StockListOptions& options) {
  ApiClient client{options.server};
  Pages pages{client, fmt::format("/v1/inventory?limit={}", kMaxPageRows)};
  auto table = stock_table();
  boost::json::array rows;
  std::size_t count = 0;
  while (!pages.is_done()) {
    const auto page = pages.next();
    if (!page) return fail(console, page.error().exit_code, page.error().text);
    for (const auto& item : array_member(*page, "data")) {
      ++count;
      if (options.output == Output::text) add_stock_row(table, item);
      if (options.output == Output::json) rows.push_back(item);
      if (options.output == Output::jsonl) print_json(console.out, item, options.output);
    }
  }
  if (options.output == Output::text && count > 0) table.print(console.out);
  if (options.output == Output::json) print_indented(console.out, rows);
  if (count == 0) fmt::print(console.err, "no stock\n");
  return ExitCode::ok;
}

ExitCode get_stock(Console& console, const StockOptions& options) {
  ApiClient client{options.server};
  return print_item(console, client.get(target_of(options.sku)), options.output);
}

ExitCode set_stock(Console& console, const StockOptions& options) {
  if (!is_valid_utf8(options.title)) {
    return fail(console, ExitCode::usage, "the title is not valid UTF-8");
  }
  ApiRequest request{.method = "PUT", .target = target_of(options.sku)};
  JsonWriter json{request.body, JsonWriter::Order::any};
  json.begin_object();
  json.member("on_hand", options.on_hand);
  if (!options.title.empty()) json.member("title", options.title);
  json.end_object();
  ApiClient client{options.server};
  return print_item(console, client.send_patiently(request), options.output);
}

ExitCode adjust_stock(Console& console, const StockOptions& options) {
  if (!is_valid_utf8(options.reason)) {
    return fail(console, ExitCode::usage, "the reason is not valid UTF-8");
  }
  auto key = options.idempotency_key;
  if (key.empty()) {
    key = make_idempotency_key();
    fmt::print(console.err, "idempotency key: {}\n", key);
  }
  ApiRequest request{.method = "POST",
                     .target = target_of(options.sku, "/adjust"),
                     .headers = {idempotency_header(key)}};
  JsonWriter json{request.body, JsonWriter::Order::any};
  json.begin_object();
  json.member("delta", options.delta);
  json.member("reason", options.reason);
  json.end_object();
  ApiClient client{options.server};
  const auto answer = client.send_patiently(request);
  if (answer && answer->find_header("Idempotent-Replayed") != nullptr) {
    fmt::print(console.err, "this was already done with the same key\n");
  }
  return print_item(console, answer, options.output);
}

ExitCode import_stock(Console& console, const StockImportOptions& options) {
  auto plan = read_plan(console, options.file);
  if (!plan) return fail(console, plan.error().exit_code, plan.error().text);
  StockImport import{std::move(*plan), 0, {}};
  const auto done = [&] {
    return import.plan.refused.empty() ? ExitCode::ok : ExitCode::partly_failed;
  };
  if (options.dry_run) {
    print_summary(console, import, "to set", import.plan.items.size(), options.output);
    return done();
  }
  if (!options.yes && !import.plan.items.empty()) {
    const auto question =
        fmt::format("Set the stock of {} SKUs at {}?", import.plan.items.size(), options.server);
    if (const auto end = refuse_consent(console, options.file, question)) return *end;
  }
  stop_on_signal();
  send_all(options.server, import);
  print_summary(console, import, "set", import.set, options.output);
  if (is_interrupted()) return ExitCode::interrupted;
  if (import.stopped) {
    fail(console, import.stopped->exit_code, import.stopped->text);
    fmt::print(console.err, "stopped; run it again to go on\n");
    return import.stopped->exit_code;
  }
  return done();
}

}  // namespace conveyor::cli
