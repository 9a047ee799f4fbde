// Sending, and waiting for what was sent.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <utility>

#include "app/cli/console.h"
#include "app/cli/import_run.h"
#include "app/cli/interrupt.h"
#include "app/cli/json_text.h"
#include "app/cli/pages.h"
#include "app/cli/parallel.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/vocabulary.h"

namespace conveyor::cli {
namespace {

// Pauses between looks at the orders that are open: shortest after something was settled, twice as
// long each time that nothing was.
constexpr Duration kWaitPause{200};
constexpr Duration kMaxWaitPause{5'000};
// How often it says how many there are, where there is no bar.
constexpr Duration kWaitNotice{10'000};

std::vector<LineProblem> problems_of(ImportFormat format, const PlannedOrder& order,
                                     const Failure& failure) {
  std::vector<LineProblem> problems;
  if (failure.exit_code == ExitCode::invalid) {
    for (const auto& field : failure.fields) {
      problems.push_back(place_problem(format, order.lines, field.pointer, field.detail));
    }
  }
  if (problems.empty()) {
    problems.push_back(
        {order.lines.front(), printable(failure.detail.empty() ? failure.text : failure.detail)});
  }
  std::ranges::sort(problems);
  return problems;
}

// The server has judged this order; another one may fare better.
bool is_refusal(const Failure& failure) {
  return failure.status >= 400 && failure.status < 500 && !failure.may_pass &&
         failure.exit_code != ExitCode::not_found && !failure.code.empty();
}

// The statuses that are not settled, as a query.
std::string unsettled_query() {
  std::vector<std::string_view> names;
  for (const auto status : kAllStatuses) {
    if (!is_settled(std::string{to_string(status)})) names.push_back(to_string(status));
  }
  return fmt::format("status={}", fmt::join(names, ","));
}

// Looks at orders until all are settled.
class Wait {
 public:
  Wait(const ImportOptions& options, Import& import, Patience& patience)
      : options_(options), import_(import), patience_(patience), client_(options.server) {
    for (auto& sent : import.sent) {
      if (!sent.id.empty()) waiting_.push_back(&sent);
    }
    for (const auto* sent : waiting_) {
      if (const auto id = OrderId::parse(sent->id)) oldest_ = std::min(oldest_, id->created_at());
    }
  }

  std::size_t left() const { return waiting_.size(); }

  // False: stopped, and `import.stopped` says why unless it was Ctrl-C.
  bool look() {
    const auto open = open_orders();
    if (!open) {
      import_.stopped = open.error();
      return false;
    }
    std::vector<Sent*> closed;
    for (auto* sent : waiting_) {
      const auto found = open->find(sent->id);
      if (found == open->end()) {
        closed.push_back(sent);
      } else {
        sent->status = found->second;
      }
    }
    read_statuses(closed);
    std::erase_if(waiting_, [](const Sent* sent) { return is_settled(sent->status); });
    return !import_.stopped && !is_interrupted();
  }

 private:
  using Open = std::map<std::string, std::string>;  // id -> status

  // The server's open orders as old as ours or younger.
  std::expected<Open, Failure> open_orders() {
    Open open;
    const auto after = format_rfc3339(oldest_ - Duration{1});  // which is exclusive
    Pages pages{client_,
                fmt::format("/v1/orders?{}&created_after={}&limit={}", unsettled_query(),
                            encode_component(after), kMaxPageRows),
                &patience_};
    while (!pages.is_done()) {
      const auto page = pages.next();
      if (!page) return std::unexpected(page.error());
      for (const auto& row : array_member(*page, "data")) {
        open.emplace(text_member(row, "id"), text_member(row, "status"));
      }
    }
    return open;
  }

  void read_statuses(const std::vector<Sent*>& orders) {
    std::mutex mutex;
    for_each_in_flight(
        options_.server, options_.in_flight, orders.size(), [&](std::size_t i, ApiClient& client) {
          const auto answer = client.send_patiently(
              {.method = "GET",
               .target = fmt::format("/v1/orders/{}", encode_component(orders[i]->id))},
              patience_);
          if (answer) {
            orders[i]->status = text_member(answer->json, "status");
            return true;
          }
          const std::scoped_lock lock{mutex};
          if (!import_.stopped) import_.stopped = answer.error();
          return false;
        });
  }

  const ImportOptions& options_;
  Import& import_;
  Patience& patience_;
  ApiClient client_;
  std::vector<Sent*> waiting_;
  Timestamp oldest_ = Timestamp::max();  // when the oldest of them was placed
};

std::string waiting_text(const Import& import) {
  std::vector<std::string> parts;
  for (const auto& [status, count] : count_statuses(import)) {
    if (!is_settled(status)) parts.push_back(fmt::format("{} {}", count, status));
  }
  return printable(fmt::format("waiting: {}", fmt::join(parts, ", ")));
}

}  // namespace

void send_orders(const ImportOptions& options, Import& import, Patience& patience,
                 Progress& progress, RejectsFile* rejects) {
  std::mutex mutex;
  import.sent.resize(import.plan.orders.size());
  progress.begin("placing", import.plan.orders.size());
  for_each_in_flight(options.server, options.in_flight, import.plan.orders.size(),
                     [&](std::size_t i, ApiClient& client) {
                       const auto& order = import.plan.orders[i];
                       const auto answer = client.send_patiently(
                           {.method = "POST",
                            .target = "/v1/orders",
                            .headers = {idempotency_header(import_key(order))},
                            .body = order.body},
                           patience);
                       Sent& sent = import.sent[i];
                       if (answer) {
                         const bool is_replay =
                             answer->find_header("Idempotent-Replayed") != nullptr;
                         sent.result = is_replay ? Sent::Result::replayed : Sent::Result::created;
                         sent.id = text_member(answer->json, "id");
                         sent.status = text_member(answer->json, "status");
                       } else if (is_refusal(answer.error())) {
                         sent.result = Sent::Result::refused;
                         sent.problems = problems_of(import.plan.format, order, answer.error());
                         if (rejects != nullptr) rejects->append(order.reference, sent.problems);
                       } else {
                         if (answer.error().was_sent) sent.result = Sent::Result::unanswered;
                         const std::scoped_lock lock{mutex};
                         if (!import.stopped) import.stopped = answer.error();
                         return false;
                       }
                       progress.advance();
                       return true;
                     });
}

bool is_settled(const std::string& status) {
  const auto known = parse_status(status);
  if (!known) return true;  // of a newer server: nobody here knows whether it will pass
  return is_final(*known) || *known == Status::dead_lettered || *known == Status::needs_attention ||
         *known == Status::on_hold;
}

void wait_for_orders(const ImportOptions& options, Import& import, Patience& patience,
                     Progress& progress) {
  if (import.stopped || is_interrupted()) return;
  Wait wait{options, import, patience};
  const auto total = wait.left();
  progress.begin("waiting", total);
  auto pause = kWaitPause;
  Duration since_notice{0};
  while (wait.left() > 0) {
    const auto before = wait.left();
    if (!wait.look()) return;
    progress.set(total - wait.left());
    if (wait.left() == 0) return;
    pause = wait.left() < before ? kWaitPause : std::min(2 * pause, kMaxWaitPause);
    if (!sleep_unless_interrupted(pause)) return;
    since_notice += pause;
    if (since_notice >= kWaitNotice && !progress.is_drawn()) {
      progress.say(waiting_text(import));
      since_notice = Duration{0};
    }
  }
}

std::map<std::string, std::size_t> count_statuses(const Import& import) {
  std::map<std::string, std::size_t> counts;
  for (const auto& sent : import.sent) {
    if (!sent.id.empty()) ++counts[sent.status];
  }
  return counts;
}

}  // namespace conveyor::cli
