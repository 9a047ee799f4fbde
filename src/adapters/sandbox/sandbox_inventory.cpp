#include "adapters/sandbox/sandbox_inventory.h"

#include "adapters/sandbox/behaviours.h"
#include "domain/steps.h"

namespace conveyor {

using sandbox::Behaviour;
using sandbox::Quirk;

namespace {

constexpr StepNumber kReserve = *parse_step("reserve_inventory");

}  // namespace

CallResult SandboxInventory::perform(const StepRequest& request, Timestamp now) {
  if (!is_busy(request)) return inventory_.perform(request, now);
  Outcome outcome;
  outcome.kind = Outcome::Kind::failed;
  outcome.failure_class = FailureClass::failed;
  outcome.code = "store_busy";
  outcome.message = "the stock store is busy";
  return outcome;
}

bool SandboxInventory::is_busy(const StepRequest& request) {
  if (request.lines.empty()) return false;
  const std::string& sku = request.lines.front().sku;
  const Behaviour behaviour = sandbox::behaviour_of(sandbox::Selector::first_sku, sku);
  const Quirk failing = request.key.step == kReserve ? Quirk::reserve_flaky : Quirk::commit_flaky;
  if (behaviour.quirk != failing) return false;
  SandboxRecord record = store_.sandbox_record(request.key).value_or(SandboxRecord{});
  if (record.calls >= behaviour.parameter) return false;
  record.key = request.key;
  record.behaviour = sku;
  record.calls += 1;
  store_.put_sandbox_record(record);
  return true;
}

CallResult SandboxInventory::undo(const UndoRequest& request, Timestamp now) {
  return inventory_.undo(request, now);
}

CallResult SandboxInventory::resume(const OperationKey& key, Action action, Timestamp now) {
  return inventory_.resume(key, action, now);
}

}  // namespace conveyor
