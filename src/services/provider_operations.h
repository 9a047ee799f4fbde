// ProviderOperations: what payment and shipping have in common. Both keep one record per operation
// key and have somebody outside do the work under that same key, who may be slow, fail, or do it
// and lose the answer. This class owns the states of a record and the rules of repeating; the
// service says what its records hold, whom to call, and what stands in the way of an undo.
//
//   none ─ perform ─► bound ─► succeeded ─ undo ─► undone
//                      │  ▲ └► rejected  ─ undo ─► undone
//                      ▼  │
//                   uncertain            any of these ─ undo by hand ─► undone
//
// - `uncertain` is durable before a call leaves, and stays when its answer is missing: the provider
//   is asked what became of the key before anything is repeated or undone.
// - A provider that needs time (`latency` > 0) is called by `resume`. Until then the key is in
//   flight, in memory only: perform and undo answer in_progress; an undo by hand drops the call.
// - An undo needs no look-up: void, refund and cancel may be repeated under the same key.
//
// Threads: core thread, inside its transaction. Errors: StoreError of the store passes through.
#pragma once

#include <expected>
#include <optional>
#include <unordered_map>

#include "ports/participant.h"
#include "ports/provider.h"
#include "ports/service_stores.h"

namespace conveyor {

/// `Record` is Payment or Shipment.
template <class Record>
class ProviderOperations : public ParticipantPort {
 public:
  CallResult perform(const StepRequest& request, Timestamp now) final;
  CallResult undo(const UndoRequest& request, Timestamp now) final;
  CallResult resume(const OperationKey& key, Action action, Timestamp now) final;
  void forget_in_flight() final { in_flight_.clear(); }

 protected:
  /// What is left of an effect that is to be undone.
  enum class Remainder { something, nothing };

  // --- the service's part -----------------------------------------------------------------------

  virtual std::optional<Record> load(const OperationKey& key) = 0;
  virtual void store(const Record& record) = 0;
  /// A bound record. `request` is absent for a tombstone; `named` is the record of the key that the
  /// request names, if there is one: both then carry one id, as they are one payment or shipment.
  virtual Record make_record(const OperationKey& key, const StepRequest* request,
                             const Record* named, Timestamp now) = 0;
  /// False: the step has nothing to do and no call is made for it.
  virtual bool has_work(const Record& record) const = 0;
  virtual Duration latency(const Record& record, Action action) = 0;
  virtual ProviderAnswer call(const Record& record, Action action, Timestamp now) = 0;
  virtual ProviderAnswer look_up(const OperationKey& key, Timestamp now) = 0;
  /// Keeps what the provider said about an effect that exists, and what follows from that.
  virtual void keep(Record& record, const ProviderAnswer& answer) = 0;
  virtual Evidence evidence_of(const Record& record) const = 0;
  /// Before a succeeded record is undone: how much there is to undo, or the answer that says why it
  /// cannot be now.
  virtual std::expected<Remainder, Outcome> before_undo(const Record& record, Timestamp now) = 0;
  /// The provider refused to undo: what that means.
  virtual Outcome undo_refused(const Record& record, const ProviderAnswer& answer) = 0;
  /// The only thing that stops an undo by hand.
  virtual std::optional<Outcome> before_undo_by_hand(const Record& record) = 0;
  /// The record has just been found to have succeeded.
  virtual void after_succeeded(const Record& record) = 0;
  /// The record has just become undone.
  virtual void after_undone(const Record& record, Timestamp now) = 0;

  // --- for the service's use
  // ----------------------------------------------------------------------

  bool in_flight(const OperationKey& key) const { return in_flight_.contains(key); }
  /// Asks the provider what became of an uncertain record and stores what it says; afterwards the
  /// record is bound, succeeded or rejected. Returns the failure if the provider does not say.
  std::optional<Outcome> clarify(Record& record, Timestamp now);
  Outcome mark_undone(Record& record, Effect effect, Timestamp now);

 private:
  enum class Defer : bool { no, yes };

  CallResult perform_known(Record& record, Timestamp now, Defer defer);
  CallResult perform_bound(Record& record, Timestamp now, Defer defer);
  CallResult undo_known(Record& record, Timestamp now, Defer defer);
  Outcome settle(Record& record, const ProviderAnswer& answer, Timestamp now);
  Outcome settle_undo(Record& record, const ProviderAnswer& answer, Timestamp now);
  /// Takes the call of this action out of flight; false: it was not in flight.
  bool land(const OperationKey& key, Action action);
  /// The answer of a record that needs no call: succeeded, rejected or undone.
  Outcome remembered(const Record& record) const;

  std::unordered_map<OperationKey, Action> in_flight_;  ///< at most one per open order and step
};

}  // namespace conveyor
