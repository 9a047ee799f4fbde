#include "runtime/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace conveyor {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using Labels = prometheus::Labels;

std::string text(std::string_view view) {
  return std::string{view};
}

double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

prometheus::Histogram::BucketBoundaries latency_buckets() {
  return {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
}
prometheus::Histogram::BucketBoundaries lifetime_buckets() {
  return {0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1'800, 3'600, 21'600, 86'400, 604'800};
}
prometheus::Histogram::BucketBoundaries batch_buckets() {
  return {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1'024};
}

constexpr std::array kFailureClasses{FailureClass::transient, FailureClass::failed,
                                     FailureClass::unknown,   FailureClass::denied,
                                     FailureClass::rejected,  FailureClass::poison};
constexpr std::array kEffects{Effect::reversed, Effect::none, Effect::by_hand};
constexpr std::array<std::string_view, 4> kStepOutcomes{"succeeded", "rejected", "undone",
                                                        "failed"};
constexpr std::array<std::string_view, 3> kKeyResults{"new", "replayed", "mismatch"};
constexpr std::array kFinalStatuses{Status::completed, Status::cancelled, Status::failed};

}  // namespace

/// References to every time series of the core, by step and word.
struct Metrics::Families {
  prometheus::Registry registry;

  Counter& orders_created = counter("orders_created_total", "Orders accepted and durable").Add({});
  std::map<Status, Gauge*> orders;
  std::array<std::map<std::string_view, Histogram*>, kStepCount> step_duration;
  std::array<std::map<std::string_view, Counter*>, kStepCount> step_attempts;
  std::map<Status, Histogram*> order_duration;
  std::array<std::map<std::string_view, Counter*>, kStepCount> compensations;
  std::array<Gauge*, kStepCount> dead_letters{};
  std::array<Gauge*, kAllParticipants.size()> breakers{};
  Gauge& dead_letter_oldest =
      gauge("dead_letter_oldest_seconds", "Age of the oldest dead letter").Add({});
  Gauge& retries_scheduled =
      gauge("retries_scheduled", "Orders that wait for their next attempt").Add({});
  Histogram& commit_inputs = histogram("commit_batch_inputs", "Inputs made durable by one commit")
                                 .Add({}, batch_buckets());
  Histogram& commit_duration =
      histogram("commit_duration_seconds", "One commit, fsync included").Add({}, latency_buckets());
  Family<Gauge>& queue_depth = gauge("queue_depth", "Entries that wait in a queue");
  Family<Gauge>& queue_limit = gauge("queue_limit", "Entries that a queue holds at most");
  std::map<std::string_view, Counter*> idempotency;
  std::array<Gauge*, kAllRules.size()> violations{};
  Gauge& reservations_open = gauge("reservations_open", "Reservations that hold stock").Add({});
  Gauge& realtime_clients = gauge("realtime_clients", "Clients that follow events live").Add({});
  Histogram& realtime_lag =
      histogram("realtime_lag_seconds", "From a commit to its events being on their way to clients")
          .Add({}, latency_buckets());
  Family<Histogram>& http =
      histogram("http_request_duration_seconds", "Whole requests, as the server sees them");

  explicit Families(std::string_view version) {
    gauge("build_info", "The running program").Add({{"version", text(version)}}).Set(1);
    auto& by_status = gauge("orders", "Orders that are not final, by status");
    for (const auto status : kAllStatuses) {
      if (is_final(status)) continue;
      orders[status] = &by_status.Add({{"status", text(to_string(status))}});
    }
    auto& lifetimes = histogram("order_duration_seconds", "From acceptance to the final status");
    for (const auto status : kFinalStatuses) {
      order_duration[status] =
          &lifetimes.Add({{"outcome", text(to_string(status))}}, lifetime_buckets());
    }
    auto& keys = counter("idempotency_requests_total", "Requests with an idempotency key");
    for (const auto result : kKeyResults) {
      idempotency[result] = &keys.Add({{"result", text(result)}});
    }
    auto& broken = gauge("invariant_violations", "Violations that the self-check has seen stand");
    for (const auto rule : kAllRules) {
      violations.at(static_cast<std::size_t>(rule)) =
          &broken.Add({{"rule", text(to_string(rule))}});
    }
    auto& breaker = gauge("breaker_state", "0 closed, 1 half-open, 2 open");
    for (const auto participant : kAllParticipants) {
      breakers.at(static_cast<std::size_t>(participant)) =
          &breaker.Add({{"participant", text(to_string(participant))}});
    }
    add_steps();
  }

  void add_steps() {
    auto& durations = histogram("step_duration_seconds", "Calls to participants");
    auto& attempts = counter("step_attempts_total", "Calls to participants by what came of them");
    auto& undone = counter("compensations_total", "Undos by what they found");
    auto& dead = gauge("dead_letters", "Dead-lettered orders by step");
    for (StepNumber step = 1; step <= kStepCount; ++step) {
      const std::size_t i = step - 1U;
      const auto name = text(spec_of(step).name);
      for (const auto outcome : kStepOutcomes) {
        step_duration[i][outcome] =
            &durations.Add({{"step", name}, {"outcome", text(outcome)}}, latency_buckets());
      }
      step_attempts[i]["succeeded"] = &attempts.Add({{"step", name}, {"class", "succeeded"}});
      for (const auto failure : kFailureClasses) {
        step_attempts[i][to_string(failure)] =
            &attempts.Add({{"step", name}, {"class", text(to_string(failure))}});
      }
      if (spec_of(step).undone) {
        for (const auto effect : kEffects) {
          compensations[i][to_string(effect)] =
              &undone.Add({{"step", name}, {"outcome", text(to_string(effect))}});
        }
        compensations[i]["failed"] = &undone.Add({{"step", name}, {"outcome", "failed"}});
      }
      dead_letters[i] = &dead.Add({{"step", name}});
    }
  }

  Family<Counter>& counter(const std::string& name, const std::string& help) {
    return prometheus::BuildCounter().Name("conveyor_" + name).Help(help).Register(registry);
  }
  Family<Gauge>& gauge(const std::string& name, const std::string& help) {
    return prometheus::BuildGauge().Name("conveyor_" + name).Help(help).Register(registry);
  }
  Family<Histogram>& histogram(const std::string& name, const std::string& help) {
    return prometheus::BuildHistogram().Name("conveyor_" + name).Help(help).Register(registry);
  }

  void observe_call(const Event& event, std::string_view outcome, const CallTime& call) {
    step_duration.at(*event.step - 1U)
        .at(outcome)
        ->Observe(static_cast<double>(call.duration_ms) / 1'000.0);
  }
  void count_attempt(const Event& event, std::string_view failure_class) {
    step_attempts.at(*event.step - 1U).at(failure_class)->Increment();
  }
};

Metrics::Metrics(std::string_view version) : families_(std::make_unique<Families>(version)) {}

Metrics::~Metrics() = default;

void Metrics::prime(OrderReader& reader) {
  pipeline_.prime(reader);
  for (const auto& [status, count] : reader.open_order_counts()) {
    families_->orders.at(status)->Set(static_cast<double>(count));
  }
  OrderFilter filter;
  filter.statuses = {Status::dead_lettered};
  const std::lock_guard lock(mutex_);
  do {
    const auto page = reader.orders(filter, 200);
    for (const auto& row : page.rows) {
      dead_letters_[row.id] = row.dead_since.value_or(row.updated_at);
      families_->dead_letters.at(row.step - 1U)->Increment();
    }
    filter.before = page.next_before;
  } while (filter.before);
}

void Metrics::batch_committed(std::size_t inputs, std::chrono::nanoseconds commit_time) {
  if (inputs == 0) return;
  pipeline_.committed(commit_time);
  families_->commit_inputs.Observe(static_cast<double>(inputs));
  families_->commit_duration.Observe(seconds(commit_time));
}

void Metrics::appended(const AppendEffect& append) {
  pipeline_.appended(append);
  for (const auto& event : append.events) count_event(event);
  const auto& last = append.events.back();
  count_glance(append.order_id, append.before, append.after, last.occurred_at);
  if (is_final(append.after.status) && !is_final(append.before.status)) {
    const auto lived = last.occurred_at - append.order_id.created_at();
    families_->order_duration.at(append.after.status)
        ->Observe(static_cast<double>(lived.count()) / 1'000.0);
  }
}

void Metrics::count_event(const Event& event) {
  if (event.type == EventType::OrderCreated) families_->orders_created.Increment();
  if (!event.step) return;
  if (const auto* done = std::get_if<StepSucceeded>(&event.data)) {
    families_->count_attempt(event, "succeeded");
    families_->observe_call(event, "succeeded", done->call);
  } else if (const auto* refused = std::get_if<StepRefused>(&event.data)) {
    families_->count_attempt(event, "rejected");
    families_->observe_call(event, "rejected", refused->call);
  } else if (const auto* undone = std::get_if<StepUndone>(&event.data)) {
    families_->compensations.at(*event.step - 1U).at(to_string(undone->effect))->Increment();
    families_->observe_call(event, "undone", undone->call);
  } else if (const auto* failed = std::get_if<StepAttemptFailed>(&event.data)) {
    families_->count_attempt(event, to_string(failed->failure_class));
    families_->observe_call(event, "failed", failed->call);
  } else if (std::holds_alternative<CompensationFailed>(event.data)) {
    families_->compensations.at(*event.step - 1U).at("failed")->Increment();
  }
}

void Metrics::count_glance(const OrderId& id, const OrderGlance& before, const OrderGlance& after,
                           Timestamp at) {
  // Final orders are history: what the store had of them is not counted at the start.
  if (before.exists && !is_final(before.status)) families_->orders.at(before.status)->Decrement();
  if (!is_final(after.status)) families_->orders.at(after.status)->Increment();
  const bool was_dead = before.exists && before.status == Status::dead_lettered;
  const bool is_dead = after.status == Status::dead_lettered;
  if (was_dead) families_->dead_letters.at(before.step - 1U)->Decrement();
  if (is_dead) families_->dead_letters.at(after.step - 1U)->Increment();
  if (was_dead == is_dead) return;
  const std::lock_guard lock(mutex_);
  if (is_dead) {
    dead_letters_[id] = at;
  } else {
    dead_letters_.erase(id);
  }
}

void Metrics::breaker_moved(const ParticipantState& state) {
  families_->breakers.at(static_cast<std::size_t>(state.participant))
      ->Set(static_cast<double>(state.breaker));
}

void Metrics::idempotency(std::string_view result) {
  families_->idempotency.at(result)->Increment();
}

void Metrics::http_request(std::string_view route, std::string_view method, int code,
                           std::chrono::nanoseconds duration) {
  families_->http
      .Add({{"route", text(route)}, {"method", text(method)}, {"code", std::to_string(code)}},
           latency_buckets())
      .Observe(seconds(duration));
}

void Metrics::set_reservations_open(std::int64_t count) {
  families_->reservations_open.Set(static_cast<double>(count));
}

void Metrics::live_events_delivered(std::chrono::nanoseconds lag) {
  families_->realtime_lag.Observe(seconds(lag));
}

void Metrics::add_queue(const std::string& name, std::size_t limit,
                        std::function<std::size_t()> depth) {
  families_->queue_limit.Add({{"queue", name}}).Set(static_cast<double>(limit));
  queues_.push_back({name, std::move(depth)});
}

std::string Metrics::render(Timestamp now) {
  for (const auto rule : kAllRules) {
    if (!violations_) break;
    families_->violations.at(static_cast<std::size_t>(rule))
        ->Set(static_cast<double>(violations_(rule)));
  }
  if (realtime_clients_) {
    families_->realtime_clients.Set(static_cast<double>(realtime_clients_()));
  }
  if (waiting_orders_) {
    families_->retries_scheduled.Set(static_cast<double>(waiting_orders_()));
  }
  for (const auto& queue : queues_) {
    families_->queue_depth.Add({{"queue", queue.name}}).Set(static_cast<double>(queue.depth()));
  }
  {
    const std::lock_guard lock(mutex_);
    auto oldest = now;
    for (const auto& [id, since] : dead_letters_) oldest = std::min(oldest, since);
    families_->dead_letter_oldest.Set(static_cast<double>((now - oldest).count()) / 1'000.0);
  }
  return prometheus::TextSerializer().Serialize(families_->registry.Collect());
}

}  // namespace conveyor
