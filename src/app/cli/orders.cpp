#include "app/cli/orders.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <cstdint>
#include <expected>
#include <optional>
#include <vector>

#include <boost/json.hpp>

#include "app/cli/diagnosis_text.h"
#include "app/cli/event_follower.h"
#include "app/cli/interrupt.h"
#include "app/cli/json_text.h"
#include "app/cli/order_text.h"
#include "app/cli/pages.h"
#include "app/cli/query.h"

namespace conveyor::cli {
namespace {

// Before `watch` asks again a server that did not answer.
constexpr Duration kWatchRetry{250};

void print_one(Console& console, const boost::json::value& order, Output output) {
  if (output == Output::text) {
    print_order(console.out, order);
  } else {
    print_json(console.out, order, output);
  }
}

std::string target_of(std::string_view id, std::string_view rest = {}) {
  return fmt::format("/v1/orders/{}{}", encode_component(id), rest);
}

// Collects or prints the rows of a list, as the output asks.
class OrderList {
 public:
  OrderList(Console& console, Output output) : console_(console), output_(output) {}

  void add(const boost::json::value& row) {
    ++count_;
    if (output_ == Output::text) add_order_row(table_, row);
    if (output_ == Output::json) rows_.push_back(row);
    if (output_ == Output::jsonl) print_json(console_.out, row, output_);
  }
  void finish(bool has_more) {
    if (output_ == Output::text && count_ > 0) table_.print(console_.out);
    if (output_ == Output::json) print_indented(console_.out, rows_);
    if (count_ == 0) fmt::print(console_.err, "no orders\n");
    if (has_more) fmt::print(console_.err, "there are more: --limit N or --all\n");
  }
  std::size_t count() const { return count_; }

 private:
  Console& console_;
  Output output_;
  Table table_ = order_table();
  boost::json::array rows_;
  std::size_t count_ = 0;
};

// The events of a stream that were not there at the last look.
class EventTail {
 public:
  EventTail(ApiClient& client, std::string_view id) : client_(client), id_(id) {}

  std::expected<std::vector<boost::json::value>, Failure> next() {
    std::vector<boost::json::value> events;
    bool is_first = true;
    while (true) {
      const auto page = client_.get(
          target_of(id_, fmt::format("/events?after={}&limit={}", last_version_, kMaxPageRows)));
      if (!page) return std::unexpected(page.error());
      const auto* cursor = page->find_header("Conveyor-Cursor");
      if (cursor != nullptr && is_first) cursor_ = *cursor;
      is_first = false;
      const auto& rows = array_member(page->json, "data");
      for (const auto& event : rows) {
        last_version_ = integer_member(event, "version").value_or(last_version_);
        events.push_back(event);
      }
      if (rows.empty() || text_member(page->json, "has_more") != "true") return events;
    }
  }

  std::int64_t last_version() const { return last_version_; }
  // A place in the feed behind which is every event that next() has not given, and maybe others.
  const std::string& cursor() const { return cursor_; }

 private:
  ApiClient& client_;
  std::string id_;
  std::int64_t last_version_ = 0;
  std::string cursor_;
};

// How an event of this type ends its order; nullopt: it does not.
std::optional<ExitCode> end_by(std::string_view type) {
  if (type == "OrderCompleted") return ExitCode::ok;
  if (type == "OrderFailed" || type == "OrderCancelled") return ExitCode::error;
  return std::nullopt;
}

// How the order ended; nullopt: it is still open. A late answer may follow the final event.
std::optional<ExitCode> end_of(const std::vector<boost::json::value>& events) {
  std::optional<ExitCode> end;
  for (const auto& event : events) {
    const auto type = text_member(event, "type");
    if (const auto by = end_by(type)) end = by;
    if (type == "OrderRestarted") end = std::nullopt;
  }
  return end;
}

// What there was before the stream begins. It is asked for again while a Failure may pass.
std::expected<std::vector<boost::json::value>, Failure> first_events(EventTail& tail) {
  for (int tries = 1;; ++tries) {
    auto events = tail.next();
    if (events || !events.error().may_pass || tries == ApiClient::kMaxTries) return events;
    if (!sleep_unless_interrupted(kWatchRetry)) return events;
  }
}

}  // namespace

ExitCode list_orders(Console& console, const ListOptions& options) {
  const auto query = parse_order_query(options.query);
  if (!query) return fail(console, ExitCode::usage, query.error());
  ApiClient client{options.server};
  auto filter = query_string(*query);
  if (!filter.empty()) filter += '&';
  const auto page_rows = options.all ? kMaxPageRows : std::min(options.limit, kMaxPageRows);
  Pages pages{client, fmt::format("/v1/orders?{}limit={}", filter, page_rows)};
  OrderList list{console, options.output};
  while (!pages.is_done()) {
    const auto page = pages.next();
    if (!page) return fail(console, page.error().exit_code, page.error().text);
    for (const auto& row : array_member(*page, "data")) {
      if (!is_wanted(*query, row)) continue;
      if (!options.all && list.count() == options.limit) {
        list.finish(true);
        return ExitCode::ok;
      }
      list.add(row);
    }
    if (!options.all && list.count() == options.limit) break;
  }
  list.finish(!pages.is_done());
  return ExitCode::ok;
}

ExitCode get_order(Console& console, const OrderOptions& options) {
  ApiClient client{options.server};
  const auto answer = client.get(target_of(options.id, options.why ? "/diagnosis" : ""));
  if (!answer) return fail(console, answer.error().exit_code, answer.error().text);
  if (options.why && options.output == Output::text) {
    print_diagnosis(console.out, answer->json);
    return ExitCode::ok;
  }
  print_one(console, answer->json, options.output);
  return ExitCode::ok;
}

ExitCode list_events(Console& console, const OrderOptions& options) {
  ApiClient client{options.server};
  const auto events = EventTail{client, options.id}.next();
  if (!events) return fail(console, events.error().exit_code, events.error().text);
  if (options.output == Output::json) {
    print_indented(console.out, boost::json::array(events->begin(), events->end()));
    return ExitCode::ok;
  }
  EventPrinter printer{console.out};
  for (const auto& event : *events) {
    if (options.output == Output::text) {
      printer.print(event);
    } else {
      print_json(console.out, event, options.output);
    }
  }
  return ExitCode::ok;
}

ExitCode watch_order(Console& console, const OrderOptions& options) {
  stop_on_signal();
  EventPrinter printer{console.out};
  const auto print = [&](const boost::json::value& event) {
    if (options.output == Output::text) {
      printer.print(event);
    } else {
      print_json(console.out, event, Output::jsonl);
    }
  };
  ApiClient client{options.server};
  EventTail tail{client, options.id};
  const auto events = first_events(tail);
  if (is_interrupted()) return ExitCode::interrupted;
  if (!events) return fail(console, events.error().exit_code, events.error().text);
  for (const auto& event : *events) print(event);
  console.out.flush();
  if (const auto end = end_of(*events)) return *end;

  EventFollower follower{console,
                         {.server = options.server,
                          .order_id = options.id,
                          .after = tail.cursor(),
                          .server_was_seen = true,
                          .max_tries = ApiClient::kMaxTries}};
  auto last_version = tail.last_version();
  return follower.follow([&](const boost::json::value& event) -> std::optional<ExitCode> {
    const auto version = integer_member(event, "version").value_or(0);
    if (version <= last_version) return std::nullopt;  // the cursor was a little earlier
    last_version = version;
    print(event);
    console.out.flush();
    if (!console.out) return ExitCode::error;
    return end_by(text_member(event, "type"));
  });
}

}  // namespace conveyor::cli
