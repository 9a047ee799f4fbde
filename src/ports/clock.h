// Clock: where wall-clock time comes from. Production reads the system's; tests and the simulator
// set it.
#pragma once

#include "base/time.h"

namespace conveyor {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() = 0;
};

}  // namespace conveyor
