// SandboxCarrier: a carrier to develop and demonstrate with. The postal code of a booking chooses
// how it and its dispatch behave (behaviours.h); one that chooses nothing is not kept.
//
// It settles the race between cancel and dispatch from its own records: what comes second is
// refused (`booking_cancelled`, `already_dispatched`).
//
// Threads: core thread, inside its transaction. Errors: StoreError of the store passes through.
#pragma once

#include "adapters/sandbox/behaviours.h"
#include "ports/provider.h"
#include "ports/random.h"
#include "ports/service_stores.h"

namespace conveyor {

class SandboxCarrier final : public Carrier {
 public:
  /// Both must outlive the carrier.
  SandboxCarrier(SandboxStore& store, Random& random) : store_(store), random_(random) {}

  Duration latency(const CarrierCall& call) override;
  ProviderAnswer call(const CarrierCall& call, Timestamp now) override;
  ProviderAnswer look_up(const OperationKey& key, Timestamp now) override;

 private:
  ProviderAnswer book(const CarrierCall& call);
  ProviderAnswer dispatch(const CarrierCall& call);
  ProviderAnswer cancel(const CarrierCall& call);
  ProviderAnswer book_once(SandboxRecord& record, const sandbox::Behaviour& behaviour);
  bool is_dispatched(const OperationKey& booking);

  SandboxStore& store_;
  Random& random_;
};

}  // namespace conveyor
