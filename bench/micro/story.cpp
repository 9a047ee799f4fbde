#include <variant>

#include "app/load/order_maker.h"
#include "app/load/order_writer.h"
#include "bench/micro/check.h"
#include "engine/engine.h"
#include "ports/seeded_random.h"

namespace conveyor::micro {
namespace {

/// What the participants of a step leave as evidence.
Outcome success_of(const Order& order) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::succeeded;
  outcome.evidence.amount_minor = order.total_minor;
  outcome.evidence.provider_reference = "sbx_0123456789abcdef";
  return outcome;
}

}  // namespace

Story make_story(std::uint64_t number) {
  const load::OrderMaker maker({.min_lines = 2, .max_lines = 2, .details = false});
  const auto made = maker.make(number);
  Story story;
  load::append_request_json(story.body, made);
  story.data = made.order;

  SeededRandom random(number);
  Engine engine({}, random);
  const OrderId id{make_uuid_v7(kNow, random.next(), random.next())};
  std::vector<EngineEffect> effects;
  auto fresh = engine.create(id, made.order, "correlation", Origin{}, kNow);
  story.events.push_back(fresh.created);
  engine.adopt(std::move(fresh.order), kNow, effects);
  for (std::size_t next = 0; next < effects.size(); ++next) {
    const auto effect = effects[next];
    if (const auto* append = std::get_if<AppendEffect>(&effect)) {
      story.events.insert(story.events.end(), append->events.begin(), append->events.end());
    } else if (const auto* call = std::get_if<CallEffect>(&effect)) {
      engine.outcome(id, call->serial, call->call, success_of(*engine.find(id)), kNow, effects);
    }
  }
  check(story.events.size() == 8, "a completed order has eight events");
  check(story.events.back().type == EventType::OrderCompleted, "the last one completes it");
  return story;
}

}  // namespace conveyor::micro
