#include "app/cli/export_orders.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <condition_variable>
#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "app/cli/export_file.h"
#include "app/cli/export_format.h"
#include "app/cli/interrupt.h"
#include "app/cli/json_text.h"
#include "app/cli/pages.h"
#include "app/cli/parallel.h"
#include "app/cli/patience.h"
#include "app/cli/progress.h"
#include "app/cli/query.h"
#include "domain/ids.h"

namespace conveyor::cli {
namespace {

// Orders that are read and wait for an earlier one to be written.
constexpr std::size_t kMaxAhead = 4 * kDefaultInFlight;

// Takes orders as they come from many threads and writes them in sequence.
class OrderedOutput {
 public:
  explicit OrderedOutput(ExportSink& sink) : sink_(sink) {}

  // Waits while `index` is too far ahead of what is written. False: writing has failed or stopped.
  bool put(std::size_t index, ExportedOrder order) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return is_stopped_ || index < next_ + kMaxAhead; });
    if (is_stopped_) return false;
    waiting_.emplace(index, std::move(order));
    std::string text;
    const auto before = next_;
    for (auto first = waiting_.begin(); first != waiting_.end() && first->first == next_;
         first = waiting_.erase(first)) {
      text += first->second.text;
      lost_ += first->second.has_lost ? 1 : 0;
      ++next_;
    }
    if (next_ == before) return true;
    if (auto written = sink_.write(text); !written) {
      failure_ = std::move(written.error());
      is_stopped_ = true;
    }
    changed_.notify_all();
    return !is_stopped_;
  }
  void stop() {
    const std::scoped_lock lock{mutex_};
    is_stopped_ = true;
    changed_.notify_all();
  }

  // When all threads have ended.
  const std::optional<std::string>& failure() const { return failure_; }
  std::size_t lost() const { return lost_; }

 private:
  ExportSink& sink_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::size_t, ExportedOrder> waiting_;
  std::size_t next_ = 0;
  std::size_t lost_ = 0;
  std::optional<std::string> failure_;
  bool is_stopped_ = false;
};

std::expected<std::vector<OrderId>, Failure> find_orders(const ExportOptions& options,
                                                         const OrderQuery& query,
                                                         Patience& patience) {
  std::vector<OrderId> ids;
  ApiClient client{options.server};
  auto filter = query_string(query);
  if (!filter.empty()) filter += '&';
  Pages pages{client, fmt::format("/v1/orders?{}limit={}", filter, kMaxPageRows), &patience};
  while (!pages.is_done()) {
    const auto page = pages.next();
    if (!page) return std::unexpected(page.error());
    for (const auto& row : array_member(*page, "data")) {
      if (!is_wanted(query, row)) continue;
      if (const auto id = OrderId::parse(text_member(row, "id"))) ids.push_back(*id);
    }
    if (ids.size() > kMaxExportOrders) {
      return std::unexpected(Failure{
          .exit_code = ExitCode::error,
          .text = fmt::format("these are more than {} orders; export them by created:, in parts",
                              kMaxExportOrders)});
    }
  }
  std::ranges::reverse(ids);
  return ids;
}

std::expected<ExportedOrder, Failure> read_order(ApiClient& client, const OrderId& id,
                                                 ImportFormat format, Patience& patience) {
  const ApiRequest order_request{.method = "GET", .target = "/v1/orders/" + id.to_string()};
  const auto order = client.send_patiently(order_request, patience);
  if (!order) return std::unexpected(order.error());
  const auto contact = client.send_patiently(
      {.method = "GET", .target = order_request.target + "/contact"}, patience);
  const bool is_erased = !contact && contact.error().code == "contact_erased";
  if (!contact && !is_erased) return std::unexpected(contact.error());
  auto exported =
      export_order(format, order->json, is_erased ? boost::json::value{} : contact->json);
  if (exported) return std::move(*exported);
  return std::unexpected(Failure{.exit_code = ExitCode::error, .text = exported.error()});
}

// Writes all of them; the first failure, if there is one.
std::optional<Failure> write_orders(const ExportOptions& options, const std::vector<OrderId>& ids,
                                    OrderedOutput& output, Patience& patience, Progress& progress) {
  std::mutex mutex;
  std::optional<Failure> failure;
  for_each_in_flight(options.server, kDefaultInFlight, ids.size(),
                     [&](std::size_t i, ApiClient& client) {
                       auto order = read_order(client, ids[i], options.format, patience);
                       if (order) {
                         progress.advance();
                         return output.put(i, std::move(*order));
                       }
                       output.stop();
                       const std::scoped_lock lock{mutex};
                       if (!failure) failure = order.error();
                       return false;
                     });
  return failure;
}

ExitCode interrupted(Console& console) {
  fmt::print(console.err, "interrupted; the export is not whole\n");
  return ExitCode::interrupted;
}

ExitCode failed_to_write(Console& console, const std::string& why) {
  return why.empty() ? ExitCode::error : fail(console, ExitCode::error, why);
}

ExitCode run_export(Console& console, const ExportOptions& options, const OrderQuery& query,
                    ExportSink& sink) {
  Progress progress{console};
  Patience patience{kPatience, [&](std::string_view text) { progress.say(text); }};
  const auto ids = find_orders(options, query, patience);
  if (is_interrupted()) return interrupted(console);
  if (!ids) return fail(console, ids.error().exit_code, ids.error().text);
  if (auto begun = sink.write(export_header(options.format)); !begun) {
    return failed_to_write(console, begun.error());
  }
  // A bar between the rows on a terminal would be neither.
  if (!options.output_file.empty()) progress.begin("exporting", ids->size());
  OrderedOutput output{sink};
  const auto failure = write_orders(options, *ids, output, patience, progress);
  progress.end();
  if (output.failure()) return failed_to_write(console, *output.failure());
  if (is_interrupted()) return interrupted(console);
  if (failure) return fail(console, failure->exit_code, failure->text);
  if (auto done = sink.finish(); !done) return failed_to_write(console, done.error());
  if (output.lost() > 0) {
    fmt::print(console.err,
               "{} of {} orders have labels, metadata or several adjustments of a kind, which a "
               "CSV does not carry; --format ndjson does\n",
               output.lost(), ids->size());
  }
  if (ids->empty()) fmt::print(console.err, "no orders\n");
  return ExitCode::ok;
}

}  // namespace

ExitCode export_orders(Console& console, const ExportOptions& options) {
  const auto query = parse_order_query(options.query);
  if (!query) return fail(console, ExitCode::usage, query.error());
  stop_on_signal();
  survive_closed_pipes();
  if (options.output_file.empty()) {
    return run_export(console, options, *query, *export_to_console(console));
  }
  const auto file = export_to_file(options.output_file);
  if (!file) return fail(console, ExitCode::error, file.error());
  return run_export(console, options, *query, **file);
}

}  // namespace conveyor::cli
