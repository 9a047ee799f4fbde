#include "sim/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/dice.h"

namespace conveyor::sim {
namespace {

using std::chrono::hours;

/// Strikes per occasion at the middle of the scale. An occasion is a write, a commit, a batch, a
/// call, a message or an answer, as the fault's comment says.
constexpr double base_rate(Fault fault) {
  switch (fault) {
    case Fault::write_refused:
      return 0.001;
    case Fault::commit_refused:
      return 0.01;
    case Fault::disk_full:
    case Fault::fsync_failed:
      return 0.002;
    case Fault::commit_slow:
      return 0.01;
    case Fault::crash_before_commit:
    case Fault::crash_after_commit:
    case Fault::crash_between_answers:
    case Fault::crash_between_batches:
    case Fault::crash_in_call:
      return 0.003;
    case Fault::crash_in_undo:
      return 0.01;
    case Fault::crash_in_recovery:
      return 0.2;
    case Fault::request_lost:
    case Fault::reply_lost:
      return 0.04;
    case Fault::request_repeated:
      return 0.08;
    case Fault::request_late:
    case Fault::reply_late:
      return 0.03;
    case Fault::overtaken:
      return 0;  // comes from the others
    case Fault::host_crash_before_commit:
    case Fault::host_crash_after_commit:
      return 0.01;
    case Fault::host_down:
      return 0.003;
    case Fault::answer_failed:
      return 0.04;
    case Fault::answer_transient:
      return 0.02;
    case Fault::answer_denied:
      return 0.01;
    case Fault::answer_malformed:
      return 0.02;
    case Fault::answer_in_progress:
      return 0.03;
    case Fault::answer_rejected:
      return 0.015;
    case Fault::undo_refused:
      return 0.2;
    case Fault::effect_unanswered:
      return 0.03;
    case Fault::clock_forward:
    case Fault::clock_back:
      return 0.0005;
    case Fault::client_answer_lost:
      return 0.03;
  }
  return 0;
}

/// Faults that come from one place. In part of the histories that place works, so that others'
/// faults are not always washed away by, say, the next crash.
constexpr std::array kFirstOfPlace{Fault::write_refused, Fault::crash_before_commit,
                                   Fault::request_lost,  Fault::host_crash_before_commit,
                                   Fault::answer_failed, Fault::clock_forward};

void draw_rates(Dice& dice, Options& options) {
  bool works = false;
  constexpr std::array kScale{0.2, 1.0, 1.0, 2.0, 5.0};
  const auto weather = dice.one_of(kScale);
  for (std::size_t i = 0; i < kFaultCount; ++i) {
    if (std::ranges::count(kFirstOfPlace, static_cast<Fault>(i)) > 0) works = dice.chance(0.2);
    const bool none = dice.chance(0.35) || works;
    const auto rate = base_rate(static_cast<Fault>(i)) * weather * dice.one_of(kScale);
    options.rates.at(i) = none ? 0 : std::min(rate, 0.5);
  }
  // A history without any fault proves nothing; here one of a hundred is certain to lose an answer.
  auto& least = options.rates.at(static_cast<std::size_t>(Fault::client_answer_lost));
  least = std::max(least, 0.12);
}

RetryPolicy draw_retry(Dice& dice) {
  RetryPolicy policy;
  if (dice.chance(0.5)) return policy;  // as shipped
  constexpr std::array kAttempts{1U, 2U, 2U, 3U, 8U};
  policy.max_attempts = dice.one_of(kAttempts);
  policy.base_delay = Duration{dice.between(1, 5'000)};
  policy.cap = Duration{dice.between(5'000, 120'000)};
  policy.undo_after =
      dice.chance(0.2) ? std::nullopt : std::optional<Duration>{hours{dice.between(1, 48)}};
  policy.patience = hours{dice.between(2, 200)};
  policy.undo_patience = hours{dice.between(1, 48)};
  if (dice.chance(0.4)) {  // so short that timers meet everything else
    policy.patience = std::chrono::minutes{dice.between(2, 120)};
    policy.undo_patience = std::chrono::minutes{dice.between(1, 60)};
    if (policy.undo_after) policy.undo_after = std::chrono::minutes{dice.between(1, 60)};
  }
  return policy;
}

GateOptions draw_gate(Dice& dice) {
  GateOptions gate;
  if (dice.chance(0.5)) return gate;  // as shipped
  gate.breaker.min_calls = static_cast<std::uint32_t>(dice.between(1, 10));
  gate.breaker.error_percent = static_cast<std::uint32_t>(dice.between(20, 80));
  gate.breaker.open_for = Duration{dice.between(500, 60'000)};
  gate.breaker.probes = static_cast<std::uint32_t>(dice.between(1, 3));
  gate.retry_budget.percent = static_cast<std::uint32_t>(dice.between(0, 20));
  gate.retry_budget.per_second = static_cast<std::uint32_t>(dice.between(1, 10));
  gate.max_in_flight = dice.chance(0.5) ? 1'024 : static_cast<std::size_t>(dice.between(1, 8));
  return gate;
}

Site draw_site(Dice& dice) {
  constexpr std::array kWeights{5, 3, 3};
  return static_cast<Site>(dice.weighted(kWeights));
}

}  // namespace

std::string_view to_string(Site site) {
  switch (site) {
    case Site::local:
      return "local";
    case Site::remote:
      return "remote";
    case Site::hostile:
      return "hostile";
  }
  return "unknown";
}

Options draw_options(std::uint64_t seed) {
  Dice dice{seed, 0};
  Options options;
  options.seed = seed;
  options.orders = kLeastOrders + static_cast<std::size_t>(dice.between(12, 30));
  options.customers = static_cast<std::size_t>(dice.between(1, 8));
  options.skus = static_cast<std::size_t>(dice.between(1, 6));
  options.stock = dice.chance(0.15) ? dice.between(20, 200) : 100'000;
  options.arrivals = std::chrono::seconds{dice.between(1, 3'600)};
  options.faults_last = dice.chance(0.3) ? hours{dice.between(24, 250)} : hours{dice.between(1, 6)};
  if (!dice.chance(0.4)) {
    for (auto& site : options.sites) site = draw_site(dice);
  }
  options.retry = draw_retry(dice);
  options.gate = draw_gate(dice);
  options.horizon = dice.chance(0.3) ? Duration{dice.between(1'000, 60'000)} : Duration{60'000};
  if (dice.chance(0.05)) options.open_orders_max = static_cast<std::size_t>(dice.between(5, 50));
  options.commands_per_order = dice.chance(0.2) ? 0.1 : 0.5 * dice.random().fraction();
  constexpr std::array kReactions{0.0, 0.05, 0.1, 0.15, 0.5};
  options.reactions = dice.one_of(kReactions);
  options.odd_orders = 0.4 * dice.random().fraction();
  draw_rates(dice, options);
  return options;
}

std::string describe(const Options& options) {
  auto text = fmt::format(
      "seed {}: {} orders of {} customers within {} s, {} SKUs of {}, faults for {} h\n"
      "  inventory {}, payment {}, shipping {}\n"
      "  attempts {}, back-off {} ms to {} ms, undo_after {} h, patience {} h, undo_patience {} h\n"
      "  breaker: {} calls, {} %, open {} ms, {} probes; budget {} % and {} a second; {} in "
      "flight\n"
      "  horizon {} ms, open_orders_max {}, commands per order {:.2f}, reactions {:.2f}, odd "
      "orders "
      "{:.2f}\n  rates:",
      options.seed, options.orders, options.customers, options.arrivals.count() / 1'000,
      options.skus, options.stock, std::chrono::duration_cast<hours>(options.faults_last).count(),
      to_string(options.sites[0]), to_string(options.sites[1]), to_string(options.sites[2]),
      options.retry.max_attempts, options.retry.base_delay.count(), options.retry.cap.count(),
      options.retry.undo_after ? fmt::format("{}", options.retry.undo_after->count() / 3'600'000)
                               : "never",
      options.retry.patience.count() / 3'600'000, options.retry.undo_patience.count() / 3'600'000,
      options.gate.breaker.min_calls, options.gate.breaker.error_percent,
      options.gate.breaker.open_for.count(), options.gate.breaker.probes,
      options.gate.retry_budget.percent, options.gate.retry_budget.per_second,
      options.gate.max_in_flight, options.horizon.count(), options.open_orders_max,
      options.commands_per_order, options.reactions, options.odd_orders);
  for (std::size_t i = 0; i < kFaultCount; ++i) {
    if (options.rates.at(i) == 0) continue;
    text += fmt::format(" {}={:.4f}", to_string(static_cast<Fault>(i)), options.rates.at(i));
  }
  return text + "\n";
}

std::string arguments_of(const Reduction& reduction) {
  std::string text;
  if (reduction.only_orders) {
    text += fmt::format(" --only-orders {}", fmt::join(*reduction.only_orders, ","));
  }
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kFaultCount; ++i) {
    if (reduction.no_faults.test(i)) names.push_back(to_string(static_cast<Fault>(i)));
  }
  if (!names.empty()) text += fmt::format(" --no-faults {}", fmt::join(names, ","));
  names.clear();
  for (std::size_t i = 0; i < kClientActCount; ++i) {
    if (reduction.no_acts.test(i)) names.push_back(to_string(static_cast<ClientAct>(i)));
  }
  if (!names.empty()) text += fmt::format(" --no-acts {}", fmt::join(names, ","));
  return text;
}

}  // namespace conveyor::sim
