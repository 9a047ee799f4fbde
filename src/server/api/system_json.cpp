#include "server/api/system_json.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>

#include "base/json_writer.h"

namespace conveyor::api {
namespace {

using Second = PipelineMeter::Second;
using StepSecond = PipelineMeter::StepSecond;

using Seconds = std::span<const Second>;
struct Percentile {
  std::string_view name;
  std::uint64_t percent;
};
constexpr std::array kPercentiles{Percentile{"p50_ms", 50}, Percentile{"p95_ms", 95},
                                  Percentile{"p99_ms", 99}};

void member_or_null(JsonWriter& w, std::string_view name, const std::optional<std::int64_t>& n) {
  w.key(name);
  if (n) {
    w.value(*n);
  } else {
    w.null();
  }
}

void member_time(JsonWriter& w, std::string_view name, const std::optional<Timestamp>& time) {
  if (time) w.member(name, format_rfc3339(*time));
}

void write_open_money(JsonWriter& w, const std::vector<PipelineMeter::OpenMoney>& all) {
  w.key("open_money");
  w.begin_array();
  for (const auto& money : all) {
    w.begin_object();
    w.member("currency", money.currency.code());
    w.member("currency_exponent", money.currency.exponent());
    w.member("orders", money.orders);
    member_or_null(w, "total", money.total_minor);
    w.end_object();
  }
  w.end_array();
}

template <class Pick>
void write_series(JsonWriter& w, std::string_view name, Seconds seconds, Pick pick) {
  w.key(name);
  w.begin_array();
  for (const auto& second : seconds) {
    const std::optional<std::int64_t> number = pick(second);
    if (number) {
      w.value(*number);
    } else {
      w.null();
    }
  }
  w.end_array();
}

Seconds last_of(const PipelineState& state, std::int64_t count) {
  const Seconds all{state.view.seconds};
  return all.last(std::min(static_cast<std::size_t>(count), all.size()));
}

void write_window(JsonWriter& w, std::string_view name, Seconds seconds, std::size_t step) {
  std::int64_t in = 0;
  std::int64_t out = 0;
  std::int64_t calls = 0;
  std::int64_t errors = 0;
  DurationCounts durations;
  for (const auto& second : seconds) {
    const auto& s = second.steps.at(step);
    in += s.in;
    out += s.out;
    calls += s.calls;
    errors += s.errors;
    durations.add(s.durations);
  }
  w.key(name);
  w.begin_object();
  w.member("in", in);
  w.member("out", out);
  w.member("calls", calls);
  w.member("errors", errors);
  member_or_null(w, "errors_permille",
                 calls == 0 ? std::nullopt : std::optional{errors * 1'000 / calls});
  for (const auto& p : kPercentiles) member_or_null(w, p.name, durations.percentile(p.percent));
  w.end_object();
}

void write_step(JsonWriter& w, const PipelineState& state, std::size_t i) {
  const auto& spec = kSteps.at(i);
  const auto seconds = last_of(state, state.shown);
  const auto& now = state.view.now.at(i);
  const auto in_flight = static_cast<std::int64_t>(state.calls_in_flight.at(i));
  w.begin_object();
  w.member("step", spec.name);
  w.member("participant", to_string(spec.participant));
  w.member("orders", now.orders);
  w.member("in_flight", in_flight);
  w.member("waiting", std::max<std::int64_t>(0, now.orders - in_flight));
  w.member("retrying", now.retrying);
  w.member("dead", now.dead);
  member_time(w, "oldest_since", now.oldest_since);
  w.member("breaker",
           to_string(state.participants.at(static_cast<std::size_t>(spec.participant)).breaker));
  write_window(w, "last_minute", last_of(state, kPipelineWindow), i);
  write_window(w, "shown", seconds, i);
  w.key("series");
  w.begin_object();
  write_series(w, "in", seconds, [i](const Second& s) { return std::int64_t{s.steps.at(i).in}; });
  write_series(w, "out", seconds, [i](const Second& s) { return std::int64_t{s.steps.at(i).out}; });
  write_series(w, "calls", seconds,
               [i](const Second& s) { return std::int64_t{s.steps.at(i).calls}; });
  write_series(w, "errors", seconds,
               [i](const Second& s) { return std::int64_t{s.steps.at(i).errors}; });
  for (const auto& p : kPercentiles) {
    write_series(w, p.name, seconds, [i, &p](const Second& s) {
      return s.steps.at(i).durations.percentile(p.percent);
    });
  }
  w.end_object();
  w.end_object();
}

void write_participants(JsonWriter& w, const Engine::ParticipantStates& participants) {
  w.key("participants");
  w.begin_array();
  for (const auto& state : participants) {
    w.begin_object();
    w.member("participant", to_string(state.participant));
    w.member("breaker", to_string(state.breaker));
    member_time(w, "breaker_since", state.breaker_since);
    member_time(w, "troubled_since", state.troubled_since);
    member_time(w, "next_probe_at", state.next_probe_at);
    w.member("window_calls", state.window_calls);
    w.member("window_failures", state.window_failures);
    w.member("in_flight", state.in_flight);
    w.member("in_flight_limit", state.in_flight_limit);
    w.member("waiting", state.waiting);
    w.member("retries_available", state.retries_available);
    w.end_object();
  }
  w.end_array();
}

/// Units of 100 µs as microseconds.
void member_us(JsonWriter& w, std::string_view name, const std::optional<std::int64_t>& units) {
  member_or_null(w, name, units ? std::optional{*units * 100} : std::nullopt);
}

void write_node(JsonWriter& w, const ServiceState& state) {
  w.begin_object();
  w.member("version", state.version);
  w.member("started_at", format_rfc3339(state.started_at));
  w.member("uptime_s",
           std::chrono::floor<std::chrono::seconds>(state.now - state.started_at).count());
  w.member("ready", state.missing.empty());
  w.key("missing");
  w.begin_array();
  for (const auto& what : state.missing) w.value(what);
  w.end_array();
  write_participants(w, state.participants);
  w.key("queues");
  w.begin_array();
  for (const auto& queue : state.queues) {
    w.begin_object();
    w.member("queue", queue.name);
    w.member("depth", queue.depth);
    w.member("limit", queue.limit);
    w.end_object();
  }
  w.end_array();
  w.key("commits");
  w.begin_object();
  w.member("count", state.commits.total());
  member_us(w, "p50_us", state.commits.percentile(50));
  member_us(w, "p95_us", state.commits.percentile(95));
  member_us(w, "p99_us", state.commits.percentile(99));
  w.end_object();
  w.key("settings");
  w.begin_array();
  for (const auto& setting : state.settings) {
    w.begin_object();
    w.member("name", setting.name);
    w.member("value", setting.value);
    if (!setting.unit.empty()) w.member("unit", setting.unit);
    w.member("origin", setting.origin);
    w.end_object();
  }
  w.end_array();
  w.end_object();
}

}  // namespace

std::string pipeline_json(const PipelineState& state) {
  const auto seconds = last_of(state, state.shown);
  const auto first =
      state.view.first + std::chrono::seconds{state.view.seconds.size() - seconds.size()};
  std::string out;
  JsonWriter w(out, JsonWriter::Order::any);
  w.begin_object();
  w.member("at", format_rfc3339(state.now));
  w.member("first_second", format_rfc3339(first));
  w.member("seconds", seconds.size());
  w.key("steps");
  w.begin_array();
  for (std::size_t i = 0; i < kStepCount; ++i) write_step(w, state, i);
  w.end_array();
  write_open_money(w, state.view.money);
  w.key("series");
  w.begin_object();
  write_series(w, "intake", seconds, [](const Second& s) { return std::int64_t{s.intake}; });
  write_series(w, "completed", seconds, [](const Second& s) { return std::int64_t{s.completed}; });
  write_series(w, "undone", seconds, [](const Second& s) { return std::int64_t{s.undone}; });
  write_series(w, "dead_lettered", seconds,
               [](const Second& s) { return std::int64_t{s.dead_lettered}; });
  w.end_object();
  write_participants(w, state.participants);
  w.end_object();
  return out;
}

std::string services_json(const ServiceState& state) {
  std::string out;
  JsonWriter w(out, JsonWriter::Order::any);
  w.begin_object();
  w.key("roles");
  w.begin_array();
  for (const auto* role : {"orders", "inventory", "payment", "shipping"}) w.value(role);
  w.end_array();
  w.key("nodes");
  w.begin_array();
  write_node(w, state);
  w.end_array();
  w.end_object();
  return out;
}

}  // namespace conveyor::api
