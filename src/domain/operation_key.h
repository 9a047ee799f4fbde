// The idempotency key of every call to a participant: `{order}:{run}:{step}:{generation}`.
// `run` grows with a restart, `generation` when an edit changes what the step asks for.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/ids.h"
#include "domain/steps.h"

namespace conveyor {

struct OperationKey {
  OrderId order;
  std::uint32_t run = 1;
  StepNumber step = 1;
  std::uint32_t generation = 1;

  friend auto operator<=>(const OperationKey&, const OperationKey&) = default;

  /// `ord_01h455vb4pex5vsknk084sn02q:1:reserve_inventory:1`
  std::string to_string() const;
  static std::optional<OperationKey> parse(std::string_view text);
};

}  // namespace conveyor

template <>
struct std::hash<conveyor::OperationKey> {
  std::size_t operator()(const conveyor::OperationKey& key) const noexcept {
    return std::hash<conveyor::OrderId>{}(key.order) ^
           (std::size_t{key.run} << 40 | std::size_t{key.generation} << 8 | key.step);
  }
};
