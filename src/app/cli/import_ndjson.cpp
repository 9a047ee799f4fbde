#include "app/cli/import_ndjson.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "app/cli/console.h"
#include "app/cli/json_text.h"
#include "base/json.h"
#include "server/api/body_reader.h"
#include "server/api/limits.h"
#include "server/api/order_request.h"

namespace conveyor::cli {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{64} << 10;
constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr std::string_view kBlanks = " \t\r";

struct Line {
  std::size_t number = 0;  // from 1
  std::string text;        // without its line feed; as much as is wanted if it is too long
  bool is_too_long = false;
};

// Lines one by one; holds a chunk of the input and one line.
class LineReader {
 public:
  explicit LineReader(const ReadBytes& read) : read_(read) {}

  // nullopt at the end; see failed().
  std::optional<Line> next() {
    Line line{.number = ++number_, .text = {}, .is_too_long = false};
    bool has_any = false;
    while (at_ < size_ || fill()) {
      has_any = true;
      const auto rest = std::string_view{chunk_}.substr(at_, size_ - at_);
      const auto end = rest.find('\n');
      take(line, rest.substr(0, end));
      if (end != std::string_view::npos) {
        at_ += end + 1;
        return line;
      }
      at_ = size_;
    }
    if (!has_any || failed_) return std::nullopt;
    return line;
  }

  std::size_t number() const { return number_; }
  bool failed() const { return failed_; }

 private:
  static void take(Line& line, std::string_view text) {
    constexpr std::size_t kMost = api::kMaxBodyBytes + 1;  // 1: the CR of its end
    line.is_too_long = line.is_too_long || line.text.size() + text.size() > kMost;
    line.text += text.substr(0, kMost - line.text.size());
  }

  bool fill() {
    if (is_exhausted_) return false;
    chunk_.resize(kChunkBytes);
    const auto got = read_(chunk_.data(), chunk_.size());
    failed_ = !got;
    size_ = got.value_or(0);
    at_ = 0;
    is_exhausted_ = size_ == 0;
    return !is_exhausted_;
  }

  const ReadBytes& read_;
  std::string chunk_;
  std::size_t at_ = 0;
  std::size_t size_ = 0;
  std::size_t number_ = 0;
  bool is_exhausted_ = false;
  bool failed_ = false;
};

// The reference that a wrong request names, to tell people which order it is; "" if none.
std::string reference_of(std::string_view line) {
  const auto json =
      parse_json(line, {.max_bytes = api::kMaxBodyBytes, .max_depth = api::kMaxJsonDepth});
  if (!json) return {};
  auto reference = text_member(*json, "reference");
  return api::is_name(reference) ? reference : std::string{};
}

std::vector<LineProblem> problems_of(std::size_t line, const api::BodyRefusal& refusal) {
  std::vector<LineProblem> problems;
  for (const auto& error : refusal.errors) {
    const auto& detail = error.detail;
    problems.push_back(place_problem(ImportFormat::ndjson, {line}, error.pointer, detail));
  }
  if (problems.empty()) problems.push_back({line, printable(refusal.detail)});
  return problems;
}

void add(ImportPlan& plan, Line line) {
  if (line.is_too_long || line.text.size() > api::kMaxBodyBytes) {
    plan.loose.push_back({line.number, fmt::format("a line of more than {} KiB, which is the most "
                                                   "that one order may have",
                                                   api::kMaxBodyBytes / 1'024)});
    return;
  }
  auto parsed = api::parse_order_body(line.text);
  if (parsed && parsed->order.reference) {
    auto& order = parsed->order;
    plan.orders.push_back({std::move(*order.reference),
                           std::move(order.customer_id),
                           std::string{order.currency.code()},
                           order.total_minor,
                           std::move(line.text),
                           {line.number}});
    return;
  }
  if (parsed) {
    plan.loose.push_back(
        {line.number, "/reference is missing; an import needs it to place nothing twice"});
    return;
  }
  auto problems = problems_of(line.number, parsed.error());
  const auto reference = reference_of(line.text);
  if (!reference.empty()) {
    plan.refused.push_back({reference, {line.number}, std::move(problems)});
    return;
  }
  for (auto& problem : problems) plan.loose.push_back(std::move(problem));
}

}  // namespace

std::expected<ImportPlan, std::string> plan_ndjson_import(const ReadBytes& read,
                                                          const NdjsonLimits& limits) {
  ImportPlan plan;
  plan.format = ImportFormat::ndjson;
  LineReader reader{read};
  std::size_t bytes = 0;
  while (auto line = reader.next()) {
    if (line->number == 1) {
      if (line->text.starts_with("\xFF\xFE") || line->text.starts_with("\xFE\xFF")) {
        return std::unexpected(
            "line 1: the file is UTF-16, not UTF-8: save it as UTF-8; nothing of the file is "
            "taken");
      }
      if (line->text.starts_with(kUtf8Mark)) line->text.erase(0, kUtf8Mark.size());
    }
    if (line->text.ends_with('\r')) line->text.pop_back();
    if (line->text.find_first_not_of(kBlanks) == std::string::npos && !line->is_too_long) continue;
    if (plan.rows == limits.max_rows) {
      return std::unexpected(
          fmt::format("the file has more than {} orders; split it", limits.max_rows));
    }
    bytes += line->text.size();
    if (bytes > limits.max_bytes) {
      return std::unexpected(fmt::format("the file has more than {} MiB of orders; split it",
                                         limits.max_bytes >> 20U));
    }
    ++plan.rows;
    add(plan, std::move(*line));
  }
  if (reader.failed()) {
    return std::unexpected(fmt::format(
        "line {}: the file cannot be read: see that it can be; nothing of the file is taken",
        reader.number()));
  }
  if (plan.rows == 0) return std::unexpected("the file is empty");
  refuse_repeated(plan);
  return plan;
}

}  // namespace conveyor::cli
