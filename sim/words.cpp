#include "sim/words.h"

#include <fmt/format.h>

namespace conveyor::sim {
namespace {

/// Random characters at the end of an id that are shown.
constexpr std::size_t kShownOfId = 5;

std::string details(const Event& event) {
  if (const auto* d = std::get_if<StepAttemptFailed>(&event.data)) {
    return fmt::format(" {} {} {}", to_string(d->action), to_string(d->failure_class), d->code);
  }
  if (const auto* d = std::get_if<OrderDeadLettered>(&event.data)) {
    return fmt::format(" {} {}", to_string(d->reason), d->code);
  }
  if (const auto* d = std::get_if<CompensationStarted>(&event.data)) {
    return fmt::format(" {} {}", to_string(d->cause), d->code);
  }
  if (const auto* d = std::get_if<CompensationFailed>(&event.data)) {
    return fmt::format(" {} {}", to_string(d->cause), d->code);
  }
  if (const auto* d = std::get_if<StepUndone>(&event.data)) {
    return fmt::format(" {}", to_string(d->effect));
  }
  if (const auto* d = std::get_if<StepRefused>(&event.data)) return " " + d->code;
  if (const auto* d = std::get_if<EventIgnored>(&event.data)) {
    return fmt::format(" {} ({})", to_string(d->original), d->reason);
  }
  return {};
}

}  // namespace

std::string words(const OrderId& id) {
  const auto text = id.to_string();
  return "…" + text.substr(text.size() - kShownOfId);
}

std::string words(const OperationKey& key) {
  return fmt::format("{} {} {}:{}", words(key.order), spec_of(key.step).name, key.run,
                     key.generation);
}

std::string words(const Outcome& outcome) {
  std::string text{to_string(outcome.kind)};
  if (outcome.kind == Outcome::Kind::failed) {
    text += fmt::format(" ({})", to_string(outcome.failure_class));
  }
  if (outcome.kind == Outcome::Kind::undone) {
    text += fmt::format(" ({})", to_string(outcome.effect));
  }
  return outcome.code.empty() ? text : text + " " + outcome.code;
}

std::string words(const Request& request) {
  return fmt::format("{} {}{}", request.action == Action::perform ? "perform" : "undo",
                     words(request.key), request.by_hand ? " by hand" : "");
}

std::string words(const Event& event) {
  std::string step;
  if (event.step) step = fmt::format(" {}", spec_of(*event.step).name);
  return fmt::format("  * {} {}: {}{}{}", words(event.order_id), event.version,
                     to_string(event.type), step, details(event));
}

}  // namespace conveyor::sim
