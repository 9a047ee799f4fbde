// A participant that keeps what the contract promises per operation key (docs/transitions.md,
// "Participant, per key") and nothing else: it fails before it acts and after it has acted, answers
// errors for what it did, says in_progress for hours, rejects, refuses to take a booking back.
//
// Its books are a memory store, so that the same check reads them as reads the product's. Inventory
// keeps its books with the product's service; payment and shipping are written here from the
// contract alone.
#pragma once

#include <map>
#include <optional>

#include "adapters/memory/memory_store.h"
#include "services/inventory_service.h"
#include "sim/network.h"

namespace conveyor::sim {

class HostileSite final : public RemoteSite {
 public:
  /// `is_before_dispatch` tells whether an order is being undone, whole or for an edit, and has
  /// not come to its dispatch.
  HostileSite(Environment& environment, Participant participant, MemoryStore& books,
              std::function<bool(const OrderId&)> is_before_dispatch);

  void handle(const Request& request, Reply reply) override;

 private:
  /// What it remembers of a key.
  struct Record {
    OperationState state = OperationState::bound;
    std::optional<Digest> request_hash;
    std::optional<OperationKey> names;
    std::optional<Duration> decides_at;  ///< its provider has not answered yet
    bool never_answers = false;          ///< what it did stays unsaid while faults are on
    Effect effect = Effect::none;
    std::int64_t amount_minor = 0;
    Currency currency;
    std::string payment_method;
    std::string code;
  };

  Outcome perform(const Request& request);
  Outcome undo(const Request& request);
  Outcome undo_by_hand(const OperationKey& key);
  Outcome inventory(const Request& request);

  std::optional<Outcome> trouble_before(const Request& request);
  Outcome nonsense(const Request& request);
  Outcome refuse_booking(const OperationKey& key);
  Outcome trouble_after(Outcome outcome);
  Outcome unanswered();
  bool is_deciding(Record& record, const OperationKey& key);
  void decide(const OperationKey& key, Record& record);
  std::optional<Outcome> obstacle_to_undo(const OperationKey& key);
  Outcome mark_undone(const OperationKey& key, Record& record, Effect effect);
  Outcome remembered(const OperationKey& key, const Record& record) const;
  Evidence evidence(const OperationKey& key, const Record& record) const;
  bool was_refunded(const OperationKey& authorization) const;
  void write(const OperationKey& key, const Record& record);

  Environment& environment_;
  Participant participant_;
  MemoryStore& books_;
  std::function<bool(const OrderId&)> is_before_dispatch_;
  InventoryService inventory_;
  std::map<OperationKey, Record> records_;
};

}  // namespace conveyor::sim
