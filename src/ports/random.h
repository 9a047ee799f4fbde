// Random: the only source of chance. Production seeds it from the system; tests and the simulator
// from a printed seed.
#pragma once

#include <cstdint>

namespace conveyor {

class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;

  /// Uniform in [0, 1), 53 bits.
  double fraction() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
};

}  // namespace conveyor
