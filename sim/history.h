// History: one seed's whole story. Faults on, with safety checked after every step; then faults
// off, and every order must settle within a bounded number of steps.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <set>

#include "sim/clients.h"
#include "sim/hostile_site.h"
#include "sim/machine.h"

namespace conveyor::sim {

/// What a history came to.
struct HistoryResult {
  std::uint64_t orders = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t completed = 0;
  std::uint64_t undone = 0;  ///< cancelled or failed
  std::uint64_t steps = 0;
  std::uint64_t steps_to_settle = 0;
  std::uint64_t faults = 0;
};

class History final : private Machine::Watcher {
 public:
  History(const Options& options, const Reduction& reduction, Trace& trace, Coverage& coverage);
  ~History() override;

  /// Throws RuleBroken.
  HistoryResult run();
  /// What it had come to when a rule was broken.
  HistoryResult so_far() const { return result_; }

 private:
  struct Place;  ///< of a participant that is not in the process

  // Machine::Watcher
  void touched(const OrderId& id) override;
  void became(const OrderId& id, Status status) override;

  static void observe(const Order& order, const Input& input, const DecideContext& context,
                      const std::expected<Decision, Refusal>& decision);

  Stores make_stores();
  Machine::Networks make_networks();
  void fill_stock();
  std::function<void(const std::string&, std::int64_t)> adjust_elsewhere();
  /// The next thing that happens, not after `until`. False: nothing happens before that.
  bool step(Duration until);
  void try_inputs();
  void settle();
  void act_for_waiting();
  void act_for(const Order& order);
  HistoryResult result();

  Environment environment_;
  Dice trials_;
  SimStore store_;
  std::array<std::unique_ptr<Place>, kAllParticipants.size()> places_;
  Stores stores_;
  Checker checker_;
  Machine machine_;
  Clients clients_;
  std::set<OrderId> changed_;      ///< since the last step
  std::map<OrderId, int> helped_;  ///< what people did for an order in the end
  HistoryResult result_;
};

}  // namespace conveyor::sim
