#include "app/cli/import_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "app/cli/console.h"
#include "domain/money.h"

namespace conveyor::cli {

void refuse_repeated(ImportPlan& plan) {
  std::map<std::string, std::vector<std::size_t>> places;  // by key
  for (std::size_t i = 0; i < plan.orders.size(); ++i) {
    places[import_key(plan.orders[i])].push_back(i);
  }
  if (places.size() == plan.orders.size()) return;
  std::vector<PlannedOrder> kept;
  for (auto& order : plan.orders) {
    const auto& same = places.at(import_key(order));
    if (same.size() == 1) {
      kept.push_back(std::move(order));
      continue;
    }
    const auto& other = &plan.orders[same.front()] == &order ? same.back() : same.front();
    const auto line = plan.orders[other].lines.front();
    plan.refused.push_back(
        {order.reference,
         order.lines,
         {{order.lines.front(),
           fmt::format("customer_id and reference are those of another order, in line {}; only one "
                       "of them can be placed",
                       line)}}});
  }
  plan.orders = std::move(kept);
  std::ranges::sort(plan.refused, {}, [](const RefusedOrder& o) { return o.lines.front(); });
}

LineProblem place_problem(ImportFormat format, const std::vector<std::size_t>& lines,
                          std::string_view pointer, std::string_view detail) {
  if (format == ImportFormat::ndjson) {
    return {lines.front(),
            printable(fmt::format("{}{}{}", pointer, pointer.empty() ? "" : " ", detail))};
  }
  constexpr std::string_view kLines = "/lines/";
  std::size_t line = lines.front();
  if (pointer.starts_with(kLines)) {
    const auto rest = pointer.substr(kLines.size());
    std::size_t index = 0;
    const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), index);
    if (read.ec == std::errc{} && index < lines.size()) {
      line = lines[index];
      pointer = rest.substr(static_cast<std::size_t>(read.ptr - rest.data()));
    }
  }
  std::string path{pointer.substr(pointer.starts_with('/') ? 1 : 0)};
  std::ranges::replace(path, '/', '.');
  return {line, printable(fmt::format("{}{}{}", path, path.empty() ? "" : " ", detail))};
}

std::size_t planned_lines(const ImportPlan& plan) {
  std::size_t count = 0;
  for (const auto& order : plan.orders) count += order.lines.size();
  return count;
}

std::size_t refused_lines(const ImportPlan& plan) {
  std::size_t count = plan.loose.size();
  for (const auto& order : plan.refused) count += order.lines.size();
  return count;
}

std::map<std::string, std::optional<std::int64_t>> totals_of(
    const std::vector<PlannedOrder>& orders) {
  std::map<std::string, std::optional<std::int64_t>> totals;
  for (const auto& order : orders) {
    auto& sum = totals.try_emplace(order.currency, 0).first->second;
    if (sum) sum = checked_add(*sum, order.total_minor);
  }
  return totals;
}

std::string import_key(const PlannedOrder& order) {
  return fmt::format("import:{}:{}", order.customer_id, order.reference);
}

}  // namespace conveyor::cli
