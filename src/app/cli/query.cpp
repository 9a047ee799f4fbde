#include "app/cli/query.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "app/cli/api_client.h"
#include "app/cli/json_text.h"
#include "domain/steps.h"

namespace conveyor::cli {
namespace {

using Result = std::expected<void, std::string>;

constexpr std::string_view kFields =
    "status, step, customer, reference, sku, failing, created and updated (such as status:failed)";

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

template <class Items, class Name>
std::string names_of(const Items& items, Name name) {
  std::vector<std::string_view> names;
  for (const auto& item : items) names.push_back(name(item));
  return fmt::format("{}", fmt::join(names, ", "));
}

Result set_once(std::optional<std::string>& slot, std::string_view field, std::string_view value) {
  if (slot && *slot != value) {
    return std::unexpected(
        fmt::format("{0}:{1} and {0}:{2} exclude each other", field, *slot, value));
  }
  slot = value;
  return {};
}

class Parser {
 public:
  Result add(std::string_view term) {
    const bool is_negated = term.starts_with('-');
    if (is_negated) term.remove_prefix(1);
    const auto colon = term.find(':');
    if (colon == std::string_view::npos) {
      return std::unexpected(
          fmt::format("\"{}\" is no term: write FIELD:VALUE with one of {}", term, kFields));
    }
    const auto field = term.substr(0, colon);
    const auto value = term.substr(colon + 1);
    if (value.empty()) return std::unexpected(fmt::format("{}: has no value", field));
    if (field == "status") return add_statuses(value, is_negated);
    if (field == "step") return add_step(value, is_negated);
    if (field == "customer") {
      return add_text(field, value, is_negated, query_.customer_id, query_.not_customers);
    }
    if (field == "reference") {
      return add_text(field, value, is_negated, query_.reference, query_.not_references);
    }
    if (field == "sku") {
      if (!is_negated) return set_once(query_.sku, field, value);
      return std::unexpected("-sku is not possible: the list does not tell an order's SKUs");
    }
    if (field == "failing") return add_failing(value, is_negated);
    if (field == "created" || field == "updated") {
      if (!is_negated) return add_time(field, value);
      return std::unexpected(fmt::format("-{} is not possible: turn the comparison round", field));
    }
    return std::unexpected(fmt::format("{} is not a field; there are {}", field, kFields));
  }

  std::expected<OrderQuery, std::string> finish() {
    if (not_statuses_.empty()) return std::move(query_);
    auto wanted = query_.statuses;
    if (wanted.empty()) wanted.assign(kAllStatuses.begin(), kAllStatuses.end());
    std::erase_if(wanted, [&](Status s) {
      return std::ranges::find(not_statuses_, s) != not_statuses_.end();
    });
    if (wanted.empty()) return std::unexpected("no status is left");
    query_.statuses = std::move(wanted);
    return std::move(query_);
  }

 private:
  Result add_statuses(std::string_view value, bool is_negated) {
    for (const auto name : split(value, ',')) {
      const auto status = parse_status(name);
      if (!status) {
        return std::unexpected(
            fmt::format("{} is not a status; there are {}", name,
                        names_of(kAllStatuses, [](Status s) { return to_string(s); })));
      }
      auto& statuses = is_negated ? not_statuses_ : query_.statuses;
      if (std::ranges::find(statuses, *status) == statuses.end()) statuses.push_back(*status);
    }
    return {};
  }

  Result add_step(std::string_view value, bool is_negated) {
    if (!parse_step(value)) {
      return std::unexpected(
          fmt::format("{} is not a step; there are {}", value,
                      names_of(kSteps, [](const StepSpec& s) { return s.name; })));
    }
    return add_text("step", value, is_negated, query_.step, query_.not_steps);
  }

  static Result add_text(std::string_view field, std::string_view value, bool is_negated,
                         std::optional<std::string>& wanted, std::vector<std::string>& excluded) {
    if (!is_negated) return set_once(wanted, field, value);
    excluded.emplace_back(value);
    return {};
  }

  Result add_failing(std::string_view value, bool is_negated) {
    if (value != "true" && value != "false") {
      return std::unexpected(
          fmt::format("failing:{} is not possible: write failing:true or failing:false", value));
    }
    const bool wanted = (value == "true") != is_negated;
    if (query_.failing.value_or(wanted) != wanted) {
      return std::unexpected("failing:true and failing:false exclude each other");
    }
    query_.failing = wanted;
    return {};
  }

  // Every comparison becomes one or two exclusive bounds.
  Result add_time(std::string_view field, std::string_view value) {
    const bool is_created = field == "created";
    auto& lower = is_created ? query_.created_after : query_.updated_after;
    auto& upper = is_created ? query_.created_before : query_.updated_before;
    const auto after = [&](Timestamp t) { lower = std::max(lower.value_or(t), t); };
    const auto before = [&](Timestamp t) { upper = std::min(upper.value_or(t), t); };
    auto operation = value.substr(0, value.find_first_not_of("<>="));
    const auto text = value.substr(operation.size());
    const auto first = parse_rfc3339(text);
    if (!first) {
      return std::unexpected(fmt::format(
          "\"{}\" is not a time: write 2026-01-31 or 2026-01-31T12:00:00Z, with <, <=, > or >= "
          "before it",
          text));
    }
    const bool is_day = text.find('T') == std::string_view::npos;
    const auto last = is_day ? *first + std::chrono::days{1} - Duration{1} : *first;
    if (operation == ">") {
      after(last);
    } else if (operation == ">=") {
      after(*first - Duration{1});
    } else if (operation == "<") {
      before(*first);
    } else if (operation == "<=") {
      before(last + Duration{1});
    } else if (operation.empty() || operation == "=") {
      after(*first - Duration{1});
      before(last + Duration{1});
    } else {
      return std::unexpected(fmt::format("{} is not a comparison", operation));
    }
    return {};
  }

  OrderQuery query_;
  std::vector<Status> not_statuses_;
};

void append(std::string& out, std::string_view name, std::string_view value) {
  if (!out.empty()) out += '&';
  out += fmt::format("{}={}", name, encode_component(value));
}

bool contains(const std::vector<std::string>& values, const std::string& value) {
  return std::ranges::find(values, value) != values.end();
}

}  // namespace

std::expected<OrderQuery, std::string> parse_order_query(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  Parser parser;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    if (text.empty()) return parser.finish();
    const auto term = text.substr(0, text.find_first_of(kBlanks));
    if (auto added = parser.add(term); !added) return std::unexpected(std::move(added.error()));
    text.remove_prefix(term.size());
  }
}

std::string query_string(const OrderQuery& query) {
  std::string out;
  for (const auto status : query.statuses) append(out, "status", to_string(status));
  if (query.step) append(out, "step", *query.step);
  if (query.customer_id) append(out, "customer_id", *query.customer_id);
  if (query.reference) append(out, "reference", *query.reference);
  if (query.sku) append(out, "sku", *query.sku);
  if (query.failing) append(out, "failing", *query.failing ? "true" : "false");
  if (query.created_after) append(out, "created_after", format_rfc3339(*query.created_after));
  if (query.created_before) append(out, "created_before", format_rfc3339(*query.created_before));
  if (query.updated_after) append(out, "updated_after", format_rfc3339(*query.updated_after));
  if (query.updated_before) append(out, "updated_before", format_rfc3339(*query.updated_before));
  return out;
}

bool is_wanted(const OrderQuery& query, const boost::json::value& row) {
  return !contains(query.not_steps, text_member(row, "step")) &&
         !contains(query.not_customers, text_member(row, "customer_id")) &&
         !contains(query.not_references, text_member(row, "reference"));
}

}  // namespace conveyor::cli
