#include "adapters/sandbox/sandbox_provider.h"

#include <fmt/format.h>

#include <algorithm>

#include "adapters/sandbox/answers.h"

namespace conveyor {

using sandbox::Behaviour;
using sandbox::Quirk;

namespace {

Behaviour behaviour_of(std::string_view payment_method) {
  return sandbox::behaviour_of(sandbox::Selector::payment_method, payment_method);
}

ProviderAnswer provider_down() {
  return sandbox::failed(FailureClass::transient, "provider_down", "503 Service Unavailable");
}

ProviderAnswer done(const SandboxRecord& record) {
  ProviderAnswer answer;
  answer.reference = record.reference;
  return answer;
}

/// What the record says of a call that was made before.
ProviderAnswer recorded(const SandboxRecord& record) {
  return record.code.empty() ? done(record) : sandbox::refused(record.code);
}

const SandboxRecord* find_record(std::span<const SandboxRecord> books, const OperationKey& key) {
  const auto found = std::ranges::find(books, key, &SandboxRecord::key);
  return found == books.end() ? nullptr : &*found;
}

}  // namespace

Duration SandboxProvider::latency(const PaymentCall& call) {
  if (call.verb == PaymentVerb::authorize) {
    return sandbox::latency_of(behaviour_of(call.payment_method), random_);
  }
  // A capture is known by its own record only once it was made; its authorization always is.
  const auto record = store_.sandbox_record(call.authorization.value_or(call.key));
  return record ? sandbox::latency_of(behaviour_of(record->behaviour), random_) : Duration::zero();
}

ProviderAnswer SandboxProvider::call(const PaymentCall& call, Timestamp now) {
  switch (call.verb) {
    case PaymentVerb::authorize:
      return authorize(call, now);
    case PaymentVerb::capture:
      return capture(call, now);
    case PaymentVerb::void_authorization:
    case PaymentVerb::refund:
      break;
  }
  return undo(call, now);
}

ProviderAnswer SandboxProvider::authorize(const PaymentCall& call, Timestamp now) {
  SandboxRecord record = store_.sandbox_record(call.key).value_or(SandboxRecord{});
  record.key = call.key;
  record.behaviour = call.payment_method;
  record.amount_minor = call.amount_minor;
  record.calls += 1;
  const Behaviour behaviour = behaviour_of(record.behaviour);
  ProviderAnswer answer = sandbox::in_outage(behaviour, call.key.order, now) ? provider_down()
                          : sandbox::was_answered(record)                    ? recorded(record)
                                                          : authorize_once(record, behaviour);
  store_.put_sandbox_record(record);
  return sandbox::reply_is_lost(behaviour, record.calls) ? sandbox::lost_reply() : answer;
}

ProviderAnswer SandboxProvider::authorize_once(SandboxRecord& record, const Behaviour& behaviour) {
  if (behaviour.quirk == Quirk::declined) return sandbox::refuse(record, "declined");
  if (behaviour.quirk == Quirk::declined_funds)
    return sandbox::refuse(record, "insufficient_funds");
  if (behaviour.quirk == Quirk::garbage) {
    return sandbox::failed(FailureClass::poison, "malformed_answer", "the answer does not parse");
  }
  if (behaviour.quirk == Quirk::flaky && record.calls <= behaviour.parameter) {
    return sandbox::failed(FailureClass::failed, "issuer_unavailable", "the issuer is down");
  }
  sandbox::make_effect(record, fmt::format("sbx_auth_{:016x}", random_.next()));
  return done(record);
}

ProviderAnswer SandboxProvider::capture(const PaymentCall& call, Timestamp now) {
  const auto books = store_.sandbox_records(call.key.order);
  const auto* before = find_record(books, call.key);
  SandboxRecord record = before == nullptr ? SandboxRecord{} : *before;
  record.key = call.key;
  record.names = call.authorization;
  record.amount_minor = call.amount_minor;
  record.calls += 1;
  if (record.behaviour.empty() && call.authorization) {
    const auto* authorization = find_record(books, *call.authorization);
    if (authorization != nullptr) record.behaviour = authorization->behaviour;
  }
  const Behaviour behaviour = behaviour_of(record.behaviour);
  ProviderAnswer answer = sandbox::in_outage(behaviour, call.key.order, now) ? provider_down()
                          : sandbox::was_answered(record)                    ? recorded(record)
                                                          : capture_once(record, behaviour, books);
  store_.put_sandbox_record(record);
  return sandbox::reply_is_lost(behaviour, record.calls) ? sandbox::lost_reply() : answer;
}

ProviderAnswer SandboxProvider::capture_once(SandboxRecord& record, const Behaviour& behaviour,
                                             std::span<const SandboxRecord> books) {
  if (behaviour.quirk == Quirk::capture_declined)
    return sandbox::refuse(record, "capture_declined");
  std::int64_t left_minor = 0;
  bool authorized = false;
  for (const SandboxRecord& other : books) {
    if (other.key == record.names && other.effect_exists) {
      authorized = true;
      left_minor += other.amount_minor;
    }
    const bool same_authorization = other.names && other.names == record.names;
    if (same_authorization && other.effects > 0) left_minor -= other.amount_minor;
  }
  if (!authorized) return sandbox::refuse(record, "not_authorized");
  if (record.amount_minor > left_minor) return sandbox::refuse(record, "exceeds_authorization");
  sandbox::make_effect(record, fmt::format("sbx_capt_{:016x}", random_.next()));
  return done(record);
}

ProviderAnswer SandboxProvider::undo(const PaymentCall& call, Timestamp now) {
  auto record = store_.sandbox_record(call.key);
  if (!record || record->effects == 0) return sandbox::refused("unknown_payment");
  record->undo_calls += 1;
  const Behaviour behaviour = behaviour_of(record->behaviour);
  ProviderAnswer answer = done(*record);
  if (sandbox::in_outage(behaviour, call.key.order, now)) {
    answer = provider_down();
  } else if (behaviour.quirk == Quirk::undo_fails) {
    answer = sandbox::failed(FailureClass::failed, "undo_unavailable", "cannot be undone now");
  } else if (!record->undone) {
    answer = reverse(*record, call.verb);
  }
  store_.put_sandbox_record(*record);
  return sandbox::reply_is_lost(behaviour, record->undo_calls) ? sandbox::lost_reply() : answer;
}

ProviderAnswer SandboxProvider::reverse(SandboxRecord& record, PaymentVerb verb) {
  if (verb == PaymentVerb::void_authorization) {
    for (const SandboxRecord& other : store_.sandbox_records(record.key.order)) {
      if (other.names == record.key && other.effects > 0) return sandbox::refused("captured");
    }
  } else if (record.names) {
    // The refund gives back what the capture had taken from the authorization's hold: none is left.
    if (auto authorization = store_.sandbox_record(*record.names)) {
      sandbox::reverse_effect(*authorization);
      store_.put_sandbox_record(*authorization);
    }
  }
  sandbox::reverse_effect(record);
  return done(record);
}

ProviderAnswer SandboxProvider::look_up(const OperationKey& key, Timestamp now) {
  const auto record = store_.sandbox_record(key);
  if (!record) return sandbox::not_found();
  if (sandbox::in_outage(behaviour_of(record->behaviour), key.order, now)) return provider_down();
  return sandbox::was_answered(*record) ? recorded(*record) : sandbox::not_found();
}

}  // namespace conveyor
