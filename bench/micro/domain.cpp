// What is done of the domain for every order: its events decided, folded, written as JSON, hashed;
// its ids made.
#include <benchmark/benchmark.h>

#include "bench/micro/check.h"
#include "domain/decide.h"
#include "domain/event_json.h"
#include "domain/evolve.h"
#include "ports/seeded_random.h"

namespace conveyor::micro {
namespace {

/// A participant's success at the first step: one event.
void measure_decide(benchmark::State& state) {
  const auto story = make_story();
  const auto order = fold(std::span{story.events}.first(1));
  const auto call = needed_call(order);
  check(call.has_value(), "a new order needs a call");
  OutcomeInput input;
  input.key = call->key;
  input.outcome.kind = Outcome::Kind::succeeded;
  input.outcome.evidence.amount_minor = order.total_minor;
  input.call.started_at = kNow;
  const RetryPolicy policy;
  const DecideContext context{kNow, policy};
  const Input given{input};
  const auto decided = decide(order, given, context);
  check(decided.has_value() && decided->events.size() == 1, "a success is one event");
  for (auto _ : state) {
    auto decision = decide(order, given, context);
    benchmark::DoNotOptimize(decision);
  }
}
BENCHMARK(measure_decide)->Name("decide");

/// A whole order, eight events.
void measure_evolve(benchmark::State& state) {
  const auto story = make_story();
  check(fold(story.events).status == Status::completed, "the fold is a completed order");
  for (auto _ : state) {
    auto order = fold(story.events);
    benchmark::DoNotOptimize(order);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(story.events.size()));
}
BENCHMARK(measure_evolve)->Name("evolve");

/// The data of each of the eight events, as the store keeps them.
void measure_encode(benchmark::State& state) {
  const auto story = make_story();
  std::size_t bytes = 0;
  for (const auto& event : story.events) {
    const auto text = event_data_json(event);
    bytes += text.size();
    check(parse_event_data(event.type, event.schema_version, text) == event.data,
          "what was written is read back");
  }
  for (auto _ : state) {
    for (const auto& event : story.events) {
      auto text = event_data_json(event);
      benchmark::DoNotOptimize(text);
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(story.events.size()));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}
BENCHMARK(measure_encode)->Name("encode");

/// The hash of each of the eight events, with the text that it covers.
void measure_hash(benchmark::State& state) {
  const auto story = make_story();
  std::vector<std::string> texts;
  Digest last{};
  for (const auto& event : story.events) {
    texts.push_back(event_data_json(event));
    last = event_hash(last, event, texts.back());
    check(last == event.hash, "the stream's own hash");
  }
  for (auto _ : state) {
    Digest hash{};
    for (std::size_t i = 0; i < texts.size(); ++i) {
      hash = event_hash(hash, story.events[i], texts[i]);
    }
    benchmark::DoNotOptimize(hash);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(texts.size()));
}
BENCHMARK(measure_hash)->Name("hash");

/// A new id, its text, and that read back.
void measure_id(benchmark::State& state) {
  SeededRandom random(1);
  const OrderId id{make_uuid_v7(kNow, random.next(), random.next())};
  check(OrderId::parse(id.to_string()) == id && id.created_at() == kNow, "an id is read back");
  for (auto _ : state) {
    const OrderId made{make_uuid_v7(kNow, random.next(), random.next())};
    auto read = OrderId::parse(made.to_string());
    benchmark::DoNotOptimize(read);
  }
}
BENCHMARK(measure_id)->Name("id");

}  // namespace
}  // namespace conveyor::micro
