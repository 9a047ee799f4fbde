// ShippingService: books a shipment (book_shipment; undone by a cancel, the only undo that may be
// refused) and hands it over (dispatch_shipment, which names the booking; no undo), through a
// Carrier, who settles the race between the two.
//
// `already_dispatched` is said only when a dispatch key of ours that names the booking has
// succeeded, with what that dispatch would have answered; whatever else the carrier says about a
// cancel is a plain refusal. Once a booking is undone no dispatch of it happens any more: one that
// has not succeeded is undone with it.
//
// Threads: core thread, inside its transaction. Errors: StoreError of the store passes through.
#pragma once

#include "ports/random.h"
#include "services/provider_operations.h"

namespace conveyor {

class ShippingService final : public ProviderOperations<Shipment> {
 public:
  /// All three must outlive the service.
  ShippingService(ShipmentStore& store, Carrier& carrier, Random& random)
      : store_(store), carrier_(carrier), random_(random) {}

 private:
  std::optional<Shipment> load(const OperationKey& key) override;
  /// Without the address once there is an answer: only a booking call that is still to be made, or
  /// to be repeated, needs it.
  void store(const Shipment& shipment) override;
  Shipment make_record(const OperationKey& key, const StepRequest* request, const Shipment* named,
                       Timestamp now) override;
  bool has_work(const Shipment& shipment) const override;
  Duration latency(const Shipment& shipment, Action action) override;
  ProviderAnswer call(const Shipment& shipment, Action action, Timestamp now) override;
  ProviderAnswer look_up(const OperationKey& key, Timestamp now) override;
  void keep(Shipment& shipment, const ProviderAnswer& answer) override;
  Evidence evidence_of(const Shipment& shipment) const override;
  std::expected<Remainder, Outcome> before_undo(const Shipment& shipment, Timestamp now) override;
  Outcome undo_refused(const Shipment& shipment, const ProviderAnswer& answer) override;
  std::optional<Outcome> before_undo_by_hand(const Shipment& shipment) override;
  void after_succeeded(const Shipment& shipment) override;
  void after_undone(const Shipment& shipment, Timestamp now) override;

  /// The dispatches that name this booking; the dispatch itself if that is what is given.
  std::vector<Shipment> dispatches_of(const Shipment& shipment);
  Outcome already_dispatched(const Shipment& dispatch) const;

  ShipmentStore& store_;
  Carrier& carrier_;
  Random& random_;
};

}  // namespace conveyor
