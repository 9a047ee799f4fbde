// SandboxProvider: a payment provider to develop and demonstrate with. The payment method of an
// authorization chooses how it and everything that builds on it behaves (behaviours.h).
//
// It keeps books as a real one does, in records of its own that the services never read: one effect
// per key however often it is called, no capture without a live authorization or beyond it, no void
// of what was captured.
//
// Threads: core thread, inside its transaction. Errors: StoreError of the store passes through.
#pragma once

#include <span>

#include "adapters/sandbox/behaviours.h"
#include "ports/provider.h"
#include "ports/random.h"
#include "ports/service_stores.h"

namespace conveyor {

class SandboxProvider final : public PaymentProvider {
 public:
  /// Both must outlive the provider.
  SandboxProvider(SandboxStore& store, Random& random) : store_(store), random_(random) {}

  Duration latency(const PaymentCall& call) override;
  ProviderAnswer call(const PaymentCall& call, Timestamp now) override;
  ProviderAnswer look_up(const OperationKey& key, Timestamp now) override;

 private:
  ProviderAnswer authorize(const PaymentCall& call, Timestamp now);
  ProviderAnswer capture(const PaymentCall& call, Timestamp now);
  ProviderAnswer undo(const PaymentCall& call, Timestamp now);
  ProviderAnswer authorize_once(SandboxRecord& record, const sandbox::Behaviour& behaviour);
  /// `books` are the order's, as they are before this call.
  ProviderAnswer capture_once(SandboxRecord& record, const sandbox::Behaviour& behaviour,
                              std::span<const SandboxRecord> books);
  ProviderAnswer reverse(SandboxRecord& record, PaymentVerb verb);

  SandboxStore& store_;
  Random& random_;
};

}  // namespace conveyor
