#include "services/provider_operations.h"

#include "base/assert.h"
#include "base/sabotage.h"
#include "domain/steps.h"
#include "services/outcomes.h"

namespace conveyor {

namespace {

const std::optional<OperationKey>& named_key(const Payment& payment) {
  return payment.authorization;
}
const std::optional<OperationKey>& named_key(const Shipment& shipment) {
  return shipment.booking;
}

Outcome failure(const ProviderAnswer& answer) {
  Outcome outcome = failed(answer.failure_class, answer.code);
  outcome.message = answer.message;
  outcome.retry_after = answer.retry_after;
  return outcome;
}

template <class Record>
bool is_undone(const std::optional<Record>& record) {
  return record && record->state == OperationState::undone;
}

}  // namespace

template <class Record>
CallResult ProviderOperations<Record>::perform(const StepRequest& request, Timestamp now) {
  auto record = load(request.key);
  // Before the hash: a tombstone has none.
  if (is_undone(record)) return remembered(*record);
  const Digest hash = request_hash(request);
  if (record) {
    if (record->request_hash != hash) return poison(kCodeKeyReused);
    return perform_known(*record, now, Defer::yes);
  }

  std::optional<Record> named;
  if (spec_of(request.key.step).names) {
    if (!request.names) return poison(kCodeNamesMissing);
    named = load(*request.names);
    if (CONVEYOR_SABOTAGE(dispatch_not_stopped_by_its_bookings_undo)) named.reset();
    if (is_undone(named)) return undone(Effect::none);
  }
  record = make_record(request.key, &request, named ? &*named : nullptr, now);
  record->request_hash = hash;
  return perform_bound(*record, now, Defer::yes);
}

template <class Record>
CallResult ProviderOperations<Record>::perform_known(Record& record, Timestamp now, Defer defer) {
  if (in_flight(record.key)) return in_progress();
  if (record.state == OperationState::uncertain) {
    if (auto unclear = clarify(record, now)) return *unclear;
  }
  if (record.state != OperationState::bound) return remembered(record);
  const bool stops = !CONVEYOR_SABOTAGE(dispatch_not_stopped_by_its_bookings_undo);
  if (const auto& name = named_key(record); stops && name && is_undone(load(*name))) {
    return mark_undone(record, Effect::none, now);
  }
  return perform_bound(record, now, defer);
}

template <class Record>
CallResult ProviderOperations<Record>::perform_bound(Record& record, Timestamp now, Defer defer) {
  record.at = now;
  if (!has_work(record)) {
    record.state = OperationState::succeeded;
    store(record);
    return remembered(record);
  }
  const Duration delay = defer == Defer::yes ? latency(record, Action::perform) : Duration::zero();
  if (delay > Duration::zero()) {
    record.state = OperationState::uncertain;
    store(record);
    in_flight_.emplace(record.key, Action::perform);
    return Deferred{delay};
  }
  return settle(record, call(record, Action::perform, now), now);
}

template <class Record>
Outcome ProviderOperations<Record>::settle(Record& record, const ProviderAnswer& answer,
                                           Timestamp now) {
  record.at = now;
  switch (answer.kind) {
    case ProviderAnswer::Kind::done:
      record.state = OperationState::succeeded;
      keep(record, answer);
      store(record);
      after_succeeded(record);
      return remembered(record);
    case ProviderAnswer::Kind::refused:
      record.state = OperationState::rejected;
      record.code = answer.code;
      if (!CONVEYOR_SABOTAGE(rejection_not_remembered)) store(record);
      return remembered(record);
    case ProviderAnswer::Kind::failed:
      // Only `failed` says that nothing happened.
      record.state = answer.failure_class == FailureClass::failed ? OperationState::bound
                                                                  : OperationState::uncertain;
      store(record);
      return failure(answer);
    case ProviderAnswer::Kind::not_found:
      break;
  }
  record.state = OperationState::uncertain;
  store(record);
  return poison(kCodeUnexpectedAnswer);
}

template <class Record>
std::optional<Outcome> ProviderOperations<Record>::clarify(Record& record, Timestamp now) {
  CONVEYOR_ASSERT(record.state == OperationState::uncertain, "only what is uncertain is asked");
  ProviderAnswer answer = look_up(record.key, now);
  if (CONVEYOR_SABOTAGE(provider_not_asked)) answer.kind = ProviderAnswer::Kind::not_found;
  switch (answer.kind) {
    case ProviderAnswer::Kind::failed:
      return failure(answer);
    case ProviderAnswer::Kind::not_found:
      record.state = OperationState::bound;
      break;
    case ProviderAnswer::Kind::done:
      record.state = OperationState::succeeded;
      keep(record, answer);
      break;
    case ProviderAnswer::Kind::refused:
      record.state = OperationState::rejected;
      record.code = answer.code;
      break;
  }
  record.at = now;
  store(record);
  if (record.state == OperationState::succeeded) after_succeeded(record);
  return std::nullopt;
}

template <class Record>
CallResult ProviderOperations<Record>::undo(const UndoRequest& request, Timestamp now) {
  auto record = load(request.key);
  if (!record) {
    // The tombstone: a late perform under this key finds it and does nothing.
    if (CONVEYOR_SABOTAGE(tombstone_skipped)) return undone(Effect::none);
    record = make_record(request.key, nullptr, nullptr, now);
    return mark_undone(*record, request.by_hand ? Effect::by_hand : Effect::none, now);
  }
  if (is_undone(record)) return remembered(*record);
  if (!request.by_hand) return undo_known(*record, now, Defer::yes);
  if (auto refusal = before_undo_by_hand(*record)) return *refusal;
  if (CONVEYOR_SABOTAGE(resolve_without_tombstone)) return undone(Effect::by_hand);
  return mark_undone(*record, Effect::by_hand, now);
}

template <class Record>
CallResult ProviderOperations<Record>::undo_known(Record& record, Timestamp now, Defer defer) {
  if (in_flight(record.key)) return in_progress();
  if (record.state == OperationState::uncertain) {
    if (auto unclear = clarify(record, now)) return *unclear;
  }
  if (record.state != OperationState::succeeded) return mark_undone(record, Effect::none, now);
  const auto remainder = before_undo(record, now);
  if (!remainder) return remainder.error();
  if (*remainder == Remainder::nothing || !has_work(record)) {
    return mark_undone(record, Effect::none, now);
  }
  const Duration delay = defer == Defer::yes ? latency(record, Action::undo) : Duration::zero();
  if (delay > Duration::zero()) {
    record.undo_uncertain = true;
    record.at = now;
    store(record);
    in_flight_.emplace(record.key, Action::undo);
    return Deferred{delay};
  }
  return settle_undo(record, call(record, Action::undo, now), now);
}

template <class Record>
Outcome ProviderOperations<Record>::settle_undo(Record& record, const ProviderAnswer& answer,
                                                Timestamp now) {
  record.at = now;
  switch (answer.kind) {
    case ProviderAnswer::Kind::done:
      return mark_undone(record, Effect::reversed, now);
    case ProviderAnswer::Kind::refused:
      record.undo_uncertain = false;
      store(record);
      return undo_refused(record, answer);
    case ProviderAnswer::Kind::failed:
      if (CONVEYOR_SABOTAGE(failed_undo_counts)) return mark_undone(record, Effect::none, now);
      record.undo_uncertain = answer.failure_class != FailureClass::failed;
      store(record);
      return failure(answer);
    case ProviderAnswer::Kind::not_found:
      break;
  }
  record.undo_uncertain = true;
  store(record);
  return poison(kCodeUnexpectedAnswer);
}

template <class Record>
CallResult ProviderOperations<Record>::resume(const OperationKey& key, Action action,
                                              Timestamp now) {
  const bool landed = land(key, action);
  auto record = load(key);
  if (!record) return in_progress();  // the transaction that wrote the intent was rolled back
  if (is_undone(record)) return remembered(*record);
  if (action == Action::undo) return undo_known(*record, now, Defer::no);
  // In flight until now means that the call has not been made; otherwise somebody may have.
  if (landed) record->state = OperationState::bound;
  return perform_known(*record, now, Defer::no);
}

template <class Record>
Outcome ProviderOperations<Record>::mark_undone(Record& record, Effect effect, Timestamp now) {
  in_flight_.erase(record.key);
  record.state = OperationState::undone;
  record.effect = effect;
  record.undo_uncertain = false;
  record.at = now;
  const bool forgotten = CONVEYOR_SABOTAGE(refund_repeated) && effect == Effect::reversed;
  if (!forgotten) store(record);
  after_undone(record, now);
  return remembered(record);
}

template <class Record>
bool ProviderOperations<Record>::land(const OperationKey& key, Action action) {
  const auto found = in_flight_.find(key);
  if (found == in_flight_.end() || found->second != action) return false;
  in_flight_.erase(found);
  return true;
}

template <class Record>
Outcome ProviderOperations<Record>::remembered(const Record& record) const {
  switch (record.state) {
    case OperationState::succeeded:
      return succeeded(evidence_of(record));
    case OperationState::rejected:
      return rejected(record.code);
    case OperationState::undone:
      return undone(record.effect, record.request_hash ? evidence_of(record) : Evidence{});
    case OperationState::bound:
    case OperationState::uncertain:
      break;
  }
  CONVEYOR_ASSERT(false, "a record without an answer");
}

template class ProviderOperations<Payment>;
template class ProviderOperations<Shipment>;

}  // namespace conveyor
