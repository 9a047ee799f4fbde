#include "services/payment_service.h"

#include "base/assert.h"
#include "domain/steps.h"
#include "services/outcomes.h"

namespace conveyor {

namespace {

constexpr StepNumber kAuthorize = *parse_step("authorize_payment");
constexpr StepNumber kCapture = *parse_step("capture_payment");

PaymentVerb verb_of(StepNumber step, Action action) {
  const bool perform = action == Action::perform;
  if (step == kAuthorize) {
    return perform ? PaymentVerb::authorize : PaymentVerb::void_authorization;
  }
  return perform ? PaymentVerb::capture : PaymentVerb::refund;
}

PaymentCall call_of(const Payment& payment, Action action) {
  return PaymentCall{verb_of(payment.key.step, action),
                     payment.key,
                     payment.authorization,
                     payment.amount_minor,
                     payment.currency,
                     payment.payment_method};
}

}  // namespace

std::optional<Payment> PaymentService::load(const OperationKey& key) {
  return store_.payment(key);
}

void PaymentService::store(const Payment& payment) {
  store_.put_payment(payment);
}

Payment PaymentService::make_record(const OperationKey& key, const StepRequest* request,
                                    const Payment* named, Timestamp now) {
  CONVEYOR_ASSERT(key.step == kAuthorize || key.step == kCapture, "a step of payment");
  Payment payment;
  payment.key = key;
  payment.id = named ? named->id : new_id<PaymentId>(now, random_);
  payment.at = now;
  if (!request) return payment;
  payment.amount_minor = request->amount_minor;
  payment.currency = request->currency;
  if (key.step == kAuthorize) payment.payment_method = request->payment_method;
  if (key.step == kCapture) payment.authorization = request->names;
  return payment;
}

bool PaymentService::has_work(const Payment& payment) const {
  return payment.amount_minor != 0;
}

Duration PaymentService::latency(const Payment& payment, Action action) {
  return provider_.latency(call_of(payment, action));
}

ProviderAnswer PaymentService::call(const Payment& payment, Action action, Timestamp now) {
  return provider_.call(call_of(payment, action), now);
}

ProviderAnswer PaymentService::look_up(const OperationKey& key, Timestamp now) {
  return provider_.look_up(key, now);
}

void PaymentService::keep(Payment& payment, const ProviderAnswer& answer) {
  payment.provider_reference = answer.reference;
}

Evidence PaymentService::evidence_of(const Payment& payment) const {
  Evidence evidence;
  evidence.payment_id = payment.id;
  evidence.provider_reference = payment.provider_reference;
  const bool moved = payment.effect != Effect::none && !payment.provider_reference.empty();
  if (payment.state == OperationState::succeeded || moved) {
    evidence.amount_minor = payment.amount_minor;
  }
  return evidence;
}

std::expected<PaymentService::Remainder, Outcome> PaymentService::before_undo(
    const Payment& payment, Timestamp now) {
  if (payment.key.step != kAuthorize) return Remainder::something;
  Remainder remainder = Remainder::something;
  for (Payment& capture : store_.payments(payment.key.order)) {
    if (capture.authorization != payment.key) continue;
    const auto left = left_by(capture, now);
    if (!left) return left;
    if (*left == Remainder::nothing) remainder = Remainder::nothing;
  }
  return remainder;
}

std::expected<PaymentService::Remainder, Outcome> PaymentService::left_by(Payment& capture,
                                                                          Timestamp now) {
  if (in_flight(capture.key)) return std::unexpected(in_progress());
  if (capture.state == OperationState::uncertain) {
    if (auto unclear = clarify(capture, now)) return std::unexpected(*unclear);
  }
  if (capture.state == OperationState::succeeded) {
    return std::unexpected(poison(kCodeLiveCapture));
  }
  if (capture.state != OperationState::undone) return Remainder::something;
  if (!capture.provider_reference.empty()) return Remainder::nothing;
  if (capture.effect != Effect::by_hand || !has_work(capture)) return Remainder::something;

  // A person undid a capture whose answer never came: only the provider knows whether it was made.
  const ProviderAnswer answer = look_up(capture.key, now);
  if (answer.kind == ProviderAnswer::Kind::done) return Remainder::nothing;
  if (answer.kind == ProviderAnswer::Kind::failed) {
    return std::unexpected(failed(answer.failure_class, answer.code));
  }
  return Remainder::something;
}

Outcome PaymentService::undo_refused(const Payment&, const ProviderAnswer& answer) {
  return refused(answer.code);
}

std::optional<Outcome> PaymentService::before_undo_by_hand(const Payment&) {
  return std::nullopt;
}

void PaymentService::after_succeeded(const Payment&) {}

void PaymentService::after_undone(const Payment&, Timestamp) {}

}  // namespace conveyor
