// The sandbox's behaviours: what a payment method, a postal code or a SKU makes the built-in
// provider, carrier and inventory do. The table is the single source; docs/sandbox.md is tested
// against it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/time.h"
#include "domain/ids.h"
#include "ports/random.h"

namespace conveyor::sandbox {

/// The part of an order that chooses the behaviour.
enum class Selector : std::uint8_t { payment_method, postal_code, first_sku };

enum class Quirk : std::uint8_t {
  none,
  async,
  slow,
  lost_reply,
  flaky,
  outage,
  declined,
  declined_funds,
  capture_declined,
  garbage,
  undo_fails,
  rejected,
  dispatch_rejected,
  no_cancel,
  reserve_flaky,
  commit_flaky,
};

struct BehaviourSpec {
  Selector selector = Selector::payment_method;
  std::string_view name;  ///< as a user writes it; `<n>` and `<s>` stand for a number
  Quirk quirk = Quirk::none;
  std::int64_t max_parameter = 0;  ///< of `<n>` or `<s>`
  std::string_view description;    ///< one line
};

/// Every row of the table, by selector.
std::span<const BehaviourSpec> behaviours();

struct Behaviour {
  Quirk quirk = Quirk::none;
  std::int64_t parameter = 0;  ///< n or s

  friend bool operator==(const Behaviour&, const Behaviour&) = default;
};

/// What `text` asks for. A number has no sign and no leading zero and is within its row's bound;
/// whatever fits no row is an ordinary success.
Behaviour behaviour_of(Selector selector, std::string_view text);

/// How long a call takes: 20 to 200 ms drawn from `random`, 3 s, or nothing.
Duration latency_of(const Behaviour& behaviour, Random& random);

/// True while the order's provider is out: until `parameter` seconds after the order was placed.
bool in_outage(const Behaviour& behaviour, const OrderId& order, Timestamp now);

inline constexpr Duration kAsyncMin{20};
inline constexpr Duration kAsyncMax{200};
inline constexpr Duration kSlow{3'000};
inline constexpr std::int64_t kMaxFlakyCalls = 99;
inline constexpr std::int64_t kMaxOutageSeconds = 86'400;

}  // namespace conveyor::sandbox
