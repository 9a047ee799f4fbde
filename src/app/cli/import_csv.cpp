#include "app/cli/import_csv.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <unordered_map>
#include <utility>

#include "app/cli/console.h"
#include "base/json_writer.h"
#include "domain/order.h"
#include "server/api/body_reader.h"
#include "server/api/limits.h"
#include "server/api/order_request.h"

namespace conveyor::cli {
namespace {

constexpr std::string_view kShipTo = "ship_to.";
constexpr std::string_view kAdjustment = "adjustment.";

std::optional<std::int64_t> parse_quantity(std::string_view text) {
  std::int64_t quantity = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), quantity);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (quantity < 1 || quantity > api::kMaxQuantity) return std::nullopt;
  return quantity;
}

// Where the value of a path comes from: a column of the file, or a constant.
struct Source {
  std::optional<std::size_t> column;
  std::string constant;

  const std::string& of(const CsvRecord& record) const {
    return column ? record.fields.at(*column) : constant;
  }
};

using Sources = std::map<std::string_view, Source>;

struct Row {
  std::size_t line;
  std::string sku;
  std::string title;
  std::string quantity;
  std::string unit_price;
};

// An order while its rows come in.
struct Group {
  std::string key;  // what its rows have in common: the reference, or the value of `order`
  std::vector<Row> rows;
  struct Said {
    std::string value;
    std::size_t line;
  };
  std::map<std::string_view, Said> members;  // by path
  std::vector<LineProblem> problems;
};

// What a person can do about it.
std::string_view remedy_of(CsvErrorCode code) {
  switch (code) {
    case CsvErrorCode::utf16_byte_order_mark:
      return "save it as UTF-8";
    case CsvErrorCode::read_failed:
      return "see that it can be read";
    case CsvErrorCode::unclosed_quote:
      return "close the quote of this record, or write a quote within a field twice";
    case CsvErrorCode::record_too_large:
      return "is there a quote that is not closed?";
    case CsvErrorCode::nul_byte:
    case CsvErrorCode::invalid_utf8:
      return "save the file as text in UTF-8";
    case CsvErrorCode::too_many_fields:
    case CsvErrorCode::wrong_field_count:
      return "is this a CSV?";
    case CsvErrorCode::text_after_closing_quote:
    case CsvErrorCode::quote_in_unquoted_field:
      return "quote the whole field, and write a quote within it twice";
    case CsvErrorCode::bare_carriage_return:
      return "end lines with a line feed";
  }
  std::unreachable();
}

std::string file_error(const CsvError& error) {
  return fmt::format("line {}: {}: {}; nothing of the file is taken", error.line,
                     to_string(error.code), remedy_of(error.code));
}

// --- the header ----------------------------------------------------------------------------------

std::expected<Sources, std::string> sources_of(const std::vector<std::string>& titles,
                                               const ImportMapping& mapping,
                                               std::vector<std::string>& unused) {
  Sources sources;
  std::vector<std::string> problems;
  std::set<std::size_t> used;
  for (const auto path : import_paths()) {
    const std::string name{path};
    if (const auto constant = mapping.constants.find(name); constant != mapping.constants.end()) {
      sources[path] = {std::nullopt, constant->second};
      continue;
    }
    const auto mapped = mapping.columns.find(name);
    const auto& title = mapped == mapping.columns.end() ? name : mapped->second;
    const auto found = std::ranges::find(titles, title);
    if (found != titles.end()) {
      if (std::ranges::count(titles, title) > 1) {
        problems.push_back(fmt::format("two columns are called \"{}\"", printable(title)));
      }
      const auto column = static_cast<std::size_t>(found - titles.begin());
      used.insert(column);
      sources[path] = {column, {}};
    } else if (mapped != mapping.columns.end()) {
      problems.push_back(fmt::format("there is no column \"{}\" for {}", title, path));
    } else if (is_required_path(path)) {
      problems.push_back(
          fmt::format("there is no column {0}: use --map {0}=COLUMN{1}", path,
                      path == kReference ? "" : fmt::format(" or --set {}=VALUE", path)));
    }
  }
  if (!problems.empty()) {
    std::string columns;
    for (const auto& title : titles) columns += (columns.empty() ? "" : ", ") + printable(title);
    return std::unexpected(
        fmt::format("{}\nthe file's columns are {}", fmt::join(problems, "\n"), columns));
  }
  for (std::size_t i = 0; i < titles.size(); ++i) {
    const bool is_known =
        std::ranges::find(kExportOnlyColumns, titles[i]) != kExportOnlyColumns.end();
    if (!used.contains(i) && !is_known) unused.push_back(titles[i]);
  }
  return sources;
}

// --- one order -----------------------------------------------------------------------------------

void check_row(const Row& row, Currency currency, Group& group, std::vector<Line>& lines) {
  const auto wrong = [&](std::string reason) {
    group.problems.push_back({row.line, std::move(reason)});
  };
  const auto quantity = parse_quantity(row.quantity);
  if (!quantity) {
    wrong(fmt::format("quantity is \"{}\"; it must be an integer from 1 to {}",
                      printable(row.quantity), api::kMaxQuantity));
  }
  const auto price = parse_decimal_amount(row.unit_price, currency);
  if (!price || *price < 0) {
    wrong(fmt::format("unit_price is \"{}\"; it must be an amount in {}, not negative, such as {}",
                      printable(row.unit_price), currency.code(),
                      format_decimal_amount(1'250, currency)));
  }
  Line line;
  line.line = static_cast<std::int32_t>(lines.size() + 1);
  line.sku = row.sku;
  if (!row.title.empty()) line.title = row.title;
  line.quantity = quantity.value_or(1);
  line.unit_price_minor = price.value_or(0);
  lines.push_back(std::move(line));
}

// "" if no row says it.
const std::string& value_of(const Group& group, std::string_view path) {
  static const std::string kNothing;
  const auto found = group.members.find(path);
  return found == group.members.end() ? kNothing : found->second.value;
}

void check_members(Group& group) {
  if (value_of(group, kReference).empty()) {
    group.problems.push_back({group.rows.front().line, "reference is missing"});
  }
  for (const auto& [path, required] : kOrderPaths) {
    if (required && value_of(group, path).empty()) {
      group.problems.push_back({group.rows.front().line, fmt::format("{} is missing", path)});
    }
  }
}

std::optional<Currency> currency_of(Group& group) {
  const auto found = group.members.find("currency");
  if (found == group.members.end()) return std::nullopt;
  const auto currency = Currency::from_code(found->second.value);
  if (!currency) {
    group.problems.push_back(
        {found->second.line, fmt::format("currency is \"{}\"; it must be a code of ISO 4217",
                                         printable(found->second.value))});
  }
  return currency;
}

std::vector<Adjustment> adjustments_of(Group& group, Currency currency) {
  std::vector<Adjustment> adjustments;
  for (const auto& [path, member] : group.members) {
    if (!path.starts_with(kAdjustment)) continue;
    const auto amount = parse_decimal_amount(member.value, currency);
    if (!amount) {
      group.problems.push_back(
          {member.line, fmt::format("{} is \"{}\"; it must be an amount in {}", path,
                                    printable(member.value), currency.code())});
      continue;
    }
    adjustments.push_back(
        {parse_adjustment_kind(path.substr(kAdjustment.size())).value(), *amount, std::nullopt});
  }
  return adjustments;
}

std::string body_of(const Group& group, Currency currency, const std::vector<Line>& lines,
                    const std::vector<Adjustment>& adjustments) {
  std::string body;
  JsonWriter json{body, JsonWriter::Order::any};
  json.begin_object();
  json.member("reference", value_of(group, kReference));
  json.member("customer_id", value_of(group, "customer_id"));
  json.member("currency", currency.code());
  json.key("lines");
  json.begin_array();
  for (const auto& line : lines) {
    json.begin_object();
    json.member("sku", line.sku);
    if (line.title) json.member("title", *line.title);
    json.member("quantity", line.quantity);
    json.member("unit_price", line.unit_price_minor);
    json.end_object();
  }
  json.end_array();
  if (!adjustments.empty()) {
    json.key("adjustments");
    json.begin_array();
    for (const auto& adjustment : adjustments) {
      json.begin_object();
      json.member("kind", to_string(adjustment.kind));
      json.member("amount", adjustment.amount_minor);
      json.end_object();
    }
    json.end_array();
  }
  json.key("ship_to");
  json.begin_object();
  for (const auto& [path, required] : kOrderPaths) {
    if (!path.starts_with(kShipTo) || value_of(group, path).empty()) continue;
    json.member(path.substr(kShipTo.size()), value_of(group, path));
  }
  json.end_object();
  json.member("payment_method", value_of(group, "payment_method"));
  json.end_object();
  return body;
}

// What the API would refuse in the request, by lines of the file.
void check_body(std::string_view body, Group& group) {
  const auto parsed = api::parse_order_body(body);
  if (parsed) return;
  std::vector<std::size_t> lines;
  for (const auto& row : group.rows) lines.push_back(row.line);
  for (const auto& error : parsed.error().errors) {
    group.problems.push_back(place_problem(ImportFormat::csv, lines, error.pointer, error.detail));
  }
  if (parsed.error().errors.empty()) {
    group.problems.push_back({lines.front(), parsed.error().detail});
  }
}

// The request of a group, unless something is wrong with it: then `group.problems` says what.
std::optional<PlannedOrder> order_of(Group& group) {
  check_members(group);
  const auto currency = currency_of(group);
  if (!currency) return std::nullopt;
  std::vector<Line> lines;
  for (const auto& row : group.rows) check_row(row, *currency, group, lines);
  const auto adjustments = adjustments_of(group, *currency);
  if (!group.problems.empty()) return std::nullopt;
  auto body = body_of(group, *currency, lines, adjustments);
  check_body(body, group);
  if (!group.problems.empty()) return std::nullopt;
  PlannedOrder order{value_of(group, kReference),
                     value_of(group, "customer_id"),
                     std::string{currency->code()},
                     total_of(lines, adjustments).value(),
                     std::move(body),
                     {}};
  for (const auto& row : group.rows) order.lines.push_back(row.line);
  return order;
}

// --- the file ------------------------------------------------------------------------------------

class Planner {
 public:
  Planner(Sources sources, char separator)
      : sources_(std::move(sources)),
        separator_(separator),
        key_path_(sources_.contains(kOrder) ? kOrder : kReference) {}

  void add(const CsvRecord& record) {
    const auto& key = sources_.at(key_path_).of(record);
    if (!api::is_name(key)) {
      loose_.push_back(
          {record.line, key.empty() ? fmt::format("{} is missing", key_path_)
                                    : fmt::format("{} is \"{}\"; it must be 1 to {} of A-Z a-z 0-9 "
                                                  ". _ -",
                                                  key_path_, printable(key), api::kMaxNameBytes)});
      return;
    }
    Group& group = group_of(key);
    group.rows.push_back({record.line, text(record, "sku"), text(record, "title"),
                          text(record, "quantity"), text(record, "unit_price")});
    say(group, kReference, sources_.at(kReference).of(record), record.line);
    for (const auto& [path, required] : kOrderPaths) {
      const auto source = sources_.find(path);
      if (source != sources_.end()) say(group, path, source->second.of(record), record.line);
    }
  }

  // A record that cannot be read, and what its bytes may have named.
  void add(const CsvError& error) {
    loose_.push_back({error.line, std::string{to_string(error.code)}});
    const std::string ends{separator_, '"', '\r', '\n', ' '};
    std::string_view rest = error.text;
    while (!rest.empty()) {
      const auto size = std::min(rest.find_first_of(ends), rest.size());
      if (api::is_name(rest.substr(0, size)))
        spoiled_.try_emplace(std::string{rest.substr(0, size)}, error.line);
      rest.remove_prefix(std::min(size + 1, rest.size()));
    }
  }

  ImportPlan finish() {
    ImportPlan plan;
    for (auto& group : groups_) {
      for (const auto& name : {group.key, value_of(group, kReference)}) {
        const auto line = spoiled_.find(name);
        if (line == spoiled_.end()) continue;
        group.problems.push_back({line->second, "cannot be read and may belong to this order"});
        break;
      }
      auto order = order_of(group);
      if (order) {
        plan.orders.push_back(std::move(*order));
        continue;
      }
      const auto& reference = value_of(group, kReference);
      RefusedOrder refused{
          reference.empty() ? group.key : reference, {}, std::move(group.problems)};
      for (const auto& row : group.rows) refused.lines.push_back(row.line);
      std::ranges::sort(refused.problems);
      plan.refused.push_back(std::move(refused));
    }
    plan.loose = std::move(loose_);
    refuse_repeated(plan);
    return plan;
  }

 private:
  std::string text(const CsvRecord& record, std::string_view path) const {
    const auto source = sources_.find(path);
    return source == sources_.end() ? std::string{} : source->second.of(record);
  }

  Group& group_of(const std::string& key) {
    const auto [place, is_new] = index_.try_emplace(key, groups_.size());
    if (is_new) groups_.push_back({key, {}, {}, {}});
    return groups_[place->second];
  }

  static void say(Group& group, std::string_view path, const std::string& value, std::size_t line) {
    if (value.empty()) return;
    const auto [place, is_new] = group.members.try_emplace(path, Group::Said{value, line});
    if (is_new || place->second.value == value) return;
    group.problems.push_back(
        {line, fmt::format("{} is \"{}\", but \"{}\" in line {} of the same order", path,
                           printable(value), printable(place->second.value), place->second.line)});
  }

  Sources sources_;
  char separator_;
  std::string_view key_path_;
  std::vector<Group> groups_;
  std::unordered_map<std::string, std::size_t> index_;    // key -> group
  std::unordered_map<std::string, std::size_t> spoiled_;  // possible key or reference -> line
  std::vector<LineProblem> loose_;
};

}  // namespace

std::expected<ImportPlan, std::string> plan_csv_import(CsvReader& reader,
                                                       const ImportMapping& mapping,
                                                       std::size_t max_rows) {
  const auto header = reader.next();
  if (!header) return std::unexpected(file_error(header.error()));
  if (!header->has_value()) return std::unexpected("the file is empty");
  std::vector<std::string> unused;
  auto sources = sources_of((*header)->fields, mapping, unused);
  if (!sources) return std::unexpected(std::move(sources.error()));

  Planner planner{std::move(*sources), reader.separator()};
  std::size_t rows = 0;
  for (;; ++rows) {
    const auto record = reader.next();
    if (record && !record->has_value()) break;
    if (rows == max_rows) {
      return std::unexpected(fmt::format("the file has more than {} rows; split it", max_rows));
    }
    if (record && (*record)->fields == (*header)->fields) {
      return std::unexpected(fmt::format(
          "line {}: the header stands here again: remove the line, and see that what follows it "
          "belongs into this file; nothing of the file is taken",
          (*record)->line));
    }
    if (record) {
      planner.add(**record);
    } else if (record.error().is_recoverable &&
               record.error().code != CsvErrorCode::record_too_large) {
      planner.add(record.error());
    } else {
      return std::unexpected(file_error(record.error()));
    }
  }
  if (rows == 0) return std::unexpected("the file has a header but no rows");
  auto plan = planner.finish();
  plan.unused_columns = std::move(unused);
  plan.rows = rows;
  return plan;
}

}  // namespace conveyor::cli
