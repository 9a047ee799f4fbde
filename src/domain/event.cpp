#include <fmt/format.h>

#include "domain/decide.h"
#include "domain/spelling.h"

namespace conveyor {
namespace {

constexpr std::array<std::string_view, 4> kAdjustmentNames{"shipping", "tax", "discount", "fee"};
constexpr std::array<std::string_view, 4> kDeadLetterReasonNames{"exhausted", "poison",
                                                                 "edit_refused", "edit_undo"};
constexpr std::array<std::string_view, 4> kUndoFailureNames{"no_answer", "refused", "exhausted",
                                                            "poison"};
constexpr std::array<std::string_view, 6> kOutcomeNames{"succeeded", "rejected", "undone",
                                                        "refused",   "failed",   "in_progress"};
}  // namespace

std::string_view to_string(AdjustmentKind value) {
  return spelled::name_of(kAdjustmentNames, value);
}
std::string_view to_string(DeadLetterReason value) {
  return spelled::name_of(kDeadLetterReasonNames, value);
}
std::string_view to_string(UndoFailure value) {
  return spelled::name_of(kUndoFailureNames, value);
}
std::string_view to_string(Outcome::Kind value) {
  return spelled::name_of(kOutcomeNames, value);
}

std::optional<AdjustmentKind> parse_adjustment_kind(std::string_view text) {
  return spelled::find_name<AdjustmentKind>(kAdjustmentNames, text);
}
std::optional<DeadLetterReason> parse_dead_letter_reason(std::string_view text) {
  return spelled::find_name<DeadLetterReason>(kDeadLetterReasonNames, text);
}
std::optional<UndoFailure> parse_undo_failure(std::string_view text) {
  return spelled::find_name<UndoFailure>(kUndoFailureNames, text);
}

std::string fingerprint_of(StepNumber step, FailureClass failure_class, std::string_view code) {
  const auto& spec = spec_of(step);
  return fmt::format("{}/{}/{}/{}", to_string(spec.participant), spec.name,
                     to_string(failure_class), code);
}

std::optional<Fingerprint> parse_fingerprint(std::string_view text) {
  std::array<std::string_view, 3> parts;
  for (auto& part : parts) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    part = text.substr(0, slash);
    text.remove_prefix(slash + 1);
  }
  const auto step = parse_step(parts[1]);
  const auto failure_class = parse_failure_class(parts[2]);
  if (!step || !failure_class || to_string(spec_of(*step).participant) != parts[0]) {
    return std::nullopt;
  }
  return Fingerprint{*step, *failure_class, text};
}

}  // namespace conveyor
