// The outcomes that the services give, as one-liners.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "domain/decide.h"
#include "domain/ids.h"
#include "ports/random.h"

namespace conveyor {

// Codes of outcomes; a code that a provider gives is passed on as it is.
inline constexpr std::string_view kCodeOutOfStock = "out_of_stock";
inline constexpr std::string_view kCodeKeyReused = "key_reused";  ///< the key, another request
inline constexpr std::string_view kCodeNamesMissing = "names_missing";  ///< no earlier step's key
inline constexpr std::string_view kCodeNotUndoable = "not_undoable";    ///< the step has no undo
inline constexpr std::string_view kCodeUnknownReservation = "unknown_reservation";
inline constexpr std::string_view kCodeAlreadyCommitted = "already_committed";
inline constexpr std::string_view kCodeLiveCapture = "live_capture";
inline constexpr std::string_view kCodeAlreadyDispatched = "already_dispatched";
inline constexpr std::string_view kCodeCancelRefused = "cancel_refused";
inline constexpr std::string_view kCodeUnexpectedAnswer = "unexpected_answer";

inline Outcome in_progress() {
  return Outcome{};
}

inline Outcome succeeded(Evidence evidence) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::succeeded;
  outcome.evidence = std::move(evidence);
  return outcome;
}

inline Outcome rejected(std::string_view code) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::rejected;
  outcome.code = code;
  return outcome;
}

inline Outcome undone(Effect effect, Evidence evidence = {}) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::undone;
  outcome.effect = effect;
  outcome.evidence = std::move(evidence);
  return outcome;
}

inline Outcome refused(std::string_view code, Evidence evidence = {}) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::refused;
  outcome.code = code;
  outcome.evidence = std::move(evidence);
  return outcome;
}

inline Outcome failed(FailureClass failure_class, std::string_view code) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::failed;
  outcome.failure_class = failure_class;
  outcome.code = code;
  return outcome;
}

inline Outcome poison(std::string_view code) {
  return failed(FailureClass::poison, code);
}

/// A new `rsv_`, `pay_` or `shp_` id.
template <class Id>
Id new_id(Timestamp now, Random& random) {
  const std::uint64_t random_a = random.next();
  const std::uint64_t random_b = random.next();
  return Id{make_uuid_v7(now, random_a, random_b)};
}

}  // namespace conveyor
