#include "app/load/check.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "app/cli/interrupt.h"
#include "app/cli/json_text.h"
#include "app/cli/parallel.h"
#include "app/load/ledger.h"
#include "domain/vocabulary.h"

namespace conveyor::load {
namespace {

constexpr Duration kLookAgain{200};

struct Open {
  std::string id;
  std::string key;
  std::string status;
};

struct Findings {
  std::uint64_t entries = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t repeated = 0;  ///< of these: after at least one try that got no answer
  std::uint64_t refused = 0;
  std::uint64_t unanswered = 0;
  std::uint64_t unanswered_there = 0;             ///< of these: the server has the order
  std::map<std::string, std::uint64_t> statuses;  ///< of all orders that are there
  std::uint64_t discrepancies = 0;
  std::vector<std::string> named;

  void differ(std::string text) {
    ++discrepancies;
    if (named.size() < kMaxNamedDiscrepancies) named.push_back(std::move(text));
  }
};

// Nothing more happens by itself.
bool is_settled(const std::string& text) {
  const auto status = parse_status(text);
  return status && (is_final(*status) || *status == Status::dead_lettered ||
                    *status == Status::needs_attention || *status == Status::on_hold);
}

class Checker {
 public:
  Checker(const CheckOptions& options, Findings& findings)
      : options_(options), findings_(findings) {}

  /// Why it could not go on; nothing if it could.
  std::optional<cli::Failure> check(const std::vector<LedgerEntry>& entries) {
    open_.clear();
    cli::for_each_in_flight(
        options_.server, true, entries.size(),
        [&](std::size_t i, cli::ApiClient& client) { return look_for(entries[i], client); });
    if (options_.wait) wait_for_open();
    for (const auto& order : open_) ++findings_.statuses[order.status];
    return std::move(stopped_);
  }

 private:
  bool look_for(const LedgerEntry& entry, cli::ApiClient& client) {
    const auto answer = client.send_patiently(
        {.method = "GET",
         .target = fmt::format("/v1/orders?reference={}&customer_id={}&limit=2",
                               cli::encode_component(entry.reference),
                               cli::encode_component(entry.customer_id))});
    const std::scoped_lock lock{mutex_};
    if (!answer) return stop(answer.error());
    compare(entry, cli::array_member(answer->json, "data"));
    return true;
  }

  void compare(const LedgerEntry& entry, const boost::json::array& found) {
    const auto differ = [&](std::string_view what) {
      findings_.differ(fmt::format("{}: {}", entry.key, what));
    };
    ++findings_.entries;
    if (found.size() > 1) differ("there is more than one order");
    if (!found.empty()) {
      open_.push_back({cli::text_member(found.front(), "id"), entry.key,
                       cli::text_member(found.front(), "status")});
    }
    if (entry.status == 201) return compare_acknowledged(entry, found);
    if (entry.status != 0) ++findings_.refused;
    if (entry.status >= 400 && entry.status < 500 && entry.status != 409 && !found.empty()) {
      differ(fmt::format("it was refused ({}), but there is an order", entry.status));
    }
    if (entry.status != 0) return;
    ++findings_.unanswered;
    if (!found.empty()) ++findings_.unanswered_there;
  }

  void compare_acknowledged(const LedgerEntry& entry, const boost::json::array& found) {
    ++findings_.acknowledged;
    if (!entry.unanswered_at.empty()) ++findings_.repeated;
    const auto differ = [&](std::string text) {
      findings_.differ(fmt::format("{}: {}", entry.key, text));
    };
    if (found.empty()) return differ(fmt::format("order {} is not there", entry.order_id));
    const auto id = cli::text_member(found.front(), "id");
    if (id != entry.order_id) {
      differ(fmt::format("the order is {}, but {} was acknowledged", id, entry.order_id));
    }
    const auto total = cli::integer_member(found.front(), "total");
    if (total != entry.total_minor ||
        cli::text_member(found.front(), "currency") != entry.currency) {
      differ(fmt::format(
          "the total is {} {}, but {} {} was ordered", cli::text_member(found.front(), "total"),
          cli::text_member(found.front(), "currency"), entry.total_minor, entry.currency));
    }
  }

  /// Asks for each order that is not settled until none is left, or none has moved for too long.
  void wait_for_open() {
    const std::chrono::duration<double> patience{options_.patience_s};
    auto last_progress = std::chrono::steady_clock::now();
    std::size_t left_before = open_.size() + 1;
    while (!stopped_ && !cli::is_interrupted()) {
      std::vector<Open*> left;
      for (auto& order : open_) {
        if (!is_settled(order.status)) left.push_back(&order);
      }
      if (left.empty()) return;
      const auto now = std::chrono::steady_clock::now();
      if (left.size() < left_before) last_progress = now;
      left_before = left.size();
      if (now - last_progress > patience) return name_unsettled(left);
      cli::for_each_in_flight(
          options_.server, true, left.size(),
          [&](std::size_t i, cli::ApiClient& client) { return look_at(*left[i], client); });
      cli::sleep_unless_interrupted(kLookAgain);
    }
  }

  bool look_at(Open& order, cli::ApiClient& client) {
    const auto answer =
        client.send_patiently({.method = "GET", .target = fmt::format("/v1/orders/{}", order.id)});
    const std::scoped_lock lock{mutex_};
    if (!answer) return stop(answer.error());
    order.status = cli::text_member(answer->json, "status");
    return true;
  }

  void name_unsettled(const std::vector<Open*>& left) {
    for (const auto* order : left) {
      findings_.differ(fmt::format("{}: order {} is still {}", order->key, order->id,
                                   cli::printable(order->status)));
    }
  }

  bool stop(const cli::Failure& failure) {
    if (!stopped_) stopped_ = failure;
    return false;
  }

  const CheckOptions& options_;
  Findings& findings_;
  std::mutex mutex_;
  std::vector<Open> open_;  ///< orders of the chunk that are there; guarded by mutex_
  std::optional<cli::Failure> stopped_;
};

void print_text(std::ostream& out, const Findings& findings) {
  const auto line = [&out](std::string_view name, std::uint64_t count) {
    fmt::print(out, "{:<20}{}\n", name, count);
  };
  line("orders", findings.entries);
  line("acknowledged", findings.acknowledged);
  line("  after no answer", findings.repeated);
  line("refused", findings.refused);
  line("unanswered", findings.unanswered);
  line("  but there", findings.unanswered_there);
  for (const auto& [status, count] : findings.statuses) line(cli::printable(status), count);
  line("discrepancies", findings.discrepancies);
  for (const auto& text : findings.named) fmt::print(out, "  {}\n", text);
  if (findings.discrepancies > findings.named.size()) {
    fmt::print(out, "  and {} more\n", findings.discrepancies - findings.named.size());
  }
}

boost::json::object to_json(const Findings& findings) {
  boost::json::object statuses;
  for (const auto& [status, count] : findings.statuses) statuses[status] = count;
  return {{"orders", findings.entries},
          {"acknowledged", findings.acknowledged},
          {"acknowledged_after_no_answer", findings.repeated},
          {"refused", findings.refused},
          {"unanswered", findings.unanswered},
          {"unanswered_but_there", findings.unanswered_there},
          {"statuses", std::move(statuses)},
          {"discrepancies", findings.discrepancies},
          {"named", boost::json::value_from(findings.named)}};
}

/// The next entries, at most kCheckChunk; none at the end.
std::expected<std::vector<LedgerEntry>, std::string> read_chunk(LedgerReader& reader) {
  std::vector<LedgerEntry> entries;
  while (entries.size() < kCheckChunk) {
    auto entry = reader.next();
    if (!entry) return std::unexpected(std::move(entry.error()));
    if (!*entry) break;
    entries.push_back(*std::move(*entry));
  }
  return entries;
}

}  // namespace

cli::ExitCode check(cli::Console& console, const CheckOptions& options) {
  LedgerReader reader(options.ledger);
  if (!reader.is_open()) {
    return cli::fail(console, cli::ExitCode::error,
                     fmt::format("{} cannot be opened", options.ledger));
  }
  cli::ApiClient client{options.server};
  const auto version = client.get("/version");
  if (!version) return cli::fail(console, version.error().exit_code, version.error().text);
  cli::stop_on_signal();
  Findings findings;
  Checker checker(options, findings);
  for (;;) {
    const auto entries = read_chunk(reader);
    if (!entries) {
      return cli::fail(console, cli::ExitCode::invalid,
                       fmt::format("{}: {}", options.ledger, entries.error()));
    }
    if (entries->empty()) break;
    if (const auto stopped = checker.check(*entries)) {
      return cli::fail(console, stopped->exit_code, stopped->text);
    }
    if (cli::is_interrupted()) return cli::ExitCode::interrupted;
  }
  if (options.output == cli::Output::text) {
    print_text(console.out, findings);
  } else {
    cli::print_json(console.out, to_json(findings), options.output);
  }
  return findings.discrepancies == 0 ? cli::ExitCode::ok : cli::ExitCode::error;
}

}  // namespace conveyor::load
