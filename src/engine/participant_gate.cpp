#include "engine/participant_gate.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/assert.h"
#include "base/sabotage.h"

namespace conveyor {
namespace {

/// Places counted to tell somebody in line when it is his turn; further back nobody knows.
constexpr std::ptrdiff_t kMaxCountedPlaces = 1'000;

}  // namespace

bool ParticipantGate::admits(CallKind kind, Timestamp now) const {
  if (!has_room() || !line_of(kind).empty() || next(now)) return false;
  return kind != CallKind::repeat || budget_.available(now) > 0;
}

Breaker::Epoch ParticipantGate::begin(CallKind kind, Timestamp now) {
  CONVEYOR_ASSERT(in_flight_ < options_.max_in_flight, "a call is made only if it is admitted");
  if (kind == CallKind::first) budget_.first_attempt(now);
  if (kind == CallKind::repeat) {
    const bool had_token = budget_.take(now);
    CONVEYOR_ASSERT(had_token, "a repeat is made only with a token");
  }
  ++in_flight_;
  return breaker_.begin();
}

void ParticipantGate::end(Breaker::Epoch epoch, Verdict verdict, Timestamp now) {
  CONVEYOR_ASSERT(in_flight_ > 0, "a call ends once");
  if (!CONVEYOR_SABOTAGE(bulkhead_never_freed)) --in_flight_;
  const auto before = breaker_.state();
  breaker_.end(epoch, verdict, now);
  note_move(before, now);
}

void ParticipantGate::abandon(Breaker::Epoch epoch) {
  end(epoch, Verdict::no_word, Timestamp{});
}

void ParticipantGate::pass_time(Timestamp now) {
  const auto before = breaker_.state();
  breaker_.pass_time(now);
  note_move(before, now);
}

void ParticipantGate::note_move(BreakerState before, Timestamp now) {
  if (breaker_.state() != before) moves_.push_back(state(now));
}

std::vector<ParticipantState> ParticipantGate::take_breaker_moves() {
  return std::exchange(moves_, {});
}

ParticipantGate::Place ParticipantGate::join(const OrderId& id, CallKind kind) {
  const Place place{kind, ++last_number_};
  line_of(kind).emplace(place.number, id);
  return place;
}

void ParticipantGate::leave(const Place& place) {
  line_of(place.kind).erase(place.number);
}

std::optional<OrderId> ParticipantGate::next(Timestamp now) const {
  if (!has_room()) return std::nullopt;
  const bool repeat_may_go = !repeats_.empty() && budget_.available(now) > 0;
  if (others_.empty() && !repeat_may_go) return std::nullopt;
  const bool repeat_goes =
      repeat_may_go && (others_.empty() || repeats_.begin()->first < others_.begin()->first);
  return repeat_goes ? repeats_.begin()->second : others_.begin()->second;
}

std::optional<Timestamp> ParticipantGate::next_at(Timestamp now) const {
  if (const auto until = breaker_.open_until()) return until;
  if (!has_room()) return std::nullopt;
  if (!others_.empty()) return now;
  if (!repeats_.empty()) return budget_.when(1, now);
  return std::nullopt;
}

ParticipantGate::Reason ParticipantGate::reason(const Place& place, Timestamp now) const {
  const auto before_in = [&](const Line& line) {
    return static_cast<std::uint64_t>(std::distance(line.begin(), line.lower_bound(place.number)));
  };
  if (!breaker_.admits()) {
    Reason reason{WaitsFor::breaker, breaker_.open_until(), std::nullopt};
    // The first in line are the probes; what becomes of the others depends on them.
    std::uint32_t ahead = 0;
    for (const auto* line : {&others_, &repeats_}) {
      for (auto it = line->begin(); it != line->end() && it->first < place.number; ++it) {
        if (++ahead >= options_.breaker.probes) return reason;
      }
    }
    reason.call_at = reason.until;
    return reason;
  }
  if (in_flight_ >= options_.max_in_flight) return {WaitsFor::bulkhead, {}, {}};
  if (place.kind != CallKind::repeat) return {WaitsFor::bulkhead, now, now};
  Reason reason{WaitsFor::retry_budget, std::nullopt, std::nullopt};
  if (repeats_.size() > static_cast<std::size_t>(kMaxCountedPlaces) &&
      place.number > std::next(repeats_.begin(), kMaxCountedPlaces)->first) {
    return reason;
  }
  reason.until = budget_.when(before_in(repeats_) + 1, now);
  reason.call_at = reason.until;
  return reason;
}

ParticipantState ParticipantGate::state(Timestamp now) const {
  const auto window = breaker_.window(now);
  ParticipantState state;
  state.participant = participant_;
  state.breaker = breaker_.state();
  state.breaker_since = breaker_.since();
  state.troubled_since = breaker_.troubled_since();
  state.next_probe_at = breaker_.open_until();
  state.window_calls = window.calls;
  state.window_failures = window.failures;
  state.in_flight = in_flight_;
  state.in_flight_limit = options_.max_in_flight;
  state.waiting = others_.size() + repeats_.size();
  state.retries_available = budget_.available(now);
  return state;
}

}  // namespace conveyor
