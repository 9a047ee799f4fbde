#include "sim/history.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "base/sabotage.h"
#include "sim/transition_page.h"
#include "sim/violation.h"
#include "sim/words.h"

namespace conveyor::sim {
namespace {

/// Steps in which all orders must settle once faults are off: so many, and so many per order.
constexpr std::uint64_t kSettleSteps = 5'000;
constexpr std::uint64_t kSettleStepsPerOrder = 200;
/// People look at what waits for them every so many steps.
constexpr std::uint64_t kStepsPerLook = 10;
/// What people do for one order in the end before they give up.
constexpr int kMaxHelp = 20;
/// The whole store is checked every so many steps, on top of the ends of both phases.
constexpr std::uint64_t kStepsPerFullCheck = 1'000;
/// Orders on which every input is tried, whatever it should do: one in so many touched.
constexpr std::size_t kTouchedPerTrial = 40;

/// The history of this thread, for the observer of decisions.
thread_local Coverage* observed_coverage = nullptr;
thread_local Machine::Watcher* observed_watcher = nullptr;

}  // namespace

struct History::Place {
  std::unique_ptr<MemoryStore> store = std::make_unique<MemoryStore>();
  std::unique_ptr<RemoteSite> site;
  std::unique_ptr<Network> network;
};

History::History(const Options& options, const Reduction& reduction, Trace& trace,
                 Coverage& coverage)
    : environment_(options, reduction, trace, coverage),
      trials_(options.seed, 4),
      stores_(make_stores()),
      checker_(stores_, environment_.options()),
      machine_(environment_, store_, make_networks(), *this),
      clients_(environment_, checker_,
               {[this](CoreInput input) { machine_.submit(std::move(input)); },
                [this] { machine_.answered(); }, adjust_elsewhere()}) {
  observed_coverage = &coverage;
  observed_watcher = this;
  decision_observer = &History::observe;
}

History::~History() {
  decision_observer = nullptr;
}

Stores History::make_stores() {
  Stores stores{store_, {}};
  for (const auto participant : kAllParticipants) {
    const auto index = static_cast<std::size_t>(participant);
    if (environment_.options().sites.at(index) == Site::local) {
      stores.services.at(index) = &store_;
    } else {
      places_.at(index) = std::make_unique<Place>();
      stores.services.at(index) = places_.at(index)->store.get();
    }
  }
  return stores;
}

Machine::Networks History::make_networks() {
  Machine::Networks networks{};
  for (const auto participant : kAllParticipants) {
    const auto index = static_cast<std::size_t>(participant);
    if (!places_.at(index)) continue;
    auto& place = *places_.at(index);
    if (environment_.options().sites.at(index) == Site::remote) {
      place.site = std::make_unique<ServiceSite>(environment_, participant, *place.store);
    } else {
      place.site = std::make_unique<HostileSite>(
          environment_, participant, *place.store, [this](const OrderId& id) {
            const auto* order = checker_.order(id);
            return order != nullptr && (order->undo || order->edit) && !spec_of(order->step).pivot;
          });
    }
    place.network = std::make_unique<Network>(environment_, *place.site,
                                              [this](const OrderId& id) { touched(id); });
    networks.at(index) = place.network.get();
  }
  return networks;
}

void History::fill_stock() {
  auto& inventory = stores_.of(Participant::inventory);
  inventory.begin();
  for (const auto& sku : clients_.skus()) {
    const auto done =
        inventory.set_stock(sku, environment_.options().stock, std::nullopt, environment_.now());
    CONVEYOR_ASSERT(done.has_value(), "an empty store takes any stock");
  }
  inventory.MemoryStore::hand_over();  // not of the fates of commits
  inventory.MemoryStore::wait();
}

std::function<void(const std::string&, std::int64_t)> History::adjust_elsewhere() {
  if (environment_.options().sites.at(static_cast<std::size_t>(Participant::inventory)) ==
      Site::local) {
    return nullptr;
  }
  return [this](const std::string& sku, std::int64_t delta) {
    auto& inventory = stores_.of(Participant::inventory);
    inventory.begin();
    static_cast<void>(inventory.adjust_stock(sku, delta, "counted", environment_.now()));
    inventory.commit();
  };
}

void History::touched(const OrderId& id) {
  checker_.touched(id);
  changed_.insert(id);
}

void History::became(const OrderId& id, Status status) {
  clients_.saw(id, status);
}

void History::observe(const Order& order, const Input& input, const DecideContext& context,
                      const std::expected<Decision, Refusal>& decision) {
  static_cast<void>(decision);
  observed_watcher->touched(order.id);
  TransitionPage::get().met(order, input, context,
                            [](std::size_t line) { observed_coverage->taken(line); });
}

bool History::step(Duration until) {
  auto next = environment_.next_action();
  if (const auto wake = machine_.next_wake()) next = std::min(next.value_or(*wake), *wake);
  if (!next || *next > until) return false;
  ++result_.steps;
  environment_.advance_to(*next);
  if (environment_.strikes(Fault::clock_forward)) {
    environment_.jump_clock(
        environment_.dice().log_uniform(std::chrono::minutes{1}, std::chrono::hours{24 * 3}));
  }
  if (environment_.strikes(Fault::clock_back)) {
    environment_.jump_clock(
        -environment_.dice().log_uniform(Duration{1'000}, std::chrono::hours{2}));
  }
  machine_.run_if_due();
  checker_.check_touched();
  try_inputs();
  if (result_.steps % kStepsPerFullCheck == 0) checker_.check_everything();
  return true;
}

/// Decisions are pure: whatever an order is given here, nothing comes of it.
void History::try_inputs() {
  const sabotage::Pause pause;
  auto* const observer = std::exchange(decision_observer, nullptr);
  for (const auto& id : changed_) {
    if (trials_.below(kTouchedPerTrial) != 0) continue;
    const auto* order = checker_.order(id);
    if (order == nullptr) continue;
    try_every_input(*order, environment_.now(), environment_.options().retry,
                    [&](const Input& input, const DecideContext& context) {
                      static_cast<void>(decide(*order, input, context));
                      TransitionPage::get().met(*order, input, context, [&](std::size_t line) {
                        environment_.coverage().tried(line);
                      });
                    });
  }
  changed_.clear();
  decision_observer = observer;
}

HistoryResult History::run() {
  fill_stock();
  machine_.start();
  clients_.start();
  while (step(environment_.options().faults_last)) {
  }
  checker_.check_everything();
  result_.faults = environment_.faults_struck();
  environment_.stop_faults();
  clients_.stop();
  environment_.line([] { return std::string{"# faults end"}; });
  machine_.start();
  settle();
  checker_.check_everything();
  return result();
}

// --- everything settles -------------------------------------------------------------------------

void History::settle() {
  const auto orders = environment_.options().orders;
  const auto bound = kSettleSteps + kSettleStepsPerOrder * orders;
  const auto before = result_.steps;
  const auto far = environment_.elapsed() + std::chrono::hours{24 * 365};
  for (;;) {
    result_.steps_to_settle = result_.steps - before;
    const auto counts = store_.open_order_counts();
    const auto open = std::ranges::any_of(counts, [](const auto& c) { return c.second > 0; });
    if (!open && clients_.all_answered() && environment_.is_quiet()) return;
    if (result_.steps_to_settle >= bound) {
      throw RuleBroken(kRuleSettles, fmt::format("after {} steps without faults orders are open",
                                                 result_.steps_to_settle));
    }
    if (result_.steps_to_settle % kStepsPerLook == 0) act_for_waiting();
    if (!step(far)) throw RuleBroken(kRuleSettles, "orders are open and nothing will happen");
  }
}

void History::act_for_waiting() {
  for (const auto& id : store_.order_ids(std::nullopt, 100'000)) {
    const auto* order = checker_.order(id);
    if (order != nullptr && !is_final(order->status)) act_for(*order);
  }
}

void History::act_for(const Order& order) {
  const bool waits = order.status == Status::on_hold || order.status == Status::dead_lettered ||
                     order.status == Status::needs_attention;
  if (!waits) return;
  const auto help = helped_[order.id]++;
  if (help >= kMaxHelp) {
    throw RuleBroken(kRuleSettles, fmt::format("{} is {} whatever people do", order.id.to_string(),
                                               to_string(order.status)));
  }
  if (order.status == Status::on_hold) return clients_.act(order.id, ClientAct::release);
  if (order.status == Status::needs_attention) {
    return clients_.act(order.id, help % 2 == 0 ? ClientAct::retry : ClientAct::resolve);
  }
  if (help == 0) return clients_.act(order.id, ClientAct::retry);
  const bool changeable =
      !order.edit && order.step <= 2 && (spec_of(order.step).uses & kFieldPaymentMethod) != 0;
  if (help == 1 && changeable) {
    OrderEdit edit;
    edit.changes.payment_method = "pm_ok";
    return clients_.act(order.id, ClientAct::retry_with_changes, edit);
  }
  clients_.act(order.id, ClientAct::compensate);
}

HistoryResult History::result() {
  for (const auto& [status, count] : store_.order_counts()) {
    const auto orders = static_cast<std::uint64_t>(count);
    result_.orders += orders;
    if (status == Status::completed) result_.completed += orders;
    if (status == Status::cancelled || status == Status::failed) result_.undone += orders;
  }
  result_.acknowledged = clients_.acknowledged();
  if (result_.acknowledged == 0) throw RuleBroken(kRuleProves, "no order was acknowledged");
  if (result_.orders < kLeastOrders && !environment_.reduction().only_orders) {
    throw RuleBroken(kRuleProves, fmt::format("only {} orders were placed", result_.orders));
  }
  if (result_.faults == 0) throw RuleBroken(kRuleProves, "no fault struck");
  return result_;
}

}  // namespace conveyor::sim
