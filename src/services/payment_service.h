// PaymentService: holds the order's money (authorize_payment; undone by a void) and takes it
// (capture_payment, which names the authorization; undone by a refund), through a PaymentProvider.
//
// - An amount of zero succeeds without a call to the provider.
// - An authorization is not voided while its capture lives (poison `live_capture`); once the
// capture
//   was refunded nothing is left to void, and the provider is not called.
//
// Threads: core thread, inside its transaction. Errors: StoreError of the store passes through.
#pragma once

#include "ports/random.h"
#include "services/provider_operations.h"

namespace conveyor {

class PaymentService final : public ProviderOperations<Payment> {
 public:
  /// All three must outlive the service.
  PaymentService(PaymentStore& store, PaymentProvider& provider, Random& random)
      : store_(store), provider_(provider), random_(random) {}

 private:
  std::optional<Payment> load(const OperationKey& key) override;
  void store(const Payment& payment) override;
  Payment make_record(const OperationKey& key, const StepRequest* request, const Payment* named,
                      Timestamp now) override;
  bool has_work(const Payment& payment) const override;
  Duration latency(const Payment& payment, Action action) override;
  ProviderAnswer call(const Payment& payment, Action action, Timestamp now) override;
  ProviderAnswer look_up(const OperationKey& key, Timestamp now) override;
  void keep(Payment& payment, const ProviderAnswer& answer) override;
  Evidence evidence_of(const Payment& payment) const override;
  std::expected<Remainder, Outcome> before_undo(const Payment& payment, Timestamp now) override;
  Outcome undo_refused(const Payment& payment, const ProviderAnswer& answer) override;
  std::optional<Outcome> before_undo_by_hand(const Payment& payment) override;
  void after_succeeded(const Payment& payment) override;
  void after_undone(const Payment& payment, Timestamp now) override;

  /// What one capture leaves of the authorization that it names.
  std::expected<Remainder, Outcome> left_by(Payment& capture, Timestamp now);

  PaymentStore& store_;
  PaymentProvider& provider_;
  Random& random_;
};

}  // namespace conveyor
