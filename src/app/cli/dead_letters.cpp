#include "app/cli/dead_letters.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <boost/json.hpp>

#include "app/cli/json_text.h"
#include "app/cli/order_text.h"
#include "app/cli/pages.h"

namespace conveyor::cli {
namespace {

std::string money_of(const boost::json::value& group) {
  std::string out;
  for (const auto& amount : array_member(group, "money")) {
    const auto total = integer_member(amount, "total");
    const auto currency = text_member(amount, "currency");
    if (!out.empty()) out += " + ";
    out += total ? money_text(*total, currency) : "too much " + currency;
  }
  return out;
}

Table letters_table() {
  return Table(
      {{"ID"}, {"DEAD SINCE"}, {"UNDONE AT"}, {"TOTAL", Table::Align::right}, {"FINGERPRINT"}});
}

void add_letter(Table& table, const boost::json::value& row) {
  const auto total = integer_member(row, "total");
  table.add({text_member(row, "id"), text_member(row, "dead_since"), text_member(row, "undo_at"),
             total ? money_text(*total, text_member(row, "currency")) : std::string{},
             text_member(row, "fingerprint")});
}

}  // namespace

ExitCode list_dead_letters(Console& console, const DeadLetterOptions& options) {
  ApiClient client{options.server};
  const auto page_rows = options.all ? kMaxPageRows : std::min(options.limit, kMaxPageRows);
  const auto filter = options.fingerprint.empty()
                          ? std::string{}
                          : "fingerprint=" + encode_component(options.fingerprint) + "&";
  Pages pages{client, fmt::format("/v1/dead-letters?{}limit={}", filter, page_rows)};
  auto table = letters_table();
  boost::json::array rows;
  std::size_t count = 0;
  bool has_more = false;
  while (!pages.is_done() && !has_more) {
    const auto page = pages.next();
    if (!page) return fail(console, page.error().exit_code, page.error().text);
    for (const auto& row : array_member(*page, "data")) {
      has_more = !options.all && count == options.limit;
      if (has_more) break;
      ++count;
      if (options.output == Output::text) add_letter(table, row);
      if (options.output == Output::json) rows.push_back(row);
      if (options.output == Output::jsonl) print_json(console.out, row, options.output);
    }
    if (!options.all && count == options.limit && !pages.is_done()) has_more = true;
  }
  if (options.output == Output::text && count > 0) table.print(console.out);
  if (options.output == Output::json) print_indented(console.out, rows);
  if (count == 0) fmt::print(console.err, "no dead letters\n");
  if (has_more) fmt::print(console.err, "there are more: --limit N or --all\n");
  return ExitCode::ok;
}

ExitCode group_dead_letters(Console& console, const DeadLetterOptions& options) {
  ApiClient client{options.server};
  const auto answer = client.get("/v1/dead-letters/groups");
  if (!answer) return fail(console, answer.error().exit_code, answer.error().text);
  const auto& groups = array_member(answer->json, "data");
  if (options.output == Output::json) {
    print_indented(console.out, answer->json);
  } else if (options.output == Output::jsonl) {
    for (const auto& group : groups) print_json(console.out, group, options.output);
  } else if (!groups.empty()) {
    Table table(
        {{"ORDERS", Table::Align::right}, {"MONEY"}, {"FIRST SEEN"}, {"LAST SEEN"}, {"CAUSE"}});
    for (const auto& group : groups) {
      table.add({text_member(group, "count"), money_of(group), text_member(group, "first_seen"),
                 text_member(group, "last_seen"), text_member(group, "fingerprint")});
    }
    table.print(console.out);
  }
  if (groups.empty()) fmt::print(console.err, "no dead letters\n");
  if (text_member(answer->json, "is_complete") == "false") {
    fmt::print(console.err, "there are more dead letters than were counted\n");
  }
  return ExitCode::ok;
}

}  // namespace conveyor::cli
