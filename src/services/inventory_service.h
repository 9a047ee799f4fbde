// InventoryService: holds stock for an order (reserve_inventory), gives it back (undo), turns the
// hold into a deduction (commit_inventory). Its rules are here, its state is in a StockStore.
//
// All lines of an order are held or none; the same SKU on two lines counts as their sum. A hold
// never expires by itself. A commit is no effect with a memory of its own: it is a state of the
// reservation that it names, and has no undo.
//
// Threads: core thread, inside its transaction. Errors: StoreError of the store passes through.
#pragma once

#include "ports/participant.h"
#include "ports/random.h"
#include "ports/service_stores.h"

namespace conveyor {

class InventoryService final : public ParticipantPort {
 public:
  /// Both must outlive the service.
  InventoryService(StockStore& store, Random& random) : store_(store), random_(random) {}

  CallResult perform(const StepRequest& request, Timestamp now) override;
  CallResult undo(const UndoRequest& request, Timestamp now) override;
  /// Inventory never defers, so nothing is ever resumed: in_progress, ask again.
  CallResult resume(const OperationKey& key, Action action, Timestamp now) override;
  void forget_in_flight() override {}

 private:
  Outcome reserve(const StepRequest& request, Timestamp now);
  Outcome commit(const StepRequest& request, Timestamp now);

  StockStore& store_;
  Random& random_;
};

/// One line per SKU, sorted by SKU, quantities summed.
std::vector<StockLine> aggregate_lines(std::span<const Line> lines);

}  // namespace conveyor
