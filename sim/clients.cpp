#include "sim/clients.h"

#include <fmt/format.h>

#include "sim/violation.h"
#include "sim/words.h"

namespace conveyor::sim {
namespace {

/// A client that has no answer by then asks again.
constexpr Duration kAnswerWithin{30'000};
constexpr Duration kFirstAct{1};
constexpr Duration kLastAct{std::chrono::hours{20}};
/// Stock adjustments and settings per history.
constexpr std::size_t kAdjustments = 12;
constexpr std::int64_t kMaxPrice = 20'000;

CommandKind command_of(ClientAct act) {
  using enum ClientAct;
  if (act == hold) return CommandKind::hold;
  if (act == release) return CommandKind::release;
  if (act == retry || act == retry_with_changes) return CommandKind::retry;
  if (act == retry_now) return CommandKind::retry_now;
  if (act == compensate) return CommandKind::compensate;
  if (act == resolve) return CommandKind::resolve;
  if (act == restart || act == restart_with_changes) return CommandKind::restart;
  return CommandKind::cancel;
}

Digest digest(std::string_view what, std::size_t number) {
  return sha256(fmt::format("{} {}", what, number));
}

}  // namespace

Clients::Clients(Environment& environment, Checker& checker, Ways ways)
    : environment_(environment), checker_(checker), ways_(std::move(ways)) {}

bool Clients::may(ClientAct act) const {
  return !stopped_ && !environment_.reduction().no_acts.test(static_cast<std::size_t>(act));
}

RequestContext Clients::context(ActorKind kind) {
  const auto number = ++requests_;
  return {fmt::format("req_{}", number),
          fmt::format("corr-{}", number),
          std::nullopt,
          {kind, kind == ActorKind::client ? "shop" : "ops"}};
}

void Clients::start() {
  const auto& only = environment_.reduction().only_orders;
  if (only) {
    for (const auto number : *only) plan_order(number);
  } else {
    for (std::size_t i = 1; i <= environment_.options().orders; ++i) plan_order(i);
  }
  plan_stock();
}

// --- placing orders -----------------------------------------------------------------------------

void Clients::plan_order(std::size_t number) {
  auto& plan = plans_.try_emplace(number, environment_.options().seed, number).first->second;
  draw_order(plan);
  const auto arrival = Duration{plan.dice.between(1, environment_.options().arrivals.count())};
  ++unanswered_;
  environment_.after(arrival, [this, &plan] { place(plan, ClientAct::place); });
  plan_acts(plan, arrival);
}

void Clients::place(Plan& plan, ClientAct act) {
  const bool other = act == ClientAct::place_other_body;
  environment_.count(act);
  if (other) plan.sent_other = true;
  ++plan.sent;
  PlaceOrder input;
  input.key = {digest("place", plan.number), digest(other ? "other body" : "body", plan.number)};
  input.order = other ? plan.other : plan.order;
  input.ship_to = plan.ship_to;
  input.context = context(ActorKind::client);
  const auto heard = std::make_shared<bool>(false);
  input.answer = [this, &plan, other, heard](const PlaceOrder::Answer& answer) {
    if (*heard) throw RuleBroken("one_order", "a request was answered twice");
    *heard = true;
    if (!environment_.strikes(Fault::client_answer_lost)) {
      placed(plan, other, answer);
    } else {
      *heard = false;  // as far as the client knows
    }
    ways_.answered();
  };
  environment_.line([&] {
    return fmt::format("> {} {}, {} {}", to_string(act), plan.number, plan.order.payment_method,
                       plan.ship_to.postal_code);
  });
  ways_.submit(std::move(input));
  environment_.after(kAnswerWithin, [this, &plan, heard, other] {
    if (*heard || plan.answered) return;
    place(plan, other ? ClientAct::place_other_body : ClientAct::place_again);
  });
}

void Clients::placed(Plan& plan, bool other, const PlaceOrder::Answer& answer) {
  if (answer) {
    check_placed(plan, other, *answer);
    if (plan.created) return;
    plan.created = answer->created;
    by_id_.emplace(answer->created.order_id, plan.number);
    checker_.acknowledged(answer->created.order_id, 1);
    environment_.line([&] {
      return fmt::format("< order {} is {}", plan.number, words(answer->created.order_id));
    });
  } else if (std::holds_alternative<Unavailable>(answer.error())) {
    environment_.after(kAnswerWithin, [this, &plan, other] {
      if (!plan.answered) {
        place(plan, other ? ClientAct::place_other_body : ClientAct::place_again);
      }
    });
    return;
  } else if (std::holds_alternative<PlaceOrder::KeyReused>(answer.error())) {
    const bool was_same = plan.created && std::get<OrderCreated>(plan.created->data) ==
                                              (other ? plan.other : plan.order);
    if (was_same || !plan.sent_other) {
      throw RuleBroken("one_order",
                       fmt::format("order {}: its own key is refused as another's", plan.number));
    }
  }
  if (!plan.answered) --unanswered_;
  plan.answered = true;
}

void Clients::check_placed(const Plan& plan, bool other, const PlaceOrder::Placed& placed) const {
  const auto& created = placed.created;
  if (plan.created && *plan.created != created) {
    throw RuleBroken("one_order", fmt::format("order {}: a repeat was answered with another order",
                                              plan.number));
  }
  if (std::get<OrderCreated>(created.data) != (other ? plan.other : plan.order)) {
    throw RuleBroken("one_order",
                     fmt::format("order {}: the answer is about what was not asked", plan.number));
  }
}

// --- acting on orders ---------------------------------------------------------------------------

void Clients::plan_acts(Plan& plan, Duration placed_after) {
  auto& dice = plan.dice;
  const auto later = [&] { return placed_after + dice.log_uniform(kFirstAct, kLastAct); };
  const auto at = [&](Duration delay, ClientAct act) {
    environment_.after(delay, [this, &plan, act] {
      if (may(act)) place(plan, act);
    });
  };
  if (dice.chance(0.15)) at(later(), ClientAct::place_again);
  if (dice.chance(0.1)) at(later(), ClientAct::place_other_body);
  constexpr std::array kActs{ClientAct::cancel,
                             ClientAct::hold,
                             ClientAct::release,
                             ClientAct::retry,
                             ClientAct::retry_with_changes,
                             ClientAct::retry_now,
                             ClientAct::compensate,
                             ClientAct::resolve,
                             ClientAct::restart,
                             ClientAct::restart_with_changes,
                             ClientAct::command_if_match,
                             ClientAct::command_unknown_order};
  constexpr std::array kWeights{6, 4, 2, 2, 2, 3, 2, 2, 2, 2, 2, 1};
  while (dice.chance(environment_.options().commands_per_order)) {
    const auto act = kActs.at(dice.weighted(kWeights));
    environment_.after(later(), [this, &plan, act] {
      if (may(act)) act_on(plan, act);
    });
  }
}

void Clients::saw(const OrderId& id, Status status) {
  const auto found = by_id_.find(id);
  if (stopped_ || found == by_id_.end()) return;
  auto& plan = plans_.at(found->second);
  if (!plan.dice.chance(environment_.options().reactions)) return;
  const auto act = reaction_to(status, plan.dice);
  environment_.after(plan.dice.log_uniform(kFirstAct, std::chrono::hours{1}), [this, &plan, act] {
    if (may(act)) act_on(plan, act);
  });
}

ClientAct Clients::reaction_to(Status status, Dice& dice) const {
  using enum ClientAct;
  const auto one_of = [&](std::initializer_list<ClientAct> acts) {
    return *(acts.begin() + dice.below(acts.size()));
  };
  switch (status) {
    case Status::pending:
    case Status::processing:
      return one_of({cancel, hold, retry_now, retry_now, command_if_match});
    case Status::on_hold:
      return one_of({release, release, release, cancel});
    case Status::dead_lettered:
      return one_of({retry, retry_with_changes, retry_with_changes, compensate, cancel});
    case Status::cancelling:
    case Status::compensating:
    case Status::shipped:
    case Status::completed:
      return one_of({retry_now, retry_now, cancel});
    case Status::needs_attention:
      return one_of({retry, resolve});
    case Status::cancelled:
    case Status::failed:
      return one_of({restart, restart_with_changes});
  }
  return cancel;
}

void Clients::act_on(Plan& plan, ClientAct act) {
  if (act == ClientAct::command_unknown_order) {
    environment_.count(act);
    auto& random = plan.dice.random();
    return command(OrderId{make_uuid_v7(environment_.now(), random.next(), random.next())},
                   Command{}, std::nullopt, std::nullopt);
  }
  if (!plan.created) return;  // nobody knows of it yet
  const auto& id = plan.created->order_id;
  if (act == ClientAct::command_if_match) {
    environment_.count(act);
    const auto* known = checker_.order(id);
    const auto version = known == nullptr ? 1 : known->version;
    const auto stale = plan.dice.chance(0.3) && version > 1;
    return command(id, Command{CommandKind::hold, {}, {}, {}}, stale ? version - 1 : version,
                   std::nullopt);
  }
  const bool with_changes =
      act == ClientAct::retry_with_changes || act == ClientAct::restart_with_changes;
  this->act(id, act, with_changes ? draw_edit(plan) : OrderEdit{});
  // The old request is still being undone when somebody has second thoughts.
  if (act == ClientAct::retry_with_changes && plan.dice.chance(0.3)) {
    const auto soon = plan.dice.log_uniform(kFirstAct, std::chrono::minutes{1});
    environment_.after(soon, [this, &plan] {
      if (may(ClientAct::hold)) act_on(plan, ClientAct::hold);
    });
  }
}

void Clients::act(const OrderId& id, ClientAct act, const OrderEdit& edit) {
  environment_.count(act);
  Command input;
  input.reason = "reason";
  input.changes = edit.changes;
  input.kind = command_of(act);
  if (act == ClientAct::resolve) input.external_reference = "ticket-1";
  command(id, std::move(input), std::nullopt, edit.ship_to);
}

void Clients::command(const OrderId& id, Command command, std::optional<std::uint64_t> if_match,
                      std::optional<ShipTo> ship_to) {
  environment_.line([&] {
    return fmt::format("> {} {}{}", to_string(command.kind), words(id),
                       command.changes.empty() ? "" : " with changes");
  });
  const auto heard = std::make_shared<bool>(false);
  OrderCommand input;
  input.order_id = id;
  input.command = std::move(command);
  input.if_match = if_match;
  input.ship_to = std::move(ship_to);
  input.context = context(ActorKind::operator_);
  input.answer = [this, id, heard](const OrderCommand::Answer& answer) {
    if (std::exchange(*heard, true)) throw RuleBroken("one_order", "a command was answered twice");
    environment_.line([&] {
      if (answer) return fmt::format("< {} is {}", words(id), to_string(answer->order.status));
      const auto* refusal = std::get_if<Refusal>(&answer.error());
      return fmt::format("< {}: {}", words(id), refusal ? refusal->detail : "refused");
    });
    if (answer && !environment_.strikes(Fault::client_answer_lost)) {
      checker_.acknowledged(id, answer->order.version);
    }
    ways_.answered();
  };
  ways_.submit(std::move(input));
}

// --- what orders are made of --------------------------------------------------------------------

std::vector<std::string> Clients::skus() const {
  std::vector<std::string> skus;
  for (std::size_t i = 1; i <= environment_.options().skus; ++i) {
    skus.push_back(fmt::format("sku-{}", i));
  }
  for (const auto* odd : {"SBX-RESERVE-FLAKY-1", "SBX-RESERVE-FLAKY-9", "SBX-COMMIT-FLAKY-2",
                          "SBX-COMMIT-FLAKY-12"}) {
    skus.emplace_back(odd);
  }
  return skus;
}

std::vector<Line> Clients::draw_lines(Dice& dice) {
  std::vector<Line> lines;
  const auto count = dice.between(1, 3);
  for (std::int32_t i = 1; i <= count; ++i) {
    const auto sku = 1 + dice.below(environment_.options().skus);
    lines.push_back({i, fmt::format("sku-{}", sku), std::nullopt, dice.between(1, 5),
                     dice.between(0, kMaxPrice)});
  }
  return lines;
}

/// Mostly what the step that the order is at has asked for.
OrderEdit Clients::draw_edit(Plan& plan) {
  constexpr std::array<std::string_view, 4> kMethods{"pm_ok", "pm_async", "pm_flaky_1", "pm_slow"};
  constexpr std::array<std::string_view, 4> kPostalCodes{"10117", "SBX-ASYNC", "SBX-FLAKY-1",
                                                         "SBX-NO-CANCEL"};
  OrderEdit edit;
  const auto* order = plan.created ? checker_.order(plan.created->order_id) : nullptr;
  const bool fits = order != nullptr && order->step <= 3 && plan.dice.chance(0.7);
  const auto field = fits ? order->step : static_cast<StepNumber>(plan.dice.between(1, 3));
  if (field == 1) {
    edit.changes.lines = draw_lines(plan.dice);
  } else if (field == 2) {
    edit.changes.payment_method = plan.dice.one_of(kMethods);
  } else {
    edit.ship_to = plan.ship_to;
    edit.ship_to->postal_code = plan.dice.one_of(kPostalCodes);
  }
  return edit;
}

void Clients::draw_order(Plan& plan) {
  constexpr std::array<std::string_view, 17> kMethods{
      "pm_async",      "pm_async",          "pm_slow",
      "pm_declined",   "pm_declined_funds", "pm_flaky_1",
      "pm_flaky_3",    "pm_flaky_20",       "pm_capture_declined",
      "pm_outage_30",  "pm_outage_3600",    "pm_outage_86400",
      "pm_lost_reply", "pm_lost_reply",     "pm_garbage",
      "pm_undo_fails", "pm_undo_fails"};
  constexpr std::array<std::string_view, 9> kPostalCodes{
      "SBX-ASYNC",   "SBX-ASYNC",    "SBX-SLOW",       "SBX-REJECTED", "SBX-DISPATCH-REJECTED",
      "SBX-FLAKY-2", "SBX-FLAKY-20", "SBX-LOST-REPLY", "SBX-NO-CANCEL"};
  constexpr std::array<std::string_view, 4> kSkus{"SBX-RESERVE-FLAKY-1", "SBX-RESERVE-FLAKY-9",
                                                  "SBX-COMMIT-FLAKY-2", "SBX-COMMIT-FLAKY-12"};
  auto& dice = plan.dice;
  auto& order = plan.order;
  const auto odd = [&] { return dice.chance(environment_.options().odd_orders); };
  order.customer_id = fmt::format("c{}", 1 + dice.below(environment_.options().customers));
  if (dice.chance(0.1)) order.reference = fmt::format("ref-{}", dice.below(40));
  constexpr std::array<std::string_view, 3> kCurrencies{"EUR", "JPY", "KWD"};
  order.currency = *Currency::from_code(dice.one_of(kCurrencies));
  order.lines = draw_lines(dice);
  if (dice.chance(environment_.options().odd_orders / 3)) {
    order.lines.front().sku = dice.one_of(kSkus);
  }
  if (dice.chance(0.5)) {
    order.adjustments.push_back({AdjustmentKind::shipping, dice.between(1, 900), std::nullopt});
  }
  const auto sum = total_of(order.lines, order.adjustments).value_or(0);
  if (sum > 0 && dice.chance(0.2)) {
    const auto all = dice.chance(0.3);  // nothing is left to pay
    order.adjustments.push_back(
        {AdjustmentKind::discount, all ? -sum : -dice.between(1, sum), std::nullopt});
  }
  order.total_minor = total_of(order.lines, order.adjustments).value_or(0);
  order.payment_method = odd() ? dice.one_of(kMethods) : "pm_ok";
  plan.other = order;
  plan.other.lines.front().quantity += 1;
  plan.other.total_minor = total_of(plan.other.lines, plan.other.adjustments).value_or(0);
  plan.ship_to.name = "A. Buyer";
  plan.ship_to.line1 = "Main Street 1";
  plan.ship_to.city = "Berlin";
  plan.ship_to.postal_code = odd() ? dice.one_of(kPostalCodes) : "10115";
  plan.ship_to.country = "DE";
}

// --- stock --------------------------------------------------------------------------------------

void Clients::plan_stock() {
  auto dice = std::make_shared<Dice>(environment_.options().seed, 3);
  for (std::size_t i = 1; i <= kAdjustments; ++i) {
    const auto when = dice->log_uniform(kFirstAct, kLastAct);
    environment_.after(when, [this, i] { adjust(i, false, false); });
    if (dice->chance(0.5)) {
      environment_.after(when * 2, [this, i] { adjust(i, true, false); });
    }
    if (dice->chance(0.3)) {
      environment_.after(when * 3, [this, i] { adjust(i, true, true); });
    }
  }
}

void Clients::adjust(std::size_t number, bool again, bool other) {
  const auto act = other   ? ClientAct::adjust_stock_other_body
                   : again ? ClientAct::adjust_stock_again
                           : ClientAct::adjust_stock;
  const auto all = skus();
  const auto& sku = all.at(number % all.size());
  const auto delta = static_cast<std::int64_t>(number % 5) - 2 + (other ? 1 : 0);
  if (!may(act)) return;
  environment_.count(act);
  if (ways_.adjust_elsewhere) return ways_.adjust_elsewhere(sku, delta);
  AdjustStock input;
  input.key = {digest("adjust", number), digest(other ? "other adjustment" : "adjustment", number)};
  input.sku = sku;
  input.delta = delta;
  input.reason = "counted";
  input.answer = [this, number, other](const AdjustStock::Answer& answer) {
    if (answer) {
      const auto known = movements_.find(number);
      if (known != movements_.end() && (other || known->second != answer->movement)) {
        throw RuleBroken("one_order",
                         fmt::format("adjustment {}: its key is answered differently", number));
      }
      if (!other) movements_.emplace(number, answer->movement);
    }
    ways_.answered();
  };
  ways_.submit(std::move(input));
  if (number % 3 != 0 || !may(ClientAct::set_stock)) return;
  environment_.count(ClientAct::set_stock);
  ways_.submit(SetStock{sku, environment_.options().stock, std::nullopt,
                        [this](const SetStock::Answer&) { ways_.answered(); }});
}

}  // namespace conveyor::sim
