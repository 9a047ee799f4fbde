#include "adapters/sandbox/sandbox_carrier.h"

#include <fmt/format.h>

#include <algorithm>

#include "adapters/sandbox/answers.h"
#include "base/sabotage.h"

namespace conveyor {

using sandbox::Behaviour;
using sandbox::Quirk;

namespace {

/// Tracking numbers have this many decimal digits after `SBX`.
constexpr std::uint64_t kTrackingNumbers = 10'000'000'000'000ULL;

Behaviour behaviour_of(std::string_view postal_code) {
  return sandbox::behaviour_of(sandbox::Selector::postal_code, postal_code);
}

ProviderAnswer done(const SandboxRecord& record) {
  ProviderAnswer answer;
  answer.reference = record.reference;
  answer.carrier = "sandbox";
  answer.tracking = record.reference;
  return answer;
}

ProviderAnswer recorded(const SandboxRecord& record) {
  return record.code.empty() ? done(record) : sandbox::refused(record.code);
}

ProviderAnswer dispatch_once(SandboxRecord& record, const Behaviour& behaviour,
                             const std::optional<SandboxRecord>& booking) {
  if (!booking || booking->effects == 0) return sandbox::refuse(record, "unknown_booking");
  const bool blind = CONVEYOR_SABOTAGE(dispatch_not_stopped_by_its_bookings_undo);
  if (booking->undone && !blind) return sandbox::refuse(record, "booking_cancelled");
  if (behaviour.quirk == Quirk::dispatch_rejected)
    return sandbox::refuse(record, "dispatch_refused");
  sandbox::make_effect(record, booking->reference);
  return done(record);
}

}  // namespace

Duration SandboxCarrier::latency(const CarrierCall& call) {
  if (call.verb == CarrierVerb::book) {
    return sandbox::latency_of(behaviour_of(call.postal_code), random_);
  }
  const auto booking = store_.sandbox_record(call.booking.value_or(call.key));
  return booking ? sandbox::latency_of(behaviour_of(booking->behaviour), random_)
                 : Duration::zero();
}

ProviderAnswer SandboxCarrier::call(const CarrierCall& call, Timestamp) {
  switch (call.verb) {
    case CarrierVerb::book:
      return book(call);
    case CarrierVerb::dispatch:
      return dispatch(call);
    case CarrierVerb::cancel:
      break;
  }
  return cancel(call);
}

ProviderAnswer SandboxCarrier::book(const CarrierCall& call) {
  SandboxRecord record = store_.sandbox_record(call.key).value_or(SandboxRecord{});
  record.key = call.key;
  const Behaviour behaviour = behaviour_of(call.postal_code);
  // The postal code of a real address is no business of these books.
  record.behaviour = behaviour.quirk == Quirk::none ? "" : call.postal_code;
  record.calls += 1;
  ProviderAnswer answer =
      sandbox::was_answered(record) ? recorded(record) : book_once(record, behaviour);
  store_.put_sandbox_record(record);
  return sandbox::reply_is_lost(behaviour, record.calls) ? sandbox::lost_reply() : answer;
}

ProviderAnswer SandboxCarrier::book_once(SandboxRecord& record, const Behaviour& behaviour) {
  if (behaviour.quirk == Quirk::rejected) return sandbox::refuse(record, "undeliverable");
  if (behaviour.quirk == Quirk::flaky && record.calls <= behaviour.parameter) {
    return sandbox::failed(FailureClass::failed, "carrier_unavailable", "no bookings now");
  }
  sandbox::make_effect(record, fmt::format("SBX{:013}", random_.next() % kTrackingNumbers));
  return done(record);
}

ProviderAnswer SandboxCarrier::dispatch(const CarrierCall& call) {
  SandboxRecord record = store_.sandbox_record(call.key).value_or(SandboxRecord{});
  std::optional<SandboxRecord> booking;
  if (call.booking) booking = store_.sandbox_record(*call.booking);
  record.key = call.key;
  record.names = call.booking;
  if (booking) record.behaviour = booking->behaviour;
  record.calls += 1;
  const Behaviour behaviour = behaviour_of(record.behaviour);
  ProviderAnswer answer =
      sandbox::was_answered(record) ? recorded(record) : dispatch_once(record, behaviour, booking);
  store_.put_sandbox_record(record);
  return sandbox::reply_is_lost(behaviour, record.calls) ? sandbox::lost_reply() : answer;
}

ProviderAnswer SandboxCarrier::cancel(const CarrierCall& call) {
  auto booking = store_.sandbox_record(call.key);
  if (!booking || booking->effects == 0) return sandbox::refused("unknown_booking");
  booking->undo_calls += 1;
  const Behaviour behaviour = behaviour_of(booking->behaviour);
  ProviderAnswer answer = done(*booking);
  if (!booking->undone) {
    if (is_dispatched(call.key)) {
      answer = sandbox::refused("already_dispatched");
    } else if (behaviour.quirk == Quirk::no_cancel) {
      answer = sandbox::refused("cannot_cancel");
    } else {
      sandbox::reverse_effect(*booking);
    }
  }
  store_.put_sandbox_record(*booking);
  return sandbox::reply_is_lost(behaviour, booking->undo_calls) ? sandbox::lost_reply() : answer;
}

bool SandboxCarrier::is_dispatched(const OperationKey& booking) {
  const auto records = store_.sandbox_records(booking.order);
  return std::ranges::any_of(records, [&](const SandboxRecord& other) {
    return other.names == booking && other.effect_exists;
  });
}

ProviderAnswer SandboxCarrier::look_up(const OperationKey& key, Timestamp) {
  const auto record = store_.sandbox_record(key);
  return record && sandbox::was_answered(*record) ? recorded(*record) : sandbox::not_found();
}

}  // namespace conveyor
