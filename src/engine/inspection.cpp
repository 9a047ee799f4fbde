#include "engine/inspection.h"

#include <array>

#include "domain/spelling.h"

namespace conveyor {
namespace {

// Spellings in the order of the enumerators.
constexpr std::array<std::string_view, 3> kBreakerStateNames{"closed", "half_open", "open"};
constexpr std::array<std::string_view, 7> kWaitsForNames{
    "nothing", "answer", "in_progress", "back_off", "breaker", "retry_budget", "bulkhead"};

}  // namespace

std::string_view to_string(BreakerState value) {
  return spelled::name_of(kBreakerStateNames, value);
}
std::string_view to_string(WaitsFor value) {
  return spelled::name_of(kWaitsForNames, value);
}

}  // namespace conveyor
