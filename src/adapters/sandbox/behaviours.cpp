#include "adapters/sandbox/behaviours.h"

#include <array>
#include <charconv>
#include <optional>

namespace conveyor::sandbox {

namespace {

constexpr Selector kMethod = Selector::payment_method;
constexpr Selector kPostal = Selector::postal_code;
constexpr Selector kSku = Selector::first_sku;

constexpr std::array kBehaviours{
    BehaviourSpec{kMethod, "pm_ok", Quirk::none, 0, "Every call succeeds at once."},
    BehaviourSpec{kMethod, "pm_async", Quirk::async, 0,
                  "Every payment call succeeds after 20 to 200 ms."},
    BehaviourSpec{kMethod, "pm_slow", Quirk::slow, 0, "Every payment call succeeds after 3 s."},
    BehaviourSpec{kMethod, "pm_declined", Quirk::declined, 0,
                  "The authorization is declined (`declined`)."},
    BehaviourSpec{kMethod, "pm_declined_funds", Quirk::declined_funds, 0,
                  "The authorization is declined (`insufficient_funds`)."},
    BehaviourSpec{kMethod, "pm_capture_declined", Quirk::capture_declined, 0,
                  "Authorized; the capture is declined (`capture_declined`)."},
    BehaviourSpec{kMethod, "pm_flaky_<n>", Quirk::flaky, kMaxFlakyCalls,
                  "The first n authorize calls of a key fail (`issuer_unavailable`)."},
    BehaviourSpec{kMethod, "pm_outage_<s>", Quirk::outage, kMaxOutageSeconds,
                  "The provider is down (`provider_down`) until s seconds after the order was "
                  "placed."},
    BehaviourSpec{kMethod, "pm_lost_reply", Quirk::lost_reply, 0,
                  "Every payment call succeeds, but the first reply to each key is lost "
                  "(`timeout`)."},
    BehaviourSpec{kMethod, "pm_garbage", Quirk::garbage, 0,
                  "The answer to the authorization does not parse (`malformed_answer`)."},
    BehaviourSpec{kMethod, "pm_undo_fails", Quirk::undo_fails, 0,
                  "Every void and every refund fails (`undo_unavailable`)."},
    BehaviourSpec{kPostal, "SBX-ASYNC", Quirk::async, 0,
                  "Every carrier call succeeds after 20 to 200 ms."},
    BehaviourSpec{kPostal, "SBX-SLOW", Quirk::slow, 0, "Every carrier call succeeds after 3 s."},
    BehaviourSpec{kPostal, "SBX-REJECTED", Quirk::rejected, 0,
                  "The booking is refused (`undeliverable`)."},
    BehaviourSpec{kPostal, "SBX-DISPATCH-REJECTED", Quirk::dispatch_rejected, 0,
                  "Booked; the dispatch is refused (`dispatch_refused`)."},
    BehaviourSpec{kPostal, "SBX-FLAKY-<n>", Quirk::flaky, kMaxFlakyCalls,
                  "The first n booking calls of a key fail (`carrier_unavailable`)."},
    BehaviourSpec{kPostal, "SBX-LOST-REPLY", Quirk::lost_reply, 0,
                  "Every carrier call succeeds, but the first reply to each key is lost "
                  "(`timeout`)."},
    BehaviourSpec{kPostal, "SBX-NO-CANCEL", Quirk::no_cancel, 0,
                  "A booking cannot be cancelled (`cannot_cancel`)."},
    BehaviourSpec{kSku, "SBX-RESERVE-FLAKY-<n>", Quirk::reserve_flaky, kMaxFlakyCalls,
                  "The first n reserve calls of a key fail (`store_busy`)."},
    BehaviourSpec{kSku, "SBX-COMMIT-FLAKY-<n>", Quirk::commit_flaky, kMaxFlakyCalls,
                  "The first n commit calls of a key fail (`store_busy`)."},
};

std::optional<std::int64_t> parse_number(std::string_view text, std::int64_t max) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  const bool plain = whole && (text == "0" || (text[0] != '0' && text[0] != '-'));
  if (!plain || value > max) return std::nullopt;
  return value;
}

}  // namespace

std::span<const BehaviourSpec> behaviours() {
  return kBehaviours;
}

Behaviour behaviour_of(Selector selector, std::string_view text) {
  for (const BehaviourSpec& spec : kBehaviours) {
    if (spec.selector != selector) continue;
    const auto placeholder = spec.name.find('<');
    if (placeholder == std::string_view::npos) {
      if (text == spec.name) return {spec.quirk, 0};
      continue;
    }
    const std::string_view prefix = spec.name.substr(0, placeholder);
    if (!text.starts_with(prefix)) continue;
    if (const auto number = parse_number(text.substr(prefix.size()), spec.max_parameter)) {
      return {spec.quirk, *number};
    }
  }
  return {};
}

Duration latency_of(const Behaviour& behaviour, Random& random) {
  if (behaviour.quirk == Quirk::slow) return kSlow;
  if (behaviour.quirk != Quirk::async) return Duration::zero();
  const auto choices = static_cast<std::uint64_t>((kAsyncMax - kAsyncMin).count()) + 1;
  return kAsyncMin + Duration{static_cast<std::int64_t>(random.next() % choices)};
}

bool in_outage(const Behaviour& behaviour, const OrderId& order, Timestamp now) {
  return behaviour.quirk == Quirk::outage &&
         now < order.created_at() + std::chrono::seconds{behaviour.parameter};
}

}  // namespace conveyor::sandbox
