#include "runtime/observer.h"

#include "runtime/log.h"

namespace conveyor {
namespace {

/// A step that just worked is for debugging; everything a person may look for later is info, and
/// what may need one a warning.
LogLevel level_of(const Event& event) {
  const bool failed = event.type == EventType::StepAttemptFailed ||
                      event.type == EventType::OrderDeadLettered ||
                      event.type == EventType::CompensationFailed;
  if (failed) return LogLevel::warning;
  return std::holds_alternative<StepSucceeded>(event.data) ? LogLevel::debug : LogLevel::info;
}

LogValue number_unless_absent(std::optional<std::int64_t> number) {
  return number ? LogValue{*number} : LogValue{std::string_view{}};
}

struct Details {
  std::string_view code = {};
  std::optional<std::int64_t> duration_ms = {};
  std::string_view failure_class = {};
  std::optional<Timestamp> next_attempt_at = {};
  std::string_view error = {};
};

Details details_of(const Event& event) {
  if (const auto* done = std::get_if<StepSucceeded>(&event.data)) {
    return {{}, done->call.duration_ms};
  }
  if (const auto* refused = std::get_if<StepRefused>(&event.data)) {
    return {refused->code, refused->call.duration_ms};
  }
  if (const auto* undone = std::get_if<StepUndone>(&event.data)) {
    return {to_string(undone->effect), undone->call.duration_ms};
  }
  if (const auto* failed = std::get_if<StepAttemptFailed>(&event.data)) {
    return {failed->code, failed->call.duration_ms, to_string(failed->failure_class),
            failed->next_attempt_at, failed->message};
  }
  if (const auto* dead = std::get_if<OrderDeadLettered>(&event.data)) return {dead->code, {}};
  if (const auto* failed = std::get_if<CompensationFailed>(&event.data)) return {failed->code, {}};
  if (const auto* failed = std::get_if<OrderFailed>(&event.data)) return {failed->code, {}};
  return {};
}

void log_event(const Event& event, std::string_view traceparent) {
  const auto level = level_of(event);
  if (!is_logged(level)) return;
  const auto order_id = event.order_id.to_string();
  const auto details = details_of(event);
  const auto trace = traceparent.empty() ? traceparent : traceparent.substr(3, 32);
  const bool by_request = event.causation_id.starts_with("req_");
  const auto next =
      details.next_attempt_at ? format_rfc3339(*details.next_attempt_at) : std::string{};
  log(level, to_string(event.type),
      {{"order_id", order_id},
       {"correlation_id", event.correlation_id},
       {"request_id", by_request ? std::string_view{event.causation_id} : std::string_view{}},
       {"trace_id", trace},
       {"step", event.step ? spec_of(*event.step).name : std::string_view{}},
       {"attempt", number_unless_absent(event.attempt)},
       {"duration_ms", number_unless_absent(details.duration_ms)},
       {"class", details.failure_class},
       {"code", details.code},
       {"next_attempt_at", next},
       {"error", details.error}});
}

}  // namespace

void Observer::batch_committed(std::size_t inputs, std::chrono::nanoseconds commit_time) {
  metrics_.batch_committed(inputs, commit_time);
  if (on_commit_) on_commit_();
}

void Observer::batch_lost(std::string_view why) {
  log_error("batch lost", {{"error", why}});
}

void Observer::appended(std::span<const AppendEffect> batch) {
  const LogTogether together;
  for (const auto& append : batch) {
    metrics_.appended(append);
    for (const auto& event : append.events) {
      const auto& trace = event.traceparent ? event.traceparent : append.traceparent;
      log_event(event, trace ? std::string_view{*trace} : std::string_view{});
    }
  }
}

void Observer::outcome_ignored() {
  log_debug("late outcome ignored", {});
}

void Observer::breaker_moved(const ParticipantState& state) {
  metrics_.breaker_moved(state);
  const bool opened = state.breaker == BreakerState::open;
  const auto until = state.next_probe_at ? format_rfc3339(*state.next_probe_at) : std::string{};
  log(opened ? LogLevel::warning : LogLevel::info, "breaker moved",
      {{"participant", to_string(state.participant)},
       {"breaker", to_string(state.breaker)},
       {"calls", static_cast<std::int64_t>(state.window_calls)},
       {"failures", static_cast<std::int64_t>(state.window_failures)},
       {"waiting", static_cast<std::int64_t>(state.waiting)},
       {"until", until}});
}

void Observer::order_unreadable(const OrderId& order, std::string_view why) {
  const auto id = order.to_string();
  log_error("order cannot be read", {{"order_id", id}, {"error", why}});
}

void Observer::idempotency(std::string_view result) {
  metrics_.idempotency(result);
}

void Observer::command_without_event(const OrderId& order, CommandKind kind,
                                     const std::string& actor) {
  const auto id = order.to_string();
  log_info("command without event",
           {{"order_id", id}, {"command", to_string(kind)}, {"actor", actor}});
}

void Observer::contacts_erased(const Erasure& erasure) {
  log_info("contacts erased", {{"request_id", erasure.request_id}, {"orders", erasure.erased}});
}

}  // namespace conveyor
