// What the sandbox's provider and carrier share: their answers, and the way a call of a key is
// recorded.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "adapters/sandbox/behaviours.h"
#include "ports/provider.h"
#include "ports/service_stores.h"

namespace conveyor::sandbox {

inline ProviderAnswer refused(std::string_view code) {
  ProviderAnswer answer;
  answer.kind = ProviderAnswer::Kind::refused;
  answer.code = code;
  return answer;
}

inline ProviderAnswer failed(FailureClass failure_class, std::string_view code,
                             std::string_view message) {
  ProviderAnswer answer;
  answer.kind = ProviderAnswer::Kind::failed;
  answer.failure_class = failure_class;
  answer.code = code;
  answer.message = message;
  return answer;
}

inline ProviderAnswer not_found() {
  ProviderAnswer answer;
  answer.kind = ProviderAnswer::Kind::not_found;
  return answer;
}

/// Whatever the call did, the first reply to a key is lost on the way back.
inline bool reply_is_lost(const Behaviour& behaviour, std::uint32_t calls) {
  return behaviour.quirk == Quirk::lost_reply && calls == 1;
}
inline ProviderAnswer lost_reply() {
  return failed(FailureClass::unknown, "timeout", "no reply from the sandbox");
}

/// Makes the key's effect, once.
inline void make_effect(SandboxRecord& record, std::string reference) {
  record.effects += 1;
  record.effect_exists = true;
  record.reference = std::move(reference);
}

/// Answers with a refusal that the key keeps.
inline ProviderAnswer refuse(SandboxRecord& record, std::string_view code) {
  record.code = code;
  return refused(code);
}

/// A repeated call gets the answer that the first one got.
inline bool was_answered(const SandboxRecord& record) {
  return record.effects > 0 || !record.code.empty();
}

/// Takes the effect back.
inline void reverse_effect(SandboxRecord& record) {
  record.effect_exists = false;
  record.undone = true;
}

}  // namespace conveyor::sandbox
