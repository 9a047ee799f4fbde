#include "sim/trace.h"

#include <fmt/format.h>

namespace conveyor::sim {

void Trace::write(Duration at, const std::string& text) {
  fmt::print(out_, "{:>12.3f} s  {}\n", static_cast<double>(at.count()) / 1'000, text);
}

}  // namespace conveyor::sim
