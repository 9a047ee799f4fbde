#include "app/load/ledger.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "app/cli/json_text.h"
#include "base/json.h"
#include "base/json_writer.h"

namespace conveyor::load {
namespace {

constexpr std::size_t kFlushBytes = std::size_t{256} << 10;
constexpr JsonLimits kLineLimits{.max_bytes = kMaxLedgerLineBytes, .max_depth = 4};

}  // namespace

void append_ledger_line(std::string& out, const LedgerEntry& entry) {
  JsonWriter w(out, JsonWriter::Order::any);
  w.begin_object();
  w.member("number", entry.number);
  w.member("key", entry.key);
  w.member("reference", entry.reference);
  w.member("customer_id", entry.customer_id);
  w.member("currency", entry.currency);
  w.member("total", entry.total_minor);
  w.member("scheduled_at", entry.scheduled_at);
  w.member("sent_at", entry.sent_at);
  w.member("answered_at", entry.answered_at);
  w.member("status", entry.status);
  if (!entry.order_id.empty()) w.member("id", entry.order_id);
  w.member("tries", entry.tries);
  w.key("unanswered_at");
  w.begin_array();
  for (const auto at : entry.unanswered_at) w.value(at);
  w.end_array();
  w.end_object();
  out += '\n';
}

std::expected<LedgerEntry, std::string> parse_ledger_line(std::string_view line) {
  const auto json = parse_json(line, kLineLimits);
  if (!json) return std::unexpected(json.error().detail);
  LedgerEntry entry;
  entry.key = cli::text_member(*json, "key");
  entry.reference = cli::text_member(*json, "reference");
  entry.customer_id = cli::text_member(*json, "customer_id");
  entry.currency = cli::text_member(*json, "currency");
  entry.order_id = cli::text_member(*json, "id");
  if (entry.key.empty() || entry.reference.empty() || entry.customer_id.empty()) {
    return std::unexpected("key, reference or customer_id is missing");
  }
  std::int64_t status = 0;
  std::int64_t tries = 0;
  std::int64_t number = 0;
  for (const auto& [name, target] : {std::pair{"number", &number},
                                     {"total", &entry.total_minor},
                                     {"scheduled_at", &entry.scheduled_at},
                                     {"sent_at", &entry.sent_at},
                                     {"answered_at", &entry.answered_at},
                                     {"status", &status},
                                     {"tries", &tries}}) {
    const auto value = cli::integer_member(*json, name);
    if (!value) return std::unexpected(fmt::format("{} is missing", name));
    *target = *value;
  }
  entry.number = static_cast<std::uint64_t>(number);
  entry.status = static_cast<int>(status);
  entry.tries = static_cast<std::uint32_t>(tries);
  for (const auto& at : cli::array_member(*json, "unanswered_at")) {
    if (!at.is_int64()) return std::unexpected("unanswered_at holds something else than times");
    entry.unanswered_at.push_back(at.get_int64());
  }
  return entry;
}

LedgerWriter::LedgerWriter(const std::string& path) : file_(path, std::ios::binary) {}

void LedgerWriter::add(const LedgerEntry& entry) {
  append_ledger_line(buffer_, entry);
  if (buffer_.size() >= kFlushBytes) flush();
}

void LedgerWriter::flush() {
  file_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  buffer_.clear();
}

bool LedgerWriter::close() {
  flush();
  file_.close();
  return !file_.fail();
}

LedgerReader::LedgerReader(const std::string& path) : file_(path, std::ios::binary) {}

std::expected<std::optional<LedgerEntry>, std::string> LedgerReader::next() {
  std::string line;
  if (!std::getline(file_, line)) {
    if (file_.bad()) return std::unexpected("it cannot be read to its end");
    return std::nullopt;
  }
  ++line_;
  if (file_.eof()) return std::unexpected(fmt::format("line {} has no end", line_));
  auto entry = parse_ledger_line(line);
  if (!entry) return std::unexpected(fmt::format("line {}: {}", line_, entry.error()));
  return *std::move(entry);
}

}  // namespace conveyor::load
