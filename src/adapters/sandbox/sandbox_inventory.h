// SandboxInventory: the inventory service with a store that is busy now and then, as the SKU of an
// order's first line asks for (behaviours.h). Every other call goes straight through.
//
// Threads: core thread, inside its transaction. Errors: StoreError of the store passes through.
#pragma once

#include "ports/participant.h"
#include "ports/service_stores.h"

namespace conveyor {

class SandboxInventory final : public ParticipantPort {
 public:
  /// Both must outlive it.
  SandboxInventory(ParticipantPort& inventory, SandboxStore& store)
      : inventory_(inventory), store_(store) {}

  CallResult perform(const StepRequest& request, Timestamp now) override;
  CallResult undo(const UndoRequest& request, Timestamp now) override;
  CallResult resume(const OperationKey& key, Action action, Timestamp now) override;
  void forget_in_flight() override { inventory_.forget_in_flight(); }

 private:
  /// Counts this call of the key while it is one of the first that fail.
  bool is_busy(const StepRequest& request);

  ParticipantPort& inventory_;
  SandboxStore& store_;
};

}  // namespace conveyor
