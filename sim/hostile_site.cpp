#include "sim/hostile_site.h"

#include <fmt/format.h>

#include "services/outcomes.h"

namespace conveyor::sim {
namespace {

constexpr Duration kDecidesFrom{500};
constexpr Duration kDecidesTo{std::chrono::hours{30}};

/// One id for one payment or shipment, whatever its steps.
template <class Id>
Id id_of(const OperationKey& key) {
  return Id{key.order.uuid()};
}

}  // namespace

HostileSite::HostileSite(Environment& environment, Participant participant, MemoryStore& books,
                         std::function<bool(const OrderId&)> is_before_dispatch)
    : environment_(environment),
      participant_(participant),
      books_(books),
      is_before_dispatch_(std::move(is_before_dispatch)),
      inventory_(books, environment.process_random()) {}

void HostileSite::handle(const Request& request, Reply reply) {
  books_.begin();
  Outcome outcome;
  if (participant_ == Participant::inventory) {
    outcome = inventory(request);
  } else {
    outcome = request.action == Action::perform ? perform(request) : undo(request);
  }
  books_.commit();
  reply(outcome);
}

// --- whatever is up to the world ----------------------------------------------------------------

std::optional<Outcome> HostileSite::trouble_before(const Request& request) {
  if (environment_.strikes(Fault::answer_failed)) return failed(FailureClass::failed, "try_later");
  if (environment_.strikes(Fault::answer_transient)) {
    auto outcome = failed(FailureClass::transient, "503");
    if (environment_.dice().chance(0.3)) {
      outcome.retry_after = environment_.dice().log_uniform(Duration{1'000}, std::chrono::hours{2});
    }
    return outcome;
  }
  if (environment_.strikes(Fault::answer_denied)) return failed(FailureClass::denied, "401");
  if (environment_.strikes(Fault::answer_malformed)) return nonsense(request);
  return std::nullopt;
}

/// What does not parse, or what no call of this kind can be answered; nothing has been done.
Outcome HostileSite::nonsense(const Request& request) {
  auto& dice = environment_.dice();
  if (dice.chance(0.4)) return poison("malformed_answer");
  if (request.action == Action::perform) return refused("cannot_undo");
  if (spec_of(request.key.step).undone_first || dice.chance(0.3)) return rejected("declined");
  return refused(dice.chance(0.5) ? "cannot_undo" : kCodeAlreadyDispatched);
}

/// A carrier's own word for it. `already_dispatched` without a dispatch of ours breaks the
/// contract, but only once the dispatch is due must it be believed; before, the order is to survive
/// it.
Outcome HostileSite::refuse_booking(const OperationKey& key) {
  auto& dice = environment_.dice();
  if (dice.chance(0.5) && is_before_dispatch_(key.order)) return refused(kCodeAlreadyDispatched);
  return refused(dice.chance(0.7) ? "too_late" : "on_the_truck");
}

Outcome HostileSite::trouble_after(Outcome outcome) {
  return environment_.strikes(Fault::effect_unanswered) ? unanswered() : outcome;
}

Outcome HostileSite::unanswered() {
  return failed(environment_.dice().chance(0.5) ? FailureClass::unknown : FailureClass::transient,
                "gateway_timeout");
}

Outcome HostileSite::inventory(const Request& request) {
  if (auto trouble = trouble_before(request)) return *trouble;
  if (environment_.strikes(Fault::answer_in_progress)) return in_progress();
  const auto now = environment_.now();
  const bool commits = request.action == Action::perform && request.names.has_value();
  // No rejection of a commit is in the contract; an order that is shipped must survive one.
  if (commits && environment_.strikes(Fault::answer_rejected)) {
    return environment_.dice().chance(0.5) ? rejected("no_such_hold") : undone(Effect::none);
  }
  // Somebody has undone at the participant's own desk what was yet to come.
  const bool reserves = request.action == Action::perform && !commits;
  if (reserves && !books_.reservation(request.key) &&
      environment_.strikes(Fault::answer_rejected)) {
    return std::get<Outcome>(inventory_.undo({request.key, std::nullopt, {}}, now));
  }
  auto result = request.action == Action::perform ? inventory_.perform(request.step_request(), now)
                                                  : inventory_.undo(request.undo_request(), now);
  return trouble_after(std::get<Outcome>(std::move(result)));
}

// --- perform ------------------------------------------------------------------------------------

Outcome HostileSite::perform(const Request& request) {
  const auto& key = request.key;
  const auto known = records_.find(key);
  const auto hash = request_hash(request.step_request());
  if (known != records_.end()) {
    auto& record = known->second;
    if (record.state == OperationState::undone) return undone(record.effect);
    if (record.request_hash && record.request_hash != hash) return poison(kCodeKeyReused);
    if (is_deciding(record, key)) return in_progress();
    if (record.never_answers && environment_.faults_on()) return unanswered();
    if (record.state != OperationState::bound) return remembered(key, record);
  }
  if (request.names) {
    const auto named = records_.find(*request.names);
    if (named != records_.end() && named->second.state == OperationState::undone) {
      return undone(Effect::none);
    }
  }
  if (auto trouble = trouble_before(request)) return *trouble;
  auto& record = records_[key];
  if (environment_.dice().chance(0.3) && environment_.strikes(Fault::answer_rejected)) {
    // Somebody has undone at the participant's own desk what was yet to come.
    return mark_undone(key, record, Effect::none);
  }
  record.request_hash = hash;
  record.names = request.names;
  record.amount_minor = request.amount_minor;
  record.currency = request.currency;
  record.payment_method = request.payment_method;
  if (environment_.strikes(Fault::answer_in_progress)) {
    record.state = OperationState::uncertain;
    record.decides_at =
        environment_.elapsed() + environment_.dice().log_uniform(kDecidesFrom, kDecidesTo);
    write(key, record);
    return in_progress();
  }
  decide(key, record);
  if (!environment_.strikes(Fault::effect_unanswered)) return remembered(key, record);
  // Often for good: then its order becomes a dead letter of a step that was done.
  record.never_answers = environment_.dice().chance(0.3);
  return unanswered();
}

bool HostileSite::is_deciding(Record& record, const OperationKey& key) {
  if (!record.decides_at) return false;
  if (environment_.faults_on() && environment_.elapsed() < *record.decides_at) return true;
  decide(key, record);
  return false;
}

void HostileSite::decide(const OperationKey& key, Record& record) {
  record.decides_at.reset();
  const bool rejects = spec_of(key.step).refused && environment_.strikes(Fault::answer_rejected);
  record.state = rejects ? OperationState::rejected : OperationState::succeeded;
  if (rejects) record.code = "not_today";
  write(key, record);
}

// --- undo ---------------------------------------------------------------------------------------

Outcome HostileSite::undo(const Request& request) {
  const auto& key = request.key;
  if (request.by_hand) return undo_by_hand(key);
  auto& record = records_[key];
  if (record.state == OperationState::undone) return undone(record.effect);
  if (is_deciding(record, key)) return in_progress();
  if (auto obstacle = obstacle_to_undo(key)) return *obstacle;
  if (auto trouble = trouble_before(request)) return *trouble;
  if (environment_.strikes(Fault::answer_in_progress)) return in_progress();
  if (record.state != OperationState::succeeded) return mark_undone(key, record, Effect::none);
  if (spec_of(key.step).undone_first) {
    // One who never said that he did it gives it back even less willingly.
    const bool is_unwilling = record.never_answers && environment_.dice().chance(0.3);
    if (environment_.strikes(Fault::undo_refused) || (is_unwilling && environment_.faults_on())) {
      return refuse_booking(key);
    }
  }
  return trouble_after(
      mark_undone(key, record, was_refunded(key) ? Effect::none : Effect::reversed));
}

std::optional<Outcome> HostileSite::obstacle_to_undo(const OperationKey& key) {
  for (auto& [other, later] : records_) {
    if (later.names != key) continue;
    if (is_deciding(later, other)) return in_progress();
    if (later.state != OperationState::succeeded) continue;
    if (spec_of(key.step).undone_first) {
      return refused(kCodeAlreadyDispatched, evidence(other, later));
    }
    return poison(kCodeLiveCapture);
  }
  return std::nullopt;
}

Outcome HostileSite::undo_by_hand(const OperationKey& key) {
  auto& record = records_[key];
  if (record.state == OperationState::undone) return undone(record.effect);
  for (auto& [other, later] : records_) {
    if (later.names != key || !spec_of(other.step).pivot) continue;
    if (later.state == OperationState::succeeded) {
      return refused(kCodeAlreadyDispatched, evidence(other, later));
    }
    if (later.decides_at) mark_undone(other, later, Effect::none);
  }
  return mark_undone(key, record, Effect::by_hand);
}

Outcome HostileSite::mark_undone(const OperationKey& key, Record& record, Effect effect) {
  record.decides_at.reset();
  const bool existed = record.state == OperationState::succeeded;
  record.state = OperationState::undone;
  record.effect = effect;
  write(key, record);
  return undone(effect, existed ? evidence(key, record) : Evidence{});
}

bool HostileSite::was_refunded(const OperationKey& authorization) const {
  for (const auto& [key, later] : records_) {
    if (later.names == authorization && later.effect != Effect::none) return true;
  }
  return false;
}

// --- the books ----------------------------------------------------------------------------------

Outcome HostileSite::remembered(const OperationKey& key, const Record& record) const {
  if (record.state == OperationState::rejected) return rejected(record.code);
  return succeeded(evidence(key, record));
}

Evidence HostileSite::evidence(const OperationKey& key, const Record& record) const {
  Evidence evidence;
  evidence.provider_reference = fmt::format("host_{}_{}_{}", key.run, key.step, key.generation);
  if (participant_ == Participant::payment) {
    evidence.payment_id = id_of<PaymentId>(key);
    evidence.amount_minor = record.amount_minor;
  } else {
    evidence.shipment_id = id_of<ShipmentId>(key);
    evidence.carrier = "hostile";
    evidence.tracking = evidence.provider_reference;
  }
  return evidence;
}

void HostileSite::write(const OperationKey& key, const Record& record) {
  const auto facts = evidence(key, record);
  if (participant_ == Participant::payment) {
    Payment payment;
    payment.key = key;
    payment.id = id_of<PaymentId>(key);
    payment.state = record.state;
    payment.request_hash = record.request_hash;
    payment.authorization = record.names;
    payment.amount_minor = record.amount_minor;
    payment.currency = record.currency;
    payment.payment_method = record.payment_method;
    payment.provider_reference = facts.provider_reference;
    payment.code = record.code;
    payment.effect = record.effect;
    payment.at = environment_.now();
    return books_.put_payment(payment);
  }
  Shipment shipment;
  shipment.key = key;
  shipment.id = id_of<ShipmentId>(key);
  shipment.state = record.state;
  shipment.request_hash = record.request_hash;
  shipment.booking = record.names;
  shipment.provider_reference = facts.provider_reference;
  shipment.carrier = facts.carrier;
  shipment.tracking = facts.tracking;
  shipment.code = record.code;
  shipment.effect = record.effect;
  shipment.at = environment_.now();
  books_.put_shipment(shipment);
}

}  // namespace conveyor::sim
